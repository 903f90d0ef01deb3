"""Engines that run a regional audit: polars, DuckDB and Spark."""
