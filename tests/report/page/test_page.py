"""The page is one file that loads nothing, escapes everything, and counts what it leaves out."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path
from xml.etree import ElementTree

import pytest

from support.audits import audit_of
from support.bare_registers import HEADINGS
from support.pages import HOSTILE, hostile_register, said, with_waived
from tipstaff.audit.comparing.comparison import compare, judge
from tipstaff.audit.comparing.snapshot import take_snapshot
from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.policy.pack.model import Pack
from tipstaff.report.page import contents, figures
from tipstaff.report.page.rendering import page

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def text(example: Audit) -> str:
    return said(with_waived(example))


def test_the_same_audit_gives_the_same_bytes(example: Audit, text: str) -> None:
    assert said(with_waived(example)) == text


def test_it_is_a_whole_document_in_british_english(text: str) -> None:
    assert text.startswith('<!DOCTYPE html>\n<html lang="en-GB">\n')
    assert text.endswith("</html>")


def test_only_its_own_style_and_script_may_run(text: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    allowed = dict(part.strip().split(" ", 1) for part in policy[1].replace("&#39;", "'").split(";"))
    assert allowed["default-src"] == "'none'"
    for tag in ("style", "script"):
        own = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(own) == 1
        digest = b64encode(hashlib.sha256(own[0].encode()).digest()).decode()
        assert allowed[f"{tag}-src"] == f"'sha256-{digest}'"


def test_it_points_to_nothing_outside_itself(text: str) -> None:
    assert set(re.findall(r'\bhref="(.)', text)) == {"#"}
    assert set(re.findall(r"url\((.)", text)) == {"#"}
    assert not re.search(r"\s(?:src|srcset|action|style|on\w+)=", text)
    assert set(re.findall(r"https?://[\w./]+", text)) == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"}


def test_it_says_nothing_that_may_not_leave_the_register(text: str, example: Audit, bare: Audit) -> None:
    assert "@example.org" not in said(bare)
    assert "/" + "work" not in text
    assert str(example.pack.folder) not in text


def test_every_link_within_it_has_its_place(text: str) -> None:
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    assert {one for named in re.findall(r'aria-labelledby="([^"]*)"', text) for one in named.split()} <= set(ids)


def test_every_reported_outcome_stands_on_it_once(example: Audit, text: str) -> None:
    totals = with_waived(example).totals()
    for outcome in (Outcome.FINDING, Outcome.UNDETERMINED, Outcome.WAIVED):
        assert text.count(f'data-outcome="{outcome.word}"') == totals[outcome] > 0


def test_a_waived_outcome_says_why_who_and_until(text: str) -> None:
    assert text.count("<strong>Waived until 31 December 2016</strong> by Monitoring Officer") == 2
    assert text.count("by Monitoring Officer: The new agreement is with the partner for signature <span") == 2


def test_a_waiver_that_waives_nothing_is_said(text: str) -> None:
    assert "Waivers that waive nothing (1 of 3)" in text
    assert "nothing to waive: the outcome is clear" in text


def test_what_got_worse_since_the_baseline_is_said(example: Audit) -> None:
    comparison = compare(take_snapshot(with_waived(example)), take_snapshot(example))
    verdict = judge(comparison, "high", "high")
    text = "".join(page(example, verdict, "register.xlsx", (), comparison, {"Project": "tipstaff.toml"}))
    assert "What got worse (2)" in text
    assert "Exit code 1, for what got worse: 1 high finding and 1 high outcome undetermined." in text
    assert "<dt>Project</dt><dd>tipstaff.toml</dd>" in text


def test_a_long_register_is_cut_and_says_how_much_is_left(bare: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MOST_OUTCOMES", 20)
    short = said(bare)
    totals = bare.totals()
    assert short.count('data-outcome="finding"') == short.count('data-outcome="undetermined"') == 20
    assert f"leaves out {totals[Outcome.FINDING] - 20} more findings" in short
    assert f"{totals[Outcome.UNDETERMINED] - 20:,} more not known" in short
    worst = [rule.severity for rule in bare.rules if (bare.answers[rule.id] == Outcome.FINDING).any()]
    assert set(re.findall(r'data-severity="(\w+)" data-outcome="finding"', short)) <= {"high", *worst}


def test_what_means_harm_is_shown_as_text(pack: Pack, tmp_path: Path) -> None:
    audit = audit_of(hostile_register(tmp_path / "hostile.xlsx"), pack)
    text = said(audit)
    assert audit.partnerships == len(HOSTILE)
    assert "<script>window" not in text
    assert "<img" not in text
    assert "{{ 7 * 7 }}" in text
    assert not any(mark in text for mark in "\u202e\u2066\u200f")
    for drawn in _charts(text):
        assert not any(one.tag.endswith(("script", "img", "style")) for one in drawn.iter())


# Charts


def _charts(text: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(one) for one in re.findall(r"<svg [^>]*role=.*?</svg>", text, re.DOTALL)]


def test_a_chart_is_an_image_with_its_title_and_description(text: str) -> None:
    drawn = _charts(text)
    assert len(drawn) == 3
    for chart in drawn:
        assert chart.get("role") == "img"
        named = [chart.find(f"{SVG}{tag}") for tag in ("title", "desc")]
        assert all(one is not None and one.text for one in named)
        assert chart.get("aria-labelledby") == " ".join(str(one.get("id")) for one in named if one is not None)


def test_themes_add_up_to_the_findings(example: Audit) -> None:
    counted = figures.themes(example)
    assert sum(one.total for one in counted) == example.totals()[Outcome.FINDING]
    assert counted[-1].theme == figures.NO_THEME


def test_bars_are_as_long_as_their_counts(example: Audit, text: str) -> None:
    counted = figures.themes(example)
    most = max(one.total for one in counted)
    bars = [one for one in _charts(text)[0].iter(f"{SVG}rect") if one.get("class") == "fill-medium"]
    expected = [one.counts[1] for one in counted if one.counts[1]]
    # One waived finding is of a high rule, so that the medium ones are as they were.
    assert [float(bar.get("width", "").rstrip("%")) for bar in bars] == pytest.approx(
        [100 * count / most for count in expected], abs=0.01
    )


def test_agreements_end_in_order_and_those_not_drawn_are_counted(example: Audit, pack: Pack) -> None:
    found = figures.agreements(example)
    assert found is not None
    last_days = [one.ends.hi for one in found.drawn]
    assert last_days == sorted(last_days)
    assert len(found.drawn) + found.beyond + found.unknown == example.partnerships


def test_an_organisation_is_drawn_with_the_most_it_had(example: Audit) -> None:
    entries = LedgerEntries(example)
    (ledger, *_) = figures.ledgers(example, entries)
    first = ledger.drawn[0]
    assert first.name == "Citizens Advice in South Hams"
    assert first.total.least == 146_000_00
    assert not first.total.planned
    sums = [one.total.least for one in ledger.drawn]
    assert sums == sorted(sums, reverse=True)


def test_where_there_is_nothing_to_draw_there_is_no_chart(pack: Pack, tmp_path: Path) -> None:
    audit = audit_of(_one_name(tmp_path / "names.csv"), pack)
    assert figures.agreements(audit) is None
    assert list(figures.ledgers(audit, LedgerEntries(audit))) == []
    assert len(_charts(said(audit))) == 1


def _one_name(path: Path) -> Path:
    """A register of one partnership, of which nothing but the name is known."""
    path.write_text(f"{','.join((*HEADINGS, 'Theme'))}\nTree wardens,,,,,,,,,,,\n", encoding="utf-8")
    return path
