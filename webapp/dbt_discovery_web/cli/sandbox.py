"""`dbt-discovery sandbox`: a local dbt Cloud as a server of its own."""

from __future__ import annotations

from pathlib import Path

import click

from dbt_discovery_web.cli.listening import address_of, listen, serve_on
from dbt_discovery_web.cli.session import begin

__all__ = ["sandbox"]


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8010, show_default=True, help="0 takes a free one.")
@click.option(
    "--artifacts",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of dbt artifacts to serve, instead of DBT_SANDBOX_ARTIFACTS or a generated account.",
)
def sandbox(port: int, artifacts: Path | None) -> None:
    """Serve a local dbt Cloud, without an account.

    Prints the variables that point a client at it, so that `dbt-discovery sandbox > .env.sandbox` keeps them. It
    listens on this machine only, and takes any token.
    """
    from dbt_discovery_web.composition import sandbox_app

    settings = begin()
    if artifacts:
        settings = settings.model_copy(update={"sandbox_artifacts": artifacts})
    app = sandbox_app(settings)
    world = app.state.world
    with listen("127.0.0.1", port) as listener:
        address = address_of(listener)

        async def announce() -> None:
            click.echo("DBT_SERVICE_TOKEN=sandbox")
            click.echo(f"DBT_ACCOUNT_ID={world.account.id}")
            click.echo(f"DBT_ADMIN_URL={address}")
            click.echo(f"DBT_METADATA_URL={address}/graphql")
            click.echo(f"{world.label} at {address} (stop with Ctrl-C).", err=True)

        serve_on(listener, app, announce)
