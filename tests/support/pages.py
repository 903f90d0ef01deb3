"""Pages made for a test: an audit with waived outcomes, and a register that means harm."""

from pathlib import Path

from openpyxl import Workbook

from support.bare_registers import HEADINGS
from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.verdict import judge
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.audit.waiving.waivers import apply_waivers
from tipstaff.policy.pack.model import Rule
from tipstaff.register.forms.waiver_entries import Written
from tipstaff.report.page.rendering import page

SCRIPT = "</script><script>window.harmed = 1</script>"
MARKUP = '"><img src=x onerror="window.harmed = 1">'
TURNED = "Trust \u202eevil\u2066 \u200f"
LONG = "Llanfair" * 40
BRACES = "{{ 7 * 7 }} {% raw %}"
HOSTILE = (SCRIPT, MARKUP, TURNED, LONG, BRACES, "' onmouseover='window.harmed=1", "<!-- <svg><style>")


def said(audit: Audit) -> str:
    """The page of an audit."""
    return "".join(page(audit, judge(audit, "high", "high"), "register.xlsx"))


def with_waived(audit: Audit) -> Audit:
    """The audit with a finding and an undetermined outcome of high rules waived, and a waiver of what is clear."""
    found = [_first(audit, outcome) for outcome in (Outcome.FINDING, Outcome.UNDETERMINED, Outcome.CLEAR)]
    return apply_waivers(audit, [_written(audit, rule, position) for rule, position in found])


def _first(audit: Audit, outcome: Outcome) -> tuple[Rule, int]:
    """The first high rule that came out one way, and for which partnership it first did."""
    rule = next(one for one in audit.rules if one.severity == "high" and (audit.answers[one.id] == outcome).any())
    return rule, audit.answers[rule.id].to_list().index(outcome)


def _written(audit: Audit, rule: Rule, position: int) -> Written:
    said = {
        "rule": rule.id,
        "partnership": audit.register.refs[position],
        "reason": "The new agreement is with the partner for signature",
        "approved_by": "Monitoring Officer",
        "until": "31 December 2016",
        "fingerprint": Explainer(audit, [position]).fingerprint(rule, position),
        "rule_fingerprint": rule.fingerprint,
    }
    return Written("waivers.yaml:3", said)


def hostile_register(path: Path) -> Path:
    """A workbook whose every text is one that a careless page would run, break or turn round."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Communities"
    sheet.append(HEADINGS)
    for number, text in enumerate(HOSTILE):
        sheet.append(
            (
                f"{text} {number}",
                text,
                text,
                ("Significant", "Desirable", text)[number % 3],
                text,
                text,
                text,
                ("2013-16", "1 April 2014 to 31 March 2017", text)[number % 3],
                ("SHDC £12,000 pa", "£5k each", text)[number % 3],
                ("Strategic", text)[number % 2],
                "someone@example.org",
            )
        )
    book.save(path)
    return path
