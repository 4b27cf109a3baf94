"""`dbt-discovery serve`: the web app."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from dbt_discovery_web.cli.exits import Command, Failure
from dbt_discovery_web.cli.listening import address_of, listen, serve_on
from dbt_discovery_web.cli.session import begin

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount, Settings

__all__ = ["serve"]

_SECONDS_TO_LEARN = 3


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 takes a free one.",
)
@click.option("--warm", is_flag=True, help="Ask for what most questions need as soon as it is up.")
def serve(host: str, port: int, warm: bool) -> None:
    """Serve the chat page, the chat API and REST.

    It listens on this machine only, unless --host says otherwise: there is no log-in, so whoever reaches it can ask.
    """
    settings = begin()
    if warm:
        settings = settings.model_copy(update={"warm": True})
    try:
        from dbt_discovery_web.app import create_app
    except ImportError as error:
        missing = error.name or str(error)
        raise Failure(f"The web app lacks {missing}: run pip install 'dbt-discovery[web]'.", 3) from error
    from dbt_discovery_web.chat.models import model_name

    with listen(host, port) as listener:
        app = create_app(settings, hosts=[host])

        async def announce() -> None:
            source = await _source(settings, app.state.services.account)
            click.echo(
                f"Listening on {address_of(listener)} (stop with Ctrl-C). Source: {source}. "
                f"Chat model: {model_name(settings)}.",
                err=True,
            )

        serve_on(listener, app, announce)


async def _source(settings: Settings, account: DbtAccount) -> str:
    """Whose numbers are shown if that is soon told, else who is asked: the app starts without dbt Cloud too."""
    from dbt_discovery import DbtDiscoveryError
    from dbt_discovery.services.hosts import endpoints_for

    with suppress(DbtDiscoveryError, TimeoutError):
        async with asyncio.timeout(_SECONDS_TO_LEARN):
            source = await account.aget_source()
        return source.label if source.kind != "dbt_cloud" else f"{source.label} at {source.host}"
    if not settings.account_named:
        return "not known yet, asks the sandbox"
    host = endpoints_for(settings.host, settings.metadata_url, settings.admin_url).host
    return f"not known yet, asks {host}"
