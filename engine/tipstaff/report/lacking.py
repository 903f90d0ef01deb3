"""Lacking: what a whole register has no place for, in words."""

from tipstaff.audit.explaining.digest import HeldUp, Root
from tipstaff.policy.pack.model import Pack


def lacking(pack: Pack, held: HeldUp) -> str:
    """The sheet or the column that a register lacks: ``Monitoring sheet``, ``column Purpose on the Register sheet``.

    Empty where it is no one of these that is lacking.
    """
    tables = pack.vocabulary.tables
    match held.root:
        case Root.SHEET:
            return f"{tables[held.name].sheet} sheet"
        case Root.COLUMN:
            one = tables[pack.facts[held.name].table or ""]
            return f"column {one.facts[held.name].heading} on the {one.sheet} sheet"
        case _:
            return ""
