"""Every format of one audit, read back by an independent reader: the same totals, none of them nought, and no contact.

A format that states the totals, and one from which they can be counted, does so in as many ways as it has.
"""

import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import docx
import openpyxl
import pyarrow.parquet
import pytest
from click.testing import CliRunner
from junitparser import Failure, JUnitXml
from markdown_it import MarkdownIt

from support.paths import EXAMPLES
from tipstaff.report.formats import FORMATS
from tipstaff_cli.main import cli

REGISTER = EXAMPLES / "register.xlsx"
WORDS = ("clear", "finding", "undetermined", "not applicable", "waived")

COUNTED = {"finding": "findings", "undetermined": "undetermined", "waived": "waived"}

Totals = Mapping[str, int]
Rows = Iterable[Iterable[object]]


def in_words(text: str) -> Iterator[Totals]:
    """The totals wherever a text says them: ``671 clear, 87 finding, ...``."""
    for counts in re.finditer(", ".join(rf"([0-9,]+) {word}" for word in WORDS), " ".join(text.split())):
        yield {word: int(count.replace(",", "")) for word, count in zip(WORDS, counts.groups(), strict=True)}


def by_name(stated: Mapping[str, Any]) -> Totals:
    return {name.replace("_", " "): int(count) for name, count in stated.items()}


def in_rows(rows: Rows) -> Iterator[Totals]:
    """The totals in tables: the one that has a row for each outcome, and a sum down the one with a column for each."""
    named: dict[str, int] = {}
    places: dict[str, int] = {}
    sums = Counter[str]()
    for cells in rows:
        row = ["" if cell is None else str(cell).strip() for cell in cells]
        headings = {cell.lower(): place for place, cell in enumerate(row)}
        if headings.keys() >= set(WORDS):
            places = {word: headings[word] for word in WORDS}
        elif len(row) > 2 and row[0].lower() in WORDS and row[2].isdecimal():
            named[row[0].lower()] = int(row[2])
        elif places and len(row) > max(places.values()) and all(row[place].isdecimal() for place in places.values()):
            sums.update({word: int(row[place]) for word, place in places.items()})
    yield named
    yield sums


def summed(counts: Iterable[Mapping[str, int]]) -> Totals:
    found = Counter[str]()
    for one in counts:
        found.update(one)
    return by_name(found)


def listed(outcomes: Iterable[str], totals: Totals) -> Totals:
    """The totals with those that a format lists one by one as it lists them."""
    return {**totals, **dict.fromkeys(("finding", "undetermined", "waived"), 0), **Counter(outcomes)}


# One reader a format: all the totals that it tells.


def of_table(data: bytes) -> Iterator[Totals]:
    yield from in_words(data.decode())


def of_json(data: bytes) -> Iterator[Totals]:
    record = json.loads(data)
    totals = by_name(record["summary"]["outcomes"])
    yield totals
    yield summed(record["outcomes_by_rule"].values())
    yield listed((one["outcome"] for one in record["findings"]), totals)


def of_jsonl(data: bytes) -> Iterator[Totals]:
    lines = [json.loads(line) for line in data.decode().splitlines()]
    totals = by_name(lines[0]["summary"]["outcomes"])
    yield totals
    yield summed(line["outcomes"] for line in lines if line["kind"] == "rule")
    yield listed((line["outcome"] for line in lines if line["kind"] == "finding"), totals)


def of_csv(data: bytes) -> Iterator[Totals]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    yield summed({row["outcome"]: int(row["count"])} for row in rows)


def of_parquet(data: bytes) -> Iterator[Totals]:
    file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
    said = {key.decode(): value.decode() for key, value in file.metadata.metadata.items()}
    yield by_name(json.loads(said["tipstaff.totals"]))
    columns = file.read().to_pydict()
    rules = json.loads(said["tipstaff.rules"])
    yield by_name(Counter(word for rule in rules for word in columns[rule]))
    clear = [word for rule in rules for word in columns[rule] if word in ("clear", "not_applicable")]
    counted = {word: sum(columns[column]) for word, column in COUNTED.items()}
    yield by_name({**Counter(clear), **counted})


