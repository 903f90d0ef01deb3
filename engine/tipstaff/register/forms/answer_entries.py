"""Entries: how an answer must be written so that the reader of answers finds its fact again (see ``answers``)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Fact, Shape, Table, Vocabulary
from tipstaff.register.tables.answers import facts_by_spelling
from tipstaff.register.tables.model import Register
from tipstaff.register.tables.references import Partnerships
from tipstaff.register.tables.row_keys import Line


@dataclass(frozen=True, slots=True)
class Entry:
    """The cells of an answer, without its value. ``keys`` has those that say which line or cycle it is of, by fact."""

    ref: str
    """Empty where only the name finds the partnership."""
    name: str
    fact: str
    keys: Mapping[str, str]


class Entries:
    """Writes the answers to a register."""

    def __init__(self, register: Register, vocabulary: Vocabulary) -> None:
        self._rows = register.tables
        self._refs = register.refs
        partnerships = next(rows for rows in register.tables.values() if rows.table.shape is Shape.REGISTER)
        self._names = partnerships.columns["name"]
        self._partnerships = Partnerships(partnerships, register.refs)
        self._facts = facts_by_spelling(vocabulary)
        self._councils = {council.key: council.name for council in vocabulary.councils}
        answers = vocabulary.table_of_shape(Shape.LONG)
        self._columns = answers.facts.keys() if answers is not None else frozenset[str]()
        self._on_line = {
            name: Counter(
                (
                    partnership,
                    rows.council[row] if len(rows.council) else None,
                    rows.year[row] if len(rows.year) else None,
                )
                for row, partnership in enumerate(rows.partnership)
                if rows.letter[row] is None
            )
            for name, rows in register.tables.items()
        }

    def entry(self, position: int, table: str, fact: str, line: Line) -> Entry | None:
        """How to answer for a fact of a partnership; None if no answer would find its one place."""
        one = self._rows[table].table
        called = self._called(one, one.facts[fact])
        named = self._named(position)
        fits = self._on_line[table][position, line.council, line.year] <= 1
        if called is None or named is None or not fits or not {"fact", "value", *one.keys} <= self._columns:
            return None
        year = str(FinancialYear(line.year)) if line.year is not None else ""
        council = self._councils[line.council] if line.council is not None else ""
        said = {"council": council, "year": year, "cycle": year}
        return Entry(*named, called, {key: said[key] for key in one.keys})

    def _called(self, table: Table, fact: Fact) -> str | None:
        """The label of a fact, or its name if another fact has the same label."""
        for spelling in (fact.label, fact.name):
            if self._facts.get(normal(spelling)) == [(table, fact)]:
                return spelling
        return None

    def _named(self, position: int) -> tuple[str, str] | None:
        """The reference and the name that together find a partnership; its reference blank where only its name does."""
        name = self._names[position] or ""
        for ref in (self._refs[position], ""):
            if self._partnerships.find(ref, name).partnership == position:
                return ref, name
        return None
