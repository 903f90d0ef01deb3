"""Packs: the bundled one loads; a wrong one is refused in one paragraph with file, line and the nearest known name."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from support.packs import conclusion, criterion, derived, edited
from support.paths import ROOT
from tipstaff.audit.decisions.audit import Audit, audit
from tipstaff.errors import PackError
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import Constant, facts_of
from tipstaff.policy.pack.loading import bundled, load_pack
from tipstaff.policy.pack.model import Pack, walk_facts
from tipstaff.register.tables.model import Register, empty_rows

Edit = tuple[str, str, str]
RULES = ("classification", "rules:\n")
SIX = (
    "funded",
    "registered_significant",
    "registered_desirable",
    "community_delivery",
    "agreement_signed",
    "locality_type",
)
"""As many criteria as one rule may read."""


def message(folder: Path, *edits: Edit) -> str:
    """The error of loading the bundled pack with these edits."""
    with pytest.raises(PackError) as caught:
        load_pack(edited(folder, *edits))
    text = str(caught.value)
    assert "\n" not in text
    assert text.split(":")[0].removesuffix(".yaml") in ("pack", "facts", "register", "classification", "agreements")
    return text


def audited(folder: Path, *edits: Edit) -> Audit:
    """An audit, under the pack with these edits, of a register of one partnership of which nothing is known."""
    pack = load_pack(edited(folder, *edits))
    tables = {name: empty_rows(rules.table, pack.vocabulary) for name, rules in pack.tables.items()}
    for name, rows in tables.items():
        if name == "partnerships":
            for values in rows.columns.values():
                values.append(None)
            rows.partnership, rows.sheet, rows.row, rows.letter = [0], ["Register"], [2], [None]
    return audit(Register("test", "", tables, ["P1"], []), pack, date(2016, 8, 4), FinancialYear(2017))


# The bundled pack


def test_the_bundled_pack_is_whole(pack: Pack) -> None:
    assert pack.id == "swdevon_2016"
    assert [name for module in pack.modules for name in module.rules] == list(pack.rules)
    assert sorted(name for layer in pack.layers for name in layer) == sorted(pack.rules)
    assert len(pack.sha256) == 64
    assert load_pack(bundled()).sha256 == pack.sha256


def test_a_rule_reads_only_conclusions_of_earlier_layers(pack: Pack) -> None:
    concluded: set[str] = set()
    for layer in pack.layers:
        for rule in layer:
            assert {name for name in pack.rules[rule].inputs if name in pack.conclusions} <= concluded, rule
        concluded |= {name for rule in layer if (name := pack.rules[rule].concludes) is not None}


def test_every_criterion_and_every_fact_is_used(pack: Pack) -> None:
    read = {name for rule in pack.rules.values() for name in rule.inputs}
    assert set(pack.criteria) - read == set()
    stated = {info.name for one in pack.criteria.values() for info in walk_facts(pack, facts_of(one.test))}
    assert all(info.table is not None for info in walk_facts(pack, tuple(stated)))


def test_every_stated_fact_that_is_read_has_a_question(pack: Pack) -> None:
    names = {name for one in pack.criteria.values() for name in facts_of(one.test)}
    asked = {info.name: info.question for info in walk_facts(pack, tuple(names))}
    assert {name for name, question in asked.items() if "?" not in question} <= {"tab"}


def test_the_text_of_a_pack_decides_its_hash(pack: Pack, tmp_path: Path) -> None:
    other = load_pack(edited(tmp_path, ("classification", "title: Significant or Desirable", "title: Classes")))
    assert other.sha256 != pack.sha256
    assert {rule.sha256 for rule in other.rules.values()} == {rule.sha256 for rule in pack.rules.values()}


def test_a_parameter_changes_the_hash_of_the_rules_it_bears_on(pack: Pack, tmp_path: Path) -> None:
    other = load_pack(edited(tmp_path, ("pack", 'value: "£10,000"', 'value: "£12,000"')))
    changed = {rule for rule in pack.rules if pack.rules[rule].sha256 != other.rules[rule].sha256}
    assert "CLS-01" in changed
    assert "REG-01" not in changed
    assert other.parameters["resource_threshold"] == Constant(Kind.MONEY, 12_000_00, "resource_threshold")


# What is refused

PACK_ERRORS: Sequence[tuple[str, Edit | tuple[Edit, ...], str, str]] = [
    ("unknown key of the pack", ("pack", "both:", "bothe:"), "pack.yaml", "both"),
    ("unknown key of a rule", ("register", "    severity: low", "    severty: low"), "register.yaml", "severity"),
    (
        "unknown key of a fact",
        ("facts", "        label: lead member", "        lable: lead member"),
        "facts.yaml",
        "label",
    ),
    ("unknown key of a table", ("facts", "    sheet: Risk", "    shet: Risk"), "facts.yaml", "sheet"),
    (
        "unknown key of a criterion",
        ("register", "    question: Is a lead officer named?", "    quest: x"),
        "register.yaml",
        "question",
    ),
    ("missing key", ("register", "    title: Type missing\n", ""), "register.yaml", "title is missing"),
    ("missing test", ("register", "    test: exists(theme)\n", ""), "register.yaml", "test is missing"),
    ("unknown severity", ("register", "    severity: low", "    severity: lowest"), "register.yaml", "severity"),
    ("unknown type", ("facts", "{type: text, label: reference", "{type: txt, label: reference"), "facts.yaml", "type"),
    ("unknown shape", ("facts", "shape: one row", "shape: one rows"), "facts.yaml", "shape"),
    (
        "module without a file",
        ("pack", "modules: [register", "modules: [registers, register"),
        "pack.yaml",
        "there is no registers.yaml",
    ),
    (
        "module outside",
        ("pack", "modules: [register", "modules: [../register, register"),
        "pack.yaml",
        "should match pattern",
    ),
    ("no modules", ("pack", "\nmodules: [register", "\nmodules: [] # [register"), "pack.yaml", "modules"),
    (
        "no themes",
        ("pack", "themes:\n", "themes: {}\nothers:\n"),
        "pack.yaml",
        "themes: Dictionary should have at least 1 item",
    ),
    (
        "unknown parameter of an interpretation",
        ("pack", "parameters: [staff_days_threshold", "parameters: [staf_days_threshold"),
        "pack.yaml",
        "did you mean staff_days_threshold?",
    ),
    (
        "unknown interpretation",
        ("classification", "interpretations: [INT-01, INT-02]", "interpretations: [INT-99]"),
        "classification.yaml",
        "INT-99 is no interpretation",
    ),
    ("money", ("pack", 'value: "£10,000"', 'value: "ten"'), "pack.yaml", "an amount such as £10,000"),
    ("negative money", ("pack", 'value: "£10,000"', 'value: "-5"'), "pack.yaml", "an amount such as £10,000"),
    ("half a penny", ("pack", 'value: "£10,000"', 'value: "10.005"'), "pack.yaml", "an amount such as £10,000"),
    ("infinite money", ("pack", 'value: "£10,000"', 'value: "Infinity"'), "pack.yaml", "an amount such as £10,000"),
    ("number", ("pack", 'value: "4"', 'value: "four"'), "pack.yaml", "a number"),
    ("period", ("pack", "value: 90 days", "value: 90 moons"), "pack.yaml", "a period such as 90 days"),
    ("date", ("pack", "value: 1 April 2017", "value: 31 April 2017"), "pack.yaml", "a date such as 1 April 2017"),
    ("yearly day", ("pack", "value: [May]", "value: [Mai]"), "pack.yaml", "a month, then the dates known"),
    ("no yearly day", ("pack", "value: [May]", "value: []"), "pack.yaml", "a month, then the dates known"),
    ("no such day", ("pack", "value: [May]", "value: [May, 32 May 2016]"), "pack.yaml", "[May, 12 May 2016]"),
    (
        "two in a year",
        ("pack", "value: [May]", "value: [May, 3 May 2016, 5 May 2016]"),
        "pack.yaml",
        "one a year at most",
    ),
    (
        "yes/no",
        ("pack", 'value: "no", meaning: Whether support', 'value: "nay", meaning: Whether support'),
        "pack.yaml",
        "yes or no",
    ),
    ("list for one value", ("pack", "value: 90 days", "value: [90 days]"), "pack.yaml", "one value"),
    (
        "one value for a list",
        ("pack", "value: [funded, managed as significant]", "value: funded"),
        "pack.yaml",
        "a list of texts",
    ),
    (
        "unknown name in a rule",
        ("register", "requires: theme_given and", "requires: theme_gven and"),
        "register.yaml",
        "did you mean theme_given?",
    ),
    (
        "unknown conclusion in a rule",
        ("register", "applies: managed_as_significant", "applies: managed_as_signficant"),
        "register.yaml",
        "did you mean managed_as_significant?",
    ),
    (
        "a fact in a rule",
        ("register", "requires: type_given", "requires: signed"),
        "register.yaml",
        "signed is not known",
    ),
    (
        "a test in a rule",
        ("register", "requires: type_given", "requires: type_given == yes"),
        "register.yaml",
        "combines criteria and conclusions by and, or, not",
    ),
    (
        "all_of in a rule",
        ("register", "requires: type_given", "requires: all_of(type_given)"),
        "register.yaml",
        "combines criteria",
    ),
    (
        "a constant in a rule",
        ("register", "requires: type_given", 'requires: "yes"'),
        "register.yaml",
        "combines criteria",
    ),
    (
        "unknown field of a message",
        ("register", 'says: "The theme of {name}', 'says: "The theme of {nme}'),
        "register.yaml",
        "{nme} is not known",
    ),
    (
        "unknown parameter in a message",
        ("register", 'says: "The theme of {name}', 'says: "The theme of {policy.nme}'),
        "register.yaml",
        "{policy.nme} is not known",
    ),
    (
        "unknown question in a message",
        ("register", 'says: "The theme of {name}', 'says: "The theme of {because:theme_gven}'),
        "register.yaml",
        "did you mean theme_given?",
    ),
    (
        "a date fact that is none",
        ("facts", "starts: agreement_start", "starts: signed"),
        "facts.yaml",
        "signed is not a date",
    ),
    ("starts without ends", ("facts", "    ends: agreement_end\n", ""), "facts.yaml", "current rows"),
    (
        "choices of a text",
        ("facts", "{type: text, label: reference,", "{type: text, choices: {a: []}, label: reference,"),
        "facts.yaml",
        "choices belong to a fact of type choice",
    ),
    (
        "aggregate of another table",
        derived("x: {type: money, label: x, of: risk, sum: direct_funding}"),
        "facts.yaml",
        "risk is no table of several rows, and no ledger",
    ),
    (
        "aggregate of no table",
        derived("x: {type: money, label: x, of: contribution, sum: direct_funding}"),
        "facts.yaml",
        "did you mean contributions?",
    ),
    (
        "aggregate without of",
        derived("x: {type: money, label: x, sum: direct_funding}"),
        "facts.yaml",
        "of names the table",
    ),
    (
        "two ways",
        derived("x: {type: money, label: x, is: nil, sum: direct_funding, of: contributions}"),
        "facts.yaml",
        "exactly one of",
    ),
    ("no way", derived("x: {type: money, label: x}"), "facts.yaml", "exactly one of"),
    (
        "wrong type of a formula",
        derived("x: {type: money, label: x, is: signed}"),
        "facts.yaml",
        "expected money, found a yes/no question",
    ),
    (
        "wrong type of a sum",
        derived("x: {type: number, label: x, of: contributions, sum: direct_funding}"),
        "facts.yaml",
        "expected a number, found money",
    ),
    (
        "wrong type of a count",
        derived("x: {type: money, label: x, of: contributions, count: direct_funding > nil}"),
        "facts.yaml",
        "count gives a number",
    ),
    (
        "wrong type of any",
        derived("x: {type: money, label: x, of: contributions, any: direct_funding > nil}"),
        "facts.yaml",
        "any gives a yes/no",
    ),
    (
        "sum of questions",
        derived("x: {type: yes/no, label: x, of: contributions, sum: direct_funding > nil}"),
        "facts.yaml",
        "sum gives",
    ),
    (
        "repeats of a choice",
        derived("x: {type: yes/no, label: x, repeats: {same: [type]}}"),
        "facts.yaml",
        "type is not a text of the partnership",
    ),
    (
        "repeats of an unknown fact",
        derived("x: {type: yes/no, label: x, repeats: {same: [nam]}}"),
        "facts.yaml",
        "did you mean name?",
    ),
    (
        "a name used before it stands",
        derived("x: {type: money, label: x, is: total_direct_funding}"),
        "facts.yaml",
        "total_direct_funding is not known",
    ),
    (
        "a name used twice",
        derived("signed: {type: yes/no, label: x, is: legal_input}"),
        "facts.yaml",
        "signed is the name of two facts",
    ),
    (
        "councils counted beside what is tied to none",
        derived("x: {type: yes/no, label: x, of: contributions, any: parties}"),
        "facts.yaml",
        "asked of each council",
    ),
    (
        "a class that is no conclusion",
        ("pack", "classes: [significant", "classes: [signficant"),
        "pack.yaml",
        "did you mean significant?",
    ),
    (
        "a renewal of no module or rule",
        ("pack", "renewal: [agreements", "renewal: [agrements"),
        "pack.yaml",
        "did you mean agreements?",
    ),
    (
        "a renewal of a rule that concludes",
        ("pack", "renewal: [agreements", "renewal: [CLS-01, agreements"),
        "pack.yaml",
        "neither a module nor a rule that is reported",
    ),
    (
        "exists in a conclusion",
        (criterion("exists(type)"), conclusion("probe")),
        "classification.yaml",
        "asks whether the register states a fact",
    ),
    (
        "exists in a conclusion by a derived fact",
        (criterion("officer_days_uncosted"), conclusion("probe")),
        "classification.yaml",
        "asks whether the register states a fact",
    ),
    (
        "exists in a conclusion by two derived facts",
        (
            criterion("x"),
            conclusion("not probe"),
            (
                "facts",
                "\n  paid_as_grant:",
                "\n  x: {type: yes/no, label: x, is: officer_days_uncosted or signed}\n  paid_as_grant:",
            ),
        ),
        "classification.yaml",
        "asks whether the register states a fact",
    ),
    ("conclusion of itself", conclusion("tested"), "classification.yaml", "TST-01 -> TST-01 is a circle"),
    (
        "circle of conclusions",
        ("classification", "when: resource_threshold or", "when: quarterly_reporting or"),
        "classification.yaml",
        "is a circle",
    ),
    (
        "a conclusion twice",
        ("classification", "concludes: desirable", "concludes: significant"),
        "classification.yaml",
        "significant is a name already used",
    ),
    (
        "a conclusion named as a criterion",
        ("classification", "concludes: desirable", "concludes: funded"),
        "classification.yaml",
        "funded is a name already used",
    ),
    (
        "seven inputs",
        conclusion(" or ".join([*SIX, "legal_input_given"])),
        "classification.yaml",
        "reads 7 criteria and conclusions",
    ),
    (
        "a criterion in two modules",
        ("agreements", "  agreement_exists:\n", "  funded:\n"),
        "agreements.yaml",
        "funded is also a criterion at classification.yaml",
    ),
    (
        "a rule in two modules",
        ("agreements", "  AGR-01:\n", "  REG-01:\n"),
        "agreements.yaml",
        "REG-01 is also at register.yaml",
    ),
    (
        "concludes and warns",
        ("classification", "    concludes: desirable\n", "    concludes: desirable\n    warns: funded\n"),
        "classification.yaml",
        "exactly one of",
    ),
    (
        "concludes without when",
        ("classification", "    when: not significant\n", ""),
        "classification.yaml",
        "concludes goes with when",
    ),
    (
        "concludes with severity",
        ("classification", "    concludes: desirable\n", "    concludes: desirable\n    severity: low\n"),
        "classification.yaml",
        "has no applies",
    ),
    (
        "requires without action",
        ("register", "    action: {do: Fill in what is missing., by: lead officer}\n", ""),
        "register.yaml",
        "needs severity, says, consequence and action",
    ),
    ("a rule id in small letters", (*RULES, "rules:\n  cls-99: {}\n"), "classification.yaml", "cls-99"),
    (
        "a key twice",
        ("classification", "  funded:\n", "  funded:\n    question: x\n    test: signed\n  funded:\n"),
        "classification.yaml",
        "funded occurs twice",
    ),
]


@pytest.mark.parametrize(("edits", "file", "words"), [pytest.param(*rest, id=name) for name, *rest in PACK_ERRORS])
def test_what_is_refused(tmp_path: Path, edits: Edit | tuple[Edit, ...], file: str, words: str) -> None:
    several = edits if isinstance(edits[0], tuple) else (edits,)
    text = message(tmp_path, *several)  # type: ignore[arg-type]
    place, _, rest = text.partition(": ")
    assert place.split(":")[0] == file, text
    assert place.split(":")[1].isdigit(), text
    assert words in rest, text


@pytest.mark.parametrize("name", ["pack", "facts", "register", "classification"])
@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "[]\n", "text\n", "3\n", "a: b\n", "title:\n", "- a\n- b\n", "null\n"]
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, name: str, text: str) -> None:
    folder = edited(tmp_path)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=rf"^{name}\.yaml:\d+: "):
        load_pack(folder)


@pytest.mark.parametrize("name", ["pack", "facts"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = edited(tmp_path)
    (folder / f"{name}.yaml").unlink()
    with pytest.raises(PackError, match=rf"^{name}\.yaml: there is no such file"):
        load_pack(folder)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="is not a folder"):
        load_pack(tmp_path / "nowhere")
    shutil.copy(bundled() / "pack.yaml", tmp_path / "pack.yaml")
    with pytest.raises(PackError, match="is not a folder"):
        load_pack(tmp_path / "pack.yaml")


# What is read


def test_six_inputs_are_read(tmp_path: Path) -> None:
    done = audited(
        tmp_path,
        conclusion(" or ".join(SIX)),
    )
    assert len(done.pack.rules["TST-01"].inputs) == 6


def test_due_on_makes_a_rule_apply_after_the_day(tmp_path: Path) -> None:
    edit = (
        "register",
        "    requires: type_given\n",
        "    requires: type_given\n    due_on: policy.new_agreements_from\n",
    )
    rule = audited(tmp_path, edit).pack.rules["REG-03"]
    assert set(rule.inputs) == {"type_given", "due:REG-03"}
    with pytest.raises(PackError, match=r"register\.yaml:\d+: expected a date, found a yes/no question"):
        load_pack(edited(tmp_path, ("register", "due_on: policy.new_agreements_from", "due_on: signed")))


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param((criterion("policy.staff_days_threshold > 3"),), id="constants alone"),
        pytest.param((criterion("policy.officer_day_rate_low >= nil"),), id="a parameter without a value"),
        pytest.param((criterion("type in []"),), id="in nothing"),
        pytest.param((criterion("signed == yes"),), id="yes"),
        pytest.param((criterion("name == 'x' or 'x' == purpose"),), id="texts"),
        pytest.param((criterion("tab != theme"),), id="two choices"),
        pytest.param(
            (criterion("x > nil"), derived("x: {type: money, label: x, of: contributions, greatest: in_kind}")),
            id="greatest",
        ),
        pytest.param(
            (criterion("x > 1"), derived("x: {type: number, label: x, of: contributions, count: in_kind > nil}")),
            id="count",
        ),
        pytest.param(
            (criterion("x > as_of"), derived("x: {type: date, label: x, is: agreement_end + policy.notice_window}")),
            id="date",
        ),
        pytest.param(
            (
                criterion("x"),
                derived("x: {type: yes/no, label: x, of: contributions, every: in_kind > nil, where: parties}"),
            ),
            id="every where",
        ),
    ],
)
def test_what_loads_can_be_audited_with(tmp_path: Path, edits: tuple[Edit, ...]) -> None:
    audited(tmp_path, *edits)


# A pack that loads and cannot be audited with, or that does harm


DOUBTFUL: Sequence[tuple[str, tuple[Edit, ...]]] = [
    (
        "a choice derived of a choice, compared",
        (criterion("x == 'strategic'"), derived("x: {type: choice, label: x, is: type}")),
    ),
    ("a text derived of a text, compared", (criterion("x == 'a'"), derived("x: {type: text, label: x, is: purpose}"))),
    ("a text that is a constant", (derived("x: {type: text, label: x, is: \"'a'\"}"),)),
    ("exists of councils", (criterion("exists(parties)"),)),
    (
        "a text of a child table, compared",
        (
            criterion("note == 'a'"),
            ("facts", "      agreement_recorded:", "      note: {type: text, label: x}\n      agreement_recorded:"),
        ),
    ),
    (
        "a text of contributions, compared",
        (
            criterion("x"),
            derived("x: {type: yes/no, label: x, of: contributions, any: note == 'a'}"),
            ("facts", "      officer_days:", "      note: {type: text, label: x}\n      officer_days:"),
        ),
    ),
    (
        "a date of contributions",
        (("facts", "      officer_days:", "      paid_on: {type: date, label: x}\n      officer_days:"),),
    ),
    (
        "a fact derived in a table of one row",
        (
            criterion("x"),
            (
                "facts",
                "\n  answers:\n",
                "\n    derived:\n      x: {type: yes/no, label: x, is: public_profile}\n  answers:\n",
            ),
        ),
    ),
    (
        "a fact derived in contributions",
        (
            criterion("y > nil"),
            derived("y: {type: money, label: x, of: contributions, sum: x}"),
            (
                "facts",
                "\n  agreements:\n",
                "\n    derived:\n      x: {type: money, label: x, is: in_kind + in_kind}\n  agreements:\n",
            ),
        ),
    ),
    ("repeats that is money", (criterion("x > nil"), derived("x: {type: money, label: x, repeats: {same: [name]}}"))),
    ("councils_in that is money", (criterion("x > nil"), derived("x: {type: money, label: x, councils_in: purpose}"))),
    ("a period of ten thousand years", (("pack", "value: 90 days", "value: 9999 years"),)),
    (
        "a date at the end of time",
        (
            criterion("agreement_end < policy.new_agreements_from + policy.notice_window"),
            ("pack", "value: 1 April 2017", "value: 31 December 9999"),
        ),
    ),
    (
        "a council called joint",
        (("pack", "  wd: {name: West", "  joint: {name: West"), ("pack", "  wd: {body", "  joint: {body")),
    ),
    ("a fact called row", (("facts", "      tab:\n", "      row: {type: text, label: x}\n      tab:\n"),)),
    ("a criterion called row", (("classification", "criteria:\n", "criteria:\n  row: {question: x, test: signed}\n"),)),
    (
        "a fact called as the bound of another",
        (("facts", "      tab:\n", "      agreement_end_lo: {type: text, label: x}\n      tab:\n"),),
    ),
]


OPEN = {
    "a choice derived of a choice, compared",
    "a text derived of a text, compared",
    "a text that is a constant",
    "a text of a child table, compared",
    "a text of contributions, compared",
    "a date of contributions",
    "a fact derived in a table of one row",
    "a fact derived in contributions",
    "repeats that is money",
    "councils_in that is money",
    "a council called joint",
    "a fact called row",
    "a criterion called row",
    "a fact called as the bound of another",
}
"""Those that still end in a traceback."""


@pytest.mark.parametrize("edits", [pytest.param(edits, id=name) for name, edits in DOUBTFUL])
def test_is_refused_or_can_be_audited_with(tmp_path: Path, edits: tuple[Edit, ...]) -> None:
    try:
        folder = edited(tmp_path, *edits)
    except AssertionError as error:
        pytest.skip(f"the edit no longer fits: {error}")
    try:
        audited(folder.parent)
    except PackError:
        return


def test_else_takes_effect_in_a_table_of_one_row(tmp_path: Path) -> None:
    old = '{type: yes/no, label: "high public profile"'
    edit = ("facts", old, old.replace("label", 'else: "no", label'))
    assert audited(tmp_path, edit, criterion("public_profile")).answers["probe"].to_list() == [False]


def test_repeats_on_many_facts_that_may_be_blank_is_refused_or_audited_soon(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    texts = "lead_member, lead_officer, purpose, area_covered, contact_details"
    edited(tmp_path, derived(f"x: {{type: yes/no, label: x, repeats: {{same: [name], and: [{texts}]}}}}"))
    folders = [str(request.path.parent), str(ROOT / "tests")]
    program = (
        f"import sys\nfrom pathlib import Path\nsys.path[:0] = {folders!r}\n"
        f"import test_pack\ntry:\n    test_pack.audited(Path({str(tmp_path)!r}))\n"
        "except test_pack.PackError:\n    pass\n"
    )
    try:
        subprocess.run([sys.executable, "-c", program], timeout=30, check=True, capture_output=True)
    except subprocess.TimeoutExpired:
        pytest.fail("still at work after 30 seconds")


def test_a_text_compared_with_a_choice_is_refused(tmp_path: Path) -> None:
    assert "compared" in message(tmp_path, criterion("purpose == theme"))


def test_rates_given_the_wrong_way_round_still_hold_everything_between(tmp_path: Path) -> None:
    low, high = "value: null, meaning: The least", "value: null, meaning: The most"
    rates = (("pack", low, low.replace("null", '"£300"')), ("pack", high, high.replace("null", '"£100"')))
    audited(tmp_path, *rates)


def test_an_amount_beyond_every_limit_is_refused(tmp_path: Path) -> None:
    assert "resource_threshold" in message(tmp_path, ("pack", 'value: "£10,000"', 'value: "1e25"'))


def test_adoption_by_an_unknown_council_is_refused(tmp_path: Path) -> None:
    assert "wx" in message(tmp_path, ("pack", "  wd: {body", "  wx: {body"))


def _chain(count: int) -> Edit:
    """Conclusions that rest on each other, the first on the last."""
    rules = "".join(
        f"  TST-{1000 + index}: {{title: x, concludes: c{index}, when: {when}, source: {{paragraph: x}}}}\n"
        for index, when in enumerate([*(f"c{index}" for index in range(1, count)), "funded"])
    )
    return (*RULES, f"rules:\n{rules}")


def test_a_long_chain_of_conclusions_is_read_or_refused(tmp_path: Path) -> None:
    try:
        load_pack(edited(tmp_path, _chain(1_200)))
    except PackError:
        return


def test_derived_facts_that_rest_on_each_other_are_read_soon(tmp_path: Path) -> None:
    facts = "".join(
        f"  y{n}: {{type: yes/no, label: x, is: {'legal_input' if n < 2 else f'y{n - 1} and y{n - 2}'}}}\n"
        for n in range(60)
    )
    folder = edited(tmp_path, ("facts", "\nderived:\n", f"\nderived:\n{facts}"), criterion("y59"), conclusion("probe"))
    program = (
        f"import pathlib\nfrom tipstaff.policy.pack.loading import load_pack\nload_pack(pathlib.Path({str(folder)!r}))"
    )
    try:
        subprocess.run([sys.executable, "-c", program], timeout=4, check=True, capture_output=True)
    except subprocess.TimeoutExpired:
        pytest.fail("still at work after 4 seconds")
