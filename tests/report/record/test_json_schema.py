"""Schemas for editors: the files that load validate, and what an editor should underline does not."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from support.paths import COUNCILS
from tipstaff.policy.pack.loading import bundled
from tipstaff.report.record.json_schema import KINDS, schema

PACKS = COUNCILS


class EditorsLoader(yaml.CSafeLoader):
    """YAML 1.2 as editors read it: numbers are numbers, ``yes`` and dates are texts."""


EditorsLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in ("tag:yaml.org,2002:timestamp",)]
    for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    if first not in "yYnNoO"
}


def kind_of(path: Path) -> str:
    if path.parent.name == "uk_law":
        return "sources" if path.name == "sources.yaml" else "law"
    known = {"pack.yaml": "pack", "facts.yaml": "facts"}
    return known.get(path.name, "cases" if path.name.endswith(".cases.yaml") else "module")


FILES = sorted(path for folder in (bundled().parent, PACKS) for path in folder.rglob("*.yaml"))


@pytest.fixture(scope="module")
def validators() -> dict[str | None, jsonschema.Draft202012Validator]:
    made = {}
    for kind in (None, *KINDS):
        document = json.loads(schema(kind))
        jsonschema.Draft202012Validator.check_schema(document)
        made[kind] = jsonschema.Draft202012Validator(document)
    return made


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_validates_as_its_kind_and_as_no_other(path: Path, validators: dict[str | None, Any]) -> None:
    data = yaml.load(path.read_text(encoding="utf-8"), EditorsLoader)
    assert [error.message for error in validators[None].iter_errors(data)] == []
    assert [kind for kind in KINDS if validators[kind].is_valid(data)] == [kind_of(path)]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("pack", "extend: x\nid: y\ntitle: z\nversion: 1\nparamters: {}"),
        ("pack", "extend: x\nid: y\ntitle: z\nversion: 1\nseverities: {REG-01: lowish}"),
        ("pack", "extend: x\nid: y\ntitle: z\nversion: 1\nseverities: {reg: low}"),
        ("facts", "derived: {x: {type: monye, label: x}}"),
        ("module", "title: x\nrules: {x: {}}"),
        ("module", "title: x\nrules: {REG-01: {title: x, requires: y}}"),
        ("cases", "as_of: 1 May 2020\ncases: []"),
        ("law", "title: x"),
    ],
)
def test_what_does_not_fit_is_underlined(kind: str, text: str, validators: dict[str | None, Any]) -> None:
    data = yaml.load(text, EditorsLoader)
    assert not validators[kind].is_valid(data)
    assert not validators[None].is_valid(data)
