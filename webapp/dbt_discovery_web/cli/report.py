"""`dbt-discovery report`: every report of the registry as a command of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dbt_discovery_web.cli.conditions import Condition
from dbt_discovery_web.cli.exits import CONDITION_HELD, Command
from dbt_discovery_web.cli.session import begin, with_account

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount, Report
    from dbt_discovery.reports.declaration import ReportArguments, ReportDeclaration

__all__ = ["report"]

_FORMS = {
    "json": "The whole report as JSON.",
    "csv": "The rows as CSV.",
    "ndjson": "The rows as JSON, one a line.",
    "markdown": "The finding and the rows as Markdown, for comments on pull requests and for chats.",
}


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

    def run(fail_if: tuple[str, ...], chart: Path | None, **values: Any) -> None:
        form = _form({form: values.pop(f"as_{form}") for form in _FORMS})
        given = given_arguments(values)
        arguments, conditions = declaration.parse(given), [Condition.parse(text) for text in fail_if]
        _check_suffix(chart)
        settings = begin()

        async def answer(account: DbtAccount) -> tuple[Report, Report]:
            return await _answer(account, declaration, arguments, given, conditions)

        shown, whole = with_account(settings, answer)
        outcomes = [condition.check(whole, settings.zone) for condition in conditions]
        if chart:
            _draw(shown, settings.zone, chart)
        show(shown, form)
        held = [outcome.said for outcome in outcomes if outcome.held]
        for said in held:
            click.echo(said, err=True)
        if held:
            raise click.exceptions.Exit(CONDITION_HELD)
        if conditions and not whole.coverage.complete:
            click.echo("No condition held, but data inside the question is missing: see the notes.", err=True)

    return Command(
        declaration.name,
        callback=run,
        params=[
            *report_options(declaration.arguments),
            *(click.Option([f"--{form}", f"as_{form}"], is_flag=True, help=text) for form, text in _FORMS.items()),
            click.Option(
                ["--chart"],
                type=click.Path(dir_okay=False, path_type=Path),
                metavar="FILE",
                help="Also draw the report: into FILE.svg, or as a Vega-Lite specification into FILE.json.",
            ),
            click.Option(
                ["--fail-if"],
                multiple=True,
                metavar="CONDITION",
                help=f"Exit with {CONDITION_HELD} if this holds for any row, whatever the limit, such as "
                "“avg_runtime > 30m”, or “rows > 0”. May be repeated.",
            ),
        ],
        help=declaration.description,
        short_help=declaration.summary,
        epilog="Answers: " + " ".join(declaration.examples),
    )


def _form(wanted: Mapping[str, bool]) -> str:
    """The one form that is wanted; none for people.

    Raises:
        click.UsageError: There are several.
    """
    forms = [form for form, is_wanted in wanted.items() if is_wanted]
    if len(forms) > 1:
        flags = " and ".join(f"--{form}" for form in forms)
        raise click.UsageError(f"{flags} exclude each other", click.get_current_context())
    return forms[0] if forms else ""


async def _answer(
    account: DbtAccount,
    declaration: ReportDeclaration[Any],
    arguments: ReportArguments,
    given: Mapping[str, Any],
    conditions: Sequence[Condition],
) -> tuple[Report, Report]:
    """The report as it is shown, and with all rows where a condition looks into them."""
    limit = getattr(arguments, "limit", None)
    if limit is None or not any(condition.needs_rows for condition in conditions):
        answer = await account.arun_report(declaration.name, arguments)
        return answer, answer
    everything = declaration.parse({name: value for name, value in given.items() if name != "limit"}).whole()
    whole = await account.arun_report(declaration.name, everything)
    canonical = whole.arguments | {"limit": limit}
    changes = {"rows": whole.rows[:limit], "arguments": canonical, "path": declaration.path(canonical)}
    return whole.model_copy(update=changes), whole


def _check_suffix(chart: Path | None) -> None:
    if chart and chart.suffix not in (".svg", ".json"):
        raise click.UsageError("--chart takes a file that ends in .svg or .json", click.get_current_context())


def _draw(answer: Report, zone: Any, file: Path) -> None:
    """Draws a report into a file.

    Raises:
        click.UsageError: It is not for drawing, or the file cannot be written.
    """
    from dbt_discovery_web.charts import draw_svg, drawing_of, vega_spec

    drawing = drawing_of(answer, zone)
    if drawing is None:
        raise click.UsageError(f"{answer.name} has no chart")
    text = draw_svg(drawing) if file.suffix == ".svg" else json.dumps(vega_spec(drawing), ensure_ascii=False)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written ({error.strerror})") from error


def show(answer: Report, form: str) -> None:
    """Writes a report to stdout in the form asked for."""
    from dbt_discovery_web.rendering import print_report, report_csv, report_markdown

    match form:
        case "json":
            click.echo(json.dumps(answer.to_json(), ensure_ascii=False, indent=2))
        case "csv":
            click.echo(report_csv(answer), nl=False)
        case "ndjson":
            for row in answer.to_json()["rows"]:
                click.echo(json.dumps(row, ensure_ascii=False))
        case "markdown":
            click.echo(report_markdown(answer), nl=False)
        case _:
            print_report(answer)
