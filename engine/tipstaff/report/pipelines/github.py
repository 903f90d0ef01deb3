"""GitHub: the worst of an audit as annotations of a workflow run, and its overall result.

GitHub shows the first ten annotations of a level for each step, and drops the rest; so no more are written, the worst
of each level, and one notice that counts all five outcomes and says where the others are. What is waived is counted and
not annotated; waivers that waive nothing have a warning. Every line is a workflow command, its texts escaped, so that
nothing in a register is taken for another.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.findings import Explainer, Finding, reported_places
from tipstaff.policy.pack.model import Rule
from tipstaff.report.wording.phrases import shown, typed
from tipstaff.report.wording.places import Places
from tipstaff.report.wording.summary import summary
from tipstaff.report.wording.waivers import list_failing

MOST = 10
"""The most annotations of a level that GitHub shows for a step."""

LEVELS = {"high": "error", "medium": "warning", "low": "notice", "advisory": "notice"}

_SUMMARY = "notice"
"""The level of the notice that sums up, which is one of those that are shown."""

_LAPSED = "warning"
"""The level of the annotation that tells of waivers that waive nothing, likewise."""


def lines(audit: Audit, places: Places, source: str, options: Sequence[str] = ()) -> Iterator[str]:
    """The commands, line by line, worst first.

    ``source`` is what the officer calls the register on the command line; ``options`` are those that a further command
    must repeat to speak of the same audit.
    """
    lapsed = list_failing(audit)
    if lapsed:
        yield command(_LAPSED, "\n".join(lapsed), title="Waivers that waive nothing")
    chosen = _chosen(audit, lapsed=bool(lapsed))
    explainer = Explainer(audit, (position for _, position, _ in chosen))
    for place in chosen:
        yield _annotation(explainer.finding(*place), places)
    totals = audit.totals()
    open_ones = totals[Outcome.FINDING] + totals[Outcome.UNDETERMINED]
    again = ["tipstaff", "check", source, "--as-of", audit.as_of.isoformat(), *options]
    said = [f"{label}: {text}" for label, text in summary(audit).items()]
    said.append(f"Annotated: the worst {len(chosen)} of {open_ones:,}; all of them: {typed(*again)}")
    yield command(_SUMMARY, "\n".join(said), title="tipstaff")


def command(name: str, message: str, **properties: str | int) -> str:
    """A workflow command on one line."""
    given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {given}::{_data(message)}"


def _chosen(audit: Audit, *, lapsed: bool) -> list[tuple[Rule, int, Outcome]]:
    """The places to annotate: the worst of each level."""
    left = Counter(dict.fromkeys(LEVELS.values(), MOST))
    left[_SUMMARY] -= 1
    left[_LAPSED] -= lapsed
    chosen = []
    for place in reported_places(audit):
        level = LEVELS[place[0].severity]
        if place[2] is Outcome.WAIVED or not any(left.values()):
            break
        if left[level]:
            left[level] -= 1
            chosen.append(place)
    return chosen


def _annotation(finding: Finding, places: Places) -> str:
    rule = finding.rule
    place = places.place(places.principal(finding))
    said = [shown(finding.message)]
    if finding.step is not None:
        said.append(f"What to do: {shown(finding.step.sentence)}")
    where = f", {shown(place.cell)}" if place.cell else ""
    return command(
        LEVELS[rule.severity],
        "\n".join(said),
        file=place.path,
        line=place.line or 1,
        title=f"{rule.id} {rule.title}{where}",
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
