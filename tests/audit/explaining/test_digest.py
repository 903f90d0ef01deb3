"""A digest reports or counts every finding and every undetermined outcome once."""

from datetime import date

import pytest

from support.paths import EXAMPLES
from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.explaining import digest as digest_module
from tipstaff.audit.explaining.blocked import MissingKind
from tipstaff.audit.explaining.digest import Digest, digest
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import MINOR, Pack
from tipstaff.register.reading import read_register

EXAMPLE = EXAMPLES / "register.xlsx"


@pytest.fixture(scope="module")
def example(pack: Pack) -> Audit:
    return audit(read_register(EXAMPLE, pack.vocabulary), pack, date(2016, 8, 4), FinancialYear(2017))


@pytest.fixture
def many(example: Audit, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """The example, as if it had too many outcomes to explain."""
    monkeypatch.setattr(digest_module, "MOST_EXPLAINED", 100)
    monkeypatch.setattr(digest_module, "MOST_FINDINGS", 6)
    monkeypatch.setattr(digest_module, "MOST_UNKNOWN", 4)
    assert not digest(example).is_complete
    return example


def test_every_finding_is_said_or_counted(many: Audit) -> None:
    found = digest(many)
    said = [(one.rule.id, one.position) for group in found.findings for one in group]
    said += [(group.rule.id, position) for group in found.grouped for position in group.positions]
    said += [place for places in found.reported_with.values() for place in places]
    assert len(said) == len(set(said))
    assert 0 < sum(map(len, found.findings)) <= digest_module.MOST_FINDINGS + len(many.rules)
    assert found.omitted.findings > 0
    assert len(said) + found.omitted.findings == many.totals()[Outcome.FINDING]


def test_partnerships_said_have_all_their_findings_and_come_worst_first(example: Audit, many: Audit) -> None:
    shown = digest(many)
    together = {group.rule.id for group in shown.grouped}
    for group in shown.findings:
        at = group[0].position
        expected = [
            one.id for one in many.rules if many.answers[one.id][at] == Outcome.FINDING and one.id not in together
        ]
        others = {rule for places in shown.reported_with.values() for rule, position in places if position == at}
        assert sorted(one.rule.id for one in group) == sorted(set(expected) - others)


def test_what_the_whole_register_lacks_is_said_of_every_partnership(
    pack: Pack, example: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same sheets and columns, with the same rules, as when every outcome is explained."""
    whole = digest(example)
    monkeypatch.setattr(digest_module, "MOST_EXPLAINED", 100)
    short = digest(example)

    def lacked(one: Digest) -> dict[tuple[MissingKind, str], tuple[str, ...]]:
        return {(held.kind, held.name): held.rules for held in one.register_wide}

    assert lacked(short) == lacked(whole)
    assert short.switched_off == whole.switched_off
    assert short.minor_counts == whole.minor_counts


def test_every_outcome_not_known_is_said_or_counted(many: Audit) -> None:
    found = digest(many)
    of_register = {rule for blocked in found.register_wide for rule in blocked.rules}
    said = {
        (rule, position)
        for group in found.by_partnership
        for held in group
        for rule in held.rules
        for position in held.positions
    }
    under = sum(
        int(((many.answers[folded] == Outcome.UNDETERMINED) & (many.answers[rule.id] == Outcome.FINDING)).sum())
        for rule in many.rules
        for folded in rule.folds
        if folded in many.answers.columns and many.pack.rules[folded].severity not in MINOR
    )
    total = sum(
        int((many.answers[rule.id] == Outcome.UNDETERMINED).sum())
        for rule in many.rules
        if rule.severity not in MINOR and rule.id not in of_register
    )
    own = {place for place in said if place[0] not in of_register}
    assert found.omitted.undetermined > 0
    assert len(own) + found.omitted.undetermined + under >= total
    assert len(own) + found.omitted.undetermined <= total
