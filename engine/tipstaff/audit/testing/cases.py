"""Cases: given facts and expected outcomes, in YAML beside the rules that they try.

A case gives facts by name as a register would state them (``type: strategic``, ``agreement_end: March 2017``); a
figure of one council by ``<council>.<fact>`` and one tied to no council by ``joint.<fact>``; ``blank`` takes a fact of
the base away. ``agreements`` (or another child table) gives all the rows of that table; ``others`` gives further
partnerships of the same register.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field, ValidationError

from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.decisions.decision_tables import Decision
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.periods import FinancialYear, financial_year_of, read_financial_year
from tipstaff.facts.spellings import nearest
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.pack.model import JOINT, Pack
from tipstaff.policy.yaml.lines import Place, Source
from tipstaff.policy.yaml.validation import Part, Words, read_day
from tipstaff.register.reading import register_from
from tipstaff.register.tables.model import Register

BLANK = "blank"
TRUTHS = {"true": True, "false": False, "unknown": None}
OUTCOMES = {outcome.words: outcome for outcome in Outcome if outcome is not Outcome.WAIVED}

Given = dict[str, str | list[dict[str, str]]]


class CasePart(Part):
    """One case. ``expect`` names outcomes by rule id; of a rule that concludes, true, false or unknown.

    ``says`` gives words that the message of a finding must hold.
    """

    case: Words
    from_: Annotated[str | None, Field(alias="from")] = None
    as_of: str | None = None
    cycle: str | None = None
    given: Given = {}
    others: list[Given] = []
    expect: Annotated[dict[str, Words], Field(min_length=1)]
    says: dict[str, Words] = {}


class CasesPart(Part):
    """A file of cases: the as-of date, and bases that cases start from."""

    as_of: Words
    cycle: str | None = None
    bases: dict[str, Given] = {}
    cases: Annotated[list[CasePart], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Case:
    """A case, ready to run: the facts of its partnerships, the first of which is judged."""

    module: str
    name: str
    place: str
    as_of: date
    cycle: FinancialYear
    partnerships: tuple[Given, ...]
    expected: Mapping[str, str]
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that came out otherwise than expected."""

    case: Case
    rule: str
    expected: str
    found: str


def load_cases(pack: Pack, modules: Iterable[str] = ()) -> list[Case]:
    """The cases of a pack, or of some of its modules. Raises PackError if a file does not fit."""
    wanted = set(modules)
    found: list[Case] = []
    for module in pack.modules:
        path = pack.folder / f"{module.name}.cases.yaml"
        if (wanted and module.name not in wanted) or not path.is_file():
            continue
        source = Source(path, path.name)
        try:
            part = CasesPart.model_validate(source.data)
        except ValidationError as error:
            first = error.errors()[0]
            raise source.error(tuple(first["loc"]), f"{first['msg']}. Correct it; see the other cases.") from None
        found += [_case(pack, module.name, source, part, index) for index in range(len(part.cases))]
    return found


def _case(pack: Pack, module: str, source: Source, part: CasesPart, index: int) -> Case:
    one = part.cases[index]
    path: Place = ("cases", index)
    text = one.as_of or part.as_of
    as_of = read_day(text)
    if as_of is None:
        raise source.error(path, f"as_of is {text!r}; expected a date such as 4 August 2016.")
    prepared_for = one.cycle or part.cycle
    cycle = read_financial_year(prepared_for) if prepared_for else financial_year_of(as_of).next()
    if cycle is None:
        where: Place = (*path, "cycle") if one.cycle else ("cycle",)
        raise source.error(where, f"cycle is {prepared_for!r}; expected a financial year such as 2017/18.")
    if one.from_ is not None and one.from_ not in part.bases:
        raise source.error(path, f"{one.from_} is no base of this file{nearest(one.from_, list(part.bases))}.")
    base = part.bases[one.from_] if one.from_ else {}
    for rule_id in one.says:
        if one.expect.get(rule_id) != "finding":
            raise source.error((*path, "says"), f"{rule_id} is not expected to be a finding, so it says nothing.")
    for rule_id, expected in one.expect.items():
        _check_expectation(pack, source, (*path, "expect", rule_id), rule_id, expected)
    partnerships = tuple({**base, **given} for given in (one.given, *one.others))
    for given in partnerships:
        for name in given:
            _check_fact(pack, source, (*path, "given", name), name)
    return Case(module, one.case, source.place(path), as_of, cycle, partnerships, one.expect, one.says)


def _check_expectation(pack: Pack, source: Source, path: Place, rule_id: str, expected: str) -> None:
    if rule_id not in pack.rules:
        raise source.error(path, f"{rule_id} is no rule of this pack{nearest(rule_id, list(pack.rules))}.")
    known = TRUTHS if pack.rules[rule_id].concludes else OUTCOMES
    if expected not in known:
        raise source.error(path, f"{rule_id} can be {', '.join(known)}; found {expected!r}.")


