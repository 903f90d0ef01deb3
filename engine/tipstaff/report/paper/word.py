"""Word: a document as a .docx file, in styles that an officer can go on working with.

It has an outline, table headings that repeat on every page, and no fields but the numbers of pages. The same document
makes the same bytes.
"""

import io
from datetime import datetime, time

import docx
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section
from docx.shared import Cm, Length, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell as WordCell
from docx.text.paragraph import Paragraph as WordParagraph

from tipstaff.policy.pack.model import SEVERITIES
from tipstaff.register.files.zip_parts import packed
from tipstaff.report.paper.document import (
    STRONG,
    TO_FILL_IN,
    Block,
    Bullets,
    Cell,
    Document,
    Heading,
    Line,
    Numbered,
    Paragraph,
    Table,
    lines_of,
    words,
)

FONT = "Arial"
LANGUAGE = "en-GB"

_DARK = "1F3864"
_SHADES = {"high": "F8CBC6", "medium": "FCE0B8", "low": "FFF4C2", "advisory": "DCE9F7", TO_FILL_IN: "FFF2CC"}
"""The fill behind words by their role. Black on the darkest of them has a contrast of 14 to 1."""

_SHORT, _LONG, _MARGIN = Cm(21), Cm(29.7), Cm(2)
_INDENT = Cm(1.25)
_HEADINGS = {1: (15, 18, 6), 2: (12.5, 14, 4), 3: (11, 10, 3)}
"""The size of a heading by its level, and the space before and after it, in points."""

_NUMBERED, _CELL, _HEAD, _TABLE = "Numbered Paragraph", "Table Text", "Table Heading", "Report Table"

_TABLE_STYLE = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="ReportTable">
  <w:name w:val="{_TABLE}"/><w:basedOn w:val="TableGrid"/><w:uiPriority w:val="59"/><w:qFormat/>
  <w:tblPr>
    <w:tblBorders>{
    "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="8497B0"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
}</w:tblBorders>
    <w:tblCellMar>
      <w:top w:w="40" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>
      <w:bottom w:w="40" w:type="dxa"/><w:right w:w="85" w:type="dxa"/>
    </w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow">
    <w:rPr><w:b/><w:color w:val="FFFFFF"/></w:rPr>
    <w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{_DARK}"/></w:tcPr>
  </w:tblStylePr>
  <w:tblStylePr w:type="firstCol"><w:rPr><w:b/></w:rPr></w:tblStylePr>
