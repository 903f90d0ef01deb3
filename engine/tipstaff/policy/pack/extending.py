"""Extending: the files of a pack, those of the pack that it extends worked in.

A pack whose ``pack.yaml`` says ``extend`` is read as the one pack that both make: the data of each file is that of the
pack extended with the changes put in, and every part keeps the file and line where it was declared. Code that reads the
files afterwards need not know that there were two packs.
"""

import re
from collections.abc import Iterable, Mapping
from copy import copy, deepcopy
from dataclasses import dataclass
from pathlib import Path

from tipstaff.errors import PackError
from tipstaff.facts.spellings import nearest
from tipstaff.policy.pack.model import MESSAGE_FIELD
from tipstaff.policy.pack.schema import ExtensionFactsPart, ExtensionPart, FactsPart, ModulePart, PackPart
from tipstaff.policy.yaml.folders import folder_beside
from tipstaff.policy.yaml.lines import Source
from tipstaff.policy.yaml.validation import Model, validated

MOST_PACKS = 5
"""The most packs of which each extends the next."""

_FORMULAS = ("when", "requires", "warns", "applies")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class PackFiles:
    """The files of a pack as they are to be read, each part with its place."""

    pack: Source
    part: PackPart
    facts: Source
    modules: Mapping[str, Source]
    folders: tuple[Path, ...]
    """The folder of the pack, then that of each pack it extends."""
    content: bytes
    """All that was read, for a digest."""


def read_pack_files(folder: Path) -> PackFiles:
    """Read the files of the pack in a folder, and of those it extends. Raises PackError."""
    return _Reader(folder, ()).files()


class _Reader:
    def __init__(self, folder: Path, extended_by: tuple[Path, ...]) -> None:
        self.folder = folder
        self.extended_by = extended_by
        self.content = b""

    def files(self) -> PackFiles:
        if not self.folder.is_dir():
            raise PackError(f"{self.folder}: is not a folder. A policy pack is a folder with pack.yaml and facts.yaml.")
        own = self._source("pack.yaml")
        if isinstance(own.data, dict) and "extend" in own.data:
            return self._extended(own)
        part = validated(own, PackPart)
        facts = self._source("facts.yaml")
        modules = {name: self._module(own, index, name) for index, name in enumerate(part.modules)}
        return PackFiles(own, part, facts, modules, (self.folder,), self.content)

    def _extended(self, own: Source) -> PackFiles:
        part = validated(own, ExtensionPart)
        base = _Reader(self._base(own, part.extend), (*self.extended_by, self.folder.resolve())).files()
        if part.id == base.part.id:
            raise own.error(("id",), f"{part.id} is the id of the pack that this one extends. Give it one of its own.")
        whole = _sound(base.facts, FactsPart)
        if (self.folder / "facts.yaml").exists():
            facts = self._source("facts.yaml")
            validated(facts, ExtensionFactsPart)
            whole = _with_facts(whole, facts)
        inherited = {name: _sound(source, ModulePart) for name, source in base.modules.items()}
        added: dict[str, Source] = {}
        for index, name in enumerate(part.modules):
            if name in inherited:
                raise own.error(
                    ("modules", index), f"{name} is a module of the pack extended. Give yours another name."
                )
            added[name] = _sound(self._module(own, index, name), ModulePart)
        made = _with_pack(base, own, part)
        if "source" in own.data:
            _cite(base.part.id, inherited.values())
        _Rules(inherited, added).change(own, part, made)
        folders = (self.folder, *base.folders)
        content = self.content + base.content
        return PackFiles(made, validated(made, PackPart), whole, {**inherited, **added}, folders, content)

    def _base(self, own: Source, name: str) -> Path:
        folder = folder_beside([self.folder], name)
        if folder is None:
            raise own.error(
                ("extend",), f"there is no folder {name} beside the pack's, nor a pack of that name with tipstaff."
            )
        chain = (*self.extended_by, self.folder.resolve())
        if folder.resolve() in chain:
            names = [path.name for path in (*chain, folder)]
            raise own.error(("extend",), f"{' -> '.join(names)} is a circle. A pack may not extend itself.")
        if len(chain) == MOST_PACKS:
            raise own.error(("extend",), f"more than {MOST_PACKS} packs extend each other. Put some of them together.")
        return folder

    def _source(self, name: str) -> Source:
        source = Source(self.folder / name, f"{self.folder.name}/{name}" if self.extended_by else name)
        self.content += source.name.encode() + b"\0" + source.raw + b"\0"
        return source

    def _module(self, own: Source, index: int, name: str) -> Source:
        if not (self.folder / f"{name}.yaml").is_file():
            raise own.error(
                ("modules", index),
                f"there is no {name}.yaml beside pack.yaml. Write it, or take the name out of modules.",
            )
        return self._source(f"{name}.yaml")