def _check_fact(pack: Pack, source: Source, path: Place, name: str) -> None:
    line, _, fact = name.rpartition(".")
    lines = [*(council.key for council in pack.vocabulary.councils), JOINT]
    if line and line not in lines:
        raise source.error(path, f"{line} is no council of this pack{nearest(line, lines)}; it has {', '.join(lines)}.")
    known = {fact for table in pack.vocabulary.tables.values() for fact in table.facts} | set(pack.vocabulary.tables)
    if fact not in known:
        raise source.error(path, f"{fact} is no fact of this pack{nearest(fact, list(known))}.")


def registers(pack: Pack, cases: Iterable[Case]) -> list[tuple[date, FinancialYear, Register, list[tuple[Case, int]]]]:
    """The cases as registers, one for each as-of date and cycle, with the position of each case's partnership."""
    grouped: dict[tuple[date, FinancialYear], list[Case]] = {}
    for case in cases:
        grouped.setdefault((case.as_of, case.cycle), []).append(case)
    main = next(table for table in pack.vocabulary.tables.values() if table.shape is Shape.REGISTER)
    made = []
    for (as_of, cycle), members in grouped.items():
        tables: dict[str, list[dict[str, Any]]] = {name: [] for name in pack.vocabulary.tables}
        placed: list[tuple[Case, int]] = []
        apart: list[int] = []
        for number, case in enumerate(members):
            placed.append((case, len(tables[main.name])))
            for given in case.partnerships:
                _add(pack, tables, main.name, given, cycle)
                apart.append(number)
        document = json.dumps({name: rows for name, rows in tables.items() if rows}).encode()
        register = register_from(document, "cases.json", pack.vocabulary)
        for fact in main.facts.values():
            if not fact.heading:  # no column states it, so a case states it past the reader
                register.tables[main.name].columns[fact.name] = [
                    row.get(fact.name) or None for row in tables[main.name]
                ]
        register.apart = tuple(apart)
        made.append((as_of, cycle, register, placed))
    return made


def _add(pack: Pack, tables: dict[str, list[dict[str, Any]]], main: str, given: Given, cycle: FinancialYear) -> None:
    """Add one partnership to the tables of a register, under a reference of its own."""
    number = len(tables[main]) + 1
    ref = {"ref": f"case-{number}"}
    rows: dict[tuple[str, str], dict[str, Any]] = {(main, ""): dict.fromkeys(pack.vocabulary.tables[main].facts, "")}
    rows[main, ""] |= {**ref, "name": f"Case {number}"}
    councils = {council.key: council.name for council in pack.vocabulary.councils}
    for name, value in given.items():
        if isinstance(value, list):
            tables[name] += [{**ref, **row} for row in value]
            continue
        line, _, fact = name.rpartition(".")
        table = next(table.name for table in pack.vocabulary.tables.values() if fact in table.facts)
        if table in given:
            continue
        row = rows.setdefault((table, line), dict(ref))
        if line and line != JOINT:
            row["council"] = councils.get(line, line)
        if "cycle" in pack.vocabulary.tables[table].keys:
            row["cycle"] = str(cycle)
        row[fact] = "" if value == BLANK else value
    for (table, _), row in rows.items():
        tables[table].append(row)


def audited(
    pack: Pack, cases: Iterable[Case], decisions: Mapping[str, Decision] | None = None
) -> Iterator[tuple[Audit, list[tuple[Case, int]]]]:
    """The audits of the registers that cases make, with the position of each case's partnership."""
    for as_of, cycle, register, placed in registers(pack, cases):
        yield audit(register, pack, as_of, cycle, decisions), placed


def run_cases(pack: Pack, cases: Iterable[Case], decisions: Mapping[str, Decision] | None = None) -> list[Failure]:
    """Audit the cases and return those that came out otherwise than expected."""
    return [failure for done, placed in audited(pack, cases, decisions) for failure in judge(done, placed)]


def judge(done: Audit, placed: Sequence[tuple[Case, int]]) -> list[Failure]:
    """The cases that came out otherwise than expected in an audit of their register."""
    failures: list[Failure] = []
    columns: dict[str, list[Any]] = {}
    for case, position in placed:
        for rule_id, expected in case.expected.items():
            concludes = done.pack.rules[rule_id].concludes
            column = columns.setdefault(rule_id, done.answers[concludes or rule_id].to_list())
            value = column[position]
            if concludes is None and value != OUTCOMES[expected]:
                failures.append(Failure(case, rule_id, expected, Outcome(value).words))
            if concludes is not None and value is not TRUTHS[expected]:
                found = next(word for word, truth in TRUTHS.items() if truth is value)
                failures.append(Failure(case, rule_id, expected, found))
    return failures + _unsaid(done, placed)


def _unsaid(done: Audit, placed: Iterable[tuple[Case, int]]) -> list[Failure]:
    """The findings whose message lacks words that a case asks for."""
    speaking = [(case, position) for case, position in placed if case.says]
    explainer = Explainer(done, (position for _, position in speaking))
    failures: list[Failure] = []
    for case, position in speaking:
        for rule_id, words in case.says.items():
            message = explainer.finding(done.pack.rules[rule_id], position, Outcome.FINDING).message
            if words not in message:
                failures.append(Failure(case, rule_id, f"to say “{words}”", f"“{message}”"))
    return failures
