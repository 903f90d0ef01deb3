"""Arguments that name a rule or a partnership, and their completion in a shell."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from tipstaff_cli.loading import load_policy, load_register
from tipstaff_cli.refusals import Refusal, refusal

if TYPE_CHECKING:
    from tipstaff.policy.pack.model import Pack, Rule
    from tipstaff.register.tables.model import Register


def position_of(register: "Register", path: Path, name: str) -> int:
    """The partnership meant by a name; a near name is said on stderr. Raises Refusal if it is none or several."""
    from tipstaff.register.tables.lookup import find, names
    from tipstaff.report.wording.phrases import shown, typed

    match = find(register, name)
    called = names(register)
    if match.found:
        if not match.exact:
            click.echo(f"{shown(name)} is read as {shown(called[match.positions[0]])}.", err=True)
        return match.positions[0]
    if not match.positions:
        command = typed("tipstaff", "check", str(path))
        raise Refusal(f"{path}: has no partnership like {shown(name)}. See what it has: {command}")
    candidates = "; ".join(f"{shown(register.refs[place])} ({shown(called[place])})" for place in match.positions)
    raise Refusal(f"{path}: {shown(name)} may be any of these; give the reference: {candidates}")


def named_rule(pack: "Pack", name: str) -> "Rule":
    """The rule of an id, whatever its case. Raises click.UsageError with the nearest one."""
    from tipstaff.facts.spellings import nearest

    if name.upper() not in pack.rules:
        raise click.UsageError(f"{name} is no rule of {pack.id}{nearest(name.upper(), list(pack.rules))}")
    return pack.rules[name.upper()]


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
    from tipstaff.report.wording.phrases import shown

    register = load_register(path, load_policy(ctx.params.get("policy")))
    for ref, name in zip(register.refs, names(register), strict=True):
        yield shown(ref), shown(name)