</w:style>
"""


def word(document: Document) -> bytes:
    """The document as a .docx file."""
    made = docx.Document()
    _set_up(made, document)
    for number, part in enumerate(document.parts):
        section = _break(made) if number else made.sections[0]
        _shape(section, wide=part.wide)
        for before, block, after in zip((None, *part.blocks), part.blocks, (*part.blocks[1:], None), strict=False):
            _add(made, block, section)
            if isinstance(block, Paragraph):
                shape = made.paragraphs[-1].paragraph_format
                shape.keep_with_next = True if isinstance(after, Table | Bullets | Numbered) else None
                shape.space_before = Pt(10) if isinstance(before, Table) else None
    _footer(made.sections[0], document.footer)
    saved = io.BytesIO()
    made.save(saved)
    return packed(saved.getvalue(), {})


# Blocks


def _add(made: WordDocument, block: Block, section: Section) -> None:
    match block:
        case Heading(level=0, text=text):
            _write(made.add_paragraph(style="Title"), text)
        case Heading(level=level, text=text):
            _write(made.add_paragraph(style=f"Heading {level}"), text)
        case Paragraph(line=line, number=number) if number:
            paragraph = made.add_paragraph(style=_NUMBERED)
            paragraph.add_run(f"{number}\t")
            _write(paragraph, line)
        case Paragraph(line=line):
            _write(made.add_paragraph(), line)
        case Bullets(items=items):
            for item in items:
                _write(made.add_paragraph(style="List Bullet"), item)
        case Numbered(items=items):
            for one in items:
                _write(made.add_paragraph(style="List Number"), one.line)
                for point in one.points:
                    _write(made.add_paragraph(style="List Bullet 2"), point)
        case Table():
            _add_table(made, block, _width_of(section))


def _add_table(made: WordDocument, table: Table, width: int) -> None:
    added = made.add_table(rows=0, cols=0, style=_TABLE)
    added.autofit = False
    for share in table.widths:
        added.add_column(Length(width * share // sum(table.widths)))
    properties = added._tbl.tblPr
    properties.append(_element("w:tblCaption", val=_plain(table.title)))
    properties.replace(properties.find(qn("w:tblLook")), _look(labelled=table.labelled))
    cell_style, head_style = (made.styles[name].style_id for name in (_CELL, _HEAD))
    figures = [table.figures(column) for column in range(len(table.headings))]
    for number, cells in enumerate((table.headings, *table.rows)):
        row = added.add_row()
        settings = row._tr.get_or_add_trPr()
        settings.append(_element("w:cantSplit"))
        if number == 0:
            settings.append(_element("w:tblHeader"))
        for cell, content, is_figure in zip(row.cells, cells, figures, strict=True):
            _fill(cell, content, cell_style if number else head_style)
            if is_figure:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _look(*, labelled: bool) -> BaseOxmlElement:
    """Which parts of a table its style sets off: the headings, and the first column if it labels the rows."""
    parts = {"firstRow": 0x20, "lastRow": 0, "firstColumn": 0x80 * labelled, "lastColumn": 0, "noHBand": 0x200}
    parts["noVBand"] = 0x400
    on = {name: str(int(bool(bit))) for name, bit in parts.items()}
    return _element("w:tblLook", val=f"{sum(parts.values()):04X}", **on)


def _fill(cell: WordCell, content: Cell, style: str) -> None:
    """Write a cell in the style of that id: to look one up by its name takes long, and there are many cells."""
    lines = lines_of(content)
    for number, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph._p.style = style
        _write(paragraph, line)
    first = words(lines[0])[0].role
    if first in SEVERITIES:
        cell._tc.get_or_add_tcPr().append(_shade(_SHADES[first]))


def _write(paragraph: WordParagraph, line: Line) -> None:
    for one in words(line):
        run = paragraph.add_run(one.text)
        run.bold = True if one.role == STRONG else None
        if one.role == TO_FILL_IN:
            run._r.get_or_add_rPr().append(_shade(_SHADES[TO_FILL_IN]))


def _shade(fill: str) -> BaseOxmlElement:
    return _element("w:shd", val="clear", color="auto", fill=fill)


def _element(tag: str, **attributes: str) -> BaseOxmlElement:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


# Pages


def _shape(section: Section, *, wide: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (_LONG, _SHORT) if wide else (_SHORT, _LONG)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN


def _width_of(section: Section) -> int:
    """The width between the margins."""
    return int(section.page_width or 0) - int(section.left_margin or 0) - int(section.right_margin or 0)


def _break(made: WordDocument) -> Section:
    """Begin pages of another shape, without an empty paragraph where the last block can carry the break."""
    section: Section = made.add_section(WD_SECTION.NEW_PAGE)
    carrier = made.paragraphs[-1]._p
    before = carrier.getprevious()
    if before is not None and before.tag == qn("w:p"):
        before.get_or_add_pPr().append(next(carrier.iter(qn("w:sectPr"))))
        carrier.getparent().remove(carrier)
    return section


def _footer(section: Section, text: str) -> None:
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(paragraph, text)
    paragraph.add_run(". Page ")
    paragraph._p.append(_field("PAGE"))
    paragraph.add_run(" of ")
    paragraph._p.append(_field("NUMPAGES"))


def _field(name: str) -> BaseOxmlElement:
    field = _element("w:fldSimple", instr=name)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    return field


# Styles and properties


def _set_up(made: WordDocument, document: Document) -> None:
    properties = made.core_properties
    properties.title, properties.subject = _plain(document.title), _plain(document.subject)
    properties.author = properties.last_modified_by = "tipstaff"
    properties.comments, properties.keywords, properties.language = "", "", LANGUAGE
    properties.created = properties.modified = datetime.combine(document.made, time())
    _speak(made)
    _set_styles(made)
    for key, relation in list(made.part.package.rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            del made.part.package.rels[key]


def _speak(made: WordDocument) -> None:
    """Have every text of the document, and every style, in its language."""
    for element in (*made.styles.element.iter(qn("w:lang")), *made.settings.element.iter(qn("w:themeFontLang"))):
        element.set(qn("w:val"), LANGUAGE)


def _set_styles(made: WordDocument) -> None:
    normal = _style(made, "Normal", 11, 4, 6)
    normal.paragraph_format.line_spacing = 1.1
    title = _style(made, "Title", 20, 0, 10)
    for border in title.element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
    for level, (size, before, after) in _HEADINGS.items():
        heading = _style(made, f"Heading {level}", size, before, after)
        heading.paragraph_format.keep_with_next = True
    for style in (title, *(made.styles[f"Heading {level}"] for level in _HEADINGS)):
        style.font.bold, style.font.color.rgb = True, RGBColor.from_string(_DARK)
    numbered = _style(made, _NUMBERED, 11, 4, 6)
    numbered.paragraph_format.left_indent, numbered.paragraph_format.first_line_indent = _INDENT, Cm(-1.25)
    numbered.paragraph_format.tab_stops.add_tab_stop(_INDENT)
    for name, indent in {"List Number": 1.25, "List Bullet": 1.9, "List Bullet 2": 1.9}.items():
        points = _style(made, name, 11, 0, 4).paragraph_format
        points.line_spacing, points.left_indent, points.first_line_indent = 1.1, Cm(indent), Cm(-0.65)
    for name in (_CELL, _HEAD):
        cell = _style(made, name, 9, 0, 1)
        cell.paragraph_format.line_spacing = 1.0
    made.styles[_HEAD].paragraph_format.keep_with_next = True
    _style(made, "Footer", 9, 0, 0)
    _drop_unused(made)
    made.styles.element.append(parse_xml(_TABLE_STYLE))


def _drop_unused(made: WordDocument) -> None:
    """Take out the styles of tables that a new document comes with, but for those that the own one builds on."""
    for style in list(made.styles):
        if style.type is WD_STYLE_TYPE.TABLE and style.name not in ("Normal Table", "Table Grid"):
            style.delete()


def _style(made: WordDocument, name: str, size: float, before: float, after: float) -> ParagraphStyle:
    """A style of paragraphs, made if there is none of that name."""
    found = name in made.styles
    style = made.styles[name] if found else made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(style, ParagraphStyle)
    if not found:
        style.base_style = made.styles["Normal"]
        style.quick_style = True
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)
    style.font.size = Pt(size)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    return style


def _plain(text: str) -> str:
    return "".join(one.text for one in words(text))
