"""`dbt-discovery store`: what is kept of runs, filled and emptied."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from dbt_discovery_web.cli.exits import Command, Failure
from dbt_discovery_web.cli.session import begin, with_account

if TYPE_CHECKING:
    from dbt_discovery import Fetched, StoredSource, StoreInfo

__all__ = ["store"]

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")


@click.group()
def store() -> None:
    """Look after what is kept of runs and their results.

    It is in the database that DBT_DISCOVERY_DATABASE_URL names, or in a file in your data folder. Whatever is there
    can be fetched again. A sandbox in this process keeps its runs in memory.
    """


@store.command(cls=Command)
@_AS_JSON
def info(as_json: bool) -> None:
    """Show where runs are kept, and how many of which account."""
    found = with_account(begin(), lambda account: account.aget_store())
    if as_json:
        _echo_json(asdict(found))
    else:
        _show(found)


@store.command(cls=Command)
@click.option("--period", default="last_30_days", show_default=True, help="Fetch the runs that started in it.")
@click.option("--results", is_flag=True, help="Fetch what each run made of its models, too: a request for 20 runs.")
@click.option("--refresh", is_flag=True, help="Ask again for days that may still change.")
@_AS_JSON
def sync(period: str, results: bool, refresh: bool, as_json: bool) -> None:
    """Fetch what is missing of a period's runs, so that questions about it are quick.

    What was fetched stays when this is stopped, and the next time goes on from there.
    """
    settings = begin()
    fetched = with_account(settings, lambda account: account.afetch_runs(period, results=results, refresh=refresh))
    if as_json:
        _echo_json(asdict(fetched) | {"period": fetched.period.model_dump(mode="json")})
    else:
        _show_fetched(fetched)
    if settings.account_named and not fetched.lasting:
        raise Failure("The runs were fetched, but could not be kept: see the warning above.", 3)


@store.command(cls=Command)
@click.option("--all", "everything", is_flag=True, help="Of every account, not just of the one the settings name.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@_AS_JSON
def clear(everything: bool, yes: bool, as_json: bool) -> None:
    """Remove the runs and results that are kept of the account.

    Conversations in the same database stay.
    """
    settings = begin()
    whose = "every account" if everything else "the account"
    if not yes and not _consents(f"Remove what is kept of the runs of {whose}?"):
        click.echo("Nothing was removed.", err=True)
        return
    removed = with_account(settings, lambda account: account.aclear_store("all" if everything else "mine"))
    if as_json:
        _echo_json({"runs": removed})
    else:
        from dbt_discovery.words import count

        click.echo(f"{count(removed, 'run')} removed.")


def _consents(question: str) -> bool:
    """Whether a person says yes; where nobody can be asked, an option has to."""
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        raise click.UsageError("Nobody answered: pass --yes to go on without asking.") from None


def _show(found: StoreInfo) -> None:
    from dbt_discovery_web.rendering import one_line

    ends = "" if found.lasting else ", which ends with this process"
    click.echo(f"Runs are kept in {one_line(found.location)}{ends} ({_size(found.size)}).")
    for source in found.sources:
        click.echo()
        click.secho(one_line(f"{source.label} ({source.host}, account {source.account_id})"), bold=True)
        for line in _lines(source):
            click.echo(f"  {line}")


def _lines(source: StoredSource) -> list[str]:
    from dbt_discovery.words import count

    if not source.days:
        return ["No runs yet: dbt-discovery store sync fetches them."]
    may_change = f", {source.open_days} of which may still change" if source.open_days else ""
    lines = [
        f"{count(source.runs, 'run')}, {source.results:,} of them with their models' results",
        f"{count(source.days, 'day')} from {source.first_day} to {source.last_day} (UTC){may_change}",
    ]
    if source.asked_at:
        lines.append(f"dbt Cloud was last asked for runs at {source.asked_at:%Y-%m-%d %H:%M:%S}Z")
    return lines if source.mine else [*lines, "another account, or another token"]


def _show_fetched(fetched: Fetched) -> None:
    from dbt_discovery.words import count

    with_results = "" if fetched.with_results is None else f", {fetched.with_results:,} of them with results"
    click.echo(
        f"{count(fetched.runs, 'run')} ({fetched.period.label}){with_results}: "
        f"{count(fetched.requests, 'request')} to dbt Cloud."
    )
    if not fetched.lasting:
        click.echo("Note: they are kept in memory, and end with this command.", err=True)
    for note in fetched.notes:
        click.echo(f"Note: {note}", err=True)


def _size(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"


def _echo_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_moment))


def _moment(value: date) -> str:
    """A moment or a day, as reports write them."""
    from dbt_discovery.models.report import iso

    return iso(value) if isinstance(value, datetime) else value.isoformat()
