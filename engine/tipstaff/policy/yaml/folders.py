"""Folders: the packs and the law that ship with tipstaff, and the folder that a name means."""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path


def bundled(name: str = "swdevon_2016") -> Path:
    """The folder of a pack that ships with tipstaff: from the wheel, or from the checkout's ``rules/``."""
    checkout = Path(__file__).resolve().parents[4] / "rules"
    if (checkout / name).is_dir():
        return checkout / name
    return Path(str(files("tipstaff") / "rules")) / name


def folder_beside(folders: Iterable[Path], name: str) -> Path | None:
    """The folder of a name beside one of these, otherwise the one that ships with tipstaff; None if neither exists."""
    candidates = (*(folder.resolve().parent / name for folder in folders), bundled(name))
    return next((path for path in candidates if path.is_dir()), None)
