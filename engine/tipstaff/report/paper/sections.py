"""The subject: what every part of a paper reads of an audit, and how it calls the things in it."""

import shlex
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.digest import digest
from tipstaff.audit.explaining.findings import Explainer, Finding, deciding_cells
from tipstaff.policy.pack.model import MINOR, SEVERITIES, Rule
from tipstaff.report.paper.document import Block, Heading, Line, Paragraph, Words
from tipstaff.report.wording.phrases import on_sheets, place, shown

MOST_NAMED = 30
"""The most partnerships that are named in one paragraph or cell."""

FEW = 5
"""The most partnerships, or causes, that are named in one sentence."""

LONGEST_NAME = 60
"""The longest that a name is shown, in characters."""

MAIN = tuple(severity for severity in SEVERITIES if severity not in MINOR)
"""The severities whose findings are set out in the paper itself, and not in an appendix."""

_MOST_CELLS = 3
_NO_THEME = "Theme not known"


Places: TypeAlias = Mapping[int | str, str]
"""The numbers of paragraphs: of a partnership by its position, of a rule by its id."""


class Subject:
    """An audit as a paper reads it. Partnerships are given by their positions in the register."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self.pack = audit.pack
        called = zip(audit.facts.frame["name"].to_list(), audit.register.refs, strict=True)
        self.names = [shown(name or ref, LONGEST_NAME) for name, ref in called]
        self.digest = digest(audit)
        self.outcomes = {rule.id: audit.answers[rule.id].to_list() for rule in audit.rules}
        self.totals = audit.totals()
        self.register = shlex.quote(shown(audit.register.name))
        """The register as a command names it."""
        self.dated = f"{self.register} --as-of {audit.as_of} --cycle {audit.cycle}"
        self.rest = f"tipstaff check {self.dated} --format csv"
        """The command that shows what the paper has no room for."""
        self.shared = {group.rule.id for group in self.digest.grouped if group.rule.severity in MAIN}
        """The rules whose findings many partnerships share, and which are said together."""

    def is_(self, rule: Rule, at: int, outcome: Outcome) -> bool:
        """Whether a rule came out a given way for a partnership."""
        return bool(self.outcomes[rule.id][at] == outcome)

    def with_(self, rule: Rule, outcome: Outcome) -> list[int]:
        """The partnerships for which a rule came out a given way, by position."""
        return [at for at, found in enumerate(self.outcomes[rule.id]) if found == outcome]

    def themes(self) -> dict[str, list[int]]:
        """The partnerships of each theme that has any, by position, in the order of the policy."""
        frame = self.audit.facts.frame
        if "theme" not in frame.columns:
            return {"All partnerships": list(range(self.audit.partnerships))}
        found: dict[str, list[int]] = {theme.name: [] for theme in self.pack.vocabulary.themes}
        for at, theme in enumerate(frame["theme"].to_list()):
            found.setdefault(theme or _NO_THEME, []).append(at)
        return {theme: positions for theme, positions in found.items() if positions}

    def problems(self) -> int:
        """How many problems of the register keep what it says from being used."""
        return sum(one.serious for one in self.audit.register.problems)

    def called(self, at: int) -> str:
        """A partnership by its name, and by the register's own reference if it has one."""
        frame, ref = self.audit.facts.frame, shown(self.audit.register.refs[at], LONGEST_NAME)
        stated = frame["ref"][at] if "ref" in frame.columns else None
        return f"{self.names[at]} ({ref})" if stated and ref != self.names[at] else self.names[at]

    def explaining(self, positions: Iterable[int]) -> Explainer:
        """Explains some partnerships."""
        shared = self.digest.explainer
        return shared if self.digest.is_complete else Explainer(self.audit, positions, shared.evidence.ledgers)

    def value(self, fact: str, at: int, explainer: Explainer) -> str:
        """The register's value of a text or a choice."""
        if fact not in self.audit.facts.frame.columns or fact in self.audit.facts.unasked:
            return "not asked for"
        return shown(explainer.value(fact, at))

    def where(self, finding: Finding) -> str:
        """The cells that a finding was seen in."""
        cells = [place(cell, self.audit.register.name) for cell in deciding_cells(finding)]
        more = [f"and {len(cells) - _MOST_CELLS} more"] if len(cells) > _MOST_CELLS else []
        return ", ".join([*on_sheets(cells[:_MOST_CELLS]), *more]) or "no cell"

    def action(self, rule: Rule) -> str:
        """The action on a finding of a rule, and who takes it."""
        return rule.action.said if rule.action is not None else ""


class Section:
    """The blocks of a section whose paragraphs are numbered."""

    def __init__(self, number: int, title: str) -> None:
        self.blocks: list[Block] = [Heading(1, f"{number}. {title}")]
        self._number = number
        self._paragraphs = 0

    def say(self, line: Line) -> str:
        """Add a paragraph; its number."""
        self._paragraphs += 1
        number = f"{self._number}.{self._paragraphs}"
        self.blocks.append(Paragraph(line, number))
        return number

    def add(self, *blocks: Block) -> None:
        """Add blocks that have no number."""
        self.blocks += blocks


def set_off(severity: str) -> Words:
    """A severity in words, in its colour."""
    return Words(severity.capitalize(), severity)


def severity_of(rule: Rule) -> int:
    """Sorts rules, the most severe first."""
    return SEVERITIES.index(rule.severity)
