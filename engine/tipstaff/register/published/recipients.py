"""Recipients: the organisations that a list of awards names, and who funds them."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tipstaff.errors import UnreadableError
from tipstaff.facts.vocabulary import Term, Vocabulary
from tipstaff.register.published.awards import Awards
from tipstaff.register.published.organisations import (
    MOST_COMPARED,
    charity_number,
    company_number,
    joined,
    near_names,
    numbers_in,
    says_nothing,
    usual,
)
from tipstaff.register.tables.model import Rows
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.references import slug, spelling

MOST_FUNDERS = 20
"""The most funders that one list may name: each adds columns to an audit."""

UNNAMED = "The publisher (not named in the list)"
"""The council of a list that has no column for its funder."""

_NUMBERS = {"charity_number": charity_number, "company_number": company_number}

Source = tuple[int, str]
"""The row and the column that state something."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """An organisation that received awards, these by their rows."""

    awards: tuple[int, ...]
    name: str
    named_at: int
    numbers: Mapping[str, tuple[str, Source]]
    """Its charity and its company number, by the fact, if they are stated."""
    identifier: str
    """An identifier of it that is neither, in one spelling; blank if it has none."""

    @property
    def key(self) -> str:
        """The key that distinguishes it from other recipients of the same name."""
        return next((number for number, _ in self.numbers.values()), self.identifier or spelling(self.name))


def funders(
    awards: Awards, name: str, vocabulary: Vocabulary, problems: Problems
) -> tuple[tuple[Term, ...], list[str | None]]:
    """The councils of the audit, and the key of each award's funder; None for an award that leaves it blank.

    A funder that the policy names keeps its key, beside the policy's other councils; otherwise the councils are the
    funders alone. Raises UnreadableError if there are more than ``MOST_FUNDERS``.
    """
    rows = awards.rows
    if awards.columns.isdisjoint({"funder", "funder_identifier"}):
        term = Term(UNNAMED, key="publisher_1")
        return (term,), [term.key] * len(rows)
    names, identifiers = rows.columns["funder"], rows.columns["funder_identifier"]
    key_by = {text: frozenset() if says_nothing(text) else frozenset({spelling(text)}) for text in {*identifiers}}
    keys: list[frozenset[Hashable]] = list(map(key_by.__getitem__, identifiers))
    groups = joined(keys, _spelt(names))
    members: dict[int, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        if group is None:
            say(problems, rows, index, "funder", "the name of the funder: the award is not tied to one council")
        else:
            members[group].append(index)
    if len(members) > MOST_FUNDERS:
        raise UnreadableError(
            f"{name} names {len(members):,} funders; one audit takes {MOST_FUNDERS} at most. Split it by funder."
        )
    own = {spelling(text): council.key for council in vocabulary.councils for text in council.spellings}
    key_of: dict[int, str] = {}
    others: list[tuple[str, str, int]] = []
    for group, indices in members.items():
        called = {spelling(text) for text in {names[index] for index in indices} if text}
        known = sorted({own[text] for text in called & own.keys()})
        if known:
            key_of[group] = known[0]
        else:
            identifier = min((identifiers[index] for index in indices if identifiers[index]), default="")
            others.append((usual(names[index] for index in indices) or identifier, identifier, group))
    strangers = []
    for number, (funder, _, group) in enumerate(sorted(others), 1):
        key_of[group] = f"publisher_{number}"
        strangers.append(Term(funder, key=key_of[group]))
    councils = vocabulary.councils if len(strangers) < len(members) else ()
    return (*councils, *strangers), [None if group is None else key_of[group] for group in groups]


def recipients(rows: Rows, problems: Problems) -> list[Recipient]:
    """The organisations by name and number, whatever the order of the rows.

    Rows that name none are problems. Names that are nearly the same are remarked on, once a pair.
    """
    numbers: list[dict[str, tuple[str, Source]]] = []
    identifiers: list[str] = []
    keys: list[frozenset[Hashable]] = []
    for index in range(len(rows)):
        found, identifier = _numbers(rows, index, problems)
        numbers.append(found)
        identifiers.append(identifier)
        stated: set[Hashable] = {(fact, number) for fact, (number, _) in found.items()}
        keys.append(frozenset(stated | ({("identifier", identifier)} if identifier else set())))
    members: dict[int, list[int]] = defaultdict(list)
    for index, group in enumerate(joined(keys, _spelt(rows.columns["recipient"]))):
        if group is None:
            expected = "its name, number or identifier: the award is not used, and its year not taken to be complete"
            say(problems, rows, index, "recipient", f"recipient: {expected}")
        else:
            members[group].append(index)
    found_all = [_recipient(rows, indices, numbers, identifiers, problems) for indices in members.values()]
    found_all.sort(key=lambda one: (spelling(one.name), one.key))
    _propose(rows, found_all, problems)
    return found_all


def references(found: Sequence[Recipient]) -> list[str]:
    """One reference a recipient: a slug of its name, and where slugs meet its number behind, otherwise a short hash."""
    refs = [slug(recipient.name) for recipient in found]
    for length in (6, 64):
        shared = {ref for ref, count in Counter(refs).items() if count > 1}
        for place, recipient in enumerate(found):
            if refs[place] in shared:
                suffix = recipient.key if recipient.numbers and length == 6 else _digest(recipient)[:length]
                refs[place] = f"{slug(recipient.name)}-{suffix}"
    return refs


def _digest(recipient: Recipient) -> str:
    return hashlib.sha256(repr((recipient.key, sorted(recipient.numbers))).encode()).hexdigest()


def say(
    problems: Problems, rows: Rows, index: int, fact: str, expected: str, value: object = "", *, serious: bool = True
) -> None:
    """Add a problem at the cell of an award that states a fact, or would."""
    sheet = rows.sheet[index]
    problems.at(sheet, rows.row[index], rows.letters.get((sheet, fact), ""), value, expected, serious=serious)


def _numbers(rows: Rows, index: int, problems: Problems) -> tuple[dict[str, tuple[str, Source]], str]:
    """The numbers of a row's recipient, and its identifier if that is no such number."""
    found: dict[str, tuple[str, Source]] = {}
    for fact, read in _NUMBERS.items():
        text = rows.columns[fact][index]
        if says_nothing(text):
            continue
        number = read(text)
        if number is None:
            say(problems, rows, index, fact, f"a {rows.table.facts[fact].label}: it is not used", text)
        else:
            found[fact] = number, (index, fact)
    text = rows.columns["recipient_identifier"][index]
    if says_nothing(text):
        return found, ""
    named = dict(zip(_NUMBERS, numbers_in(text), strict=True))
    for fact, number in named.items():
        if number is not None:
            found.setdefault(fact, (number, (index, "recipient_identifier")))
    return found, "" if any(named.values()) else spelling(text)