def _sound(source: Source, model: type[Model]) -> Source:
    """A copy of a source whose form has been checked, to be changed."""
    validated(source, model)
    return deepcopy(source)


def _cite(pack: str, modules: Iterable[Source]) -> None:
    """Say of what is inherited that its paragraphs are those of another pack's source."""
    for module in modules:
        for part in (*module.data.get("criteria", {}).values(), *module.data["rules"].values()):
            if part.get("source") is not None:
                part["source"].setdefault("of", pack)


def _with_pack(base: PackFiles, own: Source, part: ExtensionPart) -> Source:
    """``pack.yaml`` with what the extending pack replaces and adds."""
    made = copy(own)
    made.take(base.pack, ())
    made.places[()] = own.place(())
    made.data.pop("adopted", None)
    if "source" in own.data:
        made.data.pop("description", None)
        for interpretation in made.data.get("interpretations", {}).values():
            interpretation.setdefault("of", base.part.id)
    if "councils" in own.data:
        made.data.pop("both", None)
    for key in own.data:
        if key in ("interpretations", "description"):
            for name in own.data[key]:
                made.take(own, (key, name))
        elif key == "modules":
            for index in range(len(part.modules)):
                made.take(own, (key, index), (key, len(made.data[key])))
        elif key == "parameters":
            for name in part.parameters:
                _put_parameter(made, own, name)
        elif key not in ("extend", "severities", "sources", "without"):
            made.take(own, (key,))
    return made


def _put_parameter(made: Source, own: Source, name: str) -> None:
    """A parameter of the extending pack: a new value for one that there is, or a whole one."""
    path = ("parameters", name)
    known = made.data.get("parameters", {})
    given = own.data["parameters"][name]
    if not isinstance(given, dict):
        if name not in known:
            raise own.error(
                path,
                f"{name} is no parameter of the pack extended{nearest(name, list(known))}. One that is new needs type, "
                "value and meaning.",
            )
        made.take(own, path, (*path, "value"))
        return
    if name in known and given["type"] != known[name]["type"]:
        raise own.error(
            (*path, "type"), f"{name} is of type {known[name]['type']} in the pack extended. Keep its type."
        )
    made.take(own, path)


def _with_facts(made: Source, own: Source) -> Source:
    """``facts.yaml`` with the tables and facts that the extending pack adds; none may be there already."""
    for name, table in own.data.get("tables", {}).items():
        if name not in made.data["tables"]:
            made.take(own, ("tables", name))
            continue
        for key in table:
            if key not in ("facts", "derived"):
                raise own.error(
                    ("tables", name, key),
                    f"{name} is a table of the pack extended, which sets its {key}. Add facts only.",
                )
            _add(made, own, ("tables", name, key))
    _add(made, own, ("derived",))
    return made


