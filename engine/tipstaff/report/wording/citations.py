"""Sources: where a rule comes from, cited and quoted."""

from tipstaff.policy.pack.schema import InterpretationPart, SourcePart


def cited(source: SourcePart | InterpretationPart) -> str:
    """``paragraph 3.1``, ``Recommendation 6``; of another pack's source, ``paragraph 3.1 of other_policy``."""
    place = f"paragraph {source.paragraph}" if source.paragraph[0].isdigit() else source.paragraph
    return f"{place} of {source.of}" if source.of else place


def quoted(source: SourcePart) -> str:
    """The paragraph with its words, and the instrument where law is used."""
    words = f": “{source.words}”" if source.words else ""
    law = f" ({source.instrument})" if source.instrument else ""
    return f"{cited(source)}{words}{law}"