class Page(HTMLParser):
    """A page: its text, the rows of its tables, and the first number in each element that says what it totals."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.rows: list[list[str]] = []
        self.totals: dict[str, int] = {}
        self._total = ""
        self._in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._total = dict(attrs).get("data-total") or self._total
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("th", "td")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_cell:
            self.rows[-1][-1] += data
        if self._total and data.strip():
            self.totals[self._total] = int(data)
            self._total = ""


def of_html(data: bytes) -> Iterator[Totals]:
    page = Page(data.decode())
    yield by_name(page.totals)
    yield from in_words(page.text)


def of_md(data: bytes) -> Iterator[Totals]:
    page = Page(MarkdownIt("commonmark").enable("table").render(data.decode()))
    yield from in_words(page.text)
    yield from in_rows(page.rows)


def of_docx(data: bytes) -> Iterator[Totals]:
    rows = [[cell.text for cell in row.cells] for table in docx.Document(io.BytesIO(data)).tables for row in table.rows]
    yield from in_words("\n".join(text for row in rows for text in row))
    yield from in_rows(rows)


def of_xlsx(data: bytes) -> Iterator[Totals]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    rows = list(book["Summary"].iter_rows(values_only=True))
    yield from in_words("\n".join(str(cell) for row in rows for cell in row))
    totals, sums = in_rows(rows)
    yield from (totals, sums)
    heading, *findings = book["Findings"].iter_rows(values_only=True)
    yield listed((str(row[heading.index("Outcome")]) for row in findings), totals)


def of_sarif(data: bytes) -> Iterator[Totals]:
    (run,) = json.loads(data)["runs"]
    totals = by_name(run["properties"]["summary"]["outcomes"])
    yield totals
    kinds = {"fail": "finding", "open": "undetermined"}
    yield listed(("waived" if "suppressions" in one else kinds[one["kind"]] for one in run["results"]), totals)


def of_junit(data: bytes) -> Iterator[Totals]:
    (suite,) = JUnitXml.fromstring(data)
    properties = {one.name: one.value for one in suite.properties()}  # type: ignore[no-untyped-call]
    yield by_name({key.removeprefix("outcomes."): n for key, n in properties.items() if key.startswith("outcomes.")})
    outcomes = Counter[str]()
    for case in suite:
        result = next(iter(case.result), None)
        outcomes["clear" if result is None else "finding" if isinstance(result, Failure) else result.type] += 1
    yield by_name(outcomes)


def of_github(data: bytes) -> Iterator[Totals]:
    yield from in_words(data.decode())


READERS: Mapping[str, Callable[[bytes], Iterator[Totals]]] = {
    "table": of_table,
    "json": of_json,
    "jsonl": of_jsonl,
    "csv": of_csv,
    "parquet": of_parquet,
    "html": of_html,
    "md": of_md,
    "docx": of_docx,
    "xlsx": of_xlsx,
    "sarif": of_sarif,
    "junit": of_junit,
    "github": of_github,
}


@pytest.fixture(scope="module", params=READERS)
def reported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """A format, and the report in it of the example with its waivers."""
    form: str = request.param
    path = tmp_path_factory.mktemp("reports") / "report"
    options = ["--as-of", "2016-08-04", "--waivers", str(EXAMPLES / "waivers.yaml"), "--format", form, "-o"]
    if form == "xlsx":
        path = path.with_suffix(".xlsx")
    ended = CliRunner().invoke(cli, ["check", str(REGISTER), *options, str(path)])
    assert (ended.exit_code, ended.output) == (1, "")
    return form, path.read_bytes()


@pytest.fixture(scope="module")
def totals() -> Totals:
    """The totals as the record counts them rule by rule, of which none is nought."""
    options = ["--as-of", "2016-08-04", "--waivers", str(EXAMPLES / "waivers.yaml"), "--format", "json"]
    _, found, _ = of_json(CliRunner().invoke(cli, ["check", str(REGISTER), *options]).stdout_bytes)
    assert found.keys() == set(WORDS)
    assert all(found.values())
    return found


def test_every_format_has_a_reader() -> None:
    assert READERS.keys() == FORMATS.keys()


def test_every_format_counts_the_same_five_outcomes(reported: tuple[str, bytes], totals: Totals) -> None:
    form, data = reported
    found = list(READERS[form](data))
    assert found
    assert all(dict(one) == dict(totals) for one in found), found


def parts(data: bytes) -> list[bytes]:
    """A file, or the files that it is a zip of."""
    if not data.startswith(b"PK"):
        return [data]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [package.read(name) for name in package.namelist()]


def contacts() -> list[str]:
    """What stands in the columns of contact details of the example."""
    found = []
    for sheet in openpyxl.load_workbook(REGISTER).worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value == "Contact Details"):
            below = sheet.iter_rows(cell.row + 1, None, cell.column, cell.column, values_only=True)
            found += [str(value) for (value,) in below if value is not None]
    return found


def test_contact_details_are_in_no_format(reported: tuple[str, bytes]) -> None:
    """A returned workbook has them where the officer wrote them, and nowhere else."""
    form, data = reported
    own = parts(REGISTER.read_bytes()) if form == "xlsx" else []
    secrets = contacts()
    assert len(secrets) > 20
    for secret in secrets:
        said = secret.encode()
        assert sum(part.count(said) for part in parts(data)) == sum(part.count(said) for part in own), secret
