"""XML parts that are changed in places and left byte for byte as they were everywhere else.

A part is outlined, its elements with their places in its bytes; new content is spliced in. Nothing is
written again from a tree, so nothing is lost that a tree would not hold: prefixes, extensions, the order of attributes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

_TAG = re.compile(rb"""<(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")
_TEXT_AT_ONCE = 1024**2
_NUMBER = re.compile(r"-?[0-9]{1,10}")
_ENCODINGS = (None, "utf-8", "us-ascii")


class NotAsExpectedError(Exception):
    """A part that cannot be changed. Its text is the end of a sentence that begins with the name of the workbook."""


@dataclass(slots=True)
class Element:
    """An element: its name without prefix, and its place.

    It extends from ``start`` to ``end``, its content from ``inside`` to ``last``. ``text`` is its own text.
    """

    name: str
    prefix: str
    attributes: Mapping[str, str]
    start: int
    inside: int
    last: int = 0
    end: int = 0
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, name: str) -> list["Element"]:
        """The children of a name."""
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> "Element | None":
        """The first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def walk(self) -> Iterator["Element"]:
        """The element and all below it, however deep."""
        left = [self]
        while left:
            element = left.pop()
            yield element
            left += reversed(element.children)

    def number(self, name: str) -> int:
        """The whole number of an attribute, nought if there is none. Raises NotAsExpectedError if it is not one."""
        stated = self.attributes.get(name, "0")
        if not _NUMBER.fullmatch(stated):
            raise NotAsExpectedError(f"holds XML with {name} {stated[:20]!r}, which is no number")
        return int(stated)

    def related(self) -> str:
        """The id of the relationship that an element names (``r:id``), whatever the prefix; empty without one."""
        return next((value for key, value in self.attributes.items() if key.endswith(":id")), "")


def outline(part: bytes, closed: Iterable[str] = ()) -> Element:
    """The elements of a part; what is inside those named in ``closed`` is left out. Raises NotAsExpectedError."""
    return _Outliner(part, frozenset(closed)).root()


class _Outliner:
    def __init__(self, part: bytes, closed: frozenset[str]) -> None:
        self._part = part
        self._closed = closed
        self._open: list[Element] = []
        self._skipped = 0
        self._root: Element | None = None
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = _TEXT_AT_ONCE
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._typed
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say

    def root(self) -> Element:
        try:
            self._parser.Parse(self._part, True)
        except expat.ExpatError as error:
            raise NotAsExpectedError(f"holds XML that is damaged ({error})") from error
        assert self._root is not None
        return self._root

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise NotAsExpectedError(f"holds XML in {encoding[:20]}, not in UTF-8")

    def _typed(self, *_: object) -> None:
        raise NotAsExpectedError("holds XML with a document type, which no workbook has")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._skipped or (self._open and self._open[-1].name in self._closed):
            self._skipped += 1
            return
        start = self._parser.CurrentByteIndex
        tag = _TAG.match(self._part, start)
        if tag is None:
            raise NotAsExpectedError("holds XML in another encoding than UTF-8")
        prefix, _, local = name.rpartition(":")
        element = Element(local, prefix, attributes, start, tag.end())
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        element = self._open.pop()
        if self._part[element.inside - 2 : element.inside] == b"/>":
            element.last = element.end = element.inside
        else:
            element.last = self._parser.CurrentByteIndex
            element.end = self._part.index(b">", element.last) + 1

    def _say(self, text: str) -> None:
        if not self._skipped and self._open:
            self._open[-1].text += text


class Splices:
    """Changes to a part, by place, made all at once."""

    def __init__(self, part: bytes) -> None:
        self._part = part
        self._changes: list[tuple[int, int, bytes]] = []

    def insert(self, place: int, new: bytes) -> None:
        """Put something in."""
        self._changes.append((place, place, new))

    def replace(self, element: Element, new: bytes = b"") -> None:
        """Put something in place of an element, or nothing."""
        self._changes.append((element.start, element.end, new))

    def set(self, element: Element, attribute: str, value: str) -> None:
        """Set an attribute of an element, which may have it already."""
        tag = self._part[element.start : element.inside]
        stated = re.search(rb"""(\s%s\s*=\s*)("[^"]*"|'[^']*')""" % attribute.encode(), tag)
        new = b'"%s"' % value.encode()
        if stated is not None:
            self._changes.append((element.start + stated.start(2), element.start + stated.end(2), new))
        else:
            end = element.inside - (2 if tag.endswith(b"/>") else 1)
            self.insert(end, b" %s=%s" % (attribute.encode(), new))

    def append(self, element: Element, new: bytes) -> None:
        """Put something at the end of what is inside an element."""
        if not self._part[element.start : element.inside].endswith(b"/>"):
            self.insert(element.last, new)
            return
        name = f"{element.prefix}:{element.name}" if element.prefix else element.name
        self._changes.append((element.inside - 2, element.inside, b">%s</%s>" % (new, name.encode())))

    def made(self) -> bytes:
        """The part, changed."""
        pieces: list[bytes] = []
        place = 0
        for start, end, new in sorted(self._changes, key=lambda change: change[:2]):
            pieces += [self._part[place:start], new]
            place = end
        return b"".join([*pieces, self._part[place:]])


def place_among(parent: Element, later: Sequence[str]) -> int:
    """The place of a new child: before the first of those that come later in the order of the format."""
    return next((child.start for child in parent.children if child.name in later), parent.last)


def adopted(new: bytes, parent: Element, namespace: str) -> bytes:
    """An element without a prefix, fit for a part that gives prefixes to this namespace's elements."""
    if not parent.prefix:
        return new
    return re.sub(rb"^<(\w+)", rb'<\1 xmlns="%s"' % namespace.encode(), new)
