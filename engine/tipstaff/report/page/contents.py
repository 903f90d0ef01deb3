"""Contents: what the page says of an audit, worst first, gathered for its template."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from itertools import islice

from markupsafe import Markup

from tipstaff.audit.comparing.comparison import Comparison
from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.classes import NONE, UNDETERMINED, classes
from tipstaff.audit.decisions.verdict import Verdict, by_severity
from tipstaff.audit.explaining.digest import digest
from tipstaff.audit.explaining.factor_sheet import FactorSheet, factor_sheets
from tipstaff.audit.explaining.findings import REPORTED, Explainer, Finding
from tipstaff.audit.explaining.ledger_entries import Entry, Total
from tipstaff.policy.pack.model import SEVERITIES, Rule
from tipstaff.register.tables.model import Problem
from tipstaff.report.page import charts, figures
from tipstaff.report.wording import waivers
from tipstaff.report.wording.law import to_check
from tipstaff.report.wording.not_known import NotKnown
from tipstaff.report.wording.phrases import many, shown, typed
from tipstaff.report.wording.summary import MEANINGS, decided, summary

MOST_OUTCOMES = 1_000
"""The most outcomes of each kind (finding, waived, undetermined) on the page, those of most weight."""

MOST_OF_MANY = 400
"""The same of a register that has more outcomes than a report for people can say."""

MOST_LISTED = 100
"""The most that is listed of partnerships under a conclusion, problems, waivers, changes, and organisations."""

MOST_FIRST = 5
"""How many partnerships are named to start with."""

_NAME = 120
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Partnership:
    """A partnership with its outcomes on the page."""

    position: int
    name: str
    ref: str
    """The register's own reference, empty if it has none but the name."""
    theme: str
    type: str
    lead_officer: str
    belongs: str
    because: tuple[str, ...]
    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    undetermined: tuple[Finding, ...]
    sheets: tuple[FactorSheet, ...]
    explain: str
    """The command that says more of it."""

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Number of findings by severity, without zeros."""
        found = Counter(finding.rule.severity for finding in self.findings)
        return [(severity, found[severity]) for severity in SEVERITIES if found[severity]]


@dataclass(frozen=True, slots=True)
class Account:
    """An organisation on a ledger: its sums with their cells, and its totals beside the law."""

    name: str
    near: tuple[str, ...]
    entries: tuple[Entry, ...]
    more: int
    """How many more sums there are."""
    totals: tuple[Total, ...]

    @property
    def greatest(self) -> Total | None:
        """The total to name it by."""
        return figures.greatest(self.totals)


@dataclass(frozen=True, slots=True)
class Members:
    """A conclusion with the partnerships of which it is true."""

    title: str
    names: tuple[str, ...]
    more: int
    unknown: int

    @property
    def count(self) -> int:
        return len(self.names) + self.more


class Contents:
    """The contents of the page, section by section."""

    def __init__(
        self,
        audit: Audit,
        verdict: Verdict,
        source: str,
        options: Sequence[str],
        comparison: Comparison | None,
        notes: Mapping[str, str],
    ) -> None:
        self.audit = audit
        self.pack = audit.pack
        self.register = audit.register
        self.summary = {**summary(audit), **notes}
        self.comparison = comparison
        self.decided = decided(verdict, since=comparison is not None)
        self.failed = verdict.failed
        self.totals = [(outcome, audit.totals()[outcome], MEANINGS[outcome]) for outcome in MEANINGS]
        self.by_severity = by_severity(audit, Outcome.FINDING)
        self.severities = SEVERITIES
        self.reported = REPORTED
        self.version = version("tipstaff")
        self.belonging = classes(audit) if audit.pack.classes else [NONE] * audit.partnerships
        self._source = typed(source)
        self._options = f" {typed('--as-of', audit.as_of.isoformat(), *options)}"
        self._texts = {
            name: audit.facts.frame[name].to_list()
            for name in ("ref", "name", "theme", "type", "lead_officer")
            if name in audit.facts.frame.columns
        }
        called = zip(self._texts["name"], self.register.refs, strict=True)
        self.names = [shown(name or ref, _NAME) for name, ref in called]
        self._digest = digest(audit)
        self._entries = self._digest.explainer.evidence.ledgers
        self._chosen = self._choose()
        self._explainer = (
            self._digest.explainer if self._digest.is_complete else Explainer(audit, self._chosen, self._entries)
        )

    def command(self, name: str, rest: str = "") -> str:
        """A command of tipstaff on the same register, to copy."""
        return f"tipstaff {name} {self._source}{f' {rest}' if rest else ''}{self._options}"

    @property
    def validate(self) -> str:
        return f"tipstaff validate {self._source}"

    # Outcomes

    @cached_property
    def partnerships(self) -> tuple[Partnership, ...]:
        """The partnerships with outcomes on the page, worst first."""
        chosen = self._chosen
        return tuple(self._partnership(position, chosen[position]) for position in sorted(chosen, key=self._badness))

    @cached_property
    def without(self) -> list[str]:
        """The partnerships of which no outcome is reported at all."""
        reported = {int(outcome) for outcome in REPORTED}
        some = {
            position
            for rule in self.audit.rules
            for position in self.audit.answers[rule.id].is_in(list(reported)).arg_true().to_list()
        }
        return [name for position, name in enumerate(self.names) if position not in some]

    @cached_property
    def left(self) -> list[str]:
        """Describe the outcomes left off the page: ``5,020 more findings``."""
        on_page = Counter(finding.outcome for one in self.partnerships for finding in _all(one))
        totals = self.audit.totals()
        more = {outcome: totals[outcome] - on_page[outcome] for outcome in REPORTED}
        words = {
            Outcome.FINDING: many(more[Outcome.FINDING], "more finding"),
            Outcome.UNDETERMINED: f"{more[Outcome.UNDETERMINED]:,} more not known",
            Outcome.WAIVED: f"{more[Outcome.WAIVED]:,} more waived",
        }
        return [said for outcome, said in words.items() if more[outcome]]

    @property
    def first(self) -> tuple[Partnership, ...]:
        """The findings to start with."""
        return tuple(one for one in self.partnerships if one.findings)[:MOST_FIRST]

    def choices(self) -> dict[str, list[str]]:
        """The values that the outcomes on the page can be filtered by."""
        themes = [theme.name for theme in self.pack.vocabulary.themes]
        seen = {one.theme for one in self.partnerships}
        found = {finding.rule.module for one in self.partnerships for finding in _all(one)}
        return {
            "theme": [theme for theme in (*themes, "") if theme in seen],
            "officer": sorted({one.lead_officer for one in self.partnerships}, key=lambda name: (not name, name)),
            "module": [module.name for module in self.pack.modules if module.name in found],
        }

    def module_titles(self) -> Mapping[str, str]:
        return {module.name: module.title for module in self.pack.modules}

    def _choose(self) -> dict[int, list[tuple[Rule, Outcome]]]:
        """The outcomes on the page, by partnership."""
        chosen: dict[int, list[tuple[Rule, Outcome]]] = {}
        rules = sorted(self.audit.rules, key=lambda rule: SEVERITIES.index(rule.severity))
        for outcome in REPORTED:
            room = MOST_OUTCOMES if self._digest.is_complete else MOST_OF_MANY
            for rule in rules:
                for position in (self.audit.answers[rule.id] == int(outcome)).arg_true().to_list()[:room]:
                    chosen.setdefault(position, []).append((rule, outcome))
                    room -= 1
        return chosen

    @cached_property
    def _counts(self) -> dict[int, Counter[tuple[Outcome, str]]]:
        """How many outcomes of each kind and severity each partnership on the page has."""
        counts: dict[int, Counter[tuple[Outcome, str]]] = {position: Counter() for position in self._chosen}
        for rule in self.audit.rules:
            outcomes = self.audit.answers[rule.id].gather(list(self._chosen)).to_list()
            for own, outcome in zip(counts.values(), outcomes, strict=True):
                own[Outcome(outcome), rule.severity] += 1
        return counts

    def _badness(self, position: int) -> tuple[list[int], int]:
        counts = self._counts[position]
        order = [(outcome, severity) for outcome in (Outcome.FINDING, Outcome.UNDETERMINED) for severity in SEVERITIES]
        return [-counts[key] for key in order], position

    def _partnership(self, position: int, chosen: Sequence[tuple[Rule, Outcome]]) -> Partnership:
        found: dict[Outcome, list[Finding]] = {outcome: [] for outcome in REPORTED}
        for rule, outcome in chosen:
            found[outcome].append(self._explainer.finding(rule, position, outcome))
        belongs = self.belonging[position]
        known = belongs in self.pack.classes
        sheets = factor_sheets(self.audit, self._explainer.evidence, position)
        return Partnership(
            position=position,
            name=self.names[position],
            ref=self.ref(position),
            theme=self._text("theme", position),
            type=self._text("type", position),
            lead_officer=self._text("lead_officer", position),
            belongs=belongs,
            because=self._explainer.conclusion(belongs, position).because if known else (),
            findings=tuple(found[Outcome.FINDING]),
            waived=tuple(found[Outcome.WAIVED]),
            undetermined=tuple(found[Outcome.UNDETERMINED]),
            sheets=tuple(sheet for sheet in sheets if sheet.answered),
            explain=self.command("explain", typed(self.register.refs[position])),
        )

    def _text(self, fact: str, position: int) -> str:
        return shown(self._texts[fact][position] or "", _NAME) if fact in self._texts else ""

    def ref(self, position: int) -> str:
        """The register's own reference of a partnership, if it has one that is not its name."""
        stated = self._text("ref", position)
        return shown(self.register.refs[position], _NAME) if stated and stated != self.names[position] else ""

    # Conclusions

    def named(self) -> Iterator[Members]:
        """The conclusions whose partnerships the policy wants named."""
        for name in self.pack.named:
            answers = self.audit.answers[name].to_list()
            members = [self.names[place] for place, answer in enumerate(answers) if answer]
            more = max(0, len(members) - MOST_LISTED)
            title = self.pack.concluding(name).title
            yield Members(title, tuple(members[:MOST_LISTED]), more, answers.count(None))

    def conclusions(self) -> list[tuple[str, Mapping[str, int]]]:
        """Every conclusion with how often it is true, false and not known."""
        return [(self.pack.concluding(name).title, found) for name, found in self.audit.conclusions().items()]

    def classed(self) -> list[tuple[str, int]]:
        """How many partnerships belong to each class."""
        words = (*self.pack.classes, UNDETERMINED, *[NONE] * (NONE in self.belonging))
        return [(word, self.belonging.count(word)) for word in words]

    # What is not known, problems, law

    @cached_property
    def not_known(self) -> list[str]:
        """The unknowns, each reported once."""

        def called(position: int) -> str:
            ref = self.ref(position)
            return f"{self.names[position]} ({ref})" if ref else self.names[position]

        said, omitted = NotKnown(self.audit, self._digest, self.names, called), self._digest.omitted
        of = many(omitted.with_undetermined, "partnership")
        more = f"and {many(omitted.undetermined, 'more outcome')} not known of {of}"
        return [*said.shared(), *said.own(), *[more] * bool(omitted.undetermined), *said.rest()]

    @cached_property
    def problems(self) -> list[Problem]:
        """The problems of the register, but for remarks."""
        return [one for one in self.register.problems if one.serious]

    def waiving_nothing(self) -> list[tuple[str, str]]:
        """The waivers that waive nothing: what became of each, and why."""
        return [(str(one.status), waivers.describe_waiver(self.audit, one)) for one in waivers.failing(self.audit)]

    @property
    def remarks(self) -> int:
        return len(self.register.problems) - len(self.problems)

    @cached_property
    def law(self) -> list[str]:
        """The law used that is to be checked."""
        return list(to_check(self.audit, self.names, _MOST_NAMES))

    def rules(self) -> list[tuple[Rule, dict[str, int]]]:
        """The rules with how often each came out each way."""
        counts = self.audit.outcomes()
        return [(rule, counts[rule.id]) for rule in self.audit.rules]

    # Ledgers and charts

    @cached_property
    def accounts(self) -> list[tuple[str, list[Account], int]]:
        """The ledgers by label: their organisations, those that had most first, and how many more there are."""
        found = []
        for ledger, rows in self.audit.facts.ledgers.items():
            names = {number: shown(name, _NAME) for number, name in enumerate(rows.beneficiaries.names)}
            paid = [number for number in names if self._entries.count(ledger, number)]
            paid.sort(key=lambda number: (-self._entries.most(ledger, number), names[number]))
            accounts = [
                Account(
                    name=names[number],
                    near=self._entries.near(ledger, number),
                    entries=tuple(islice(self._entries.entries(ledger, number), MOST_LISTED)),
                    more=max(0, self._entries.count(ledger, number) - MOST_LISTED),
                    totals=tuple(self._entries.totals(ledger, number)),
                )
                for number in paid[:MOST_LISTED]
            ]
            if accounts:
                label = self.pack.ledgers[ledger].label
                found.append((label, accounts, len(paid) - len(accounts)))
        return found

    @cached_property
    def themes(self) -> tuple[figures.ThemeCount, ...]:
        return figures.themes(self.audit)

    @cached_property
    def agreements(self) -> figures.Agreements | None:
        return figures.agreements(self.audit)

    @cached_property
    def ledgers(self) -> list[figures.LedgerFigure]:
        return list(figures.ledgers(self.audit, self._entries))

    def drawn_agreements(self, title: str, description: str) -> Markup:
        """The timeline of agreements."""
        assert self.agreements is not None
        days = self.audit.cycle.first_day, self.audit.cycle.last_day
        return charts.timeline(self.agreements, self.names, self.audit.as_of, days, title, description)


def _all(one: Partnership) -> tuple[Finding, ...]:
    return (*one.findings, *one.waived, *one.undetermined)
