"""The unknowns in sentences: once for what a whole register lacks, otherwise partnership by partnership."""

from collections.abc import Callable, Iterator, Sequence

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.blocked import Blocked, MissingKind
from tipstaff.audit.explaining.digest import SEVERAL, Digest
from tipstaff.audit.explaining.evidence import Missing
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.language.english import listed
from tipstaff.policy.pack.model import Pack
from tipstaff.report.wording.phrases import many, run_of
from tipstaff.report.wording.summary import counted

_MOST_NAMES = 8


class NotKnown:
    """Says what is not known of an audit.

    ``names`` are the partnerships as the report calls them, by position; ``called`` gives one with its reference.
    """

    def __init__(self, audit: Audit, digest: Digest, names: Sequence[str], called: Callable[[int], str]) -> None:
        self.pack = audit.pack
        self.digest = digest
        self.names = names
        self.called = called

    def shared(self) -> Iterator[str]:
        """The places that the whole register lacks: for facts, a sheet or a column."""
        return map(self._lacking, self.digest.register_wide)

    def own(self) -> Iterator[str]:
        """The unknowns of single partnerships, reported once for all that lack the same."""
        wanting = ["; ".join(self._wanting(held) for held in group) for group in self.digest.by_partnership]
        places: dict[str, list[int]] = {}
        for group, wanted in zip(self.digest.by_partnership, wanting, strict=True):
            places.setdefault(wanted, []).append(group[0].positions[0])
        for group, wanted in zip(self.digest.by_partnership, wanting, strict=True):
            alike = places[wanted]
            if len(alike) <= SEVERAL:
                yield f"{self.called(group[0].positions[0])}: {wanted}"
            elif alike[0] == group[0].positions[0]:
                named = [self.names[place] for place in alike[:_MOST_NAMES]]
                more = len(alike) - len(named)
                yield f"{'; '.join(named)}{f'; and {more} more' if more else ''}: {wanted}"

    def rest(self) -> Iterator[str]:
        """The rules that are switched off, and how many outcomes of little weight are not known."""
        if self.digest.switched_off:
            off = [f"{name} ({run_of(rules)})" for name, rules in self.digest.switched_off.items()]
            yield f"switched off until the pack gives {listed(off, 'and')}"
        if minor := counted(self.digest.minor_counts):
            yield f"also not known, outcomes of little weight: {minor}"

    def _lacking(self, held: Blocked) -> str:
        rules, those = many(len(held.rules), "rule"), many(len(held.positions), "partnership")
        if held.kind is MissingKind.UNASKED:
            named = list(held.labels[:_MOST_NAMES])
            more = len(held.labels) - len(named)
            wanted = listed([*named, f"{more} more"] if more else named, "and")
            return (
                f"the list does not say: {wanted}. {rules} not assessed for {those} ({run_of(held.rules)}); "
                "--answers FILE adds what is known"
            )
        return f"no {lacking(self.pack, held)}: {rules} not assessed for {those} ({run_of(held.rules)})"

    def _wanting(self, held: Blocked) -> str:
        wanted = listed(list(held.labels), "or")
        rules = run_of(held.rules)
        match held.kind:
            case MissingKind.CONCLUSION:
                title = self.pack.concluding(held.name).title
                return f"“{title}” not known because {wanted} is missing: holds up {rules}"
            case MissingKind.ROW:
                return f"no row on the {self.pack.vocabulary.tables[held.name].sheet} sheet: holds up {rules}"
            case _:
                return f"{wanted or 'what the law is'} not known: holds up {rules}"


def place_to_write(audit: Audit, missing: Missing) -> str:
    """The place for an officer's answer: its cell, otherwise its column, otherwise the sheet of answers."""
    if missing.cell is not None:
        return missing.cell
    one = audit.pack.vocabulary.tables[missing.table]
    heading = one.facts[missing.fact].heading
    answers = audit.pack.vocabulary.table_of_shape(Shape.LONG)
    if answers is not None and missing.fact in audit.facts.unasked:
        return f"a file of answers, {missing.label}"
    if heading or answers is None:
        return f"{one.sheet} sheet, {heading}"
    return f"{answers.sheet} sheet, {missing.label}"


def lacking(pack: Pack, held: Blocked) -> str:
    """The sheet or the column that a register lacks: ``Monitoring sheet``, ``column Purpose on the Register sheet``.

    Empty if it is no one of these that is lacking.
    """
    tables = pack.vocabulary.tables
    match held.kind:
        case MissingKind.SHEET:
            return f"{tables[held.name].sheet} sheet"
        case MissingKind.COLUMN:
            one = tables[pack.facts[held.name].table or ""]
            return f"column {one.facts[held.name].heading} on the {one.sheet} sheet"
        case _:
            return ""
