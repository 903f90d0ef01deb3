"""The audit: facts in columns, criteria, inference, outcomes, findings and their explanation."""
