"""Schemas: JSON Schema of a pack's files, for editors that check and complete YAML, and of reports for programs."""

import json
from collections.abc import Mapping

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from tipstaff.audit.testing.cases import CasesPart
from tipstaff.policy.law.schema import LawPart, LawSourcesPart
from tipstaff.policy.pack.schema import ExtensionFactsPart, ExtensionPart, FactsPart, ModulePart, PackPart
from tipstaff.report.record.schema import SCHEMA, Line, Record

KINDS: Mapping[str, tuple[type[BaseModel], ...]] = {
    "pack": (PackPart, ExtensionPart),
    "facts": (FactsPart, ExtensionFactsPart),
    "module": (ModulePart,),
    "cases": (CasesPart,),
    "law": (LawPart,),
    "sources": (LawSourcesPart,),
}
"""The kinds of file, each with the forms it may have."""

REPORTS: Mapping[str, TypeAdapter[object]] = {"json": TypeAdapter(Record), "jsonl": TypeAdapter(Line)}
"""The reports for programs, by format: the record, and a line of it."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: str | None = None) -> str:
    """The JSON Schema of one of ``KINDS``, or of every file of a pack and of the law, as a JSON document.

    The schema gives the permitted parts; what only the whole pack decides (names, types of expressions, which parts go
    together) is left to loading.
    """
    chosen = KINDS if kind is None else {kind: KINDS[kind]}
    models = [(model, "validation") for forms in chosen.values() for model in forms]
    references, found = models_json_schema(models, schema_generator=_AsEditorsReadYaml)  # type: ignore[arg-type]
    kinds = {name: {"anyOf": [references[model, "validation"] for model in forms]} for name, forms in chosen.items()}
    document = {
        "$schema": _DIALECT,
        "title": f"tipstaff: {kind or 'the files of a policy pack and of the law'}",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds],
        "$defs": {**kinds, **found["$defs"]},
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def report_schema(form: str) -> str:
    """The JSON Schema of one of ``REPORTS``, as a JSON document: every permitted key, with its meaning."""
    made = REPORTS[form].json_schema(schema_generator=_WithoutTitles)
    return json.dumps({"$schema": _DIALECT, "$id": f"{SCHEMA}/{form}", **made}, ensure_ascii=False, indent=1) + "\n"


class _WithoutTitles(GenerateJsonSchema):
    """A key is its own title."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


class _AsEditorsReadYaml(GenerateJsonSchema):
    """A pack reads as text what an editor takes for a number if it looks like one (``version: 2016.1``)."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return {**super().str_schema(schema), "type": ["string", "number"]}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A mapping whose keys follow a pattern has no other keys."""
        made = super().dict_schema(schema)
        if "patternProperties" in made:
            made["additionalProperties"] = False
        made.pop("propertyNames", None)
        return made
