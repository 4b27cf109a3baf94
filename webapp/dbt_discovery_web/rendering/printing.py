"""Reports on stdout: with rich where a person watches, as plain text where a program reads."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import Literal

import click
from dbt_discovery import Report
from dbt_discovery.models.report import Column

from dbt_discovery_web.rendering.lines import labelled_lines
from dbt_discovery_web.rendering.words import cell, context_lines, one_line, shortened, shown_columns, shown_line

__all__ = ["print_report", "print_table"]

_LONGEST_TEXT = 100


def print_report(report: Report) -> None:
    """The whole report: the finding, the rows, and what both rest on."""
    if sys.stdout.isatty():
        click.secho(one_line(report.finding), bold=True)
    else:
        click.echo(one_line(report.finding))
    print_table(report)
    for line in context_lines(report):
        click.secho(line, dim=True)


def print_table(report: Report) -> None:
    """The rows of a report, and how many of all they are; nothing when there are none.

    What is told of one thing alone stands line by line: a row of twenty columns cannot be read.
    """
    if not report.rows:
        return
    if report.about_one_thing:
        _print_lines(report)
        return
    columns = shown_columns(report)
    rows = [[cell(row.get(column.key), column) for column in columns] for row in report.rows]
    click.echo()
    if sys.stdout.isatty():
        _print_rich(columns, rows)
    else:
        _print_plain(columns, rows)
    click.echo(f"\n{shown_line(report)}\n" if shown_line(report) else "")


def _print_lines(report: Report) -> None:
    """The only row, a line for each value; where a person watches, wrapped to the terminal."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo()
    for label, value in labelled_lines(report, width):
        click.echo(f"{click.style(label, dim=True)}{value}")
    click.echo()


def _print_plain(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Columns two spaces apart, nothing wrapped; long texts are cut, as CSV and JSON have them whole."""
    header = [column.label for column in columns]
    cut = [_LONGEST_TEXT if column.type == "text" else sys.maxsize for column in columns]
    rows = [[shortened(text, width) for text, width in zip(row, cut, strict=True)] for row in rows]
    widths = [max(map(len, cells)) for cells in zip(header, *rows, strict=True)]
    right = [column.type == "number" for column in columns]
    for line in [header, ["-" * width for width in widths], *rows]:
        padded = [
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(line, widths, right, strict=True)
        ]
        click.echo("  ".join(padded).rstrip())


def _print_rich(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from dbt_discovery_web.rendering.fitting import GAP, fit

    # rich takes a terminal of few abilities for one of 80 columns, whatever its width.
    width, height = shutil.get_terminal_size()
    console = Console(width=width, height=height)
    fitted = fit(columns, rows, console.width)
    # The box draws one blank between columns itself.
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for place, width in fitted.widths.items():
        column = columns[place]
        justify: Literal["right", "left"] = "right" if column.type == "number" else "left"
        table.add_column(Text(column.label), justify=justify, overflow="fold", width=width)
    for row in rows:
        table.add_row(*map(Text, fitted.cells(row)))
    console.print(table)
    if fitted.dropped:
        labels = ", ".join(column.label for column in fitted.dropped)
        click.secho(f"\nNo room for: {labels}. A wider terminal shows more, --json everything.", dim=True)
