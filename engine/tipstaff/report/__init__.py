"""Reports: one module a format. What is judged is judged in the audit; here it is only said."""
