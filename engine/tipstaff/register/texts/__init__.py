"""Texts that officers write: dates, money, agreements, financial arrangements."""
