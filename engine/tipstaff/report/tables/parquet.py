"""Parquet: every outcome of an audit in columns, a row a partnership, for programs that count and join.

There are no explanations. A row has the columns that identify the partnership, its class, the number of each reported
outcome, a nullable yes or no for every conclusion by its name, and a word for every reported rule by its id. The
metadata of the file gives the sources of the figures, under keys that begin with ``tipstaff.``: each can be traced
to the register, the policy and the day. Contact details are left out.
"""

import io
import json
from collections.abc import Iterator
from importlib.metadata import version

import polars as pl

from tipstaff.audit.columns.frames import frame_with, stated_column
from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.classes import classes
from tipstaff.facts.vocabulary import Shape
from tipstaff.report.wording.citations import cited

SCHEMA = "tipstaff/outcomes/1"
"""The value of ``tipstaff.schema`` in the metadata."""

COUNTED = {Outcome.FINDING: "findings", Outcome.UNDETERMINED: "undetermined", Outcome.WAIVED: "waived"}
"""The columns that count the outcomes of a partnership that are reported."""

_STATED = {"name": "name", "theme": "theme", "type": "type", "registered_class": "declared_class"}
"""The facts of the register that say which partnership it is, and the columns that have them."""

_ROWS_OF_A_GROUP = 50_000


def parquet(audit: Audit) -> bytes:
    """The file."""
    page = io.BytesIO()
    outcomes(audit).write_parquet(page, metadata=metadata(audit), row_group_size=_ROWS_OF_A_GROUP)
    return page.getvalue()


def outcomes(audit: Audit) -> pl.DataFrame:
    """The columns, a row a partnership in the order of the register."""
    own = frame_with(audit.partnerships, _identifying(audit)).with_columns(_counts(audit))
    taken = {*own.columns, *(rule.id for rule in audit.rules)}
    named = {name: f"conclusion_{name}" if name in taken else name for name in audit.pack.conclusions}
    words = pl.Enum([outcome.word for outcome in Outcome])
    numbers = [int(outcome) for outcome in Outcome]
    return own.with_columns(
        *(audit.answers[name].alias(column) for name, column in named.items()),
        *(audit.answers[rule.id].replace_strict(numbers, words.categories, return_dtype=words) for rule in audit.rules),
    )


def metadata(audit: Audit) -> dict[str, str]:
    """The sources of the figures, and the meaning of the columns of rules."""
    register, pack = audit.register, audit.pack
    rules = {
        rule.id: {
            "title": rule.title,
            "severity": rule.severity,
            "module": rule.module,
            "source": cited(rule.source),
            "rule_fingerprint": rule.fingerprint,
        }
        for rule in audit.rules
    }
    said = {
        "schema": SCHEMA,
        "tool": f"tipstaff {version('tipstaff')}",
        "as_of": audit.as_of.isoformat(),
        "cycle": str(audit.cycle),
        "register": register.name,
        "register_sha256": register.sha256,
        "problems": str(sum(one.serious for one in register.problems)),
        "policy": pack.id,
        "policy_version": pack.version,
        "policy_sha256": pack.sha256,
        "partnerships": str(audit.partnerships),
        "totals": _json({outcome.word: count for outcome, count in audit.totals().items()}),
        "rules": _json(rules),
    }
    return {f"tipstaff.{key}": value for key, value in said.items()}


def _identifying(audit: Audit) -> Iterator[pl.Series | pl.Expr]:
    yield pl.Series("ref", audit.register.refs, dtype=pl.String)
    rows = next(rows for rows in audit.register.tables.values() if rows.table.shape is Shape.REGISTER)
    for fact, name in _STATED.items():
        yield stated_column(rows, fact, pl.String).alias(name)
    yield pl.Series("class", classes(audit), dtype=pl.String)


def _counts(audit: Audit) -> Iterator[pl.Series]:
    for outcome, name in COUNTED.items():
        found = [(pl.col(rule.id) == int(outcome)).cast(pl.UInt16) for rule in audit.rules]
        yield audit.answers.select(pl.sum_horizontal(found).alias(name))[name]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
