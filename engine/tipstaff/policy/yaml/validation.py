"""Validation: the data of a YAML file against the model of its form, the first misfit told at its line."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tipstaff.policy.language.nodes import nearest
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
    """The keys that may stand where an unknown one was found."""
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
