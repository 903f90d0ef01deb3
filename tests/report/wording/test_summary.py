"""The summary says what an audit cannot see."""

from dataclasses import replace
from datetime import date

import pytest

from tipstaff.audit.decisions.audit import Audit
from tipstaff.report.wording.summary import summary


@pytest.mark.parametrize(
    ("as_of", "told"), [(date(2017, 3, 31), False), (date(2017, 4, 1), True), (date(2020, 8, 4), True)]
)
def test_a_cycle_that_has_begun_is_told_of(example: Audit, as_of: date, told: bool) -> None:
    said = summary(replace(example, as_of=as_of))
    assert ("Cycle" in said) is told
    if told:
        assert "2017/18 has begun" in said["Cycle"]
        assert "--as-of 2017-03-31 --cycle 2017/18" in said["Cycle"]


def test_a_policy_that_compares_no_cycle_says_nothing_of_it(example: Audit) -> None:
    tables = {name: replace(table, in_cycle={}) for name, table in example.pack.tables.items()}
    audit = replace(example, pack=replace(example.pack, tables=tables), as_of=date(2017, 4, 1))
    assert "Cycle" not in summary(audit)
