"""The English reading of an expression, as officers and lawyers see it."""

from datetime import date

import pytest

from tipstaff.facts.bounds import NEVER, NO_END
from tipstaff.facts.periods import Period, Yearly
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.english import answer, labels, listed, show_value, words
from tipstaff.policy.language.nodes import Constant, Length, Recurring, Texts
from tipstaff.policy.language.parsing import Scope, parse
from tipstaff.policy.pack.model import Pack

SCOPE = Scope(
    facts={
        "funding": Kind.MONEY, "cost": Kind.MONEY, "days": Kind.NUMBER, "ends": Kind.DATE, "starts": Kind.DATE,
        "form": Kind.TEXT, "signed": Kind.YES_NO, "funded": Kind.YES_NO,
    },
    parameters={
        "limit": Constant(Kind.MONEY, 10_000_00, "limit"), "unset": Constant(Kind.MONEY, None, "unset"),
        "window": Length(Period(days=90)), "age": Length(Period(months=12)), "day": Length(Period(days=1)),
        "forms": Texts(("contract", "memorandum"), "forms"), "none": Texts((), "none"),
        "council": Recurring(Yearly(5), "council"),
        "dated": Recurring(Yearly(5, (date(2015, 5, 21), date(2016, 5, 12))), "dated"),
        "start": Constant(Kind.DATE, date(2017, 4, 1), "start"),
    },
    choices={},
)  # fmt: skip
SHOW = labels({"funding": "direct funding", "ends": "the end", "form": "form", "signed": "signature"})


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("funding >= policy.limit", "direct funding is at least £10,000", "direct funding is below £10,000"),
        ("funding > nil", "direct funding is more than nil", "direct funding is no more than nil"),
        ("funding < cost", "direct funding is below cost", "direct funding is at least cost"),
        ("funding <= cost", "direct funding is no more than cost", "direct funding is more than cost"),
        ("days == 4", "days is 4", "days is not 4"),
        ("days != 4", "days is not 4", "days is 4"),
        ("ends >= as_of", "the end is on or after the as-of date", "the end is before the as-of date"),
        ("ends > as_of", "the end is after the as-of date", "the end is on or before the as-of date"),
        ("ends < policy.start", "the end is before 1 April 2017", "the end is on or after 1 April 2017"),
        ("ends <= policy.start", "the end is on or before 1 April 2017", "the end is after 1 April 2017"),
        ("form in policy.forms", "form is contract or memorandum", "form is not contract or memorandum"),
        ("form in ['a']", "form is a", "form is not a"),
        ("form == 'none'", "form is none", "form is not none"),
        (
            "mentions(form, policy.forms)",
            "form mentions contract or memorandum",
            "form does not mention contract or memorandum",
        ),
        (
            "ends >= latest_quarter_end(as_of - policy.window)",
            "the end is on or after the end of the latest quarter by 90 days before the as-of date",
            "the end is before the end of the latest quarter by 90 days before the as-of date",
        ),
        (
            "ends >= latest(policy.council, as_of)",
            "the end is on or after the latest by the as-of date (each May)",
            "the end is before the latest by the as-of date (each May)",
        ),
        (
            "ends >= latest(policy.dated, as_of)",
            "the end is on or after the latest by the as-of date (each May; 21 May 2015, 12 May 2016)",
            "the end is before the latest by the as-of date (each May; 21 May 2015, 12 May 2016)",
        ),
        ("exists(form)", "form is given", "form is not given"),
        ("signed", "signature: yes", "signature: no"),
        ("funding >= policy.unset", "direct funding is at least not known", "direct funding is below not known"),
    ],
)  # fmt: skip
def test_a_question_with_its_answer(text: str, yes: str, no: str) -> None:
    node = parse(text, SCOPE)
    assert answer(node, True, SHOW) == yes
    assert answer(node, False, SHOW) == no


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("signed and funded", "signature and funded"),
        ("signed or funded and signed", "signature or (funded and signature)"),
        ("(signed or funded) and signed", "(signature or funded) and signature"),
        ("signed and funded and signed", "signature, funded and signature"),
        ("not (signed or funded)", "not (signature or funded)"),
        ("not signed", "signature: no"),
        ("not exists(form)", "form is not given"),
        ("not form in ['a']", "form is not a"),
        ("funding + cost > nil", "direct funding and cost is more than nil"),
        ("funding - cost > nil", "direct funding less cost is more than nil"),
        ("10 * funding >= nil", "10 times direct funding is at least nil"),
        ("ends <= as_of + policy.window", "the end is on or before 90 days after the as-of date"),
        (
            "ends > year_start - policy.age",
            "the end is after 12 months before the first day of the financial year",
        ),
        ("ends > starts + policy.day", "the end is after 1 day after starts"),
        ("count_of(signed, funded) >= 1", "how many hold of signature and funded is at least 1"),
        ("between(funding, cost) > nil", "between direct funding and cost is more than nil"),
        ("all_of(signed, funded)", "signature and funded"),
    ],
)
def test_an_expression_in_words(text: str, expected: str) -> None:
    assert words(parse(text, SCOPE), SHOW) == expected


@pytest.mark.parametrize(
    ("kind", "value", "unit", "expected"),
    [
        (Kind.MONEY, 0, None, "nil"),
        (Kind.MONEY, 1_200_050, None, "£12,000.50"),
        (Kind.MONEY, -1_00, None, "-£1"),
        (Kind.NUMBER, 450, "days a month", "4.5 days a month"),
        (Kind.NUMBER, 400, None, "4"),
        (Kind.NUMBER, 401, None, "4.01"),
        (Kind.DATE, date(2016, 8, 4), None, "4 August 2016"),
        (Kind.DATE, NO_END, None, "no end"),
        (Kind.DATE, NEVER, None, "never"),
        (Kind.YES_NO, True, None, "yes"),
        (Kind.YES_NO, False, None, "no"),
        (Kind.CHOICE, "contract", None, "contract"),
        (Kind.TEXT, None, None, "not known"),
    ],
)
def test_values(kind: Kind, value: int | date | str | bool | None, unit: str | None, expected: str) -> None:
    assert show_value(kind, value, unit) == expected


def test_lists() -> None:
    assert listed([], "and") == ""
    assert listed(["a"], "and") == "a"
    assert listed(["a", "b"], "or") == "a or b"
    assert listed(["a", "b", "c"], "and") == "a, b and c"


def test_every_criterion_of_the_bundled_pack_reads_as_english(pack: Pack) -> None:
    show = labels({name: info.label for name, info in pack.facts.items()})
    for criterion in pack.criteria.values():
        clause = words(criterion.test, show)
        assert clause
        assert "_" not in clause, criterion.name
        assert "  " not in clause, criterion.name
        assert "Constant" not in clause, criterion.name


def test_an_answer_and_its_opposite_are_told_apart(pack: Pack) -> None:
    show = labels({name: info.label for name, info in pack.facts.items()})
    for criterion in pack.criteria.values():
        assert answer(criterion.test, True, show) != answer(criterion.test, False, show), criterion.name
