"""Folders that tests read."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
COUNCILS = ROOT / "tests" / "councils"

SHARED = ROOT.parent / "shared"
"""Public data and handed-over cases; tests that need it are skipped without it."""
