"""The errors that tipstaff raises, and what each reports."""


class TipstaffError(Exception):
    """Base of every error that a user can cause. Its text is one paragraph: what is wrong, where, what to do."""


class PackError(TipstaffError):
    """A policy pack or the law cannot be used; the text names the file and the line."""


class UnreadableError(TipstaffError):
    """A file cannot be read at all."""


class RecordError(TipstaffError):
    """The JSON record of an audit cannot be read, or contradicts itself."""


class ForecastError(TipstaffError):
    """A forecast cannot be made over the days requested."""


class InferenceError(TipstaffError):
    """The rule engine cannot be loaded, or did not decide a rule."""


class EngineError(TipstaffError):
    """An engine for regional audits (polars, DuckDB, Spark) cannot be started, or failed."""


class OutOfLimitsError(TipstaffError, ValueError):
    """An amount or a date was read, but is beyond what the tables can hold; the text states the limits."""


class ReportError(TipstaffError):
    """A report cannot be made in the format requested."""
