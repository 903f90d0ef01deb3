"""Rendering: the contents of the page through its template, with its own style and script and nothing from elsewhere.

Everything is escaped by the template engine, and what cannot be seen (control characters, marks that turn the
direction of text) is made visible first. The browser may run and load nothing but what is here.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tipstaff.audit.comparing.comparison import Comparison
from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.decisions.verdict import Verdict
from tipstaff.facts.units import show_date, show_number
from tipstaff.policy.language import english
from tipstaff.report.page import charts
from tipstaff.report.page.contents import MOST_LISTED, Contents
from tipstaff.report.wording.citations import quoted
from tipstaff.report.wording.not_known import place_to_write
from tipstaff.report.wording.phrases import many, place, shown

_LONGEST = 2_000
_PIECES = 200


def page(
    audit: Audit,
    verdict: Verdict,
    source: str,
    options: Sequence[str] = (),
    comparison: Comparison | None = None,
    notes: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[str]:
    """The page, piece by piece.

    ``source`` is what the officer calls the register; ``options`` are those that a further command must repeat to speak
    of the same audit. ``comparison`` is that with a baseline, on which the verdict then is; ``notes`` are further
    labelled lines for the summary.
    """
    environment = Environment(
        loader=PackageLoader("tipstaff.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters |= {"quoted": quoted, "day": show_date, "number": show_number, "many": many}
    environment.globals |= {
        "charts": charts,
        "cited": english.cited,
        "most": MOST_LISTED,
        "place": lambda cell: place(cell, audit.register.name),
        "place_to_write": lambda missing: place_to_write(audit, missing),
    }
    style, script = _own("page.css"), _own("page.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    stream = environment.get_template("page.html.j2").stream(
        page=Contents(audit, verdict, source, options, comparison, notes), security=policy, style=style, script=script
    )
    stream.enable_buffering(_PIECES)
    return iter(stream)


def _visible(value: object) -> object:
    """A text with nothing in it that cannot be seen; markup of our own as it is."""
    if not isinstance(value, str) or isinstance(value, Markup) or (len(value) <= _LONGEST and value.isprintable()):
        return value
    return shown(value, _LONGEST)


def _own(name: str) -> Markup:
    """A file of the page, to be included as it is."""
    return Markup((files("tipstaff.report") / "page" / name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
