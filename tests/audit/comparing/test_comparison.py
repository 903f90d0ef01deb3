"""Comparison: what changed from one audit to another, and why."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.paths import EXAMPLES
from support.registers import Partnership, register
from support.worlds import Worlds
from tipstaff.audit.comparing.comparison import Cause, Change, Comparison, Kind, compare, judge
from tipstaff.audit.comparing.snapshot import (
    ListedOutcome,
    PartnershipFacts,
    Policy,
    Snapshot,
    StatedValue,
    Status,
    take_snapshot,
)
from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.decisions.decision_tables import Decision, decide
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import SEVERITIES, Pack
from tipstaff.register.forms.waiver_entries import Waiver
from tipstaff.register.reading import read_register
from tipstaff.register.tables.model import Register

AS_OF, CYCLE = date(2016, 8, 4), FinancialYear(2017)
RULES = ("AAA-01", "AAA-02", "BBB-01")
REFS = ("P1", "P2", "P3")


# Laws, over whatever two audits may hold


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A snapshot with a few partnerships and rules."""
    refs = draw(st.lists(st.sampled_from(REFS), unique=True))
    rules = draw(st.lists(st.sampled_from(RULES), unique=True))
    stated = st.lists(st.sampled_from(("yes", "no", "£5")), max_size=2)
    partnerships = {
        ref: PartnershipFacts(ref, f"Name of {ref}", {"fact": tuple(StatedValue(one, "A1") for one in draw(stated))})
        for ref in refs
    }
    listed = {}
    for ref in refs:
        for rule in rules:
            status = draw(st.sampled_from((None, Status.FINDING, Status.UNDETERMINED, Status.WAIVED)))
            severity = draw(st.sampled_from(SEVERITIES))
            if status is not None:
                unknown = status is Status.UNDETERMINED
                said = ("Title", severity, "", "Message.", "Do.", ("fact",))
                listed[rule, ref] = ListedOutcome(rule, ref, status, *said, unknown)
    rests_on = dict.fromkeys(rules, ("fact",))
    as_of = draw(st.sampled_from((AS_OF, date(2017, 4, 1))))
    policy = Policy("pack", draw(st.sampled_from(("1", "2"))), "0" * 64)
    return Snapshot("r.csv", "0" * 64, as_of, "2017/18", policy, rests_on, partnerships, listed, {"fact": "a fact"})


@given(snapshots())
def test_nothing_changes_from_an_audit_to_itself(one: Snapshot) -> None:
    same = compare(one, one)
    assert same.changes == ()
    assert sum(same.unchanged().values()) == len(one.listed)
    assert not judge(same, "advisory", "advisory").failed


@given(snapshots(), snapshots())
def test_swapped_audits_give_the_mirror(old: Snapshot, new: Snapshot) -> None:
    def pairs(changes: tuple[Change, ...], *, swapped: bool) -> set[tuple[str, str, Status, Status]]:
        return {(one.rule, one.ref, *((one.new, one.old) if swapped else (one.old, one.new))) for one in changes}

    there, back = compare(old, new), compare(new, old)
    assert pairs(there.changes, swapped=False) == pairs(back.changes, swapped=True)
    assert there.unchanged() == back.unchanged()
    mirrored = {(one.rule, one.ref): one for one in back.changes}
    for one in there.changes:
        other = mirrored[one.rule, one.ref]
        assert {(fact.fact, fact.old, fact.new) for fact in one.facts} == {
            (fact.fact, fact.new, fact.old) for fact in other.facts
        }
        assert set(one.causes) == set(other.causes)
        if one.kind is Kind.SETTLED or one.kind is Kind.GONE:
            assert other.kind in (Kind.NEW, Kind.WAIVED)
        assert not (one.kind is Kind.EASED and other.kind is not Kind.WORSENED)


@given(snapshots(), snapshots())
def test_every_outcome_listed_is_a_change_or_as_before(old: Snapshot, new: Snapshot) -> None:
    found = compare(old, new)
    changed = {(one.rule, one.ref) for one in found.changes}
    assert len(changed) == len(found.changes)
    assert len(changed | new.listed.keys()) == len(changed) + sum(found.unchanged().values())
    for key in old.listed.keys() - new.listed.keys():
        assert key in changed


