"""YAML with line numbers: plain data, and where each part of it stands."""

from pathlib import Path
from typing import Any

import yaml

LARGEST = 2_000_000
"""The largest file read, in bytes."""

DEEPEST = 50


class PackError(Exception):
    """A pack that cannot be used. Its text is one paragraph: file and line, what is wrong, what to do."""


Place = tuple[str | int, ...]


class Source:
    """One YAML file: ``data`` in plain Python (a text is never turned into a number or a date)."""

    def __init__(self, path: Path, name: str) -> None:
        """Read ``path``; ``name`` is what messages call it. Raises PackError."""
        self.name = name
        self.lines: dict[Place, int] = {}
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise PackError(f"{name}: cannot be read ({error.strerror}). Check the path.") from None
        if len(raw) > LARGEST:
            raise PackError(f"{name}: is larger than {LARGEST:,} bytes. Split it into modules.")
        self.raw = raw
        try:
            node = yaml.compose(raw.decode("utf-8"), Loader=yaml.CSafeLoader)
        except UnicodeDecodeError:
            raise PackError(f"{name}: is not UTF-8 text. Save it as UTF-8.") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f"{name}:{mark.line + 1}" if mark else name
            problem = getattr(error, "problem", None) or str(error).splitlines()[0]
            raise PackError(f"{place}: is not YAML: {problem}. Correct the line.") from None
        except RecursionError:
            raise PackError(f"{name}: is nested too deeply. A pack needs a few levels only.") from None
        self.data = {} if node is None else self._plain(node, (), set())

    def place(self, path: Place) -> str:
        """``classification.yaml:12`` for the deepest known part of a path."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"

    def error(self, path: Place, message: str) -> PackError:
        """A PackError at the place of a path."""
        return PackError(f"{self.place(path)}: {message}")

    def _plain(self, node: yaml.Node, path: Place, above: set[int]) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > DEEPEST or id(node) in above:
            raise self.error(path, "is nested too deeply. A pack needs a few levels only.")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, above | {id(node)})
        if isinstance(node, yaml.SequenceNode):
            above = above | {id(node)}
            return [self._plain(item, (*path, index), above) for index, item in enumerate(node.value)]
        if node.tag == "tag:yaml.org,2002:null":
            return None
        if node.tag == "tag:yaml.org,2002:bool" and node.value.lower() in ("true", "false"):
            return node.value.lower() == "true"
        return node.value

    def _mapping(self, node: yaml.MappingNode, path: Place, above: set[int]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.error(path, "a key must be a single word or text.")
            key = str(key_node.value)
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            if key in found:
                raise self.error((*path, key), f"{key} stands twice. Keep one of them.")
            found[key] = self._plain(value_node, (*path, key), above)
        return found
