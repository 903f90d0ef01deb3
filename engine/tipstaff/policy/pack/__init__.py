"""A policy pack: its model, its schema, and loading it from a folder."""
