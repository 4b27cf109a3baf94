"""`dbt-discovery mcp`: the reports as tools for an MCP client, over standard input and output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dbt_discovery_web.cli.exits import Command, Failure
from dbt_discovery_web.cli.session import begin, with_account

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount

__all__ = ["mcp"]


@click.command(cls=Command)
def mcp() -> None:
    """Offer the reports as tools to an MCP client, such as an editor or a desktop assistant.

    The client starts this command by itself, and ends it. DBT_DISCOVERY_TOOLS_INCLUDE, _EXCLUDE and _GROUPS choose
    which reports it gets.
    """
    settings = begin()
    try:
        from langchain_dbt_discovery.mcp_server import serve_on_stdio
    except ImportError as error:
        missing = error.name or str(error)
        raise Failure(f"An MCP server lacks {missing}: run pip install 'dbt-discovery[web,mcp]'.", 3) from error
    from langchain_dbt_discovery import DbtDiscoveryToolkit

    async def serve(account: DbtAccount) -> None:
        await serve_on_stdio(DbtDiscoveryToolkit(account))

    with_account(settings, serve)
