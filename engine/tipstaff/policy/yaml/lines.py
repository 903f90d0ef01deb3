"""YAML with line numbers: plain data, and the place of each part."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

from tipstaff.errors import PackError

LARGEST = 2_000_000
"""The largest file read, in bytes."""

DEEPEST = 50

_PLAIN: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


Place = tuple[str | int, ...]


class Source:
    """One YAML file: ``data`` in plain Python (a text is never turned into a number or a date)."""

    def __init__(self, path: Path, name: str) -> None:
        """Read ``path``; ``name`` is what messages call it. Raises PackError."""
        self.name = name
        self.places: dict[Place, str] = {}
        self.raw = self._read(path)
        try:
            self.data = self._document(yaml.parse(self.raw.decode("utf-8"), Loader=yaml.CSafeLoader))
        except UnicodeDecodeError:
            raise PackError(f"{name}: is not UTF-8 text. Save it as UTF-8.") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f"{name}:{mark.line + 1}" if mark else name
            problem = getattr(error, "problem", None) or str(error).splitlines()[0]
            raise PackError(f"{place}: is not YAML: {problem}. Correct the line.") from None

    def place(self, path: Place) -> str:
        """``classification.yaml:12`` for the deepest known part of a path."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, f"{self.name}:1")

    def error(self, path: Place, message: str) -> PackError:
        """A PackError at the place of a path."""
        return PackError(f"{self.place(path)}: {message}")

    def take(self, other: "Source", path: Place, at: Place | None = None) -> None:
        """Put the data at ``path`` of another source at ``at`` (by default the same path), with its place.

        It replaces the data there; at the index after the last of a list, it is added.
        """
        to = path if at is None else at
        value = other.data
        for key in path:
            value = value[key]
        if to:
            self._put(to, deepcopy(value))
        else:
            self.data, self.places = deepcopy(value), {}
        for place in _paths(value, path):
            if place in other.places:
                self.places[(*to, *place[len(path) :])] = other.places[place]

    def _put(self, path: Place, value: Any) -> None:
        container: Any = self.data
        for key in path[:-1]:
            container = container.setdefault(key, {}) if isinstance(container, dict) else container[key]
        last = path[-1]
        if isinstance(container, list) and last == len(container):
            container.append(value)
            return
        if not isinstance(container, dict) or last in container:
            for place in _paths(container[last], path):
                self.places.pop(place, None)
        container[last] = value

    def drop(self, path: Place) -> None:
        """Take away the data at a path."""
        container = self.data
        for key in path[:-1]:
            container = container[key]
        del container[path[-1]]

    def _read(self, path: Path) -> bytes:
        try:
            if not path.is_file():
                raise PackError(f"{self.name}: there is no such file in the pack. Check the path.")
            with path.open("rb") as stream:
                raw = stream.read(LARGEST + 1)
        except OSError as error:
            raise PackError(f"{self.name}: cannot be read ({error.strerror}). Check the path.") from None
        if len(raw) > LARGEST:
            raise PackError(f"{self.name}: is larger than {LARGEST:,} bytes. Split it.")
        return raw

    def _document(self, events: Iterator[yaml.Event]) -> Any:
        """The data of the one document that a file holds; an empty file holds an empty mapping."""
        data: Any = {}
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise PackError(f"{self._line(event)}: is a second document. Keep one of them.")
                data = self._plain(next(events), events, ())
        return data

    def _plain(self, event: yaml.Event, events: Iterator[yaml.Event], path: Place) -> Any:
        """The data that begins at an event. Aliases, which can unfold without end, and deep nesting are refused."""
        line = self._line(event)
        self.places.setdefault(path, line)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.AliasEvent):
            raise PackError(f"{line}: *{event.anchor} is an alias. Write the part out again.")
        if len(path) >= DEEPEST:
            raise PackError(f"{line}: is nested too deeply. A few levels are enough.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        members = takewhile(lambda member: not isinstance(member, yaml.SequenceEndEvent), events)
        return [self._plain(member, events, (*path, index)) for index, member in enumerate(members)]

    def _mapping(self, events: Iterator[yaml.Event], path: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in takewhile(lambda member: not isinstance(member, yaml.MappingEndEvent), events):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.error(path, "a key must be a single word or text.")
            key = event.value
            self.places[(*path, key)] = self._line(event)
            if key in found:
                raise self.error((*path, key), f"{key} occurs twice. Keep one of them.")
            found[key] = self._plain(next(events), events, (*path, key))
        return found

    def _line(self, event: yaml.Event) -> str:
        return f"{self.name}:{event.start_mark.line + 1 if event.start_mark else 1}"


def _scalar(event: yaml.ScalarEvent) -> str | bool | None:
    """A text; of what is written plainly, true and false are truths and null is nothing."""
    if event.implicit[0]:
        return _PLAIN.get(event.value, event.value)
    return event.value


def _paths(value: Any, path: Place) -> Iterator[Place]:
    """The path of a value and of everything in it."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _paths(member, (*path, key))
