"""`dbt-discovery report`: every report of the registry as a command of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from dbt_discovery_web.cli.exits import Command
from dbt_discovery_web.cli.session import begin, with_account

if TYPE_CHECKING:
    from dbt_discovery import Report
    from dbt_discovery.reports.declaration import ReportDeclaration

__all__ = ["report"]


class _Reports(click.Group):
    """The reports, found in the registry: nothing about one is written here again."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from dbt_discovery.reports import registry

        return list(registry())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command of a report.

        Raises:
            NotFound: There is no report of that name; the error tells which names are near.
        """
        from dbt_discovery.reports import find_report

        return _command(find_report(cmd_name))


@click.group(cls=_Reports, invoke_without_command=True, subcommand_metavar="[NAME] [OPTIONS]...")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
@click.pass_context
def report(ctx: click.Context, as_json: bool) -> None:
    """Run a report, or list the reports.

    Without a name, lists what there is. `report NAME --help` shows what a report takes.
    """
    if ctx.invoked_subcommand is not None:
        return
    from dbt_discovery.reports import registry

    known = registry().values()
    if as_json:
        listed = [{"name": each.name, "title": each.title, "summary": each.summary} for each in known]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    width = max(len(each.name) for each in known)
    for each in known:
        click.echo(f"{each.name:<{width}}  {each.summary}")


def _command(declaration: ReportDeclaration[Any]) -> click.Command:
    from dbt_discovery_web.cli.report_options import given_arguments, report_options

    def run(as_json: bool, as_csv: bool, **values: Any) -> None:
        if as_json and as_csv:
            raise click.UsageError("--json and --csv exclude each other", click.get_current_context())
        arguments = declaration.parse(given_arguments(values))
        show(with_account(begin(), lambda account: account.arun_report(declaration.name, arguments)), as_json, as_csv)

    return Command(
        declaration.name,
        callback=run,
        params=[
            *report_options(declaration.arguments),
            click.Option(["--json", "as_json"], is_flag=True, help="The whole report as JSON."),
            click.Option(["--csv", "as_csv"], is_flag=True, help="The rows as CSV."),
        ],
        help=declaration.description,
        short_help=declaration.summary,
        epilog="Answers: " + " ".join(declaration.examples),
    )


def show(answer: Report, as_json: bool, as_csv: bool) -> None:
    """Writes a report to stdout in the form asked for."""
    from dbt_discovery_web.rendering import print_report, report_csv

    if as_json:
        click.echo(json.dumps(answer.to_json(), ensure_ascii=False, indent=2))
    elif as_csv:
        click.echo(report_csv(answer), nl=False)
    else:
        print_report(answer)
