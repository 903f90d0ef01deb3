"""Decisions: decision tables, outcomes, classes and the verdict."""
