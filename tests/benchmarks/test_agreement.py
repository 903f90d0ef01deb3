"""The benchmarks' own reading of criteria and rules, which shares no code with the audit, agrees with the audit."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from benchmarks.columnar import polars_limit
from benchmarks.fact_table import write_facts
from support.registers import register
from support.worlds import Worlds
from tipstaff.audit.decisions.audit import audit
from tipstaff.policy.pack.model import Pack


@pytest.mark.parametrize("as_of", [date(2016, 8, 4), date(2017, 6, 1), date(2023, 2, 1)])
def test_polars_by_hand_agrees_with_the_audit(pack: Pack, tmp_path: Path, as_of: date) -> None:
    worlds = Worlds(pack, as_of, 3)
    audited = audit(register(pack, [worlds.partnership(80) for _ in range(100)]), pack, as_of, worlds.cycle)
    write_facts(tmp_path, audited)
    found = polars_limit(tmp_path, pack)
    for name in found.columns:
        digits = [column.cast(pl.Int8).fill_null(2) for column in (found[name], audited.answers[name])]
        assert digits[0].equals(digits[1]), name
