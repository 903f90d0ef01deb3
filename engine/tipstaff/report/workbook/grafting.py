"""Grafting: the sheets of one workbook put into another, with the formats that they use."""

import re
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from tipstaff.report.workbook.package import RELATIONS, SPREADSHEET, Package, Workbook
from tipstaff.report.workbook.xml_parts import Element, NotAsExpectedError, Splices, adopted, outline, place_among

_WORKSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_STYLES = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
_AFTER_NAMES = (
    "calcPr", "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing",
    "fileRecoveryPr", "webPublishObjects", "extLst",
)  # fmt: skip
_OWN_FORMATS = 164
"""The first id of a number format that is not built in."""

_STYLED_CELL = re.compile(rb'(<c r="[A-Z]+[0-9]+" s=")([0-9]+)(")')
_STYLED_COLUMN = re.compile(rb'(<col [^<>]*\bstyle=")([0-9]+)(")')


def graft(workbook: Workbook, source: bytes) -> None:
    """Put the sheets of a workbook written by ``register.writing`` into another, in place of those of the same title.

    Raises NotAsExpectedError if the other is not as a workbook is.
    """
    new = Workbook(Package(source))
    package = workbook.package
    styles = _Styles(package.part(workbook.related("styles")))
    formats = styles.take(new.package.part(new.related("styles")))
    package.put(workbook.related("styles"), styles.made())
    before = workbook.sheets()
    added: list[tuple[str, str]] = []
    for title, part in new.sheets().items():
        content = _restyled(new.package.part(part), formats)
        place = before.get(title)
        if place is None:
            place = package.free("xl/worksheets/sheet", ".xml")
            package.declare(place, _WORKSHEET)
            added.append((title, package.relate(workbook.part, "worksheet", place)))
        else:
            package.unrelate(place)
        package.put(place, content)
    _list(workbook, added)
    _name(workbook, new)


def _restyled(sheet: bytes, formats: Sequence[int]) -> bytes:
    """A sheet with the numbers that its formats have in the other workbook; none of its tabs is chosen."""

    def renumbered(match: re.Match[bytes]) -> bytes:
        return b"%s%d%s" % (match[1], formats[int(match[2])], match[3])

    sheet = _STYLED_COLUMN.sub(renumbered, _STYLED_CELL.sub(renumbered, sheet))
    return sheet.replace(b' tabSelected="1"', b"", 1)


def _list(workbook: Workbook, added: Sequence[tuple[str, str]]) -> None:
    """List new sheets after the others."""
    content = workbook.package.part(workbook.part)
    sheets = outline(content).first("sheets")
    if sheets is None:
        raise NotAsExpectedError("lists no sheets")
    highest = max((one.number("sheetId") for one in sheets.children), default=0)
    new = [
        f'<sheet xmlns="{SPREADSHEET}" xmlns:r="{RELATIONS}" name={quoteattr(title)} sheetId="{number}" '
        f'r:id="{related}"/>'
        for number, (title, related) in enumerate(added, highest + 1)
    ]
    splices = Splices(content)
    splices.append(sheets, "".join(new).encode())
    workbook.package.put(workbook.part, splices.made())


def _name(workbook: Workbook, new: Workbook) -> None:
    """Define the names that belong to the new sheets, such as the rows to print on each page, in place of old ones."""
    content = workbook.package.part(workbook.part)
    root = outline(content)
    places = {title: number for number, title in enumerate(workbook.titles())}
    own = new.titles()
    splices = Splices(content)
    names = root.first("definedNames")
    stated = new.root().first("definedNames")
    local = {str(places[title]) for title in own}
    for old in names.children if names is not None else ():
        if old.attributes.get("localSheetId") in local:
            splices.replace(old)
    added = []
    for one in stated.children if stated is not None else ():
        place = places[own[int(one.attributes["localSheetId"])]]
        hidden = ' hidden="1"' if one.attributes.get("hidden") == "1" else ""
        added.append(
            f'<definedName xmlns="{SPREADSHEET}" name="{one.attributes["name"]}" localSheetId="{place}"{hidden}>'
            f"{escape(one.text)}</definedName>"
        )
    if names is not None:
        splices.append(names, "".join(added).encode())
    elif added:
        container = f'<definedNames xmlns="{SPREADSHEET}">{"".join(added)}</definedNames>'
        splices.insert(place_among(root, _AFTER_NAMES), container.encode())
    workbook.package.put(workbook.part, splices.made())