@given(snapshots(), snapshots())
def test_what_is_worse_stands_first_and_alone_decides(old: Snapshot, new: Snapshot) -> None:
    found = compare(old, new)
    assert found.changes[: len(found.worse)] == found.worse
    failed = judge(found, "advisory", "advisory").failed
    assert failed == bool(found.worse)
    assert not judge(found, "never", "never").failed


@given(snapshots(), snapshots(), st.randoms())
def test_the_order_of_a_register_does_not_matter(old: Snapshot, new: Snapshot, chance: random.Random) -> None:
    def shuffled(one: Snapshot) -> Snapshot:
        members, listed = list(one.partnerships.items()), list(one.listed.items())
        chance.shuffle(members)
        chance.shuffle(listed)
        return replace(one, partnerships=dict(members), listed=dict(listed))

    assert compare(shuffled(old), shuffled(new)).changes == compare(old, new).changes


# Real audits


@pytest.fixture(scope="module")
def decisions(pack: Pack) -> dict[str, Decision]:
    return dict(decide(pack))


def named(pack: Pack, partnerships: Sequence[Partnership], places: Mapping[int, int]) -> Register:
    """A register of the partnerships at some places, each under the number that its reference has."""
    chosen = [(at, partnerships[at]) for at in places.values()]
    read = register(pack, [replace(one, own={"name": f"Name {at}"} | one.own) for at, one in chosen])
    return replace(read, refs=[f"P{place}" for place in places])


@pytest.mark.parametrize("seed", range(3))
def test_random_registers_in_another_order_differ_in_nothing(
    pack: Pack, decisions: dict[str, Decision], seed: int
) -> None:
    worlds = Worlds(pack, AS_OF, seed, CYCLE)
    rows = [worlds.partnership(12) for _ in range(12)]
    order = list(range(12))
    random.Random(seed).shuffle(order)

    def stands(one: list[int]) -> Snapshot:
        places = {place: place for place in one}
        return take_snapshot(audit(named(pack, rows, places), pack, AS_OF, CYCLE, decisions))

    found = compare(stands(list(range(12))), stands(order))
    assert found.changes == ()
    assert found.unchanged()[Status.UNDETERMINED] > 0


@pytest.mark.parametrize("seed", range(3))
def test_what_stands_as_before_need_not_be_explained_again(
    pack: Pack, decisions: dict[str, Decision], seed: int
) -> None:
    worlds = Worlds(pack, AS_OF, seed, CYCLE)
    rows = [worlds.partnership(12) for _ in range(14)]

    def audited_of(places: dict[int, int]) -> Audit:
        return audit(named(pack, rows, places), pack, AS_OF, CYCLE, decisions)

    old = take_snapshot(audited_of({place: place for place in range(11)}))
    moved = audited_of({place: place + 3 * (place in (4, 10)) for place in range(1, 12)})
    brief, full = compare(old, take_snapshot(moved, old)), compare(old, take_snapshot(moved))
    assert brief.changes == full.changes != ()
    assert brief.unchanged() == full.unchanged()
    assert take_snapshot(moved, full.new) == full.new


def audited(name: str, pack: Pack, as_of: date, decisions: dict[str, Decision]) -> Audit:
    return audit(read_register(EXAMPLES / name, pack.vocabulary), pack, as_of, CYCLE, decisions)


@pytest.fixture(scope="module")
def before(pack: Pack, decisions: dict[str, Decision]) -> Audit:
    return audited("renewal-before.xlsx", pack, date(2017, 4, 10), decisions)


@pytest.fixture(scope="module")
def renewal(pack: Pack, decisions: dict[str, Decision], before: Audit) -> Comparison:
    after = audited("renewal-after.xlsx", pack, date(2017, 4, 10), decisions)
    return compare(take_snapshot(before), take_snapshot(after))


def changed(found: Comparison, rule: str, ref: str) -> Change:
    return next(one for one in found.changes if (one.rule, one.ref) == (rule, ref))


def test_a_new_finding_says_which_fact_changed_and_in_which_cell(renewal: Comparison) -> None:
    one = changed(renewal, "PRO-03", "R06")
    assert (one.kind, one.old, one.new) == (Kind.NEW, Status.NO_FINDING, Status.FINDING)
    (fact,) = one.facts
    assert fact.label == "2 legally bound to perform"
    assert [said.value for said in fact.old] == ["no"]
    assert [(said.value, said.cell) for said in fact.new] == [("yes", "Grant or contract!D7")]
    assert one.causes == ()


