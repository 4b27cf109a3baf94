"""`dbt-discovery doctor`: what is configured, what answers, and what to do about the rest."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import click

from dbt_discovery_web.cli.exits import exit_code
from dbt_discovery_web.cli.session import begin

if TYPE_CHECKING:
    from dbt_discovery_web.doctor import Diagnosis

__all__ = ["doctor"]

_CONFIGURATION = 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The diagnosis as JSON.")
def doctor(as_json: bool) -> None:
    """Check settings, APIs, chat model and database.

    Secrets are told only as set or not set. The exit code is that of the first fault: 0 when there is none.
    """
    settings = begin()
    from dbt_discovery_web.doctor import examine

    diagnosis = asyncio.run(examine(settings))
    if as_json:
        click.echo(json.dumps(diagnosis.to_json(), ensure_ascii=False, indent=2))
    else:
        _show(diagnosis)
    if fault := diagnosis.first_fault:
        raise click.exceptions.Exit(exit_code(fault.error) if fault.error else _CONFIGURATION)


def _show(diagnosis: Diagnosis) -> None:
    from dbt_discovery_web.rendering import one_line

    width = max(map(len, diagnosis.settings))
    for name, value in diagnosis.settings.items():
        click.echo(f"{name:<{width}}  {one_line(value)}")
    click.echo()
    if addresses := diagnosis.addresses:
        for name, value in (
            ("Host", addresses.host),
            ("Admin API at", addresses.admin),
            ("Discovery API at", addresses.discovery),
        ):
            click.echo(f"{name:<{width}}  {one_line(value)}")
        click.echo()
    for check in diagnosis.checks:
        mark = click.style("ok   ", fg="green") if check.ok else click.style("FAULT", fg="red")
        click.echo(f"{mark} {check.name}: {one_line(check.detail)}")
