"""Cell notes: comments on cells of an officer's own sheet, and a fill that lies over the format of each.

The fill is a conditional format, so that the cell keeps its own and has it back when the finding is settled. A comment
that is there is kept, and ours is added below it between two marks, by which it is found and taken out again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tipstaff.register.files.sheet import column_letter
from tipstaff.report.workbook.package import RELATIONS, SPREADSHEET, Package
from tipstaff.report.workbook.xml_parts import Element, NotAsExpectedError, Splices, adopted, outline, place_among

AUTHOR = "tipstaff"
_OPENS, _CLOSES = "▸ tipstaff", "◂"
_OURS = re.compile(rf"(?<!\n)\n*+{_OPENS}\b[^{_OPENS[0]}{_CLOSES}]*+{_CLOSES}")
_MARK = "tipstaff:"
"""Begins the text in the formula of a condition that is ours."""

_COMMENTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_DRAWN_LATER = (
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "AlternateContent", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip
_FORMATTED_LATER = (
    "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks",
    "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing",
    *_DRAWN_LATER,
)  # fmt: skip
_MOST_RANGES = 300
_MOST_MERGED = 1_000_000
_CHARACTERS_A_LINE, _POINTS_A_LINE = 52, 13
_FONT = b'<rPr><sz val="9"/><color indexed="81"/><rFont val="Tahoma"/><family val="2"/></rPr>'
_SHAPE = re.compile(rb"<((?:\w+:)?)shape\b(?:(?!<(?:\w+:)?shape\b).)*?</\1shape>", re.DOTALL)
_SHAPE_AT = re.compile(rb"<(?:\w+:)?(Row|Column)>\s*([0-9]{1,9})\s*</")
_SHAPE_ID = re.compile(rb"_x0000_s([0-9]{1,9})\b")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_VML_PREFIXES = (
    b' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    b' xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_NEW_VML = (
    b"<xml" + _VML_PREFIXES + b'><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
)
_SHAPE_TYPE = (
    b"<v:shapetype"
    + _VML_PREFIXES
    + b' id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    b'<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)

Cell = tuple[int, int]
"""A row and a column, from one."""


@dataclass(frozen=True, slots=True)
class Note:
    """The note on a cell, and the severity whose fill covers it; None for what is waived."""

    text: str
    severity: str | None


def cell_of(reference: str) -> Cell | None:
    """``C4`` is (4, 3); None of what names no cell."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def annotate(package: Package, part: str, notes: Mapping[Cell, Note], fills: Mapping[str, int]) -> list[Cell]:
    """Write notes on a sheet in place of those of an earlier audit; ``fills`` are the formats by severity.

    Returns the cells that could take no comment because they hold a conversation. Raises NotAsExpectedError.
    """
    sheet = outline(package.part(part), ["sheetData"])
    notes = _on_merged(sheet, notes)
    related = package.relations(part)
    comments = next((one.part for one in related if one.kind == "comments"), None)
    if not notes and comments is None and not any(map(_is_ours, sheet.walk())):
        return []
    content = package.part(part)
    splices = Splices(content)
    _fill(sheet, splices, notes, fills)
    talked = set(_conversations(package, [one.part for one in related if one.kind == "threadedComment"]))
    said = {cell: note.text for cell, note in notes.items() if cell not in talked}
    drawing = sheet.first("legacyDrawing")
    if comments is not None or said:
        if comments is None:
            comments = _new_comments(package, part)
        added, removed = _comment(package, comments, said)
        vml = next((one.part for one in related if drawing is not None and one.id == drawing.related()), None)
        if vml is None and added:
            vml = package.free("xl/drawings/vmlDrawing", ".vml")
            package.put(vml, _NEW_VML)
            package.declare(vml, _VML)
            own = package.relate(part, "vmlDrawing", vml)
            new = f'<legacyDrawing xmlns:r="{RELATIONS}" r:id="{own}"/>'.encode()
            splices.insert(place_among(sheet, _DRAWN_LATER), adopted(new, sheet, SPREADSHEET))
        if vml is not None:
            package.put(vml, _drawn(package.part(vml), added, removed))
    package.put(part, splices.made())
    return sorted(talked & notes.keys())


