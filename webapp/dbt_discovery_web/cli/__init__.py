"""The command line: `dbt-discovery ask`, `report`, `serve`, `mcp` and the others.

stdout carries data, stderr everything else. What a command needs is imported when it runs, so that `--help` is quick.
"""

from __future__ import annotations

from typing import Any

import click

from dbt_discovery_web.cli.ask import ask
from dbt_discovery_web.cli.doctor import doctor
from dbt_discovery_web.cli.exits import EXIT_CODES, one_sentence
from dbt_discovery_web.cli.mcp import mcp
from dbt_discovery_web.cli.report import report
from dbt_discovery_web.cli.sandbox import sandbox
from dbt_discovery_web.cli.serve import serve
from dbt_discovery_web.cli.store import store

__all__ = ["main"]


class _Doors(click.Group):
    """The group of all commands: whatever goes wrong in one ends in one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        with one_sentence():
            return super().invoke(ctx)


_EPILOG = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + "."


@click.group(cls=_Doors, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "--version", package_name="dbt-discovery", prog_name="dbt-discovery")
def main() -> None:
    """Ask a dbt account reporting questions.

    Settings come from the environment or .env: DBT_SERVICE_TOKEN and DBT_ACCOUNT_ID name a dbt Cloud account. Without
    them the answers come from a sandbox, and say so.
    """


for _command in (ask, report, serve, mcp, store, doctor, sandbox):
    main.add_command(_command)
