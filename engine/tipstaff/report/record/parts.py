"""Parts of the JSON record that are made of an audit: law, problems, waivers, factor sheets and ledgers."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.deciding_days import CitedLaw
from tipstaff.audit.explaining.factor_sheet import FactorSheet
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.facts.bounds import NEVER, NO_END
from tipstaff.facts.units import show_number
from tipstaff.policy.language.english import MOST_SEGMENTS, advice, figures
from tipstaff.policy.law.series import Corroborated, Segment, Series, overdue
from tipstaff.policy.pack.model import Pack, Rule, law_read
from tipstaff.register.tables.model import Problem
from tipstaff.report.record.schema import Advisory, FactorSheetPart, LawUsed, LedgerPart, ProblemPart, Sum, WaiverPart
from tipstaff.report.wording.waivers import days_left, name_of


def problem_part(one: Problem) -> ProblemPart:
    """A problem of a register as records have it."""
    return {"cell": one.cell, "value": one.value, "expected": one.expected, "serious": one.serious}


def waiver_parts(audit: Audit) -> Iterator[WaiverPart]:
    """The waivers as the record of an audit has them."""
    for one in audit.waiver_accounts:
        waiver = one.waiver
        yield {
            "status": one.status.value,
            "rule": one.rule,
            "ref": one.partnership,
            "name": name_of(audit, one),
            "outcome": one.outcome.word if one.outcome is not None else None,
            "reason": waiver.reason if waiver is not None else None,
            "approved_by": waiver.approved_by if waiver is not None else None,
            "until": waiver.until.isoformat() if waiver is not None else None,
            "days_left": days_left(audit, waiver) if waiver is not None else None,
            "place": one.place,
            "problems": [{"cell": each.cell, "value": each.value, "expected": each.expected} for each in one.problems],
        }


def advisories(pack: Pack, rules: Iterable[Rule], on: date) -> list[Advisory]:
    """The figures that rules read and that were expected to have ended before a day."""
    return [
        {"series": one.series.id, "expected_end": _day(one.segment.expected_end), "advice": advice(one)}
        for one in overdue(law_read(pack, rules), on)
    ]


def law_parts(cited_law: Iterable[CitedLaw]) -> list[LawUsed]:
    """The law that an outcome rests on: each figure with its days, or if there are many, their range."""
    return [
        _law_part(one.series, segments)
        for one in cited_law
        for segments in ([[segment] for segment in one.segments] if _few(one.segments) else [one.segments])
    ]


def _law_part(series: Series, segments: Sequence[Segment]) -> LawUsed:
    order = list(Corroborated)
    return {
        "series": series.id,
        "title": series.title,
        "figure": figures(series, segments),
        "from": _day(segments[0].first),
        "to": _day(segments[-1].last),
        "instrument": "; ".join(dict.fromkeys(segment.instrument for segment in segments if segment.instrument)),
        "sources": list(dict.fromkeys(source for segment in segments for source in segment.sources)),
        "corroborated": max((segment.corroborated for segment in segments), key=order.index).value,
    }


def _few(segments: Sequence[Segment]) -> bool:
    return len(segments) <= MOST_SEGMENTS


def _day(day: date | None) -> str | None:
    """A day as JSON has it; None before the first and after the last."""
    return None if day is None or day in (NEVER, NO_END) else day.isoformat()


def factor_sheet_part(sheet: FactorSheet) -> FactorSheetPart:
    """A factor sheet as the record has it: the pointers answered, the names of the others, and what they come to."""
    return {
        "name": sheet.name,
        "pointers": [
            {
                "fact": factor.fact,
                "towards": factor.towards,
                "strength": factor.strength,
                "answer": factor.answer,
                "evidence": [{"fact": one.fact, "value": one.value, "cell": one.cell} for one in factor.evidence],
            }
            for factor in sheet.factors
            if factor.answer is not None
        ],
        "not_answered": [factor.fact for factor in sheet.factors if factor.answer is None],
        "net": {"least": show_number(sheet.least), "most": show_number(sheet.most)},
        "verdict": sheet.verdict,
    }


def ledger_parts(audit: Audit, entries: LedgerEntries, ledger: str) -> Iterator[LedgerPart]:
    """A ledger as the record has it: an organisation a line, with every sum, its cell, and the totals."""
    rows = audit.facts.ledgers[ledger]
    for beneficiary, name in enumerate(rows.beneficiaries.names):
        sums: list[Sum] = [
            {
                "ref": audit.register.refs[entry.partnership],
                "year": entry.year or None,
                "council": entry.council or None,
                "amount": entry.amount,
                "granted": entry.granted,
                "cell": entry.cell,
            }
            for entry in entries.entries(ledger, beneficiary)
        ]
        if not sums:
            continue
        yield {
            "ledger": ledger,
            "organisation": name,
            "partnerships": [audit.register.refs[place] for place in entries.partnerships(ledger, beneficiary)],
            "may_be_the_same": list(entries.near(ledger, beneficiary)),
            "sums": sums,
            "totals": [
                {
                    "window": total.window,
                    "amount": total.amount,
                    "granted": total.granted,
                    "planned": total.planned,
                    "law": dict(total.limits),
                }
                for total in entries.totals(ledger, beneficiary)
            ],
        }