def _add(made: Source, own: Source, path: tuple[str, ...]) -> None:
    """Add the members of a mapping, none of which may be there already."""
    there, given = made.data, own.data
    for key in path:
        there, given = there.get(key, {}), given.get(key, {})
    for name in given:
        if name in there:
            place = made.place((*path, name))
            raise own.error((*path, name), f"{name} is at {place} already. Give yours another name.")
        made.take(own, (*path, name))


class _Rules:
    """The rules of the modules inherited, as an extending pack changes them."""

    def __init__(self, inherited: Mapping[str, Source], added: Mapping[str, Source]) -> None:
        self.inherited = inherited
        self.added = added
        self.home = {rule: source for source in inherited.values() for rule in source.data["rules"]}

    def change(self, own: Source, part: ExtensionPart, pack: Source) -> None:
        for source in self.added.values():
            for rule in source.data["rules"]:
                if rule in self.home:
                    place = self.home[rule].place(("rules", rule))
                    raise source.error(("rules", rule), f"{rule} is also at {place}. Ids are permanent.")
        for rule in part.sources:
            self._set(own, ("sources", rule), "source")
        for rule in part.severities:
            source = self._set(own, ("severities", rule), "severity")
            if source.data["rules"][rule].get("concludes") is not None:
                raise own.error(("severities", rule), f"{rule} concludes a status, which has no severity.")
        off = {rule: index for index, name in enumerate(part.without) for rule in self._named(own, index, name)}
        concluded = {rule: self.home[rule].data["rules"][rule].get("concludes") for rule in off}
        for rule in off:
            self.home[rule].drop(("rules", rule))
        for source in self.inherited.values():
            for rule in source.data["rules"].values():
                if "folds" in rule:
                    rule["folds"] = [name for name in rule["folds"] if name not in off]
        if "renewal" not in own.data:
            pack.data["renewal"] = [name for name in pack.data.get("renewal", []) if name not in off]
        readers = self._readers(pack)
        for rule, index in off.items():
            name = concluded[rule]
            if name in readers:
                raise own.error(
                    ("without", index),
                    f"{rule} cannot be switched off: it concludes {name}, which is read by {', '.join(readers[name])}. "
                    f"Switch off what reads it too, or conclude {name} by a rule of your own.",
                )

    def _set(self, own: Source, path: tuple[str, str], key: str) -> Source:
        """Set a part of an inherited rule to the value at a path of the extending pack. Return the rule's module."""
        rule = path[-1]
        if rule not in self.home:
            raise own.error(path, f"{rule} is no rule of the pack extended{nearest(rule, list(self.home))}.")
        self.home[rule].take(own, path, ("rules", rule, key))
        return self.home[rule]

    def _named(self, own: Source, index: int, name: str) -> Iterable[str]:
        """The rules that a word under ``without`` means."""
        if name in self.inherited:
            return list(self.inherited[name].data["rules"])
        if name in self.home:
            return [name]
        hint = nearest(name, [*self.home, *self.inherited])
        raise own.error(("without", index), f"{name} is no rule or module of the pack extended{hint}.")

    def _readers(self, pack: Source) -> dict[str, list[str]]:
        """The rules that still read each name, except for names that a rule concludes."""
        left = [
            rule for source in (*self.inherited.values(), *self.added.values()) for rule in source.data["rules"].items()
        ]
        readers: dict[str, list[str]] = {}
        for name, rule in left:
            for read in _names_in(rule):
                readers.setdefault(read, []).append(name)
        for key in ("classes", "named"):
            for read in pack.data.get(key, []):
                readers.setdefault(read, []).append(f"the {key} of the pack")
        for _, rule in left:
            readers.pop(rule.get("concludes"), None)
        return readers


def _names_in(rule: Mapping[str, str]) -> set[str]:
    """The criteria and conclusions that a rule and its message name."""
    formulas = {name for key in _FORMULAS for name in _NAME.findall(rule.get(key) or "")}
    return formulas | {of for _, of in MESSAGE_FIELD.findall(rule.get("says") or "")}
