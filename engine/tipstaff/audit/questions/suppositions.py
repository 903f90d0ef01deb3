"""Suppositions: the outcomes of an audit if blanks were filled in, with many answers tried at once.

A *case* is a copy of a partnership with answers written into its blanks. All cases are audited together in columns, so
trying an answer costs a row rather than an audit. The cases of one *world* form a register: rules that read other
entries read those of the same world. A *trial* fills the same facts everywhere, with one *attempt* for each answer.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tipstaff.audit.decisions.audit import Audit, answer, mark_waived
from tipstaff.audit.gathering.facts import gather
from tipstaff.audit.questions.blanks import Blank, is_settled, on_line
from tipstaff.facts.vocabulary import Fact, Vocabulary
from tipstaff.policy.language.nodes import facts_of
from tipstaff.policy.pack.model import Aggregate, Pack, Repeats, Rule, formulas_of
from tipstaff.register.files.sheet import Raw
from tipstaff.register.reading import state_what_dates_say
from tipstaff.register.tables.cells import CellReader
from tipstaff.register.tables.model import Rows
from tipstaff.register.tables.row_keys import Line
from tipstaff.register.tables.rows import Spot, append_row, rows_by_partnership, state

_NOWHERE = Spot("", 0, "")


Answers = Mapping[Blank, Raw]
"""Answers as an officer would write them into a cell, by blank."""

FactKey = tuple[str, str]
"""The name of a table, and of a fact in it."""

Settled = Mapping[int, Mapping[int, frozenset[str]]]
"""The ids of the rules that a trial settles, by position of the partnership and number of the attempt."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Facts to answer together, everywhere at once.

    One fact is tried with each possible answer; several facts with all their first answers, then all their last.
    ``blanks`` are the blanks to fill, by position, with the answers to try. ``may_settle`` are the ids of the rules
    whose undetermined outcomes they may settle. ``whole_register`` is whether such an outcome depends on other entries,
    so that the whole register must be tried instead of these positions.
    """

    facts: tuple[FactKey, ...]
    blanks: Mapping[int, Mapping[Blank, Sequence[Raw]]]
    may_settle: Mapping[int, frozenset[str]]
    whole_register: bool

    @property
    def attempts(self) -> Sequence[int]:
        """The numbers of the attempts."""
        return range(max(map(self._possible, self.blanks))) if len(self.facts) == 1 else (0, -1)

    def answers(self, position: int, attempt: int) -> dict[Blank, Raw]:
        """The answers of an attempt to the blanks of a position; the last answer if a blank has fewer."""
        blanks = self.blanks.get(position, {})
        return {blank: possible[min(attempt, len(possible) - 1)] for blank, possible in blanks.items()}

    def is_new(self, position: int, attempt: int) -> bool:
        """Whether an attempt differs from all earlier ones at a position where it may settle an outcome."""
        return position in self.may_settle and (position not in self.blanks or attempt < self._possible(position))

    def positions(self, audit: Audit, attempt: int) -> Sequence[int]:
        """The positions of the cases in an attempt."""
        if self.whole_register:
            return range(audit.partnerships)
        return [position for position in sorted(self.blanks) if self.is_new(position, attempt)]

    def _possible(self, position: int) -> int:
        return max(map(len, self.blanks[position].values()))


def suppose(audit: Audit, cases: Sequence[tuple[int, Answers]], worlds: Sequence[int] = ()) -> Audit:
    """Audit a register made of cases: partnerships, by position, each with answers to its own blanks.

    ``worlds`` gives the world of each case; without it, there is one world. Waived outcomes stay waived.
    """
    vocabulary = audit.pack.vocabulary
    positions = [position for position, _ in cases]
    tables = {name: _copy_rows(rows, positions) for name, rows in audit.register.tables.items()}
    own = {name: rows_by_partnership(rows) for name, rows in tables.items()}
    readers: dict[str, CellReader] = {}
    for case, (position, answered) in enumerate(cases):
        for blank, raw in answered.items():
            if blank.position != position:
                continue
            rows = tables[blank.table]
            fact = rows.table.facts[blank.fact]
            reader = readers.setdefault(fact.name, CellReader(fact, vocabulary))
            there = own[blank.table].setdefault(case, [])
            _fill(rows, case, there, fact, blank.line, reader(raw).values, vocabulary)
    for rows in tables.values():
        state_what_dates_say(rows)
    refs = [audit.register.refs[position] for position in positions]
    register = replace(audit.register, tables=tables, refs=refs, apart=tuple(worlds))
    facts = gather(register, audit.pack, audit.as_of, audit.cycle)
    cases_of: dict[int, list[int]] = defaultdict(list)
    for case, position in enumerate(positions):
        cases_of[position].append(case)
    held = {(rule, case): one for (rule, position), one in audit.waivers.items() for case in cases_of.get(position, ())}
    answers = mark_waived(answer(facts, audit.pack, audit.decisions), held)
    return replace(audit, register=register, facts=facts, answers=answers, waivers=held)


def _copy_rows(rows: Rows, positions: Sequence[int]) -> Rows:
    """Copy the rows of these partnerships; ``partnership`` becomes the index into ``positions``."""
    own = rows_by_partnership(rows)
    taken = [(case, index) for case, position in enumerate(positions) for index in own.get(position, ())]
    indices = [index for _, index in taken]
    return Rows(
        table=rows.table,
        columns={name: [values[index] for index in indices] for name, values in rows.columns.items()},
        partnership=[case for case, _ in taken],
        sheet=[rows.sheet[index] for index in indices],
        row=[rows.row[index] for index in indices],
        letter=[rows.letter[index] for index in indices],
        letters=rows.letters,
        council=[rows.council[index] for index in indices] if len(rows.council) else [],
        year=[rows.year[index] for index in indices] if len(rows.year) else [],
    )


def _fill(
    rows: Rows, case: int, there: list[int], fact: Fact, line: Line, values: tuple[Any, ...], vocabulary: Vocabulary
) -> None:
    """Write an answer into the rows of its line where the fact is unknown, or into a new row."""
    found = [index for index in there if on_line(rows, index, line)]
    if not found:
        found = [append_row(rows, case, _NOWHERE, None, line.council, line.year)]
        there += found
    for index in found:
        if not is_settled(rows, index, fact, vocabulary):
            state(rows, index, fact, values, vocabulary)


def rests_on_others(pack: Pack, rule: Rule) -> bool:
    """Whether a rule depends on other entries of the register, through criteria and conclusions."""
    return any(_reads_others(pack, name) for name in rule.inputs)


def _reads_others(pack: Pack, name: str) -> bool:
    """Whether a criterion, conclusion or fact depends on other entries."""
    if name in pack.criteria:
        return any(_reads_others(pack, fact) for fact in facts_of(pack.criteria[name].test))
    if name not in pack.facts:
        return rests_on_others(pack, pack.concluding(name))
    derived = pack.facts[name].derived
    if derived is not None and isinstance(derived.formula, Repeats):
        return True
    if derived is not None and isinstance(derived.formula, Aggregate) and derived.formula.table in pack.ledgers:
        return True
    return any(_reads_others(pack, fact) for formula in formulas_of(derived) for fact in facts_of(formula))


def find_settled(
    audit: Audit, trials: Sequence[Trial], supposed: Mapping[int, Answers], before: Mapping[int, frozenset[str]]
) -> list[Settled]:
    """Return which of the outcomes undetermined ``before`` each trial settles, given the answers already supposed.

    Attempts that would reopen an outcome contradict the supposed answers and are left out.
    """
    worlds = [(number, attempt) for number, trial in enumerate(trials) for attempt in trial.attempts]
    tried = [
        (world, position)
        for world, (number, attempt) in enumerate(worlds)
        for position in trials[number].positions(audit, attempt)
    ]
    cases = []
    for world, position in tried:
        number, attempt = worlds[world]
        cases.append((position, {**supposed.get(position, {}), **trials[number].answers(position, attempt)}))
    after = suppose(audit, cases, [world for world, _ in tried]).undetermined()
    found: list[dict[int, dict[int, frozenset[str]]]] = [defaultdict(dict) for _ in trials]
    for case, (world, position) in enumerate(tried):
        number, attempt = worlds[world]
        still = {rule.id for rule in after.get(case, ())}
        if trials[number].is_new(position, attempt) and still <= before[position]:
            found[number][position][attempt] = trials[number].may_settle[position] - still
    return list(found)
