"""Waivers: what they waive, when they lapse, and that they leave everything else alone."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.packs import edited
from support.registers import Partnership, money, register
from support.worlds import Worlds
from tipstaff.audit.decisions.audit import Audit, Outcome, WaiverStatus, audit
from tipstaff.audit.decisions.decision_tables import Decision, decide
from tipstaff.audit.decisions.verdict import judge
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.audit.questions.ranking import rank_questions
from tipstaff.audit.waiving.waivers import apply_waivers
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.loading import bundled, load_pack
from tipstaff.policy.pack.model import Pack
from tipstaff.register.forms.waiver_entries import Written
from tipstaff.register.tables.model import Register

AS_OF, CYCLE = date(2016, 8, 4), FinancialYear(2017)
FINDING = ("CLS-03", 0)
"""Registered as Desirable, and paid more than a Desirable partnership is."""
UNKNOWN = ("CLS-03", 1)
CLEAR = ("CLS-03", 2)

Audited = Callable[..., Audit]


@pytest.fixture(scope="module")
def decisions(pack: Pack) -> dict[str, Decision]:
    return dict(decide(pack))


def partnerships(pounds: int = 12_000) -> list[Partnership]:
    funded = [{"council": "sh", "year": 2016, **money(pounds)}]
    nil = [{"council": council, "year": 2016, **money(0), "officer_days_lo": 0, "officer_days_hi": 0,
            "officer_cost_lo": 0, "officer_cost_hi": 0} for council in ("sh", "wd", None)]  # fmt: skip
    own = {"registered_class": "desirable"}
    return [
        Partnership({"name": "Moor Care", **own}, {"contributions": funded}),
        Partnership({"name": "Tarka Rides", **own}),
        Partnership({"name": "Dart Sports", "registered_class": "significant"}, {"contributions": nil}),
    ]


@pytest.fixture(scope="module")
def audited(pack: Pack, decisions: dict[str, Decision]) -> Audited:
    """Audits a register, by default the one above."""

    def made(read: Register | None = None, as_of: date = AS_OF, cycle: FinancialYear = CYCLE, only: str = "") -> Audit:
        found = register(pack, partnerships()) if read is None else read
        return audit(found, pack, as_of, cycle, decisions, only=frozenset(only.split()))

    return made


def written(of: Audit, rule: str, position: int, /, **changes: object) -> Written:
    """A waiver of an outcome as it is in an audit, with some words changed; of None, left out."""
    said: dict[str, object] = {
        "rule": rule,
        "partnership": of.register.refs[position],
        "reason": "A new agreement is being drawn up",
        "approved_by": "Head of Legal Services",
        "until": "31 December 2016",
        "fingerprint": Explainer(of, [position]).fingerprint(of.pack.rules[rule], position),
        "rule_fingerprint": of.pack.rules[rule].fingerprint,
    } | changes
    said = {word: value for word, value in said.items() if value is not None}
    return Written("waivers.yaml:2", said, {word: f"waivers.yaml:{line}" for line, word in enumerate(said, 2)})


def statuses(found: Audit) -> list[WaiverStatus]:
    return [one.status for one in found.waiver_accounts]


# What a waiver does


def test_a_finding_and_an_unknown_are_waived(audited: Audited) -> None:
    before = audited()
    after = apply_waivers(before, [written(before, *FINDING), written(before, *UNKNOWN)])
    assert [before.answers["CLS-03"][place] for place in (0, 1)] == [Outcome.FINDING, Outcome.UNDETERMINED]
    assert [after.answers["CLS-03"][place] for place in (0, 1)] == [Outcome.WAIVED, Outcome.WAIVED]
    assert after.totals()[Outcome.WAIVED] == 2
    assert judge(before, "high", "never").findings["high"] == judge(after, "high", "never").findings.get("high", 0) + 1
    assert statuses(after) == [WaiverStatus.HELD] * 2
    assert [one.outcome for one in after.waiver_accounts] == [Outcome.FINDING, Outcome.UNDETERMINED]


def test_what_is_waived_says_what_it_said_before_and_by_whom(audited: Audited) -> None:
    before = audited()
    after = apply_waivers(before, [written(before, *FINDING)])
    (told,) = Explainer(after, [0]).findings([Outcome.WAIVED])
    (found,) = (one for one in Explainer(before, [0]).findings([Outcome.FINDING]) if one.rule.id == "CLS-03")
    assert (told.message, told.evidence, told.fingerprint) == (found.message, found.evidence, found.fingerprint)
    assert told.waiver is not None
    assert (told.waiver.approved_by, told.waiver.until) == ("Head of Legal Services", date(2016, 12, 31))


@pytest.mark.parametrize("named", ["P0", "Moor Care", "MOOR  CARE"])
def test_a_partnership_is_named_by_its_reference_or_its_name(audited: Audited, named: str) -> None:
    before = audited()
    assert statuses(apply_waivers(before, [written(before, *FINDING, partnership=named)])) == [WaiverStatus.HELD]


# How it lapses


@pytest.mark.parametrize(
    ("until", "status"),
    [
        ("4 August 2016", WaiverStatus.HELD),
        ("03/08/2016", WaiverStatus.LAPSED),
        ("2017-08-04", WaiverStatus.HELD),
        ("5 August 2017", WaiverStatus.MALFORMED),
        (date(2016, 8, 4), WaiverStatus.HELD),
        (42586, WaiverStatus.HELD),
    ],
)
def test_it_holds_through_its_last_day_and_for_a_year_at_most(
    audited: Audited, until: object, status: WaiverStatus
) -> None:
    before = audited()
    assert statuses(apply_waivers(before, [written(before, *FINDING, until=until)])) == [status]


def test_a_year_from_29_february_ends_on_the_28th(audited: Audited) -> None:
    before = audited(as_of=date(2016, 2, 29), cycle=FinancialYear(2016))
    assert before.answers["CLS-03"][1] == Outcome.UNDETERMINED
    given = [written(before, *UNKNOWN, until=until) for until in ("28 February 2017", "1 March 2017")]
    assert [statuses(apply_waivers(before, [one])) for one in given] == [[WaiverStatus.HELD], [WaiverStatus.MALFORMED]]


def test_the_policy_says_how_long_it_may_last(tmp_path: Path) -> None:
    for longest, latest in (("30 days", date(2016, 9, 3)), ("2 years", date(2018, 8, 4))):
        changed = load_pack(edited(tmp_path / longest, ("pack", "longest: 1 year", f"longest: {longest}")))
        before = audit(register(changed, partnerships()), changed, AS_OF, CYCLE)
        given = [written(before, *FINDING, until=latest + timedelta(days=more)) for more in (0, 1)]
        assert [statuses(apply_waivers(before, [one])) for one in given] == [
            [WaiverStatus.HELD],
            [WaiverStatus.MALFORMED],
        ]


def test_a_policy_without_a_longest_waiver_takes_none(tmp_path: Path) -> None:
    changed = load_pack(edited(tmp_path, ("pack", "waivers: {longest: 1 year}", "")))
    before = audit(register(changed, partnerships()), changed, AS_OF, CYCLE)
    assert statuses(apply_waivers(before, [written(before, *FINDING)])) == [WaiverStatus.MALFORMED]


def test_it_lapses_when_the_facts_change(audited: Audited, pack: Pack) -> None:
    given = written(audited(), *FINDING)
    after = apply_waivers(audited(register(pack, partnerships(12_001))), [given])
    assert statuses(after) == [WaiverStatus.FACTS_CHANGED]
    assert after.answers["CLS-03"][0] == Outcome.FINDING


def test_it_does_not_lapse_when_other_facts_change(audited: Audited, pack: Pack) -> None:
    changed = partnerships()
    changed[0].own["purpose"] = "Something else"
    changed[1].own["registered_class"] = "significant"
    assert statuses(apply_waivers(audited(register(pack, changed)), [written(audited(), *FINDING)])) == [
        WaiverStatus.HELD
    ]


def test_it_lapses_when_the_rule_changes(audited: Audited, tmp_path: Path) -> None:
    changed = load_pack(edited(tmp_path, ("pack", 'value: "£10,000"', 'value: "£10,001"')))
    after = apply_waivers(
        audit(register(changed, partnerships()), changed, AS_OF, CYCLE), [written(audited(), *FINDING)]
    )
    assert after.answers["CLS-03"][0] == Outcome.FINDING
    assert statuses(after) == [WaiverStatus.RULE_CHANGED]


def test_another_cycle_is_another_question_where_the_rule_reads_the_cycle(audited: Audited, pack: Pack) -> None:
    prints = [
        {rule: Explainer(audited(cycle=cycle), [0]).fingerprint(pack.rules[rule], 0) for rule in ("REN-01", "CLS-03")}
        for cycle in (CYCLE, FinancialYear(2018))
    ]
    assert prints[0]["REN-01"] != prints[1]["REN-01"]
    assert prints[0]["CLS-03"] == prints[1]["CLS-03"]


def test_what_other_partnerships_give_an_organisation_is_part_of_the_facts(audited: Audited, pack: Pack) -> None:
    """Aid is added up over partnerships: a sum on one is a fact of the other."""

    def two(pounds: int) -> Register:
        organisations = [{"organisation": "Care Trust", "charity_number": "123", "economic_activity": True}]
        one, other = (
            Partnership({"name": name}, {"partners": organisations, "contributions": [
                {"council": "sh", "year": 2016, **money(amount)}]})
            for name, amount in (("One", 150_000), ("Other", pounds))
        )  # fmt: skip
        return register(pack, [one, other])

    before, after = (audited(two(pounds)) for pounds in (60_000, 60_001))
    prints = [Explainer(one, [0]).fingerprint(pack.rules["AID-01"], 0) for one in (before, after)]
    assert prints[0] != prints[1]
    assert Explainer(before, [0]).fingerprint(pack.rules["REG-04"], 0) == Explainer(after, [0]).fingerprint(
        pack.rules["REG-04"], 0
    )


def test_a_further_entry_of_the_same_is_another_fact(audited: Audited, pack: Pack) -> None:
    prints = [
        Explainer(audited(register(pack, [Partnership({"name": "Moor Care"}) for _ in range(count)])), [0])
        .fingerprint(pack.rules["REG-06"], 0)
        for count in (2, 3)
    ]  # fmt: skip
    assert prints[0] != prints[1]


# What is not used


def test_a_waiver_of_what_is_clear_is_unused(audited: Audited) -> None:
    before = audited()
    assert before.answers["CLS-03"][2] == Outcome.CLEAR
    after = apply_waivers(before, [written(before, *CLEAR)])
    assert [(one.status, one.outcome) for one in after.waiver_accounts] == [(WaiverStatus.UNUSED, Outcome.CLEAR)]
    assert after.answers.equals(before.answers)


def test_a_waiver_of_a_rule_left_out_is_unused(audited: Audited) -> None:
    before = audited(only="register")
    after = apply_waivers(before, [written(before, *FINDING)])
    assert [(one.status, one.outcome) for one in after.waiver_accounts] == [(WaiverStatus.UNUSED, None)]
    assert not after.waivers


# What is malformed


MALFORMED: Sequence[tuple[str, object, str]] = [
    ("rule", None, "also rule"),
    ("rule", "CLS-33", "did you mean CLS-03?"),
    ("rule", "CLS-01", "concludes a status"),
    ("rule", ["CLS-03"], "a plain value"),
    ("partnership", None, "also partnership"),
    ("partnership", "Moor Cares", 'the nearest is "Moor Care"'),
    ("reason", None, "also reason"),
    ("reason", "  ", "a value"),
    ("reason", "tbc", "a value"),
    ("approved_by", "", "a value"),
    ("until", None, "also until"),
    ("until", "December 2016", "one day"),
    ("until", "soon", "a date"),
    ("until", "31/11/2016", "a date"),
    ("until", "9999-12-31", "a date from"),
    ("until", True, "a date"),
    ("fingerprint", None, "also fingerprint"),
    ("fingerprint", "*", "a value"),
    ("fingerprint", "0d18d4abc9bfa28", "16 characters"),
    ("rule_fingerprint", "ABC", "16 characters"),
    ("agreed", "yes", "one of rule, partnership"),
]


@pytest.mark.parametrize(("word", "value", "expected"), MALFORMED)
def test_what_is_malformed_waives_nothing_and_is_reported(
    audited: Audited, word: str, value: object, expected: str
) -> None:
    before = audited()
    given = written(before, *FINDING, **{word: value})
    after = apply_waivers(before, [given])
    assert after.answers.equals(before.answers)
    (account,) = after.waiver_accounts
    assert account.status is WaiverStatus.MALFORMED
    (problem,) = account.problems
    assert expected in problem.expected
    assert problem.cell == given.places.get(word, given.place)


def test_all_that_is_wrong_is_said_at_once(audited: Audited) -> None:
    before = audited()
    after = apply_waivers(before, [written(before, *FINDING, reason="", until="soon", who="me")])
    assert len(after.waiver_accounts[0].problems) == 3


def test_a_name_that_two_have_names_neither(audited: Audited, pack: Pack) -> None:
    before = audited(register(pack, [*partnerships(), Partnership({"name": "Moor Care"})]))
    (account,) = apply_waivers(before, [written(before, *FINDING, partnership="Moor Care")]).waiver_accounts
    assert account.status is WaiverStatus.MALFORMED
    assert "2 partnerships have this name" in account.problems[0].expected


def test_of_two_that_hold_the_first_is_kept(audited: Audited) -> None:
    before = audited()
    first, second = written(before, *FINDING), replace(written(before, *FINDING, reason="Other"), place="more.yaml:9")
    after = apply_waivers(before, [first, second])
    assert statuses(after) == [WaiverStatus.MALFORMED, WaiverStatus.HELD]
    assert after.waiver_accounts[0].place == "more.yaml:9"
    assert after.waivers[FINDING].place == first.place


def test_one_waiver_in_two_files_is_no_contradiction(audited: Audited) -> None:
    before = audited()
    after = apply_waivers(before, [written(before, *FINDING), replace(written(before, *FINDING), place="more.yaml:9")])
    assert statuses(after) == [WaiverStatus.HELD] * 2
    assert after.totals()[Outcome.WAIVED] == 1


def test_one_that_has_lapsed_does_not_stand_in_the_way_of_a_new_one(audited: Audited) -> None:
    before = audited()
    after = apply_waivers(before, [written(before, *FINDING, until="1 August 2016"), written(before, *FINDING)])
    assert statuses(after) == [WaiverStatus.LAPSED, WaiverStatus.HELD]
    assert after.answers["CLS-03"][0] == Outcome.WAIVED


# Laws


@pytest.fixture(scope="module")
def world(pack: Pack, decisions: dict[str, Decision]) -> tuple[Audit, dict[tuple[str, int], Written]]:
    """An audit of random partnerships, and a good waiver of whatever can be waived."""
    worlds = Worlds(pack, AS_OF, 7, CYCLE)
    made = audit(register(pack, [worlds.partnership(20) for _ in range(20)]), pack, AS_OF, CYCLE, decisions)
    explainer = Explainer(made, range(20))
    found = {
        (rule.id, place): Written(
            f"waivers.yaml:{place}",
            {
                "rule": rule.id, "partnership": f"P{place}", "reason": "Accepted", "approved_by": "Section 151 Officer",
                "until": "1 January 2017", "fingerprint": explainer.fingerprint(rule, place),
                "rule_fingerprint": rule.fingerprint,
            },
        )
        for rule in made.rules
        for place in range(20)
    }  # fmt: skip
    return made, found


SPOILT = {"nothing": {}, "until": {"until": "3 August 2016"}, "facts": {"fingerprint": "0" * 16},
          "rule": {"rule_fingerprint": "0" * 16}, "form": {"reason": ""}}  # fmt: skip


@given(data=st.data())
@settings(max_examples=40)
def test_a_waiver_changes_its_own_outcome_and_nothing_else(
    world: tuple[Audit, dict[tuple[str, int], Written]], data: st.DataObject
) -> None:
    before, good = world
    chosen = data.draw(st.dictionaries(st.sampled_from(sorted(good)), st.sampled_from(sorted(SPOILT)), max_size=60))
    given = [replace(good[key], said={**good[key].said, **SPOILT[how]}) for key, how in chosen.items()]
    after = apply_waivers(before, given)
    waivable = (Outcome.FINDING, Outcome.UNDETERMINED)
    held = {key for key, how in chosen.items() if how == "nothing" and before.answers[key[0]][key[1]] in waivable}
    assert set(after.waivers) == held
    assert after.answers.columns == before.answers.columns
    for column in before.answers.columns:
        for place, (old, new) in enumerate(zip(before.answers[column], after.answers[column], strict=True)):
            assert new == (Outcome.WAIVED if (column, place) in held else old)
    totals, counts = before.totals(), after.totals()
    assert counts[Outcome.WAIVED] == len(held)
    assert sum(counts.values()) == sum(totals.values())
    assert sum(counts[one] for one in (*waivable, Outcome.WAIVED)) == sum(totals[one] for one in waivable)
    assert len(after.waiver_accounts) == len(given)


def test_what_is_waived_is_not_asked_for(audited: Audited) -> None:
    before = audited()
    open_outcomes = {(place, rule.id) for place, rules in before.undetermined().items() for rule in rules}
    chosen = sorted(open_outcomes)[::3]
    after = apply_waivers(before, [written(before, rule, place) for place, rule in chosen])
    settled = [
        {(place, rule.id) for question in rank_questions(one) for place, rule in question.settles}
        for one in (before, after)
    ]
    assert settled[0] & set(chosen)
    assert settled[1] == settled[0] - set(chosen)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_does_not_matter(pack: Pack, decisions: dict[str, Decision], seed: int) -> None:
    worlds = Worlds(pack, AS_OF, seed, CYCLE)
    drawn = [worlds.partnership(12) for _ in range(12)]
    order = list(range(12))
    shuffle = random.Random(seed).shuffle
    shuffle(order)
    for partnership in drawn:
        partnership.own.setdefault("name", "Somebody")
    first = register(pack, drawn)
    mixed = [
        Partnership(drawn[place].own, {key: rows[:] for key, rows in drawn[place].tables.items()}) for place in order
    ]
    for partnership in mixed:
        for rows in partnership.tables.values():
            shuffle(rows)
    second = register(pack, mixed)
    second.refs = [first.refs[place] for place in order]
    prints = []
    for read in (first, second):
        found = audit(read, pack, AS_OF, CYCLE, decisions)
        explainer = Explainer(found, range(12))
        prints.append(
            {
                (rule.id, read.refs[place]): explainer.fingerprint(rule, place)
                for rule in found.rules
                for place in range(12)
            }
        )
    different = sorted({key[0] for key in prints[0] if prints[0][key] != prints[1][key]})
    assert different == []


def test_the_bundled_policy_lets_a_waiver_last_a_year() -> None:
    assert str(load_pack(bundled()).longest_waiver) == "12 months"
