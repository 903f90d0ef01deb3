"""The officer's workbook returned with findings, notes and questions."""
