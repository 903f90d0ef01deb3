"""The files of the law, as pydantic models: their permitted parts, each with its meaning."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from tipstaff.policy.law.series import Corroborated, LawKind
from tipstaff.policy.yaml.validation import Name, Part, Words

SourceKey = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,9}$")]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class LawSourcesPart(Part):
    """``sources.yaml``: the address or addresses behind each key that segments cite."""

    sources: dict[SourceKey, Words | list[Words]]


class SegmentPart(Part):
    """The law from one day to another, both included; ``to`` is null if no end is known.

    ``value`` is a figure (``£164,176``, ``€200,000``, ``48``, ``3 months``), ``in force`` for a duty, or ``not in
    force``.
    """

    from_: Annotated[Words, Field(alias="from")]
    to: Words | None
    value: Words
    vat: Literal["net", "inclusive"] | None = None
    instrument: Words
    sources: list[SourceKey]
    corroborated: Corroborated
    expected_end: Words | None = None
    """The last day on which the figure is expected to hold, where the law itself sets none."""
    note: Words | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "SegmentPart":
        if self.expected_end is not None and self.to is not None:
            raise ValueError("a segment whose end is known (to) expects none (expected_end)")
        if self.corroborated is not Corroborated.NO and not self.sources:
            raise ValueError("what is corroborated or derived has a source")
        return self


class MonthlyPart(Part):
    """A rate for each of several months in a row."""

    instrument: Words
    sources: Annotated[list[SourceKey], Field(min_length=1)]
    corroborated: Corroborated
    rates: Annotated[dict[Month, Words], Field(min_length=1)]


class SeriesPart(Part):
    """A figure or a duty of the law, from day to day."""

    title: Words
    kind: LawKind
    decided_on: Words
    """The date that the law makes decisive."""
    unit: Words | None = None
    currency: Words | None = None
    """The unit that a rate converts into sterling, as amounts are written in it: ``€`` or ``SDR``."""
    note: Words | None = None
    segments: list[SegmentPart] = []
    monthly: MonthlyPart | None = None

    @model_validator(mode="after")
    def _said_one_way(self) -> "SeriesPart":
        if bool(self.segments) == (self.monthly is not None):
            raise ValueError("a series has either segments or monthly rates")
        if (self.kind is LawKind.RATE) != (self.currency is not None):
            raise ValueError("a rate, and nothing else, names the currency that it converts")
        if self.monthly is not None and self.kind is not LawKind.RATE:
            raise ValueError("only a rate is given by the month")
        return self


class LawPart(Part):
    """A file of the law: series by the names that expressions use (``law.<name>``)."""

    title: Words
    series: Annotated[dict[Name, SeriesPart], Field(min_length=1)]
