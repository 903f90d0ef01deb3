"""Extending: a pack that changes another, in small packs made here and in those of two invented policies."""

import ast
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from support.packs import edited
from support.paths import COUNCILS, ROOT
from tipstaff.audit.decisions.audit import Audit, audit
from tipstaff.audit.decisions.verdict import judge
from tipstaff.audit.testing.cases import load_cases, run_cases
from tipstaff.errors import PackError
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import Constant
from tipstaff.policy.pack.loading import bundled, load_pack
from tipstaff.policy.pack.model import Pack
from tipstaff.policy.pack.schema import AdoptionPart
from tipstaff.register.reading import read_register
from tipstaff.report.record.audit import record
from tipstaff.report.terminal.audit import lines
from tipstaff.report.wording.citations import cited

PACKS = COUNCILS
FENWICK, THREE_VALES, TINY = (PACKS / name for name in ("fenwick_2020", "three_vales_2021", "tiny"))

HEAD = "extend: swdevon_2016\nid: other\ntitle: Other\nversion: '1'\n"

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a pack that extends the bundled one: what follows the head of ``pack.yaml``, then other files."""

    def made(text: str = "", name: str = "other", head: str = HEAD, **files: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for file, content in {"pack": head + text, **files}.items():
            (folder / f"{file}.yaml").write_text(content, encoding="utf-8")
        return folder

    return made


def refused(folder: Path) -> str:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What is inherited, and what is changed


def test_a_pack_that_changes_nothing_is_the_pack_extended_under_another_name(pack: Pack, make: Make) -> None:
    other = load_pack(make())
    assert (other.id, other.title, other.source) == ("other", "Other", pack.source)
    assert other.parameters == pack.parameters
    assert other.vocabulary == pack.vocabulary
    assert other.law == pack.law
    assert other.layers == pack.layers
    assert {rule.id: rule.sha256 for rule in other.rules.values()} == {
        rule.id: rule.sha256 for rule in pack.rules.values()
    }


def test_adoption_is_not_inherited(tmp_path: Path, make: Make) -> None:
    base = edited(tmp_path, ("pack", "sh: {body: , date: , minute: }", "sh: {body: Council, date: , minute: }"))
    assert load_pack(base).adopted["sh"].body == "Council"
    other = load_pack(make(head=HEAD.replace("swdevon_2016", base.name)))
    assert other.adopted == dict.fromkeys(("sh", "wd"), AdoptionPart())


def test_words_for_all_councils_are_not_inherited_by_other_councils(pack: Pack, make: Make) -> None:
    assert load_pack(make("councils:\n  ab: {name: Abbot's Moor}\n")).vocabulary.both == ()


def test_a_value_alone_keeps_type_and_meaning(pack: Pack, make: Make) -> None:
    other = load_pack(make('parameters:\n  resource_threshold: "£12,000"\n  officer_day_rate_low:\n'))
    assert other.parameters["resource_threshold"] == Constant(Kind.MONEY, 12_000_00, "resource_threshold")
    assert other.parameter_parts["resource_threshold"].meaning == pack.parameter_parts["resource_threshold"].meaning
    changed = {rule for rule in pack.rules if pack.rules[rule].sha256 != other.rules[rule].sha256}
    assert "CLS-01" in changed
    assert "REG-01" not in changed


def test_a_severity_is_changed_alone(pack: Pack, make: Make) -> None:
    other = load_pack(make("severities: {REG-04: advisory}\n"))
    assert other.rules["REG-04"].severity == "advisory"
    assert other.rules["REG-05"].severity == pack.rules["REG-05"].severity


def test_a_module_is_switched_off_and_its_criteria_still_read(pack: Pack, make: Make) -> None:
    other = load_pack(make("without: [register]\nmodules: [more]\n", more=MORE.format("requires: lead_officer_named")))
    assert not [rule for rule in other.rules.values() if rule.module == "register"]
    assert "register" not in [module.name for module in other.modules]
    assert other.rules["OTH-01"].inputs == ("lead_officer_named",)
    assert other.modules[-1].name == "more"


def test_what_is_gone_through_before_a_renewal_is_inherited_or_replaced(pack: Pack, make: Make) -> None:
    assert load_pack(make()).renewal == pack.renewal
    own = make("renewal: [AGR-04, register]\n", name="own")
    listed = {rule.id for rule in load_pack(own).rules.values() if rule.id == "AGR-04" or rule.module == "register"}
    assert listed <= set(load_pack(own).renewal)
    assert "AGR-05" not in load_pack(own).renewal
    third = make(
        "without: [AGR-04]\n", name="third", head=HEAD.replace("swdevon_2016", "own").replace("other", "third")
    )
    assert set(load_pack(third).renewal) == set(load_pack(own).renewal) - {"AGR-04"}


MORE = """title: More
criteria:
  widely_known:
    question: Is it widely known?
    test: public_profile
