"""`dbt-discovery sandbox`: a local dbt Cloud as a server of its own."""

from __future__ import annotations

from pathlib import Path

import click

from dbt_discovery_web.cli.exits import Command
from dbt_discovery_web.cli.listening import address_of, listen, serve_on
from dbt_discovery_web.cli.session import begin

__all__ = ["sandbox"]


@click.command(cls=Command)
@click.option("--port", type=click.IntRange(0, 65535), default=8010, show_default=True, help="0 takes a free one.")
@click.option(
    "--artifacts",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of dbt artifacts to serve, instead of DBT_SANDBOX_ARTIFACTS or a generated account.",
)
@click.option("--models", type=click.IntRange(1), metavar="N", help="Models of the generated account, 144 or more.")
@click.option("--runs", type=click.IntRange(1), metavar="N", help="Its runs before today, or up to 2 % more.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Its jobs.")
@click.option("--days", type=click.IntRange(0), metavar="N", help="How many days of runs it has; 90 if left out.")
@click.option("--seed", type=int, metavar="N", help="Another seed is another history of the same projects.")
def sandbox(port: int, artifacts: Path | None, **sizes: int | None) -> None:
    """Serve a local dbt Cloud, without an account.

    Prints the variables that point a client at it, so that `dbt-discovery sandbox > .env.sandbox` keeps them. It
    listens on this machine only, and takes any token.
    """
    from dbt_discovery_web.composition import sandbox_app

    settings = begin()
    given = {name: size for name, size in sizes.items() if size is not None}
    if artifacts:
        settings = settings.model_copy(update={"sandbox_artifacts": artifacts})
    elif given:
        settings = settings.model_copy(update={"sandbox_artifacts": None})
    if artifacts and given:
        raise click.UsageError(f"--artifacts is a folder as it is: leave out --{', --'.join(sorted(given))}.")
    app = sandbox_app(settings, **given)
    world = app.state.world
    world.runs()  # a large world takes seconds, which the first request need not wait
    with listen("127.0.0.1", port) as listener:
        address = address_of(listener)

        async def announce() -> None:
            click.echo("DBT_SERVICE_TOKEN=sandbox")
            click.echo(f"DBT_ACCOUNT_ID={world.account.id}")
            click.echo(f"DBT_ADMIN_URL={address}")
            click.echo(f"DBT_METADATA_URL={address}/graphql")
            click.echo(f"{world.label} at {address} (stop with Ctrl-C).", err=True)

        serve_on(listener, app, announce)
