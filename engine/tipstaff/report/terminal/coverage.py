"""Coverage: what the cases of a pack leave untried, in words."""

from collections.abc import Iterator, Mapping

from tipstaff.audit.testing.coverage import Coverage, Tried, untried
from tipstaff.policy.language.english import listed
from tipstaff.policy.pack.model import Pack
from tipstaff.policy.pack.switches import switched_off
from tipstaff.report.terminal.layout import Style, paragraph, plain, table


def lines(pack: Pack, coverage: Coverage, width: int, style: Style = plain) -> Iterator[str]:
    """The outcomes of rules that no case expects, the answers to criteria that none brings about, then one total."""
    titles = {rule.id: rule.title for rule in pack.rules.values()}
    questions = {name: criterion.question for name, criterion in pack.criteria.items()}
    yield from _gaps("Outcomes that no case expects", "rule", coverage.rules, titles, width, style)
    yield from _gaps("Answers that no case brings about", "criterion", coverage.criteria, questions, width, style)
    if off := switched_off(pack):
        criteria = {name: None for found in off.values() for one in found for name in [one.question]}
        said = f"Not tried, since this pack switches them off: {listed(list(off), 'and')} ({' '.join(criteria)})"
        yield from paragraph(said, width)
        yield ""
    yield from paragraph(
        f"{_total('rule', 'outcome', coverage.rules)}; {_total('criterion', 'answer', coverage.criteria)}.", width
    )


def _gaps(heading: str, kind: str, tried: Tried, called: Mapping[str, str], width: int, style: Style) -> Iterator[str]:
    gaps = untried(tried)
    if gaps:
        yield style("heading", heading)
        rows = [[name, ", ".join(words), called[name]] for name, words in gaps.items()]
        yield from table(rows, width, wide=2, headers=[kind, "not tried", ""])
        yield ""


def _total(kind: str, what: str, tried: Tried) -> str:
    possible = sum(len(counts) for counts in tried.values())
    left = sum(len(words) for words in untried(tried).values())
    kinds = {"criterion": "criteria"}.get(kind, f"{kind}s") if len(tried) != 1 else kind
    return f"{len(tried)} {kinds} with {possible} {what}s, {left or 'none'} not tried"