rules:
  OTH-01:
    title: Probe
    {}
    severity: low
    says: "{{name}}"
    consequence: None.
    action: {{do: Nothing., by: nobody}}
    source: {{paragraph: none}}
"""


def test_rules_of_its_own_read_facts_criteria_and_conclusions_of_the_pack_extended(make: Make) -> None:
    rule = "warns: widely_known and funded and significant"
    other = load_pack(make("modules: [more]\n", more=MORE.format(rule)))
    assert other.rules["OTH-01"].inputs == ("widely_known", "funded", "significant")


def test_a_conclusion_is_drawn_another_way(make: Make) -> None:
    new = "title: x\nrules:\n  OTH-01: {title: x, concludes: significant, when: funded, source: {paragraph: x}}\n"
    other = load_pack(make("without: [CLS-01]\nmodules: [more]\n", more=new))
    assert other.concluding("significant").id == "OTH-01"
    assert "significant" in other.rules["CLS-02"].inputs


def test_what_rests_on_a_rule_switched_off_goes_with_it(make: Make) -> None:
    other = load_pack(make("without: [AGR-18, AGR-17]\nnamed: [significant]\n"))
    assert "agreement_up_to_date" not in other.conclusions


def test_either_pack_decides_the_hash(make: Make, tmp_path: Path) -> None:
    folder = make()
    first = load_pack(folder).sha256
    shutil.copytree(bundled(), tmp_path / "swdevon_2016")
    assert load_pack(folder).sha256 == first, "the same text in another place"
    path = tmp_path / "swdevon_2016" / "classification.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("title: Significant or", "title: S or"), encoding="utf-8")
    beside = load_pack(folder).sha256
    (folder / "pack.yaml").write_text(HEAD + "# more\n", encoding="utf-8")
    assert len({first, beside, load_pack(folder).sha256}) == 3


def test_a_rule_says_in_which_pack_it_stands() -> None:
    found = load_pack(THREE_VALES)
    assert found.rules["VAL-01"].place.startswith("joint.yaml:")
    assert found.rules["FEN-01"].place.startswith("fenwick_2020/local.yaml:")
    assert found.rules["CLS-02"].place.startswith("swdevon_2016/classification.yaml:")
    assert [folder.name for folder in (found.folder,)] == ["three_vales_2021"]


def test_what_is_inherited_is_cited_as_the_other_packs_where_the_source_is_another() -> None:
    found = load_pack(THREE_VALES)
    assert found.source == "Working with Others, Cabinet paper of 3 March 2020"
    assert cited(found.rules["CLS-02"].source) == "paragraph 3.1 of swdevon_2016"
    assert cited(found.rules["REG-05"].source) == "paragraph 4.2"
    assert cited(found.rules["FEN-01"].source) == "paragraph 5.1"
    assert found.interpretations["INT-01"].of == "swdevon_2016"
    assert found.interpretations["INT-02"].of is None
    assert found.description == {}


def test_a_chain_is_followed_and_a_longer_one_refused(make: Make) -> None:
    head = "extend: {}\nid: {}\ntitle: x\nversion: '1'\n"
    below = "swdevon_2016"
    for name in ("one", "two", "three", "four"):
        folder = make(name=name, head=head.format(below, name))
        assert load_pack(folder).rules
        below = name
    folder = make(name="five", head=head.format(below, "five"))
    assert "more than 5 packs" in refused(folder)


# What is refused

REFUSED: Sequence[tuple[str, str, str, dict[str, str]]] = [
    (
        "an unknown key",
        "paramters: {}\n",
        "pack.yaml:5: paramters is not a key known here; did you mean parameters?",
        {},
    ),
    ("no such pack", "", "pack.yaml:1: there is no folder swdevn", {"head": HEAD.replace("swdevon", "swdevn")}),
    ("a path for a pack", "", "pack.yaml:1: extend", {"head": HEAD.replace("swdevon_2016", "../swdevon_2016")}),
    ("a circle", "", "pack.yaml:1: other -> other is a circle", {"head": HEAD.replace("swdevon_2016", "other")}),
    (
        "the id of another",
        "",
        "pack.yaml:2: swdevon_2016 is the id",
        {"head": HEAD.replace("id: other", "id: swdevon_2016")},
    ),
    ("no title", "", "title is missing", {"head": HEAD.replace("title: Other\n", "")}),
    ("an unknown parameter", "parameters: {resource_treshold: '£1'}\n", "did you mean resource_threshold?", {}),
    (
        "a value that is none",
        "parameters:\n  notice_window: soon\n",
        "pack.yaml:6: notice_window is 'soon'; expected",
        {},
    ),
    (
        "another type",
        "parameters:\n  notice_window: {type: text, value: x, meaning: x}\n",
        "pack.yaml:6: notice_window is of type period",
        {},
    ),
    ("half a parameter", "parameters:\n  more: {type: text, value: x}\n", "pack.yaml:6: meaning is missing", {}),
    ("severity of an unknown rule", "severities: {REG-94: low}\n", "did you mean REG-04?", {}),
    ("severity of a conclusion", "severities:\n  CLS-01: low\n", "pack.yaml:6: CLS-01 concludes a status", {}),
    ("source of an unknown rule", "sources:\n  REG-94: {paragraph: x}\n", "pack.yaml:6: REG-94 is no rule", {}),
    ("a source of another form", "sources:\n  REG-04: {words: x}\n", "pack.yaml:6: paragraph is missing", {}),
    ("an unknown severity", "severities:\n  REG-04: lowish\n", "pack.yaml:6: REG-04", {}),
    ("without an unknown rule", "without: [REG-94]\n", "pack.yaml:5: REG-94 is no rule or module", {}),
    ("without a conclusion that is read", "without:\n  - CLS-11\n", "pack.yaml:6: CLS-11 cannot be switched off", {}),
    ("without a conclusion that is named", "without: [AGR-18]\n", "agreement_wanting, which is read by the named", {}),
    ("a class that is switched off", "without: [classification]\n", "pack.yaml:5: CLS-", {}),
    ("a module without a file", "modules: [more]\n", "pack.yaml:5: there is no more.yaml", {}),
    ("a module of the pack extended", "modules: [register]\n", "pack.yaml:5: register is a module", {"register": ""}),
    ("a module of another form", "modules: [more]\n", "more.yaml:1: rules is missing", {"more": "title: x\n"}),
    (
        "a rule of the pack extended",
        "modules: [more]\n",
        "more.yaml:7: REG-04 is also at swdevon_2016/register.yaml:",
        {"more": MORE.format("requires: funded").replace("OTH-01", "REG-04")},
    ),
    (
        "a criterion of the pack extended",
        "modules: [more]\n",
        "more.yaml:3: funded is also a criterion at swdevon_2016/classification.yaml:",
        {"more": MORE.format("requires: funded").replace("widely_known", "funded")},
    ),
    (
        "an unknown name",
        "modules: [more]\n",
        "more.yaml:9: fundd is not known; did you mean funded?",
        {"more": MORE.format("requires: fundd")},
    ),
    (
        "a fact that there is",
        "",
        "facts.yaml:5: signed is at swdevon_2016/facts.yaml:",
        {"facts": "tables:\n  agreements:\n    facts:\n      # again\n      signed: {type: yes/no, label: x}\n"},
    ),
    (
        "a derived fact that there is",
        "",
        "facts.yaml:2: resource_headroom is at swdevon_2016/facts.yaml:",
        {"facts": "derived:\n  resource_headroom: {type: yes/no, label: x, is: signed}\n"},
    ),
    (
        "the shape of a table",
        "",
        "facts.yaml:3: agreements is a table of the pack extended, which sets its shape",
        {"facts": "tables:\n  agreements:\n    shape: one row\n"},
    ),
    ("half a table", "", "facts.yaml:2: shape is missing", {"facts": "tables:\n  visits: {sheet: Visits}\n"}),
    ("a wrong fact", "", "facts.yaml:2: expected", {"facts": "derived:\n  x: {type: money, label: x, is: signed}\n"}),
    ("classes that are no conclusions", "classes: [signficant]\n", "pack.yaml:5: signficant is no conclusion", {}),
    ("adoption by another council", "adopted: {zz: {}}\n", "zz cannot be the key of a council", {}),
    ("no such law", "law: no_law\n", "pack.yaml:5: there is no folder no_law", {}),
]


@pytest.mark.parametrize(("text", "words", "files"), [pytest.param(*rest, id=name) for name, *rest in REFUSED])
def test_what_is_refused(make: Make, text: str, words: str, files: dict[str, str]) -> None:
    assert words in refused(make(text, **files))


def test_an_error_in_the_pack_extended_is_told_at_its_own_line(make: Make, tmp_path: Path) -> None:
    shutil.copytree(bundled(), tmp_path / "swdevon_2016")
    path = tmp_path / "swdevon_2016" / "register.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("title:", "titel:", 1), encoding="utf-8")
    assert refused(make()).startswith("swdevon_2016/register.yaml:1: title is missing")


def test_two_packs_that_extend_each_other_are_a_circle(make: Make) -> None:
    make(name="one", head=HEAD.replace("swdevon_2016", "two"))
    assert "two -> one -> two is a circle" in refused(make(name="two", head=HEAD.replace("swdevon_2016", "one")))


# Two invented policies, and one that shares nothing with the bundled pack


@pytest.mark.parametrize("folder", [FENWICK, THREE_VALES, TINY], ids=lambda folder: folder.name)
def test_every_case_comes_out_as_expected(folder: Path) -> None:
    pack = load_pack(folder)
    cases = load_cases(pack)
    assert cases
    assert run_cases(pack, cases) == []


def test_a_register_is_audited_under_another_policy(tmp_path: Path) -> None:
    pack = load_pack(FENWICK)
    done, told = reports(pack, workbook(tmp_path), date(2020, 6, 1))
    assert done.answers["significant"].to_list() == [True, None, None]
    assert done.answers["resource_threshold"].to_list() == [True, False, None]
    assert "Fenwick Vale District Council" in told
    assert "adopted by Cabinet on 3 March 2020" in told
    for name in ("South Hams", "West Devon", "SHDC", "WDBC", "Dartmoor"):
        assert name not in told
    problems = [problem for problem in done.register.problems if "Elsewhere" in str(problem)]
    assert problems, "an amount of a council that this pack does not know must not be read as one of its own"


def test_the_same_register_under_three_councils_is_judged_by_their_threshold(tmp_path: Path) -> None:
    done, told = reports(load_pack(THREE_VALES), workbook(tmp_path), date(2021, 6, 1))
    assert done.answers["resource_threshold"].to_list() == [False, False, None]
    assert "Upper Thane District Council" in told


def workbook(folder: Path) -> Path:
    """A register of Fenwick Vale, one sheet a theme, with the columns of the policy's source."""
    heads = ["Name", "Lead Member", "Lead Officer", "Significant/Desirable", "Area covered", "Purpose", "Partners"]
    heads += ["Agreement dates", "Financial arrangements", "Type of Partnership", "Contact Details", "Parish consulted"]
    rows = {
        "People": ["Fen Advice", "FVDC £26,000 pa, no officer time"],
        "Place": ["Vale Walks", "Fenwick Vale £500 pa, no officer time"],
        "Residents": ["Market Days", "Elsewhere Council £90,000 pa"],
    }
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, (name, money) in rows.items():
        sheet = book.create_sheet(title)
        sheet.append(heads)
        first = [name, "Cabinet member", "Lead Specialist", "Desirable", "The vale", "Help", "Others"]
        sheet.append([*first, "2018-21", money, "Strategic", "Desk", "yes"])
    path = folder / "register.xlsx"
    book.save(path)
    return path


def reports(pack: Pack, path: Path, as_of: date) -> tuple[Audit, str]:
    """The audit of a register, and all that its reports say."""
    done = audit(read_register(path, pack.vocabulary), pack, as_of, FinancialYear(as_of.year))
    table = lines(done, judge(done, "high", "high"), path.name, 100)
    return done, "\n".join(table) + "".join(record(done))


def test_no_code_names_a_council_or_a_rule(pack: Pack) -> None:
    root = ROOT
    councils = [spelling for term in pack.vocabulary.councils for spelling in term.spellings if len(spelling) > 2]
    named = [*councils, *pack.rules, *pack.conclusions]
    for path in [*(root / "engine").rglob("*.py"), *(root / "cli").rglob("*.py")]:
        for text in texts_of_code(path):
            assert not [name for name in named if name == text or (name in text and not name.islower())], path


def texts_of_code(path: Path) -> list[str]:
    """The texts in a module, but for its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented
    ]
