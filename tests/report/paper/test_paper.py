"""The committee paper, read back from Word and from Markdown by readers that share no code with what wrote it."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import docx
import polars as pl
import pytest
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tipstaff.audit.decisions.audit import Audit, Outcome, WaiverAccount, WaiverStatus, audit
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack
from tipstaff.register.forms.waiver_entries import Waiver
from tipstaff.register.reading import read_register
from tipstaff.report.paper import appendices, findings, framing, unknown
from tipstaff.report.paper.document import (
    STRONG,
    Block,
    Bullets,
    Document,
    Heading,
    Item,
    Lines,
    Numbered,
    Paragraph,
    Part,
    Table,
    Words,
    words,
)
from tipstaff.report.paper.markdown import markdown
from tipstaff.report.paper.paper import paper
from tipstaff.report.paper.word import word

AS_OF = date(2016, 8, 4)
A4 = (21.0, 29.7)
REASON, APPROVER, UNTIL = "A draft is with the partner.", "Head of Legal Services", date(2017, 3, 31)
WAIVED = {"AGR-02": Outcome.FINDING, "AGR-15": Outcome.UNDETERMINED}


@pytest.fixture(scope="module")
def waived(example: Audit) -> Audit:
    """The example with a finding and an undetermined outcome waived, so that there is some of every outcome."""
    explainer = Explainer(example, range(example.partnerships))
    answers, waivers = example.answers, {}
    for rule, outcome in WAIVED.items():
        column = answers[rule].to_list()
        at = column.index(outcome)
        column[at] = int(Outcome.WAIVED)
        answers = answers.with_columns(pl.Series(rule, column, dtype=pl.Int8))
        prints = explainer.fingerprint(example.pack.rules[rule], at), example.pack.rules[rule].fingerprint
        waivers[rule, at] = Waiver(rule, example.register.refs[at], REASON, APPROVER, UNTIL, *prints, "waivers.yaml:1")
    return replace(example, answers=answers, waivers=waivers)


@pytest.fixture(scope="module")
def data(waived: Audit) -> bytes:
    return word(paper(waived))


@pytest.fixture(scope="module")
def book(data: bytes) -> WordDocument:
    return docx.Document(io.BytesIO(data))


@pytest.fixture(scope="module")
def text(waived: Audit) -> str:
    return "".join(markdown(paper(waived)))


@pytest.fixture(scope="module")
def said(book: WordDocument) -> str:
    """Every paragraph and cell of the Word file, a line each."""
    cells = [cell.text for table in book.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in book.paragraphs), *cells])


def rows(table: WordTable) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def under(book: WordDocument, *headings: str) -> list[list[str]]:
    """The rows of the table that stands under these headings."""
    return next(rows(table)[1:] for table in book.tables if rows(table)[0] == list(headings))


# Markdown, as GitHub's flavour has it and with everything made a link that could be


def tokens(text: str) -> list[Token]:
    return MarkdownIt("gfm-like").parse(text)


def read(text: str) -> list[str]:
    """The texts of Markdown, one a block or cell. Fails on anything but plain and strong words."""
    return [one for token in tokens(text) if token.type == "inline" for one in _lines(token)]


def _lines(token: Token) -> Iterator[str]:
    found = ""
    for child in token.children or []:
        match child.type, child.content:
            case (("text" | "text_special"), content):
                found += content
            case "html_inline", "<br>":
                yield found
                found = ""
            case (("strong_open" | "strong_close"), _):
                continue
            case "html_inline", "<!-- -->":
                continue
            case kind, content:
                pytest.fail(f"{kind} {content!r} in {token.content!r}")
    yield found


# What the paper says


def test_every_outcome_is_counted_in_both_forms(waived: Audit, book: WordDocument, text: str) -> None:
    counts = {outcome.words: f"{count:,}" for outcome, count in waived.totals().items()}
    assert all(int(count.replace(",", "")) for count in counts.values())
    assert {row[0]: row[2] for row in under(book, "Outcome", "What it means", "Count")} == counts
    line = ", ".join(f"{count} {outcome.words}" for outcome, count in waived.totals().items())
    assert dict(row for row in under(book, "Item", "Result"))["Outcomes"] == line
    assert line in read(text)


def test_how_the_audit_came_to_be_made_is_in_the_summary(waived: Audit) -> None:
    said = read("".join(markdown(paper(waived, {"Settings": "from tipstaff.toml"}))))
    assert said[said.index("Settings") + 1] == "from tipstaff.toml"


def test_it_has_the_parts_of_a_council_report_in_their_order(book: WordDocument) -> None:
    parts = [one.text for one in book.paragraphs if one.style and one.style.name == "Heading 1"]
    assert [re.sub(r"^\d+\. ", "", part).split(":")[0] for part in parts] == [
        *("Recommendations", "Executive summary", "Background", "Outcomes", "What is not known", "Waived outcomes"),
        *("Options available, consideration of risk and proposed way forward", "Implications"),
        *("Supporting information", "Appendix 1", "Appendix 2", "Appendix 3", "Appendix 4"),
    ]
    block = dict(row for row in under(book, "Item", "Details"))
    assert block["Report to"] == "[Committee]"
    assert block["As of"] == "4 August 2016, for the cycle 2017/18"


def test_paragraphs_are_numbered_by_section(book: WordDocument) -> None:
    numbered = [one.text for one in book.paragraphs if one.style and one.style.name == "Numbered Paragraph"]
    numbers = [tuple(map(int, one.partition("\t")[0].split("."))) for one in numbered]
    assert numbers == sorted(numbers)
    assert {section for section, _ in numbers} == set(range(1, 8))
    for section in range(1, 8):
        own = [number for of, number in numbers if of == section]
        assert own == list(range(1, len(own) + 1))


def test_every_serious_finding_is_set_out_once_where_the_recommendations_say(
    waived: Audit, book: WordDocument, said: str
) -> None:
    set_out: dict[str, int] = {}
    for table in book.tables:
        head, *body = rows(table)
        for row in body:
            rule = row[0].partition("\n")[2]
            if head[:3] == ["Severity", "Partnership", "Finding"]:
                set_out[rule] = set_out.get(rule, 0) + 1
            elif head[:3] == ["Severity", "Finding", "Partnerships"]:
                set_out[rule] = set_out.get(rule, 0) + len(row[2].split("; "))
    found = {rule: counts["finding"] for rule, counts in waived.outcomes().items() if counts["finding"]}
    assert set_out == found
    recommended = [one.text for one in book.paragraphs if one.style and one.style.name == "List Bullet 2"]
    for rule in waived.rules:
        if rule.id in found and rule.severity in ("high", "medium"):
            assert rule.id == "REG-04" or any(f"({rule.id})" in one for one in recommended)
    assert {*re.findall(r"\((3\.\d+)\)", "\n".join(recommended))} <= {*re.findall(r"^(3\.\d+)\t", said, re.M)}


def test_findings_are_counted_by_theme(waived: Audit, book: WordDocument) -> None:
    headings = ("Theme", "Partnerships", "High", "Medium", "Low", "Advisory", "Undetermined", "Waived")
    *themes, total = under(book, *headings)
    sums = [sum(int(row[column]) for row in themes) for column in range(1, len(headings))]
    assert [int(figure) for figure in total[1:]] == sums
    totals = waived.totals()
    assert sums[0] == waived.partnerships
    assert sum(sums[1:5]) == totals[Outcome.FINDING]
    assert sums[5:] == [totals[Outcome.UNDETERMINED], totals[Outcome.WAIVED]]


def test_what_is_waived_is_said_with_who_why_and_until_when(book: WordDocument, text: str) -> None:
    found = under(book, "Severity", "Partnership", "What is waived", "Reason", "Approved by", "Until")
    assert [row[3:] for row in found] == [[REASON, APPROVER, "31 March 2017"]] * len(WAIVED)
    assert {row[0].partition("\n")[2] for row in found} == set(WAIVED)
    assert read(text).count(APPROVER) == len(WAIVED)


def test_a_waiver_that_waives_nothing_is_said_with_the_reason(waived: Audit) -> None:
    lapsed = WaiverAccount(
        WaiverStatus.LAPSED, "waivers.yaml:9", "AGR-01", "P10", 9, next(iter(waived.waivers.values())), Outcome.FINDING
    )
    said = read("".join(markdown(paper(replace(waived, as_of=date(2017, 4, 2), waiver_accounts=(lapsed,))))))
    assert "Lapsed by date: held until 31 March 2017 (2 days ago)" in said
    assert "AGR-01, P10" in said
    assert "5.2 1 further waiver waives nothing:" in said


def test_each_partnership_is_summed_up(waived: Audit, book: WordDocument) -> None:
    appendix = next(table for table in book.tables if rows(table)[0][-1] == "Summary and recommendations")
    assert len(appendix.rows) == waived.partnerships + 1
    deal = next(row for row in rows(appendix) if row[0].startswith("Growth Deal"))
    assert deal[2] == "undetermined (significant)"
    assert "No formal agreement (AGR-01)" in deal[-1]


def test_questions_are_asked_once_for_all_that_they_are_open_for(book: WordDocument) -> None:
    found = under(book, "Severity", "Question", "Partnerships", "Rules that wait for it")
    questions = [row[1] for row in found]
    assert len(questions) == len(set(questions)) > 5
    severities = [row[0] for row in found]
    assert severities == sorted(severities, key=["High", "Medium", "Low", "Advisory"].index)


def test_both_forms_say_the_same(waived: Audit, book: WordDocument, text: str) -> None:
    in_word = [one.text.replace("\t", " ") for one in book.paragraphs]
    in_word += [line for table in book.tables for row in rows(table) for cell in row for line in cell.split("\n")]
    assert sorted(read(text)) == sorted(in_word)


def test_a_large_register_is_cut_with_the_command_that_shows_the_rest(
    example: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = [(findings, "MOST_FINDINGS"), (findings, "MOST_NAMED"), (findings, "MOST_PROBLEMS")]
    limits += [(framing, "MOST_NAMED"), (unknown, "MOST_QUESTIONS"), (appendices, "MOST_PARTNERSHIPS")]
    for module, limit in limits:
        monkeypatch.setattr(module, limit, 3)
    text = "\n".join(read("".join(markdown(paper(example)))))
    command = "tipstaff check register.xlsx --as-of 2016-08-04 --cycle 2017/18 --format csv"
    assert f"And 27 more: {command}" in text
    assert f"; and 7 more ({command})" in text
    assert f"; and 16 more: {command}" in text
    assert "And 3 more: tipstaff validate register.xlsx" in text


# How it is laid out


def test_headings_skip_no_level(book: WordDocument, text: str) -> None:
    styles = [one.style.name or "" for one in book.paragraphs if one.style]
    levels = [0 if name == "Title" else int(name[-1]) for name in styles if name.startswith(("Title", "Heading"))]
    assert levels[0] == 0
    assert levels.count(0) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [int(token.tag[1]) - 1 for token in tokens(text) if token.type == "heading_open"] == levels


def test_every_table_has_a_heading_that_repeats_and_rows_that_hold_together(book: WordDocument) -> None:
    assert len(book.tables) > 10
    for table in book.tables:
        first, *others = table.rows
        assert first._tr.find(f".//{qn('w:tblHeader')}") is not None
        assert all(row._tr.find(f".//{qn('w:tblHeader')}") is None for row in others)
        assert all(row._tr.find(f".//{qn('w:cantSplit')}") is not None for row in table.rows)
        assert all(cell.text for cell in first.cells)
        assert table._tbl.find(f".//{qn('w:tblCaption')}").get(qn("w:val"))


def test_no_paragraph_is_empty_and_no_table_runs_into_another(book: WordDocument) -> None:
    assert [one for one in book.paragraphs if not one.text] == []
    body = [child.tag for child in book.element.body]
    assert all({one, other} != {qn("w:tbl")} for one, other in pairwise(body))


def test_it_is_british_and_on_a4(book: WordDocument) -> None:
    assert {one.get(qn("w:val")) for one in book.styles.element.iter(qn("w:lang"))} == {"en-GB"}
    assert book.core_properties.language == "en-GB"
    assert book.core_properties.title == "Partnerships: audit of the partnership register"
    shapes = [(section.orientation, section.page_width, section.page_height) for section in book.sections]
    assert [shape[0] for shape in shapes] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]
    assert all(sorted((round(width.cm, 1), round(height.cm, 1))) == list(A4) for _, width, height in shapes)
    assert all("PAGE" in section.footer._element.xml for section in book.sections)


def test_severities_are_said_in_words_where_they_are_coloured(book: WordDocument) -> None:
    shaded = [
        cell.text.partition("\n")[0]
        for table in book.tables
        for row in table.rows[1:]
        for cell in row.cells
        if cell._tc.tcPr.find(qn("w:shd")) is not None
    ]
    assert set(shaded) == {"High", "Medium", "Low", "Advisory"}


def test_the_same_audit_makes_the_same_bytes(waived: Audit, data: bytes, text: str) -> None:
    assert word(paper(waived)) == data
    assert "".join(markdown(paper(waived))) == text
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = docx.Document(io.BytesIO(data)).core_properties
    assert [one.date() for one in (properties.created, properties.modified) if one] == [AS_OF, AS_OF]


# What a register may hold

HOSTILE = [
    "=HYPERLINK(\"http://x.example\")", "[a](javascript:alert)", "![a](http://x.example/y)", "<script>alert</script>",
    "a | b || c", "**bold** _it_ `code` ~~gone~~", "# heading", "- point", "1. one", "2) two", "+ plus", "> quoted",
    "http://x.example/y", "HTTPS://X.EXAMPLE", "www.example.org", "bare.example.com", "someone@example.org",
    "mailto:a.b+c@d.example", "//localhost/x", "a & b &amp; &#64;", "\\ \\| \\", "ends in \\", "ends in #", "---",
    "===", "[x]: http://x.example", "<http://x.example>", "<!-- x -->", "$a$ :+1:", "a\u202eb\x00c\x0bd\ud800e\ufffe",
    "| --- |",
]  # fmt: skip


def everywhere(text: str) -> tuple[Block, ...]:
    """A text in every kind of place."""
    cells = (text, Lines((text, (Words(text, STRONG), " ", text))))
    return (
        Heading(1, text),
        Paragraph(text),
        Paragraph(text, "1.1"),
        Bullets((text, Words(text, "high"))),
        Numbered((Item(text, (text,)),)),
        Table(text, (text, "Other"), (1, 1), (cells,), labelled=True),
        Paragraph((Words(text, STRONG), " ", text)),
    )


def assert_they_come_back(texts: Sequence[str]) -> None:
    lines: list[str] = []
    cells: list[str] = []
    for text in texts:
        seen, double = ("".join(one.text for one in words(line)) for line in (text, (Words(text, STRONG), " ", text)))
        lines += [*[seen, seen, f"1.1\t{seen}", seen, seen, seen, seen], double]
        cells += [seen, "Other", seen, seen, double]
    made = Document(
        texts[0], texts[0], AS_OF, texts[0], (Part(tuple(one for text in texts for one in everywhere(text))),)
    )
    assert sorted(read("".join(markdown(made)))) == sorted(one.replace("\t", " ") for one in [*lines, *cells])
    book = docx.Document(io.BytesIO(word(made)))
    assert [one.text for one in book.paragraphs] == lines
    assert [line for table in book.tables for row in rows(table) for one in row for line in one.split("\n")] == cells
    assert not list(book.element.iter(qn("w:hyperlink"), qn("w:fldSimple"), qn("w:instrText")))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_would_be_more_is_that_text(text: str) -> None:
    assert_they_come_back([text])


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1))
@settings(max_examples=15)
def test_any_text_comes_back_as_it_is_shown(texts: list[str]) -> None:
    assert_they_come_back(texts)


@given(
    st.lists(st.sampled_from([*r"\`*_[]()<>&|~$#+-=.:/!@", "a", "1", " ", "www.", "http:"]), min_size=1).map("".join)
)
@settings(max_examples=300)
def test_no_marks_put_together_mean_anything(text: str) -> None:
    seen = "".join(one.text for one in words(text))
    for block in (Paragraph(text), Bullets((text,)), Paragraph((Words(text, STRONG), " x"))):
        if seen:
            said = read("".join(markdown(Document("", "", AS_OF, "", (Part((block,)),)))))
            assert [one.removesuffix(" x") for one in said] == [seen]


def test_contact_details_and_hostile_names_make_nothing(pack: Pack, tmp_path: Path) -> None:
    names = [name for name in HOSTILE if name.isprintable() and any(map(str.isalnum, name))]
    lines = ["Ref,Name,Theme,Lead Officer,Significant/Desirable,Contact Details,Financial arrangements"]
    for number, name in enumerate(names):
        quoted = name.replace('"', '""')
        lines.append(f'P{number},"{quoted}",Homes,"{quoted}",Significant,"0123 secret@example.org","SHDC £5,000"')
    (tmp_path / "register.csv").write_text("\n".join(lines), encoding="utf-8")
    register = read_register(tmp_path / "register.csv", pack.vocabulary)
    made = paper(audit(register, pack, AS_OF, FinancialYear(2017)))
    data, text = word(made), "".join(markdown(made))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not any(b"secret" in parts.read(part) for part in parts.namelist())
    assert "secret" not in text
    shown = "\n".join(read(text))
    assert [name for name in names if name not in shown] == []


# The page itself


def test_it_converts_to_pages_that_read_as_it_does(data: bytes, tmp_path: Path) -> None:
    tools = {name: shutil.which(name) for name in ("soffice", "pdftotext", "pdfinfo")}
    if missing := [name for name, path in tools.items() if path is None]:
        assert "TIPSTAFF_CI" not in os.environ, f"CI needs {missing}"
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    (tmp_path / "paper.docx").write_bytes(data)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    to_pdf = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), "paper.docx"]
    subprocess.run(to_pdf, cwd=tmp_path, check=True, capture_output=True, timeout=180)
    pdf = str(tmp_path / "paper.pdf")
    about = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
    pages = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    count = int(re.search(r"^Pages:\s+(\d+)$", about, re.M)[1])  # type: ignore[index]
    assert 10 <= count <= 30
    assert "Title:           Partnerships: audit of the partnership register" in about
    assert f"Audit of register.xlsx as of 4 August 2016. Page {count} of {count}" in pages
    assert pages.count("What to do, and who") > 9
    assert "Recommendations" in pages.split("\f")[0]
