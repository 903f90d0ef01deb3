"""Validation: the data of a YAML file against the model of its form; the first misfit is reported at its line."""

import ast
import inspect
from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    StringConstraints,
    ValidationError,
)

from tipstaff.facts.spellings import nearest
from tipstaff.policy.yaml.lines import Place, Source

Model = TypeVar("Model", bound=BaseModel)


def validated(source: Source, model: type[Model]) -> Model:
    """The data of a source as its model. Raises PackError."""
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        first = error.errors()[0]
        path = tuple(part for part in first["loc"] if part != "[key]")
        key = path[-1] if path else source.name
        if isinstance(key, int) and isinstance(first["input"], str):
            key = f"item {key + 1} ({first['input'][:40]!r})"
        known = _known_keys(model, path)
        hint = nearest(str(key), known) if first["type"] == "extra_forbidden" else ""
        message = {
            "extra_forbidden": f"{key} is not a key known here{hint}.",
            "missing": f"{key} is missing.",
        }.get(first["type"], f"{key}: {first['msg'].removeprefix('Value error, ')}.")
        raise source.error(path, f"{message} Correct it; see the bundled pack for the form.") from None


def _known_keys(model: type[BaseModel], path: Place) -> list[str]:
    """The keys that are permitted in place of an unknown one."""
    known: list[str] = []

    def gather(schema: Any) -> None:
        if isinstance(schema, dict):
            known.extend(schema.get("properties", {}))
            for part in schema.values():
                gather(part)
        elif isinstance(schema, list):
            for part in schema:
                gather(part)

    gather(model.model_json_schema(by_alias=True))
    return sorted(set(known))


def read_day(text: str) -> date | None:
    """A date as a pack writes it: ``1 April 2017`` or ``2017-04-01``. None if it is not one."""
    for form in ("%d %B %Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 a date has no zone
        except ValueError:
            continue
    return None


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Part(BaseModel):
    """A part of a pack: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON Schema, where docstrings describe keys: pydantic's own way reads the source at every import."""
        made = handler(schema)
        properties = handler.resolve_ref_schema(made)["properties"]
        [body] = ast.parse(inspect.getsource(cls)).body
        for member, below in pairwise(ast.iter_child_nodes(body)):
            match member, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                    properties[cls.model_fields[name].alias or name]["description"] = inspect.cleandoc(said)
        return made


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
