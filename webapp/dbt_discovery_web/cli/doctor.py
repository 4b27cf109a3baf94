"""`dbt-discovery doctor`: what is configured, what answers, and what to do about the rest."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import textwrap
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import click

from dbt_discovery_web.cli.exits import Command, exit_code
from dbt_discovery_web.cli.session import log_to_stderr

if TYPE_CHECKING:
    from dbt_discovery_web.doctor import Check, Diagnosis

__all__ = ["doctor"]

_CONFIGURATION = 3
_NARROWEST, _WIDEST = 60, 100
_MARK = 9
_PARTS = re.compile(r"[^/]*/+|[^/]+")
_MARKS = {
    "ok": ("ok", "green"),
    "warning": ("warning", "yellow"),
    "fault": ("FAULT", "red"),
    "skipped": ("skipped", "bright_black"),
}


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="The diagnosis as JSON.")
def doctor(as_json: bool) -> None:
    """Check settings, hosts, token, permissions, environments and stores.

    Every fault says what to do. Secrets are told only as set or not set, and nothing is written. The exit code is that
    of the first fault: 0 when there is none, 3 for the configuration, 4 for dbt Cloud; warnings do not count.
    """
    from dbt_discovery_web.doctor import Variables, examine

    variables = Variables.read()
    log_to_stderr(variables.settings.log_level)
    diagnosis = asyncio.run(examine(variables))
    if as_json:
        click.echo(json.dumps(diagnosis.to_json(), ensure_ascii=False, indent=2))
    else:
        _show(diagnosis)
    if diagnosis.faults:
        error = diagnosis.faults[0].error
        raise click.exceptions.Exit(exit_code(error) if error else _CONFIGURATION)


def _show(diagnosis: Diagnosis) -> None:
    width = min(max(shutil.get_terminal_size((80, 24)).columns, _NARROWEST), _WIDEST)
    _show_settings(diagnosis, width)
    column = max(len(check.name) for check in diagnosis.checks) + 2
    for group, checks in groupby(diagnosis.checks, key=lambda check: check.group):
        click.echo()
        click.secho(group, bold=True)
        last: Check | None = None
        for check in checks:
            _show_check(_without_repetition(check, last), column, width)
            last = check
    click.echo()
    color = "red" if diagnosis.faults else "green"
    click.secho("\n".join(_wrapped(diagnosis.summary, width)), fg=color, bold=True)


def _without_repetition(check: Check, last: Check | None) -> Check:
    """The check without the words that stand in the line above already."""
    if last is None or (check.detail != last.detail and check.advice != last.advice):
        return check
    if check.detail != last.detail:
        return replace(check, advice=check.advice and "As above.")
    return replace(check, detail="Likewise.", advice="" if check.advice == last.advice else check.advice)


def _show_settings(diagnosis: Diagnosis, width: int) -> None:
    """The variables that are set, and the addresses that follow."""
    from dbt_discovery_web.rendering import one_line

    lines = {name: value for name, value in diagnosis.settings.items() if name in diagnosis.given}
    if addresses := diagnosis.addresses:
        lines |= {"Admin API at": addresses.admin, "Discovery API at": addresses.discovery}
    column = max(map(len, lines), default=0) + 2
    for name, value in lines.items():
        first, *more = _wrapped(one_line(value), width - column)
        click.echo(f"{name:<{column}}{first}")
        for line in more:
            click.echo(f"{'':<{column}}{line}")


def _show_check(check: Check, column: int, width: int) -> None:
    from dbt_discovery_web.rendering import one_line

    word, color = _MARKS[check.status.value]
    indent = " " * (2 + _MARK + column)
    room = width - len(indent)
    body = _wrapped(one_line(check.detail), room)
    if check.advice:
        body += _wrapped(f"→ {one_line(check.advice)}", room, hanging="  ")
    click.echo(f"  {click.style(f'{word:<{_MARK}}', fg=color)}{check.name:<{column}}{body[0]}")
    for line in body[1:]:
        click.echo(f"{indent}{line}")


class _Wrapper(textwrap.TextWrapper):
    """Breaks an address or a path only where it is longer than a line, and then after a slash if it can."""

    def _split(self, text: str) -> list[str]:
        words = super()._split(text)
        return [part for word in words for part in (_PARTS.findall(word) if len(word) > self.width else [word])]


def _wrapped(text: str, width: int, hanging: str = "") -> list[str]:
    """The lines of a text, none of them wider than there is room."""
    return _Wrapper(width, subsequent_indent=hanging, break_on_hyphens=False).wrap(text) or [""]
