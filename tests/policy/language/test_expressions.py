"""The expression language: what it reads, and the sentence with which it refuses the rest."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.packs import criterion, edited
from tipstaff.errors import PackError
from tipstaff.facts.bounds import NEVER, NO_END
from tipstaff.facts.periods import Period, Yearly
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import (
    Between,
    Compare,
    Constant,
    CountOf,
    CycleName,
    Either,
    Every,
    Exists,
    FactRef,
    Latest,
    Length,
    Mentions,
    Moment,
    Node,
    Not,
    OverTerm,
    Product,
    QuarterEnd,
    Recurring,
    Shift,
    Some,
    Sum,
    Texts,
    Within,
    facts_of,
    kind_of,
    reads_the_record,
)
from tipstaff.policy.language.parsing import LONGEST, ExpressionError, Scope, parse
from tipstaff.policy.pack.loading import load_pack

SCOPE = Scope(
    facts={
        "funding": Kind.MONEY,
        "cost": Kind.MONEY,
        "days": Kind.NUMBER,
        "starts": Kind.DATE,
        "ends": Kind.DATE,
        "name": Kind.TEXT,
        "type": Kind.CHOICE,
        "signed": Kind.YES_NO,
        "funded": Kind.YES_NO,
        "parties": Kind.COUNCILS,
    },
    parameters={
        "limit": Constant(Kind.MONEY, 10_000_00, "limit"),
        "unset": Constant(Kind.MONEY, None, "unset"),
        "window": Length(Period(days=90)),
        "names": Texts(("a", "b"), "names"),
        "council": Recurring(Yearly(5), "council"),
        "strict": Constant(Kind.YES_NO, True, "strict"),
        "scope": Constant(Kind.TEXT, "each", "scope"),
    },
    choices={"type": ("strategic", "community delivery")},
)
FUNDING, COST = FactRef("funding", Kind.MONEY), FactRef("cost", Kind.MONEY)
DAYS, ENDS = FactRef("days", Kind.NUMBER), FactRef("ends", Kind.DATE)
SIGNED, FUNDED, TYPE = FactRef("signed", Kind.YES_NO), FactRef("funded", Kind.YES_NO), FactRef("type", Kind.CHOICE)
NIL = Constant(Kind.MONEY, 0)
LIMIT = SCOPE.parameters["limit"]


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("signed", SIGNED),
        ("funding >= policy.limit", Compare(">=", FUNDING, LIMIT)),
        ("funding == nil", Compare("==", FUNDING, NIL)),
        ("ends != never", Compare("!=", ENDS, Constant(Kind.DATE, NEVER))),
        ("ends == no_end", Compare("==", ENDS, Constant(Kind.DATE, NO_END))),
        ("days != 4", Compare("!=", DAYS, Constant(Kind.NUMBER, 400))),
        ("1 < days <= 4", Every((
            Compare("<", Constant(Kind.NUMBER, 100), DAYS), Compare("<=", DAYS, Constant(Kind.NUMBER, 400)),
        ))),
        ("signed and not funded", Every((SIGNED, Not(FUNDED)))),
        ("signed or funded and signed", Some((SIGNED, Every((FUNDED, SIGNED))))),
        ("type == 'strategic'", Compare("==", TYPE, Constant(Kind.TEXT, "strategic"))),
        ("type in ['strategic']", Within(TYPE, Texts(("strategic",)))),
        ("type not in ('strategic',)", Not(Within(TYPE, Texts(("strategic",))))),
        ("name in policy.names", Within(FactRef("name", Kind.TEXT), SCOPE.parameters["names"])),
        ("ends <= as_of + policy.window", Compare("<=", ENDS, Shift(Moment("as_of"), Period(days=90)))),
        ("ends - policy.window > year_start", Compare(">", Shift(ENDS, Period(days=-90)), Moment("year_start"))),
        ("10 * funding >= nil", Compare(">=", Product(Constant(Kind.NUMBER, 1000), FUNDING), NIL)),
        ("funding + cost > nil", Compare(">", Sum(FUNDING, COST, minus=False), NIL)),
        ("funding - cost > nil", Compare(">", Sum(FUNDING, COST, minus=True), NIL)),
        ("exists(type)", Exists(TYPE)),
        ("all_of(signed, funded)", Every((SIGNED, FUNDED), listed=True)),
        ("count_of(signed, funded) >= 1", Compare(">=", CountOf((SIGNED, FUNDED)), Constant(Kind.NUMBER, 100))),
        ("between(funding, cost) >= nil", Compare(">=", Between(FUNDING, COST), NIL)),
        ("mentions(name, policy.names)", Mentions(FactRef("name", Kind.TEXT), Texts(("a", "b"), "names"))),
        ("mentions(name, ['a b'])", Mentions(FactRef("name", Kind.TEXT), Texts(("a b",)))),
        ("ends >= latest_quarter_end(as_of - policy.window)",
         Compare(">=", ENDS, QuarterEnd(Shift(Moment("as_of"), Period(days=-90))))),
        ("ends >= latest(policy.council, as_of)",
         Compare(">=", ENDS, Latest(Recurring(Yearly(5), "council"), Moment("as_of")))),
        ("(funding if signed else cost) >= nil", Compare(">=", Either(SIGNED, FUNDING, COST), NIL)),
        ("over_term(funding, ends, as_of) >= nil", Compare(">=", OverTerm(FUNDING, ENDS, Moment("as_of")), NIL)),
        ("given(policy.limit)", Constant(Kind.YES_NO, True)),
        ("given(policy.unset)", Constant(Kind.YES_NO, False)),
        ("cycle in ['2017/18']", Within(CycleName(), Texts(("2017/18",)))),
        ("signed if policy.strict else funded", SIGNED),
        ("signed if policy.scope == 'together' else funded", FUNDED),
        ("'a' in policy.names", Constant(Kind.YES_NO, True)),
        ("  signed\n  and\n  funded ", Every((SIGNED, FUNDED))),
    ],
)  # fmt: skip
def test_what_is_read(text: str, node: Node) -> None:
    assert parse(text, SCOPE, Kind.YES_NO) == node


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sined", "sined is not known; did you mean signed?"),
        ("ends == no_ends", "no_ends is not known; did you mean no_end?"),
        ("policy.limt == nil", "policy.limt is not known; did you mean policy.limit?"),
        ("law.threshold > nil", "law.threshold is not known: this pack names no folder of law"),
        ("type == 'stratgic'", "'stratgic' is not one of the choices of type; did you mean strategic?"),
        ("type in ['strategic', 'x']", "'x' is not one of the choices of type"),
        ("exist(type)", "did you mean exists?"),
        ("funding >= 4", "money cannot be compared with a number"),
        ("ends >= 4", "a date cannot be compared with a number"),
        ("name == 4", "a text cannot be compared with a number"),
        ("signed == 'yes'", "a yes/no question cannot be compared with a text"),
        ("name < 'b'", "can be compared only by == and !="),
        ("parties == parties", "a list of councils cannot be compared"),
        ("signed + funded", "cannot be added"),
        ("name + name == 'x'", "cannot be added"),
        ("ends - starts > 4", "a date cannot be added or taken away"),
        ("ends + 90 > starts", "+ needs two amounts of one kind"),
        ("funding + policy.window > nil", "a period is added to or taken from a date"),
        ("policy.window + ends > ends", "+ needs two amounts of one kind"),
        ("funding + days > nil", "+ needs two amounts of one kind"),
        ("funding * cost > nil", "money cannot be multiplied by money"),
        ("days * funding > nil", "one side of * must be a whole number"),
        ("ends * 2 > ends", "* multiplies money or a number"),
        ("2 * policy.names == nil", "* multiplies money or a number"),
        ("funding / 2 > nil", "is not part of the language"),
        ("funding // 2 > nil", "is not part of the language"),
        ("funding % 2 > nil", "is not part of the language"),
        ("funding ** 2 > nil", "is not part of the language"),
        ("-funding < nil", "is not part of the language"),
        ("funding > 1.5", "is not part of the language"),
        ("signed is yes", "compare with"),
        ("signed == True", "write yes and no"),
        ("not True", "write yes and no"),
        ("funding and signed", "is not a yes/no question"),
        ("not funding", "is not a yes/no question"),
        ("all_of(funding)", "is not a yes/no question"),
        ("all_of()", "with 0 arguments is not known"),
        ("count_of() > 1", "with 0 arguments is not known"),
        ("exists(policy.limit)", "is not known"),
        ("exists(as_of)", "exists asks about a fact"),
        ("exists(signed, funded)", "with 2 arguments is not known"),
        ("exists(x=signed)", "is not part of the language"),
        ("exists(*parties)", "is not known"),
        ("between(funding, days) > nil", "between needs two amounts"),
        ("between(policy.window, policy.window) > nil", "between needs two amounts"),
        ("between(signed, signed)", "between needs two amounts"),
        ("mentions(type, policy.names)", "mentions needs a text and a list of texts"),
        ("mentions(name, 'a')", "mentions needs a text and a list of texts"),
        ("mentions('a', policy.names)", "mentions needs a text and a list of texts"),
        ("mentions(name)", "mentions(...) with 1 arguments is not known"),
        ("mention(name, policy.names)", "did you mean mentions?"),
        ("ends >= latest_quarter_end(ends)", "latest_quarter_end needs a date of the audit"),
        ("ends >= latest_quarter_end(policy.window)", "latest_quarter_end needs a date of the audit"),
        ("ends >= latest(as_of, as_of)", "latest needs a yearly day of the policy"),
        ("ends >= latest(policy.council, starts)", "latest needs a date of the audit"),
        ("ends >= policy.council", "a yearly day cannot be compared"),
        ("ends + policy.council > ends", "+ needs two amounts of one kind"),
        ("policy.council", "alone is not a value"),
        ("not policy.council", "is not a yes/no question"),
        ("signed if funded else no", "if chooses between amounts or dates"),
        ("signed if policy.strict else funding", "both sides of if must be of one kind"),
        ("name in 'a'", "the right of in must be a list of texts"),
        ("name in [1]", "a list holds texts in quotes"),
        ("name in [name]", "a list holds texts in quotes"),
        ("days in ['a']", "the left of in must be a text or a choice"),
        ("policy.names == policy.names", "a list, a period or a yearly day cannot be compared"),
        ("policy.window > policy.window", "a list, a period or a yearly day cannot be compared"),
        ("policy.names", "alone is not a value"),
        ("policy.window", "alone is not a value"),
        ("funding", "expected a yes/no question, found money"),
        ("days", "expected a yes/no question, found a number"),
        ("", "this is not an expression"),
        ("signed and", "this is not an expression"),
        ("signed; funded", "this is not an expression"),
        ("signed = yes", "this is not an expression"),
        ("import os", "this is not an expression"),
        ("signed\0", "this is not an expression"),
        ("__import__('os')", "is not known"),
        ("().__class__", "is not part of the language"),
        ("[x for x in parties]", "is not part of the language"),
        ("lambda: signed", "is not part of the language"),
        ("(signed := funded)", "is not part of the language"),
        ("f'{signed}'", "is not part of the language"),
        ("b'x' == name", "is not part of the language"),
        ("...", "is not part of the language"),
        ("await signed", "is not part of the language"),
        ("signed.real", "is not part of the language"),
        ("policy.limit.real > nil", "is not part of the language"),
        ("1000001 < days", "is not part of the language"),
        ("9" * 1900 + " < days", "is not part of the language"),
        ("1e400 < days", "is not part of the language"),
        ("0x" + "f" * 1900 + " < days", "is not part of the language"),
        ("signed " + "and signed " * 300, f"longer than {LONGEST} characters"),
        ("not " * 490 + "signed", "nested too deeply"),
        ("(" * 900 + "signed" + ")" * 900, "e"),
    ],
)  # fmt: skip
def test_what_is_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, SCOPE, Kind.YES_NO)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 2_500


_VOCABULARY = """
    signed funded funding days ends name type parties policy.limit policy.window policy.names policy.unset as_of nil yes
    'a' 4 1.5 True ( ) [ ] , . + - * / < <= == != in not and or if else exists( all_of( count_of( between( mentions(
    latest( latest_quarter_end( policy.council x \\ '
"""
_PIECES = st.sampled_from(_VOCABULARY.split())


@given(st.one_of(st.lists(_PIECES, max_size=14).map(" ".join), st.text(max_size=60)))
@example("name == '\\d'")
def test_anything_is_read_or_refused_in_one_sentence(text: str) -> None:
    try:
        node = parse(text, SCOPE)
    except ExpressionError as error:
        sentence = str(error)
        assert sentence
        return
    assert kind_of(node) in Kind
    assert set(facts_of(node)) <= set(SCOPE.facts)


@pytest.mark.filterwarnings("error")
def test_a_text_with_a_backslash_is_read_without_a_warning() -> None:
    assert parse("name == '\\d'", SCOPE) == Compare("==", FactRef("name", Kind.TEXT), Constant(Kind.TEXT, "\\d"))


def test_facts_are_named_once_in_order() -> None:
    assert facts_of(parse("funded and signed or not funded and funding > cost", SCOPE)) == (
        "funded", "signed", "funding", "cost",
    )  # fmt: skip


def test_exists_is_found_anywhere() -> None:
    assert reads_the_record(parse("signed and count_of(funded, not exists(type)) > 1", SCOPE))
    assert not reads_the_record(parse("signed and type == 'strategic'", SCOPE))


def test_money_in_hundredths_and_days_in_hundredths() -> None:
    assert parse("policy.limit", SCOPE) == Constant(Kind.MONEY, 1_000_000, "limit")
    assert parse("4", SCOPE) == Constant(Kind.NUMBER, 400)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("singed", "singed is not known; did you mean signed?"),
        ("policy.notice_windw + as_of > as_of", "did you mean policy.notice_window?"),
        ("type == 'stratejic'", "did you mean strategic?"),
        ("agreement_end - agreement_start > 4", "cannot be added or taken away"),
        ("total_direct_funding >= 4", "money cannot be compared with a number"),
    ],
)
def test_in_a_pack_every_error_names_file_line_and_expression(tmp_path: Path, test: str, words: str) -> None:
    with pytest.raises(PackError) as caught:
        load_pack(edited(tmp_path, criterion(test)))
    message = str(caught.value)
    assert message.startswith("classification.yaml:6: "), message
    assert words in message
    assert f"In: {test}" in message
    assert "\n" not in message


def test_a_date_constant_is_a_parameter_only() -> None:
    scope = Scope(SCOPE.facts, {"day": Constant(Kind.DATE, date(2017, 4, 1), "day")}, SCOPE.choices)
    assert parse("ends < policy.day", scope) == Compare("<", ENDS, Constant(Kind.DATE, date(2017, 4, 1), "day"))
