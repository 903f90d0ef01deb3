"""Timings: how long the stages of a command take, reported on stderr if ``--verbose`` asks for it."""

import time
from dataclasses import dataclass, field

import click

_META = "tipstaff.timings"


@dataclass(slots=True)
class _Row:
    name: str
    began: float
    seconds: float | None = None


@dataclass(slots=True)
class Timings:
    """The stages of a command, each with the steps in it, in the order in which they began."""

    began: float = field(default_factory=time.perf_counter)
    stages: list[tuple[_Row, list[_Row]]] = field(default_factory=list)

    def stage(self, name: str) -> None:
        """A stage begins."""
        self.stages.append((_Row(name, time.perf_counter()), []))

    def step(self, name: str) -> None:
        """A step of the present stage begins, and the one before it is over."""
        _, steps = self.stages[-1]
        now = time.perf_counter()
        _end(steps, now)
        steps.append(_Row(name, now))

    def end(self) -> None:
        """The present stage is over."""
        row, steps = self.stages[-1]
        now = time.perf_counter()
        _end(steps, now)
        row.seconds = now - row.began

    def lines(self) -> list[str]:
        """The stages and their steps with the seconds they took, and all that the command took."""
        rows = [(row.name, row.seconds, steps) for row, steps in self.stages]
        said = [
            line
            for name, seconds, steps in rows
            for line in ((name, seconds), *((f"  {step.name}", step.seconds) for step in steps))
        ]
        said.append(("All", time.perf_counter() - self.began))
        widest = max(len(name) for name, _ in said)
        return [f"{name:<{widest}}  {'-' if seconds is None else f'{seconds:.2f} s':>9}" for name, seconds in said]


def _end(steps: list[_Row], now: float) -> None:
    if steps and steps[-1].seconds is None:
        steps[-1].seconds = now - steps[-1].began


def timings() -> Timings | None:
    """The timings of the present command; None if nobody asked for them."""
    context = click.get_current_context(silent=True)
    found = context.meta.get(_META) if context is not None else None
    return found if isinstance(found, Timings) else None


def _measure(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    taken = ctx.meta[_META] = Timings()
    ctx.call_on_close(lambda: click.echo("\n".join(taken.lines()), err=True))


verbose_option = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_measure,
    help="Say on stderr how long each stage took.",
)
