"""Applying waivers to an audit: a waiver that holds turns a finding or an undetermined outcome into a waived one.

A waiver is bound to the facts and the rule that it was given for. It changes no conclusion and no other outcome.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from tipstaff.audit.decisions.audit import WAIVABLE, Audit, Outcome, WaiverAccount, WaiverStatus, mark_waived
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.spellings import nearest
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.register.forms.waiver_entries import FIELDS, Waiver, Written
from tipstaff.register.tables.cells import CellReader, plain_text
from tipstaff.register.tables.model import Problem
from tipstaff.register.tables.problems import shortened
from tipstaff.register.tables.references import Partnerships

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


def apply_waivers(audit: Audit, written: Iterable[Written]) -> Audit:
    """Return the audit with these waivers applied, and an account of each, worst first.

    If several waivers would waive one outcome, the first does. Others are malformed unless they are identical to it.
    """
    reader = _Reader(audit)
    accounts = [reader.read(one) for one in written]
    explainer = Explainer(audit, [one.position for one in accounts if one.waiver and one.position is not None])
    held: dict[tuple[str, int], Waiver] = {}
    judged: list[WaiverAccount] = []
    for account in accounts:
        found = _judge(audit, explainer, account)
        if found.status is WaiverStatus.HELD:
            assert found.waiver is not None
            assert found.position is not None
            first = held.setdefault((found.rule, found.position), found.waiver)
            if replace(first, place=found.place) != found.waiver:
                found = _reject_repeat(found, first)
        judged.append(found)
    worst_first = sorted(judged, key=lambda one: list(WaiverStatus).index(one.status))
    return replace(audit, answers=mark_waived(audit.answers, held), waivers=held, waiver_accounts=tuple(worst_first))


def _judge(audit: Audit, explainer: Explainer, account: WaiverAccount) -> WaiverAccount:
    """Return the account of a waiver with its status: the first reason, in this order, that it does not hold."""
    waiver, position = account.waiver, account.position
    if waiver is None or position is None:
        return account
    rule = audit.pack.rules[waiver.rule]
    if rule not in audit.rules:
        return replace(account, status=WaiverStatus.UNUSED)
    outcome = Outcome(audit.answers[rule.id][position])
    if outcome not in WAIVABLE:
        status = WaiverStatus.UNUSED
    elif waiver.rule_fingerprint != rule.fingerprint:
        status = WaiverStatus.RULE_CHANGED
    elif waiver.fingerprint != explainer.fingerprint(rule, position):
        status = WaiverStatus.FACTS_CHANGED
    elif audit.as_of > waiver.until:
        status = WaiverStatus.LAPSED
    else:
        status = WaiverStatus.HELD
    return replace(account, status=status, outcome=outcome)


def _reject_repeat(account: WaiverAccount, first: Waiver) -> WaiverAccount:
    found = f"{account.rule}, {account.partnership}"
    problem = Problem(account.place, found, f"one waiver of this outcome; {first.place} already waives it")
    return replace(account, status=WaiverStatus.MALFORMED, waiver=None, outcome=None, problems=(problem,))


class _MisfitError(Exception):
    """A value that a key of a waiver does not accept, with what was expected."""

    def __init__(self, value: object, expected: str) -> None:
        super().__init__(expected)
        self.value = shortened(value)
        self.expected = expected


class _Reader:
    """Reads written waivers by the policy, register and date of an audit."""

    def __init__(self, audit: Audit) -> None:
        self.pack = audit.pack
        self.refs = audit.register.refs
        self._as_of = audit.as_of
        register = next(rows for rows in audit.register.tables.values() if rows.table.shape is Shape.REGISTER)
        self._partnerships = Partnerships(register, self.refs)
        self._cells = {word: CellReader(fact, self.pack.vocabulary) for word, fact in FIELDS.items()}

    def read(self, one: Written) -> WaiverAccount:
        """Return the account of a waiver: malformed with all its problems, or held so far."""
        readers: dict[str, Callable[[Any], Any]] = {
            "rule": self._rule,
            "partnership": self._partnership,
            "until": self._until,
            "fingerprint": _fingerprint,
            "rule_fingerprint": _fingerprint,
        }
        values: dict[str, Any] = {}
        problems = list(one.problems or self._wrong_keys(one))
        for word in (word for word in FIELDS if word in one.said):
            try:
                value = self._cell(word, one.said.get(word))
                values[word] = readers[word](value) if word in readers else value
            except _MisfitError as error:
                if not one.problems:
                    problems.append(one.problem(word, error.value, f"{FIELDS[word].label}: {error.expected}"))
        position = values.get("partnership")
        rule = values.get("rule") or shortened(plain_text(one.said.get("rule")) or "")
        named = shortened(plain_text(one.said.get("partnership")) or "")
        ref = named if position is None else self.refs[position]
        if problems:
            return WaiverAccount(WaiverStatus.MALFORMED, one.place, rule, ref, position, problems=tuple(problems))
        waiver = Waiver(**{**values, "partnership": ref}, place=one.place)
        return WaiverAccount(WaiverStatus.HELD, one.place, rule, ref, position, waiver)

    def _wrong_keys(self, one: Written) -> Iterator[Problem]:
        """The problems of keys that a waiver lacks, and of unknown keys."""
        if missing := [word for word in FIELDS if word not in one.said]:
            yield Problem(one.place, "", f"also {', '.join(missing)}")
        for word in one.said:
            if word not in FIELDS:
                yield one.problem(
                    word, shortened(word), f"one of {', '.join(FIELDS)}{nearest(word[:100], list(FIELDS))}"
                )

    def _cell(self, word: str, raw: object) -> Any:
        """Read the value of a key: a text or a date."""
        values, misfit = self._cells[word](raw)
        if misfit is not None:
            raise _MisfitError(misfit.value, misfit.expected.removeprefix(f"{FIELDS[word].label}: "))
        if values[0] is None:
            raise _MisfitError(plain_text(raw) or "", "a value")
        if FIELDS[word].kind is Kind.DATE and values[0] != values[-1]:
            raise _MisfitError(plain_text(raw) or "", "one day, such as 31 March 2017")
        return values[0]

    def _rule(self, text: str) -> str:
        rule = self.pack.rules.get(text.upper())
        if rule is None:
            hint = nearest(text[:100].upper(), [one.id for one in self.pack.rules.values() if one.concludes is None])
            raise _MisfitError(text, f"a rule of {self.pack.id}{hint}")
        if rule.concludes is not None:
            raise _MisfitError(text, "a rule that is reported: this one concludes a status, which cannot be waived")
        return rule.id

    def _partnership(self, text: str) -> int:
        found = self._partnerships.find(text, "").partnership
        if found is None:
            match = self._partnerships.find("", text)
            if match.partnership is None:
                raise _MisfitError(text, match.why)
            found = match.partnership
        return found

    def _until(self, day: date) -> date:
        longest = self.pack.longest_waiver
        if longest is None:
            raise _MisfitError(show_date(day), f"no waiver: {self.pack.id} allows none (waivers in its pack.yaml)")
        latest = longest.after(self._as_of)
        if day > latest:
            raise _MisfitError(show_date(day), f"{show_date(latest)} at the latest, {longest} after the as-of date")
        return day


def _fingerprint(text: str) -> str:
    if not _FINGERPRINT.fullmatch(text):
        raise _MisfitError(text, "16 characters from 0 to 9 and a to f, as tipstaff waivers draft gives them")
    return text
