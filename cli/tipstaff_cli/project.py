"""The project file: what a folder's audits have in common, so that nobody need type it.

It is ``tipstaff.toml``, or the table ``[tool.tipstaff]`` of ``pyproject.toml``, in the current folder or the nearest
one above it, no further than the top of the git checkout. Options on the command line win.
"""

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from tipstaff_cli.refusals import Refusal

OWN = "tipstaff.toml"
SHARED = "pyproject.toml"

_LARGEST = 1_000_000
_META = "tipstaff.project"


@dataclass(frozen=True, slots=True)
class Project:
    """A project file: what to call it, and its settings by their names on the command line, paths as from here."""

    file: Path
    name: str
    settings: Mapping[str, Any]


def find_project(folder: Path) -> Project | None:
    """The project file of a folder, in it or above it. Raises Refusal if it cannot be used."""
    for place in (folder, *folder.parents):
        for name in (OWN, SHARED):
            table = _table(place / name)
            if table is not None:
                called = _from_here(place / name) + (" [tool.tipstaff]" if name == SHARED else "")
                return Project(place / name, called, _settings(table, place, called))
        if (place / ".git").exists():
            break
    return None


def take_defaults(ctx: click.Context, project: Project) -> None:
    """Let every command below a context take the settings as the defaults of its options."""
    assert isinstance(ctx.command, click.Group)
    ctx.default_map = _defaults(ctx.command, project.settings)
    ctx.meta[_META] = project


def project_file(ctx: click.Context) -> Path | None:
    """The project file that commands take settings from."""
    project: Project | None = ctx.meta.get(_META)
    return project.file if project is not None else None


def used(ctx: click.Context) -> dict[str, str]:
    """The line that says which settings of the project file a command took; empty if it took none."""
    names = [
        option.name
        for option in ctx.command.params
        if option.name
        and ctx.get_parameter_source(option.name) is ParameterSource.DEFAULT_MAP
        and not ctx.params.get(f"no_{option.name}")
    ]
    settings = ", ".join(sorted(name.replace("_", "-") for name in names))
    return {"Project": f"{ctx.meta[_META].name}: {settings}"} if settings else {}


def _table(path: Path) -> dict[str, Any] | None:
    """The table of a project file; None if there is no such file, or it has none. Raises Refusal."""
    if not path.is_file():
        return None
    called = _from_here(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise Refusal(f"{called}: is larger than {_LARGEST // 1_000_000} MB, which no settings need. Check it.")
        read = tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise Refusal(f"{called}: cannot be opened ({error.strerror}). Check that you may read it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(f"{called}: is no TOML: {error}. Correct it, or run tipstaff --no-project.") from None
    if path.name == OWN:
        return read
    tool = read.get("tool")
    table = tool.get("tipstaff") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise Refusal(f"{called}: tool.tipstaff is no table. Write its settings below [tool.tipstaff].")
    return table


def _settings(table: dict[str, Any], folder: Path, called: str) -> dict[str, Any]:
    """The settings as options take them. Raises Refusal if one is unknown or has a value that cannot be."""
    from pydantic import ValidationError

    from tipstaff.facts.spellings import nearest
    from tipstaff.report.wording.phrases import shown
    from tipstaff_cli.settings import PATHS, Settings

    known = [field.alias or name for name, field in Settings.model_fields.items()]
    try:
        read = Settings.model_validate(table).model_dump(exclude_unset=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = shown(str(first["loc"][0]), 60)
        if first["type"] == "extra_forbidden":
            hint = nearest(key, known) or f"; a project file has {', '.join(known)}."
            said = f"{key} is no setting{hint}"
        else:
            said = f"{key}: {first['msg'].removeprefix('Value error, ')}."
        raise Refusal(f"{called}: {said} Correct it, or run tipstaff --no-project.") from None
    return {name: _placed(value, folder) if name in PATHS else value for name, value in read.items()}


def _placed(value: str | Iterable[str], folder: Path) -> str | list[str]:
    """Paths of a project file as they are from here."""
    if isinstance(value, str):
        return _from_here(folder / value)
    return [_from_here(folder / one) for one in value]


def _from_here(path: Path) -> str:
    try:
        return os.path.relpath(path)
    except ValueError:
        return str(path)


def _defaults(group: click.Group, settings: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found[name] = _defaults(command, settings)
        else:
            options = {option.name for option in command.params if isinstance(option, click.Option)}
            found[name] = {key: value for key, value in settings.items() if key in options}
    return found
