"""Expressions compiled to columns, for polars and other data frame libraries."""
