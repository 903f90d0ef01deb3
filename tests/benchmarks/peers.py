"""This program and its peers, each by what it starts from, and how each decides the rules of a pack.

A peer takes a folder and a pack, and gives columns: of criteria and conclusions true, false or unknown (as a nullable
boolean, or 1, 0 and 2), of outcomes 0 clear, 1 finding, 2 undetermined, 3 not applicable. Where there is a column
``row`` it numbers the rows, which come in any order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.columnar import duckdb_sql, polars_limit
from benchmarks.fact_table import read_asked
from benchmarks.plain_python import plain_python
from benchmarks.row_engines import business_rules, clips_rules, durable_raw, zen_decision
from tipstaff.audit.columns.compiler import Columns
from tipstaff.audit.columns.law import with_law
from tipstaff.audit.decisions.audit import Audit, add_rule_columns, answer_columns, audit
from tipstaff.audit.decisions.decision_tables import decide
from tipstaff.facts.periods import financial_year_of
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import read_register

AS_OF = date(2016, 8, 4)

REGISTER = "register"
"""From the Parquet tables of the register: reading, facts, criteria, rules."""
FACTS = "facts"
"""From one wide Parquet table of the facts that criteria read: criteria, rules."""
CRITERIA = "criteria"
"""From a Parquet table of the answers to criteria: rules."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A way of deciding a pack's rules. One that is slow is measured on ``most`` rows, and its rate taken for more."""

    start: str
    decide: Callable[[Path, Pack], pl.DataFrame]
    most: int | None = None


def audited(folder: Path, pack: Pack) -> Audit:
    """The audit by this program of the register in a folder."""
    register = read_register(folder / "register", pack.vocabulary)
    return audit(register, pack, AS_OF, financial_year_of(AS_OF).next())


def whole_program(folder: Path, pack: Pack) -> pl.DataFrame:
    """This program, from the register."""
    return audited(folder, pack).answers


def program_from_facts(folder: Path, pack: Pack) -> pl.DataFrame:
    """This program, from the facts; it looks the law up, which the peers find among the facts."""
    moments, unasked = read_asked(folder)
    columns = Columns(dict(moments), unasked=unasked)
    facts = pl.scan_parquet(folder / "facts.parquet")
    stated = with_law(facts, (criterion.test for criterion in pack.criteria.values()), columns)
    return answer_columns(stated, pack, decide(pack), columns).collect().drop("row")


def program_from_criteria(folder: Path, pack: Pack) -> pl.DataFrame:
    """This program, from the answers to criteria: tables decided by durable-rules, and looked up."""
    answers = pl.scan_parquet(folder / "criteria.parquet").with_columns(pl.when(pl.all() != 2).then(pl.all() == 1))
    return add_rule_columns(answers, pack, decide(pack)).collect()


PEERS: dict[str, Peer] = {
    "this program": Peer(REGISTER, whole_program),
    "this program, criteria and rules": Peer(FACTS, program_from_facts),
    "polars by hand": Peer(FACTS, polars_limit),
    "DuckDB SQL": Peer(FACTS, duckdb_sql),
    "plain Python loop": Peer(FACTS, plain_python),
    "this program, rules": Peer(CRITERIA, program_from_criteria),
    "durable-rules a row at a time": Peer(CRITERIA, durable_raw, most=1_000),
    "clipspy": Peer(CRITERIA, clips_rules, most=2_000),
    "zen-engine": Peer(CRITERIA, zen_decision, most=2_000),
    "business-rules": Peer(CRITERIA, business_rules, most=2_000),
}
OURS = {peer.start: name for name, peer in PEERS.items() if name.startswith("this program")}
"""This program by what it starts from."""
