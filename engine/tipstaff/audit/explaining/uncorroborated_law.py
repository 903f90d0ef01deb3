"""Figures of the law that outcomes rest on without a stored source that corroborates them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from tipstaff.audit.decisions.audit import WAIVABLE, Audit
from tipstaff.audit.decisions.reasons import atoms_of
from tipstaff.audit.explaining.deciding_days import deciding_days
from tipstaff.audit.explaining.findings import Explainer, atom_answers
from tipstaff.policy.language.nodes import Node
from tipstaff.policy.law.series import Corroborated, Segment, Series
from tipstaff.policy.pack.model import Rule, criteria_below, law_read


@dataclass(frozen=True, slots=True)
class UncorroboratedFigure:
    """An uncorroborated figure, with the rules and partnerships whose findings and undetermined outcomes rest on it."""

    series: Series
    segment: Segment
    rules: tuple[str, ...]
    positions: tuple[int, ...]


def find_uncorroborated(audit: Audit, explainer: Explainer | None = None) -> list[UncorroboratedFigure]:
    """Return the uncorroborated figures that outcomes rest on, in the order of the rules.

    ``explainer`` is reused if it explains the whole register.
    """
    rules = [rule for rule in audit.rules if any(map(_doubted, law_read(audit.pack, [rule]).values()))]
    alike = {rule.id: list(_alike(audit, rule)) for rule in rules}
    if explainer is None or len(explainer.positions) < audit.partnerships:
        explainer = Explainer(audit, [positions[0] for groups in alike.values() for positions in groups])
    days: dict[Node, pl.DataFrame] = {}
    figures: dict[tuple[str, date], tuple[Series, Segment]] = {}
    resting: dict[tuple[str, date], dict[str, set[int]]] = {}
    for rule in rules:
        for positions in alike[rule.id]:
            laws = {(law.series.id, law.at): law.series for law in explainer.law(rule, positions[0])}
            for (name, at), series in laws.items():
                doubted = _doubted(series)
                if not doubted:
                    continue
                if at not in days:
                    days[at] = deciding_days(audit, at, range(audit.partnerships))
                own = days[at].filter(pl.col("position").is_in(positions))
                for segment in doubted:
                    ended = (pl.col("last") < segment.first).fill_null(False)
                    on_it = own.filter((pl.col("first") <= segment.last) & ~ended)["position"]
                    if len(on_it):
                        key = name, segment.first
                        figures[key] = series, segment
                        resting.setdefault(key, {}).setdefault(rule.id, set()).update(on_it)
    order = {rule.id: place for place, rule in enumerate(rules)}

    def first(key: tuple[str, date]) -> tuple[int, int]:
        rule, positions = next(iter(resting[key].items()))
        return order[rule], min(positions)

    return [
        UncorroboratedFigure(
            *figures[key], tuple(resting[key]), tuple(sorted(set[int]().union(*resting[key].values())))
        )
        for key in sorted(resting, key=first)
    ]


def _alike(audit: Audit, rule: Rule) -> Iterator[list[int]]:
    """The positions of the findings and undetermined outcomes of a rule, grouped by the answers behind them."""
    reported = audit.answers[rule.id].is_in([int(outcome) for outcome in WAIVABLE]).arg_true()
    if len(reported):
        atoms = [atom for one in criteria_below(audit.pack, rule) for atom in atoms_of(one.test)]
        answers = atom_answers(audit, atoms, reported.to_list())
        groups = answers.with_columns(_position=reported).group_by(answers.columns, maintain_order=True).all()
        yield from groups["_position"].to_list()


def _doubted(series: Series) -> list[Segment]:
    return [segment for segment in series.segments if segment.corroborated is Corroborated.NO]
