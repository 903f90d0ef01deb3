"""Completion: what a shell offers after Tab for a rule or a partnership. What cannot be read offers nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from tipstaff_cli.refusals import refusal

_LARGEST = 5_000_000
"""The most bytes of a register that is read while somebody waits for Tab."""


def reported_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The rules that are reported, and the modules."""
    return _offered(_rules(ctx, concluding=False), incomplete)


def all_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The rules, those that conclude a status too."""
    return _offered(_rules(ctx, concluding=True), incomplete)


def partnerships(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The references of the partnerships of the register named before, each with its name."""
    return _offered(_partnerships(ctx), incomplete)


def _offered(found: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    try:
        wanted = [(value, said) for value, said in found if value.lower().startswith(incomplete.lower())]
    except Exception as error:
        if refusal(error) is None:
            raise
        return []
    return [CompletionItem(value, help=said) for value, said in wanted]


def _rules(ctx: click.Context, *, concluding: bool) -> Iterator[tuple[str, str]]:
    from tipstaff_cli.loading import load_policy

    pack = load_policy(ctx.params.get("policy"))
    for rule in pack.rules.values():
        if concluding or rule.concludes is None:
            yield rule.id, rule.title
    if not concluding:
        yield from ((module.name, module.title) for module in pack.modules)


def _partnerships(ctx: click.Context) -> Iterator[tuple[str, str]]:
    path: Path | None = ctx.params.get("register")
    if path is None or not path.is_file() or path.stat().st_size > _LARGEST:
        return
    from tipstaff.register.tables.lookup import names
    from tipstaff.report.terminal.layout import shown
    from tipstaff_cli.loading import load_policy, load_register

    register = load_register(path, load_policy(ctx.params.get("policy")))
    for ref, name in zip(register.refs, names(register), strict=True):
        yield shown(ref), shown(name)
