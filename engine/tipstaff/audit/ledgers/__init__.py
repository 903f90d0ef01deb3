"""Ledgers of aid: organisations, near names, totals over a window."""