def test_a_settled_finding_says_which_fact_settled_it(renewal: Comparison) -> None:
    one = changed(renewal, "AGR-05", "R03")
    assert (one.kind, one.old, one.new) == (Kind.SETTLED, Status.FINDING, Status.NO_FINDING)
    assert [(fact.label, fact.old[0].value, fact.new[0].value) for fact in one.facts] == [
        ("agreement signed", "no", "yes")
    ]


def test_a_fact_that_was_not_known_is_said_to_be_known_now(renewal: Comparison) -> None:
    one = changed(renewal, "PRO-10", "R14")
    (fact,) = one.facts
    assert (fact.old, [said.value for said in fact.new]) == ((), ["no"])


def test_where_time_alone_passed_the_date_is_the_cause(
    pack: Pack, decisions: dict[str, Decision], before: Audit
) -> None:
    earlier = take_snapshot(audited("renewal-before.xlsx", pack, date(2016, 11, 4), decisions))
    found = compare(earlier, take_snapshot(before))
    assert found.changes
    assert {cause for one in found.changes for cause in one.causes} == {Cause.DATE}
    assert all(one.causes for one in found.changes if not one.facts)


def with_waiver(one: Audit, rule: str, ref: str) -> Audit:
    """The audit with one outcome waived."""
    position = one.register.refs.index(ref)
    column = one.answers[rule].to_list()
    column[position] = int(Outcome.WAIVED)
    waived = one.answers.with_columns(pl.Series(rule, column, dtype=pl.Int8))
    explainer = Explainer(one, [position])
    waiver = Waiver(
        rule, ref, "Accepted", "Head of Paid Service", date(2017, 12, 31),
        explainer.fingerprint(one.pack.rules[rule], position), one.pack.rules[rule].fingerprint, "waivers.yaml:1",
    )  # fmt: skip
    return replace(one, answers=waived, waivers={(rule, position): waiver})


def test_a_waiver_is_no_settling_and_its_lapse_is_worse(before: Audit) -> None:
    plain, waived = take_snapshot(before), take_snapshot(with_waiver(before, "AGR-05", "R03"))
    (accepted,) = compare(plain, waived).changes
    assert (accepted.kind, accepted.causes) == (Kind.WAIVED, (Cause.WAIVER,))
    (lapsed,) = compare(waived, plain).changes
    assert (lapsed.kind, lapsed.kind.worse, lapsed.severity) == (Kind.LAPSED, True, "high")
    assert judge(compare(waived, plain), "high", "never").findings == {"high": 1}


def test_what_is_no_longer_known_is_worse_and_judged_as_undetermined(before: Audit) -> None:
    old = take_snapshot(before)
    key = "AGR-05", "R03"
    new = replace(old, listed={**old.listed, key: replace(old.listed[key], status=Status.UNDETERMINED)})
    (one,) = compare(old, new).changes
    assert one.kind is Kind.OBSCURED
    assert judge(compare(old, new), "never", "high").failed
    assert not judge(compare(old, new), "high", "never").failed
    (back,) = compare(new, old).changes
    assert back.kind is Kind.WORSENED


def test_a_severity_that_another_policy_raised_is_worse(before: Audit) -> None:
    old = take_snapshot(before)
    key = next(key for key, one in old.listed.items() if one.severity == "medium")
    raised = replace(old.listed[key], severity="high")
    new = replace(old, listed={**old.listed, key: raised}, policy=replace(old.policy, sha256="1" * 64))
    (one,) = compare(old, new).changes
    assert (one.kind, one.causes) == (Kind.WORSENED, (Cause.POLICY,))
    assert compare(new, old).changes[0].kind is Kind.EASED


def test_rules_left_out_of_the_old_audit_are_said_to_be(pack: Pack, before: Audit) -> None:
    fewer = replace(before, rules=tuple(rule for rule in before.rules if rule.module != "agreements"))
    found = compare(take_snapshot(fewer), take_snapshot(before))
    assert found.changes
    assert {(one.kind, one.old, one.causes) for one in found.changes} == {
        (Kind.NEW, Status.NOT_REPORTED, (Cause.RULE,))
    }
    assert set(found.other_rules()[1]) >= {one.rule for one in found.changes}
    assert {one.kind for one in compare(take_snapshot(before), take_snapshot(fewer)).changes} == {Kind.GONE}