def _on_merged(sheet: Element, notes: Mapping[Cell, Note]) -> dict[Cell, Note]:
    """Notes on the cell that shows: of a merged range, its first."""
    moved: dict[Cell, Cell] = {}
    rows = sorted({row for row, _ in notes})
    work = 0
    for merged in (one for parent in sheet.all("mergeCells") for one in parent.all("mergeCell")):
        first, _, last = merged.attributes.get("ref", "").partition(":")
        top, end = cell_of(first), cell_of(last)
        work += len(rows)
        if top is None or end is None or work > _MOST_MERGED:
            continue
        within = [cell for cell in notes if top[0] <= cell[0] <= end[0] and top[1] <= cell[1] <= end[1]]
        moved |= {cell: top for cell in within if cell != top}
    found: dict[Cell, Note] = {}
    for cell, note in notes.items():
        place = moved.get(cell, cell)
        other = found.get(place)
        found[place] = note if other is None else Note(f"{other.text}\n\n{note.text}", other.severity or note.severity)
    return found


# Fills


def _is_ours(rule: Element) -> bool:
    return any(_MARK in formula.text for formula in rule.all("formula"))


def _fill(sheet: Element, splices: Splices, notes: Mapping[Cell, Note], fills: Mapping[str, int]) -> None:
    priority = 0
    for old in sheet.all("conditionalFormatting"):
        rules = old.all("cfRule")
        ours = [rule for rule in rules if _is_ours(rule)]
        for gone in [old] if ours and len(ours) == len(rules) else ours:
            splices.replace(gone)
        theirs = [rule for rule in rules if rule not in ours]
        priority = max([priority, *(rule.number("priority") for rule in theirs)])
    new: list[bytes] = []
    for severity, number in fills.items():
        ranges = _ranges([cell for cell, note in notes.items() if note.severity == severity])
        for start in range(0, len(ranges), _MOST_RANGES):
            priority += 1
            over = " ".join(ranges[start : start + _MOST_RANGES])
            one = (
                f'<conditionalFormatting sqref="{over}"><cfRule type="expression" dxfId="{number}" '
                f'priority="{priority}"><formula>"{_MARK} {severity}"&lt;&gt;""</formula></cfRule>'
                "</conditionalFormatting>"
            )
            new.append(adopted(one.encode(), sheet, SPREADSHEET))
    splices.insert(place_among(sheet, _FORMATTED_LATER), b"".join(new))


def _ranges(cells: Iterable[Cell]) -> list[str]:
    """``C4 C6:C9``: cells as ranges down their columns."""
    found: list[list[int]] = []
    for row, column in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        if found and found[-1][2] == column and found[-1][1] == row - 1:
            found[-1][1] = row
        else:
            found.append([row, row, column])
    return [
        f"{letter}{first}" + (f":{letter}{last}" if last > first else "")
        for first, last, column in found
        for letter in [column_letter(column - 1)]
    ]


# Comments


def _conversations(package: Package, parts: Iterable[str]) -> Iterator[Cell]:
    """The cells with a threaded comment, which hides the text of the plain one."""
    for part in parts:
        for one in outline(package.part(part)).walk():
            cell = cell_of(one.attributes.get("ref", ""))
            if cell is not None:
                yield cell


def _new_comments(package: Package, sheet: str) -> str:
    part = package.free("xl/comments", ".xml")
    package.put(part, f'<comments xmlns="{SPREADSHEET}"><authors/><commentList/></comments>'.encode())
    package.declare(part, _COMMENTS)
    package.relate(sheet, "comments", part)
    return part