def _recipient(
    rows: Rows,
    indices: Sequence[int],
    numbers: Sequence[Mapping[str, tuple[str, Source]]],
    identifiers: Sequence[str],
    problems: Problems,
) -> Recipient:
    """One organisation by its usual name and numbers. Several numbers of one kind are a remark."""
    names = rows.columns["recipient"]
    own: dict[str, tuple[str, Source]] = {}
    for fact in _NUMBERS:
        stated = [numbers[index][fact] for index in indices if fact in numbers[index]]
        number = usual(value for value, _ in stated)
        if number is None:
            continue
        own[fact] = next(one for one in stated if one[0] == number)
        for value, (index, column) in {value: source for value, source in stated if value != number}.items():
            label = f"{rows.table.facts[fact].label} {number}, as at {rows.cell(*own[fact][1])}"
            expected = f"the {label}: read as one organisation all the same, as something else they state is equal"
            say(problems, rows, index, column, expected, value, serious=False)
    identifier = min((identifiers[index] for index in indices if identifiers[index]), default="")
    name = usual(names[index] for index in indices)
    if name is None:
        name = next((number for number, _ in own.values()), identifier)
        say(problems, rows, indices[0], "recipient", f"the recipient's name: it is called {name}", serious=False)
        return Recipient(tuple(indices), name, indices[0], own, identifier)
    named_at = next(index for index in indices if names[index] == name)
    return Recipient(tuple(indices), name, named_at, own, identifier)


def _propose(rows: Rows, found: Sequence[Recipient], problems: Problems) -> None:
    if len(found) > MOST_COMPARED:
        expected = f"no more than {MOST_COMPARED:,}, for names that are nearly the same to be looked for"
        say(problems, rows, 0, "recipient", expected, f"{len(found):,} organisations", serious=False)
        return
    for one, other in near_names([recipient.name for recipient in found]):
        first, second = found[one], found[other]
        cell = rows.cell(first.named_at, "recipient")
        expected = f'perhaps the same as "{first.name}" at {cell}: no number or identifier says so, so both are kept'
        say(problems, rows, second.named_at, "recipient", expected, second.name, serious=False)


def _spelt(names: Iterable[str | None]) -> list[str | None]:
    """The key by which names are compared; None if a recipient has none."""
    every = list(names)
    spelt = {name: spelling(name) if name else None for name in {*every}}
    return list(map(spelt.__getitem__, every))
