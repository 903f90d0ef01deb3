"""Settings: the keys of a project file, named as the options are."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from tipstaff.facts.periods import read_financial_year

Limit = Literal["high", "medium", "low", "advisory", "never"]
File = Annotated[str, StringConstraints(min_length=1, max_length=4_096, pattern=r"^[^\x00]*$")]

PATHS = ("policy", "answers", "waivers", "baseline")
"""The settings that are files or folders, relative to the project file."""


def _hyphened(name: str) -> str:
    return name.replace("_", "-")


class Settings(BaseModel):
    """The settings of a project. There is not a date among them: an audit would go on speaking of a day long gone."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=_hyphened, use_attribute_docstrings=True
    )

    policy: File | None = None
    """The folder of the policy pack."""
    cycle: str | None = None
    """The financial year prepared for."""
    answers: File | None = None
    """A file of further answers."""
    waivers: Annotated[list[File] | None, Field(max_length=100)] = None
    """Files of waivers."""
    baseline: File | None = None
    """The record of an earlier audit, which check compares with."""
    fail_on: Limit | None = None
    """The least severity of a finding that fails."""
    fail_on_undetermined: Limit | None = None
    """The least severity of a rule that fails where its outcome is not known."""

    @field_validator("waivers", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("cycle")
    @classmethod
    def _year(cls, value: str) -> str:
        if read_financial_year(value) is None:
            raise ValueError(f"{value!r} is not a financial year; give one such as 2017/18")
        return value