class _Styles:
    """The styles of a workbook, to which others are added."""

    def __init__(self, part: bytes) -> None:
        self._part = part
        self._root = outline(part)
        self._lists: dict[str, list[bytes]] = {}
        self._had: dict[str, int] = {}

    def take(self, other: bytes) -> list[int]:
        """Add the formats of cells of other styles, and return the number of each."""
        root = outline(other)
        formats = {
            one.attributes["numFmtId"]: str(self._number_format(one)) for one in _listed(root, "numFmts", "numFmt")
        }
        moved: dict[str, Mapping[str, str]] = {"numFmtId": formats}
        for container, item in (("fonts", "font"), ("fills", "fill"), ("borders", "border")):
            numbers = [self._add(container, other[one.start : one.end]) for one in _listed(root, container, item)]
            moved[f"{item}Id"] = {str(old): str(new) for old, new in enumerate(numbers)}
        return [self._add("cellXfs", self._moved(other, one, moved)) for one in _listed(root, "cellXfs", "xf")]

    def _moved(self, other: bytes, one: Element, moved: Mapping[str, Mapping[str, str]]) -> bytes:
        content = other[one.start : one.end]
        splices = Splices(content)
        itself = outline(content)
        for attribute, numbers in moved.items():
            old = one.attributes.get(attribute, "0")
            splices.set(itself, attribute, numbers.get(old, old))
        return splices.made()

    def _number_format(self, one: Element) -> int:
        code = one.attributes["formatCode"]
        stated = _listed(self._root, "numFmts", "numFmt")
        for other in stated:
            if other.attributes.get("formatCode") == code:
                return other.number("numFmtId")
        taken = [other.number("numFmtId") for other in stated]
        number = max([_OWN_FORMATS - 1, *taken]) + 1 + len(self._lists.get("numFmts", []))
        self._add("numFmts", f'<numFmt numFmtId="{number}" formatCode={quoteattr(code)}/>'.encode())
        return number

    def differing(self, new: bytes) -> int:
        """The number of a format that a condition gives to cells, added if it is not there."""
        return self._add("dxfs", new)

    def _add(self, container: str, new: bytes) -> int:
        """The number of an item of a list, added if it is not there."""
        new = adopted(new, self._root, SPREADSHEET)
        element = self._root.first(container)
        stated = [self._part[one.start : one.end] for one in element.children] if element is not None else []
        items = self._lists.setdefault(container, stated)
        self._had.setdefault(container, len(stated))
        if new not in items:
            items.append(new)
        return items.index(new)

    def made(self) -> bytes:
        """The styles with all that was added."""
        splices = Splices(self._part)
        for container, items in self._lists.items():
            new = b"".join(items[self._had[container] :])
            element = self._root.first(container)
            if element is not None and new:
                splices.append(element, new)
                splices.set(element, "count", str(len(items)))
            elif new:
                later = _STYLES[_STYLES.index(container) + 1 :]
                whole = b'<%s xmlns="%s" count="%d">%s</%s>' % (
                    container.encode(), SPREADSHEET.encode(), len(items), new, container.encode(),
                )  # fmt: skip
                splices.insert(place_among(self._root, later), whole)
        return splices.made()


def add_fills(workbook: Workbook, colours: Mapping[str, str]) -> dict[str, int]:
    """Add the fills that conditions give to cells, and return the number of each: of ``{"high": "F08A5D"}``."""
    part = workbook.related("styles")
    styles = _Styles(workbook.package.part(part))
    numbers = {
        name: styles.differing(
            f'<dxf><fill><patternFill patternType="solid"><fgColor rgb="FF{colour}"/><bgColor rgb="FF{colour}"/>'
            "</patternFill></fill></dxf>".encode()
        )
        for name, colour in colours.items()
    }
    workbook.package.put(part, styles.made())
    return numbers


def _listed(root: Element, container: str, item: str) -> list[Element]:
    found = root.first(container)
    return found.all(item) if found is not None else []
