"""Officers' workbooks for tests: small registers with all that a returned workbook must not lose."""

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from support.paths import EXAMPLES
from tipstaff.audit.decisions.audit import Audit, audit
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import read_register

EXAMPLE = EXAMPLES / "register.xlsx"

HEADINGS = [
    "Ref", "Name", "Lead Officer", "Significant/Desirable", "Type of Partnership", "Agreement dates",
    "Financial arrangements", "Contact Details",
]  # fmt: skip


def with_everything() -> bytes:
    """A register with formulas and their results, a chart, comments, validation, conditions, names, a hidden sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    homes = book.create_sheet("Homes")
    homes.append(["PARTNERSHIPS: HOMES"])
    homes.append(HEADINGS)
    homes.append(
        [
            "P1",
            "Alpha",
            None,
            "Desirable",
            "Service Improvement",
            "1 April 2012 – 31 March 2014",
            "=12000*2",
            "0123 secret@example.org",
        ]
    )
    homes.append(["P2", "Beta", "Head of Place", "Significant", None, "rolling", "SHDC £5,000 pa", None])
    homes.append(["P3", "Gamma", "Head of Place", None, "Community Delivery", None, None, None])
    homes.merge_cells("A1:H1")
    homes["D3"].fill = PatternFill("solid", fgColor="FF00B050")
    homes["D3"].font = Font(bold=True)
    homes["F3"].comment = Comment("Ask legal about this one.", "Committee clerk")
    homes["B4"].comment = Comment("Not for tipstaff.", "Committee clerk")
    homes.column_dimensions["B"].width = 41
    homes.conditional_formatting.add(
        "D3:D9", CellIsRule(operator="equal", formula=['"Significant"'], fill=PatternFill("solid", bgColor="FFFF0000"))
    )
    choice = DataValidation(type="list", formula1='"Significant,Desirable"')
    choice.add("D3:D9")
    homes.add_data_validation(choice)
    sums = book.create_sheet("Working out")
    sums["A1"], sums["B1"] = "Sum", "=SUM(1,2)"
    chart = BarChart()
    chart.add_data(Reference(sums, min_col=2, min_row=1, max_row=1))
    sums.add_chart(chart, "D4")
    sums.sheet_state = "hidden"
    book.defined_names["Half"] = DefinedName("Half", attr_text="'Working out'!$B$1")
    saved = io.BytesIO()
    book.save(saved)
    return changed(
        saved.getvalue(),
        {
            "xl/worksheets/sheet1.xml": (b"</f><v></v>", b"</f><v>24000</v>"),
            "xl/worksheets/sheet2.xml": (b"</f><v></v>", b"</f><v>3</v>"),
        },
    )


def changed(data: bytes, changes: dict[str, tuple[bytes, bytes]], more: dict[str, bytes] | None = None) -> bytes:
    """A workbook with something in its parts put in place of something else, and further parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name in changes:
                before, after = changes[name]
                assert before in content, name
                content = content.replace(before, after)
            new.writestr(zipfile.ZipInfo(name, (2016, 8, 4, 9, 0, 0)), content)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return made.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def saved_as(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def audit_of(path: Path, pack: Pack) -> Audit:
    """The audit of a register as of 4 August 2016."""
    return audit(read_register(path, pack.vocabulary), pack, date(2016, 8, 4), FinancialYear(2017))
