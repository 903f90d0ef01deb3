"""The dated law: series of figures, their schema and their loading."""
