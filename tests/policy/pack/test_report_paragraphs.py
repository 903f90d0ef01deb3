"""The bundled policy against the report it comes from: what it quotes stands there, and no paragraph is passed over."""

import re
from collections.abc import Iterator

import pytest

from support.paths import SHARED
from tipstaff.policy.pack.model import Pack

REPORT = SHARED / "partnerships-report-2016-08-04.txt"

pytestmark = pytest.mark.skipif(not REPORT.is_file(), reason="the report is not beside this checkout")


def plain(text: str) -> str:
    """A text as its words, whatever quotes, dashes and line ends it was set with."""
    return re.sub(r"[^\w£]+", " ", text).casefold().strip()


def quoted(pack: Pack) -> Iterator[tuple[str, str, str]]:
    """What is quoted, by which part of the pack, and from which paragraph."""
    for rule in pack.rules.values():
        yield rule.id, rule.source.words or "", rule.source.paragraph
    for criterion in pack.criteria.values():
        if criterion.source is not None:
            yield criterion.name, criterion.source.words or "", criterion.source.paragraph
    for name, part in pack.interpretations.items():
        yield name, part.says, part.paragraph


def test_every_rule_quotes_the_report(pack: Pack) -> None:
    report = plain(REPORT.read_text(encoding="utf-8"))
    for name, words, _ in quoted(pack):
        assert words, f"{name} quotes nothing"
        assert plain(words) in report, f"{name} quotes what the report does not say: {words}"


def test_every_paragraph_is_cited_or_said_to_state_no_rule(pack: Pack) -> None:
    numbered = set(re.findall(r"^[-*\s]*(\d\.\d(?:\.\d)?)\b", REPORT.read_text(encoding="utf-8"), re.MULTILINE))
    cited = {paragraph for _, _, paragraph in quoted(pack)}
    assert numbered, "the report has numbered paragraphs"
    assert not numbered - cited - set(pack.description)
