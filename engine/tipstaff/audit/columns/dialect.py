"""The names that expressions are built of: those of polars, or of narwhals, which other engines understand.

Narwhals has the names of polars. ``pl`` looks like polars, and is whichever library expressions are built for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import TYPE_CHECKING, Any

import polars

__all__ = ["build_with", "pl"]

_names: ContextVar[ModuleType] = ContextVar("names", default=polars)

if TYPE_CHECKING:
    import polars as pl
else:

    class _Names:
        def __getattr__(self, name: str) -> Any:
            return getattr(_names.get(), name)

    pl = _Names()


@contextmanager
def build_with(names: ModuleType) -> Iterator[None]:
    """Within this context, build expressions with this module."""
    token = _names.set(names)
    try:
        yield
    finally:
        _names.reset(token)
