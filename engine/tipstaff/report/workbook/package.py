"""The package: a workbook (.xlsx, .xlsm) as a zip of parts, changed part by part, the others copied as they are."""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from tipstaff.report.workbook.xml_parts import Element, NotAsExpectedError, Splices, outline

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_NO_RELATIONS = f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="{_PACKAGE_RELATIONS}"/>'.encode()
_TYPES = "[Content_Types].xml"
_CREATED = (1980, 1, 1, 0, 0, 0)
_MOST_PARTS = 10_000
_MOST_XML = 256 * 1024**2
_MOST_UNPACKED = 1024**3
_PIECE = 1024**2


class Relation(NamedTuple):
    """A relationship of a part: its id, the last word of its type, and the part it is to (empty of one outside)."""

    id: str
    kind: str
    part: str


class Package:
    """The parts of a zip. Raises NotAsExpectedError if it is damaged, too large or not a plain zip."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise NotAsExpectedError("is not a whole .xlsx file") from error
        self._infos = {info.filename: info for info in self._zip.infolist()}
        if len(self._zip.infolist()) > min(_MOST_PARTS, len(self._infos)):
            raise NotAsExpectedError("holds too many parts, or one twice")
        self._new: dict[str, bytes] = {}
        self._room = _MOST_XML

    def __contains__(self, name: str) -> bool:
        return name in self._new or name in self._infos

    def names(self) -> list[str]:
        """The names of the parts."""
        return list(dict.fromkeys([*self._infos, *self._new]))

    def part(self, name: str) -> bytes:
        """The content of a part. Raises NotAsExpectedError if there is none, or too much."""
        if name in self._new:
            return self._new[name]
        if name not in self._infos:
            raise NotAsExpectedError(f"lacks its part {name[:80]}")
        content = b"".join(self._pieces(self._infos[name], self._room))
        self._room -= len(content)
        return content

    def put(self, name: str, content: bytes) -> None:
        """Write a part, new or not."""
        self._new[name] = content

    def free(self, stem: str, ending: str) -> str:
        """A name that no part has: ``xl/worksheets/sheet14.xml``."""
        taken = {name.casefold() for name in self.names()}
        return next(name for number in range(1, 10**6) if (name := f"{stem}{number}{ending}").casefold() not in taken)

    def relations(self, part: str) -> list[Relation]:
        """The relationships of a part, those to places outside the package included."""
        name = _relations_of(part)
        if name not in self:
            return []
        found = []
        for one in outline(self.part(name)).all("Relationship"):
            target = one.attributes.get("Target", "")
            outside = one.attributes.get("TargetMode") == "External"
            place = "" if outside else posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target))[1:]
            found.append(
                Relation(one.attributes.get("Id", ""), one.attributes.get("Type", "").rpartition("/")[2], place)
            )
        return found

    def relate(self, part: str, kind: str, target: str) -> str:
        """Relate a part to another, and return the id of the relationship."""
        taken = {one.id for one in self.relations(part)}
        own = next(name for number in range(1, 10**6) if (name := f"rId{number}") not in taken)
        name = _relations_of(part)
        if name not in self:
            self.put(name, _NO_RELATIONS)
        content = self.part(name)
        splices = Splices(content)
        relation = (
            f'<Relationship xmlns="{_PACKAGE_RELATIONS}" Id="{own}" Type="{RELATIONS}/{kind}" '
            f"Target={quoteattr('/' + target)}/>"
        )
        splices.append(outline(content), relation.encode())
        self.put(name, splices.made())
        return own

    def unrelate(self, part: str) -> None:
        """Leave a part without relationships."""
        name = _relations_of(part)
        if name in self:
            self.put(name, _NO_RELATIONS)

    def type_of(self, part: str) -> str:
        """The content type stated of a part itself; empty where only its ending has one."""
        parts = outline(self.part(_TYPES)).all("Override")
        own = (one.attributes.get("ContentType", "") for one in parts if one.attributes.get("PartName") == f"/{part}")
        return next(own, "")

    def declare(self, part: str, content_type: str) -> None:
        """State the content type of a new part; of a drawing in VML, that of its ending."""
        content = self.part(_TYPES)
        root = outline(content)
        namespace = root.attributes.get("xmlns", "")
        if part.endswith(".vml"):
            if any(one.attributes.get("Extension", "").casefold() == "vml" for one in root.all("Default")):
                return
            new = f'<Default xmlns="{namespace}" Extension="vml" ContentType="{content_type}"/>'
        else:
            name = quoteattr(f"/{part}")
            new = f'<Override xmlns="{namespace}" PartName={name} ContentType="{content_type}"/>'
        splices = Splices(content)
        splices.append(root, new.encode())
        self.put(_TYPES, splices.made())

    def data(self) -> bytes:
        """The package as a file, the parts in their order. Raises NotAsExpectedError if it unpacks to too much."""
        made = io.BytesIO()
        room = _MOST_UNPACKED
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
            for name in self.names():
                old = self._infos.get(name)
                info = zipfile.ZipInfo(name, old.date_time if old is not None else _CREATED)
                info.compress_type = zipfile.ZIP_DEFLATED
                with target.open(info, "w") as stream:
                    for piece in self._content(name, room):
                        room -= len(piece)
                        stream.write(piece)
        return made.getvalue()

    def _content(self, name: str, room: int) -> Iterator[bytes]:
        if name in self._new:
            yield self._new[name]
        else:
            yield from self._pieces(self._infos[name], room)

    def _pieces(self, info: zipfile.ZipInfo, room: int) -> Iterator[bytes]:
        """The content of a part of the zip, whatever size it claims."""
        try:
            with self._zip.open(info) as stream:
                while piece := stream.read(_PIECE):
                    room -= len(piece)
                    if room < 0:
                        raise NotAsExpectedError("unpacks to more than is allowed")
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
            raise NotAsExpectedError("is a damaged or a protected zip") from error


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


class Workbook:
    """The workbook of a package: its sheets by title."""

    def __init__(self, package: Package) -> None:
        self.package = package
        main = [one.part for one in package.relations("") if one.kind == "officeDocument"]
        if len(main) != 1 or not main[0].endswith(".xml"):
            raise NotAsExpectedError("is not an .xlsx workbook")
        self.part = main[0]
        root = self.root()
        if SPREADSHEET not in root.attributes.values() or root.name != "workbook":
            raise NotAsExpectedError("is not a workbook in the usual (transitional) form")

    def root(self) -> Element:
        """The outline of the workbook part."""
        return outline(self.package.part(self.part))

    def sheets(self) -> Mapping[str, str]:
        """The parts of the worksheets by title, in their order."""
        parts = {one.id: one.part for one in self.package.relations(self.part) if one.kind == "worksheet"}
        return {title: parts[related] for title, related in self._listed() if related in parts}

    def titles(self) -> list[str]:
        """The titles of all sheets, of charts too, in their order."""
        return [title for title, _ in self._listed()]

    def _listed(self) -> list[tuple[str, str]]:
        sheets = self.root().first("sheets")
        return [(one.attributes.get("name", ""), one.related()) for one in (sheets.all("sheet") if sheets else ())]

    def related(self, kind: str) -> str:
        """The one part of a kind that the workbook has, such as its styles. Raises NotAsExpectedError without it."""
        parts = [one.part for one in self.package.relations(self.part) if one.kind == kind]
        if not parts:
            raise NotAsExpectedError(f"has no {kind}")
        return parts[0]
