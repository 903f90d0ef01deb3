"""Audit a council's partnership register under a declarative policy and dated law.

Read a pack and a register, audit, and look at the outcomes:

>>> from datetime import date
>>> from pathlib import Path
>>> from tipstaff import Outcome, FinancialYear, audit, bundled, list_findings, load_pack, read_register
>>> pack = load_pack(bundled())
>>> register = read_register(Path("examples/register.xlsx"), pack.vocabulary)
>>> done = audit(register, pack, as_of=date(2016, 8, 4), cycle=FinancialYear(2017))
>>> done.totals()[Outcome.FINDING]
88
>>> finding = next(list_findings(done, [Outcome.FINDING]))
>>> finding.rule.id, finding.name, finding.rule.severity
('PRO-10', 'South Hams CAB', 'medium')

The names in ``__all__`` are the public library; everything below the package may change. Each is imported when it is
first used. An error that a user can cause is a ``TipstaffError``, whose text is one paragraph: what is wrong, where,
and what to do.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tipstaff.audit.decisions.audit import Audit, Outcome, audit
    from tipstaff.audit.decisions.verdict import Verdict, judge
    from tipstaff.audit.explaining.findings import Finding, list_findings
    from tipstaff.audit.waiving.waiver_files import read_waivers
    from tipstaff.audit.waiving.waivers import apply_waivers
    from tipstaff.errors import (
        EngineError,
        ForecastError,
        InferenceError,
        OutOfLimitsError,
        PackError,
        RecordError,
        ReportError,
        TipstaffError,
        UnreadableError,
    )
    from tipstaff.facts.periods import FinancialYear
    from tipstaff.policy.pack.loading import load_pack
    from tipstaff.policy.pack.model import Pack, Rule
    from tipstaff.policy.yaml.folders import bundled
    from tipstaff.register.reading import read_register
    from tipstaff.register.tables.model import Problem, Register
    from tipstaff.report.formats import FORMATS, Format, ReportRequest

__all__ = [
    "FORMATS",
    "Audit",
    "EngineError",
    "FinancialYear",
    "Finding",
    "ForecastError",
    "Format",
    "InferenceError",
    "OutOfLimitsError",
    "Outcome",
    "Pack",
    "PackError",
    "Problem",
    "RecordError",
    "Register",
    "ReportError",
    "ReportRequest",
    "Rule",
    "TipstaffError",
    "UnreadableError",
    "Verdict",
    "apply_waivers",
    "audit",
    "bundled",
    "judge",
    "list_findings",
    "load_pack",
    "read_register",
    "read_waivers",
]

_HOMES = {
    "audit.decisions.audit": ("Audit", "Outcome"),
    "audit.decisions.verdict": ("Verdict", "judge"),
    "audit.explaining.findings": ("Finding", "list_findings"),
    "audit.waiving.waiver_files": ("read_waivers",),
    "audit.waiving.waivers": ("apply_waivers",),
    "errors": tuple(name for name in __all__ if name.endswith("Error")),
    "facts.periods": ("FinancialYear",),
    "policy.pack.loading": ("load_pack",),
    "policy.pack.model": ("Pack", "Rule"),
    "policy.yaml.folders": ("bundled",),
    "register.reading": ("read_register",),
    "register.tables.model": ("Problem", "Register"),
    "report.formats": ("FORMATS", "Format", "ReportRequest"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


class _Library(ModuleType):
    """The package, in which ``audit`` is the function although a sub-package has the same name."""

    @property
    def audit(self) -> Any:
        return import_module(f"{__name__}.audit.decisions.audit").audit

    @audit.setter
    def audit(self, package: ModuleType) -> None:
        """Leave the function in place when the sub-package is imported."""


sys.modules[__name__].__class__ = _Library
