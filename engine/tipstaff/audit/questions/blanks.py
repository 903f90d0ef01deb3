"""The blanks of a register whose answers undetermined outcomes need, and the answers to try."""

from collections.abc import Iterator, Sequence

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.evidence import Missing
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.audit.questions.suppositions import Blank, is_settled, on_line, possible_answers
from tipstaff.facts.periods import financial_year_of
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.pack.model import JOINT, Rule
from tipstaff.register.files.sheet import Raw
from tipstaff.register.tables.row_keys import NO_LINE, Line
from tipstaff.register.tables.rows import rows_by_partnership


class Blanks:
    """Finds the blanks of an audited register that its undetermined outcomes need."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self._explainer = Explainer(audit, range(audit.partnerships))
        self._vocabulary = audit.pack.vocabulary
        self._rows = {name: rows_by_partnership(rows) for name, rows in audit.register.tables.items()}
        self._year = financial_year_of(audit.as_of).start
        self._possible: dict[Blank, list[Raw]] = {}

    def needed(self, rule: Rule, position: int) -> list[Blank]:
        """The blanks of the facts missing for an undetermined outcome, if there is an answer to try."""
        undetermined = self._explainer.undetermined(rule, position)
        found = dict.fromkeys(blank for missing in undetermined.missing for blank in self._blanks(missing))
        return [blank for blank in found if self.possible_answers(blank)]

    def possible_answers(self, blank: Blank) -> Sequence[Raw]:
        """The answers to try for a blank, within its known bounds."""
        if blank not in self._possible:
            self._possible[blank] = self._answers(blank)
        return self._possible[blank]

    def _answers(self, blank: Blank) -> list[Raw]:
        fact = self.audit.register.tables[blank.table].table.facts[blank.fact]
        base = blank.fact
        if self.audit.register.tables[blank.table].table.shape is Shape.COUNCIL_YEAR:
            in_cycle = blank.line.year == self.audit.cycle.start
            base = f"{self._measure(blank.table, blank.fact, in_cycle)}#{blank.line.council or JOINT}"
        frame = self.audit.facts.frame
        known = (None, None)
        if f"{base}_hi" in frame.columns:
            known = frame[f"{base}_lo"][blank.position], frame[f"{base}_hi"][blank.position]
        return possible_answers(fact, self._vocabulary, self.audit.as_of, known)

    def _blanks(self, missing: Missing) -> Iterator[Blank]:
        rows = self.audit.register.tables[missing.table]
        fact = rows.table.facts[missing.fact]
        own = self._rows[missing.table].get(missing.position, [])
        unsettled = [index for index in own if not is_settled(rows, index, fact, self._vocabulary)]
        if rows.table.shape is not Shape.COUNCIL_YEAR:
            line = Line(year=self.audit.cycle.start) if rows.table.shape is Shape.CYCLE else NO_LINE
            of_line = [index for index in own if on_line(rows, index, line)]
            if not of_line or set(of_line) & set(unsettled):
                yield Blank(missing.position, missing.table, missing.fact, line)
            return
        measure = self._measure(missing.table, missing.fact, bool(missing.year))
        years = (self.audit.cycle.start,) if missing.year else (None, self._year)
        for council in self._explainer.evidence.unknown_lines(measure, missing.position):
            lines = [Line(None if council == JOINT else council, year) for year in years]
            blank = [line for line in lines if any(on_line(rows, index, line) for index in unsettled)]
            for line in blank or lines[-1:]:
                yield Blank(missing.position, missing.table, missing.fact, line)

    def _measure(self, table: str, fact: str, in_cycle: bool) -> str:
        """The name of a fact by council and year, in the year of the cycle if ``in_cycle``."""
        of_cycle = {fact: name for name, fact in self.audit.pack.tables[table].in_cycle.items()} if in_cycle else {}
        return of_cycle.get(fact, fact)
