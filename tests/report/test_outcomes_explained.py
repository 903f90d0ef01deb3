"""What each outcome means is said in the same words wherever a reader is told."""

import io
import re

import openpyxl

from support.paths import ROOT
from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.verdict import judge
from tipstaff.report.page.rendering import page
from tipstaff.report.paper.markdown import markdown
from tipstaff.report.paper.paper import paper
from tipstaff.report.wording.summary import MEANINGS
from tipstaff.report.workbook.workbook import workbook


def test_every_outcome_has_one_meaning() -> None:
    assert set(MEANINGS) == set(Outcome)
    assert len(set(MEANINGS.values())) == len(Outcome)


def test_page_paper_and_workbook_explain_them_in_the_same_words(example: Audit) -> None:
    sheets = openpyxl.load_workbook(io.BytesIO(workbook(example, b"", ()).data))
    cells = {(row[0], row[1]) for row in sheets["Summary"].iter_rows(values_only=True)}
    html = "".join(page(example, judge(example, "high", "high"), "register.xlsx"))
    text = "".join(markdown(paper(example)))
    for outcome, meaning in MEANINGS.items():
        assert (outcome.words, meaning) in cells
        assert html.count(meaning) == 2
        assert text.count(meaning) == 1


def test_so_does_the_readme() -> None:
    table = re.findall(r"^\| ([a-z ]+) \| (.+) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = {outcome: meaning for outcome, meaning in table if outcome in {one.words for one in Outcome}}
    assert told == {
        outcome.words: f"{meaning[0].lower()}{meaning[1:].removesuffix('.')}" for outcome, meaning in MEANINGS.items()
    }