def _comment(package: Package, part: str, said: Mapping[Cell, str]) -> tuple[dict[Cell, str], set[Cell]]:
    """Write comments; the cells that have one from now on, with their texts, and those that have none any more."""
    content = package.part(part)
    root = outline(content)
    authors, listed = root.first("authors"), root.first("commentList")
    if authors is None or listed is None:
        raise NotAsExpectedError("holds comments that are damaged")
    splices = Splices(content)
    names = [one.text for one in authors.children]
    if AUTHOR not in names:
        names.append(AUTHOR)
        splices.append(authors, adopted(f"<author>{AUTHOR}</author>".encode(), root, SPREADSHEET))
    removed: set[Cell] = set()
    there: set[Cell] = set()
    for old in listed.children:
        cell = cell_of(old.attributes.get("ref", ""))
        if cell is None:
            continue
        there.add(cell)
        text = old.first("text")
        runs = _runs(content, text) if text is not None else []
        whole = "".join(words for _, words in runs)
        if cell not in said and not _OURS.search(whole):
            continue
        kept = _without_ours(runs, whole)
        if cell in said:
            gap = "\n\n" if any(words.strip() for _, words in kept) else ""
            kept.append((_FONT, gap + said[cell]))
        if any(words.strip() for _, words in kept):
            written = adopted(_text(kept), root, SPREADSHEET)
            if text is None:
                splices.append(old, written)
            else:
                splices.replace(text, written)
        else:
            removed.add(cell)
            splices.replace(old)
    added = {cell: text for cell, text in sorted(said.items()) if cell not in there}
    new = [
        adopted(
            b'<comment ref="%s" authorId="%d">%s</comment>'
            % (f"{column_letter(column - 1)}{row}".encode(), names.index(AUTHOR), _text([(_FONT, text)])),
            root,
            SPREADSHEET,
        )
        for (row, column), text in added.items()
    ]
    splices.append(listed, b"".join(new))
    package.put(part, splices.made())
    return added, removed


def _runs(content: bytes, text: Element) -> list[tuple[bytes, str]]:
    """The runs of a comment: how each is set, and what it says."""
    found: list[tuple[bytes, str]] = []
    for one in text.children:
        if one.name == "t":
            found.append((b"", one.text))
        elif one.name == "r":
            look = one.first("rPr")
            found.append(
                (content[look.start : look.end] if look else b"", "".join(words.text for words in one.all("t")))
            )
    return found


def _without_ours(runs: Sequence[tuple[bytes, str]], whole: str) -> list[tuple[bytes, str]]:
    ours = bytearray(len(whole))
    for match in _OURS.finditer(whole):
        ours[match.start() : match.end()] = b"\1" * len(match[0])
    kept: list[tuple[bytes, str]] = []
    place = 0
    for look, words in runs:
        left = "".join(letter for at, letter in enumerate(words, place) if not ours[at])
        place += len(words)
        if left:
            kept.append((look, left))
    return kept


def _text(runs: Iterable[tuple[bytes, str]]) -> bytes:
    said = (
        b'<r>%s<t xml:space="preserve">%s</t></r>' % (look, escape(words).encode("utf-8", "replace"))
        for look, words in runs
    )
    return b"<text>%s</text>" % b"".join(said)


def ours(text: str, of: str) -> str:
    """The note on a cell, between the marks by which it is found again. ``of`` names its audit."""
    return f"{_OPENS}, {of}\n{text.replace(_OPENS[0], '>').replace(_CLOSES, '<')}\n{_CLOSES}"


# The boxes in which comments show


def _drawn(vml: bytes, added: Mapping[Cell, str], removed: set[Cell]) -> bytes:
    """A drawing with a box for each new comment, and none for those that are gone."""
    if removed:
        vml = _SHAPE.sub(lambda match: b"" if _boxed(match[0]) in removed else match[0], vml)
    if not added:
        return vml
    end = vml.rfind(b"</xml>")
    if end < 0:
        raise NotAsExpectedError("holds a drawing of comments that is damaged")
    highest = max((int(number) for number in _SHAPE_ID.findall(vml)), default=1024)
    shapes = [_box(number, cell, text) for number, (cell, text) in enumerate(added.items(), highest + 1)]
    kind = b"" if b'id="_x0000_t202"' in vml else _SHAPE_TYPE
    return vml[:end] + kind + b"".join(shapes) + vml[end:]


def _boxed(shape: bytes) -> Cell | None:
    """The cell whose comment a shape shows."""
    stated = {name: int(number) + 1 for name, number in _SHAPE_AT.findall(shape)}
    return (stated.get(b"Row", 0), stated.get(b"Column", 0)) if b'ObjectType="Note"' in shape else None


def _box(number: int, cell: Cell, text: str) -> bytes:
    lines = sum(1 + len(line) // _CHARACTERS_A_LINE for line in text.splitlines())
    height = 12 + _POINTS_A_LINE * min(lines, 30)
    row, column = cell[0] - 1, cell[1] - 1
    style = f"position:absolute;width:270pt;height:{height}pt;z-index:1;visibility:hidden"
    return (
        f'<v:shape{_VML_PREFIXES.decode()} id="_x0000_s{number}" type="#_x0000_t202" style="{style}" '
        'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div>'
        '</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    ).encode()
