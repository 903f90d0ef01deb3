"""Benchmarks: this program beside what a user would pick instead, on the same rules and data.

    PYTHONPATH=tests uv run --group benchmarks python -m benchmarks --rows 10000 100000 --json figures.json

Registers are made up and written as Parquet. Each peer runs in a process of its own, in turns; what it comes to is
checked against the audit, unknowns included, before it is timed. The peers decide the rules of the bundled pack, given
the answers to its criteria, which favours them: this program is measured on those terms, and whole.
"""
