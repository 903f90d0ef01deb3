"""The limits of what a source may state."""


class OutOfLimitsError(ValueError):
    """An amount or a date that was understood and is out of limits. Its text says what was expected."""
