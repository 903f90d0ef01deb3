"""Benchmarks: this program beside what a user would pick instead, on the same rules and data.

    PYTHONPATH=tests uv run --group benchmarks python -m benchmarks --rows 10000 100000 1000000 --json figures.json

Registers are made up and written as Parquet. Every way of deciding the bundled pack runs in a process of its own, in
turns, and gives a rate: the median over the rounds, in each of which it builds its rules anew. What it comes to is
checked before it is timed, unknowns included, against one loop of plain Python over the facts, which shares no code
with this program's own reading of expressions.

The table says what each starts **from**, and rates are to be compared with those of the same start:

- ``register``: the tables of the register. This program alone, whole: reading, facts, criteria, rules.
- ``facts``: one wide table of the facts that criteria read, bounds and unknowns included, the law of the day beside
  them. Peers that can express criteria, which are spared the gathering of facts. polars by hand is the limit: the same
  criteria and rules with the same treatment of unknowns, without any rule engine.
- ``criteria``: the answers to the criteria. The rule engines, a row at a time, which are spared the criteria too.

**same start** is how many times faster this program is from that start (below 1, the peer is faster); **whole** is how
many times faster this program is from the register, although the peer is spared the work before its own start. A slow
peer is measured on fewer rows than the register has (**rows measured**), and its rate taken for the whole. **peak MB**
is the most memory that the process held to decide once.

``--adversarial`` makes registers in which nothing depends on anything and two cells of five are blank. ``--peers``
takes some of the names in the table; a part of a name will do.
"""
