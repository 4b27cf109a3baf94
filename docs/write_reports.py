"""Writes `docs/reports.md` from the reports' own declarations, each with an example on the sandbox.

A test says when the page is out of date.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox
from dbt_discovery import DbtAccount, Report, Settings
from dbt_discovery.models.filters import SearchFilter
from dbt_discovery.reports import registry
from dbt_discovery.reports.declaration import MOST_ROWS, ReportArguments, ReportDeclaration
from dbt_discovery_web.browse.labels import FAMILIES
from dbt_discovery_web.rendering.words import cell, context_lines, shortened, shown_columns

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
ROWS_SHOWN = 5
LONGEST_CELL = 90

HEAD = """# Reports

Each report is declared once, in a file of its own name in `core/dbt_discovery/reports`. It is there under the same name
and with the same arguments at every door:

| door | how |
| --- | --- |
| chat | ask one of the questions below, or in words of your own |
| Python | `account.run_report("slowest_models", limit=5)` |
| REST | `GET /reports/slowest_models?limit=5`, with its chart at `/reports/slowest_models/chart.svg` |
| command line | `dbt-discovery report slowest_models --limit 5` |
| LangChain | the tool `dbt_slowest_models` |

This page is written from the declarations. The examples are asked of the [sandbox](sandbox.md) as it is on Wednesday,
18 November 2026, at 10:30 UTC; times are in UTC.
"""
FILTERS = f"""## Filters

These mean the same in every report that takes them. Fields narrow together; the values of one list are alternatives.
In a query a list repeats its parameter, on the command line its option. Every report says which of them it takes, and
gives at most {MOST_ROWS} rows.
"""


def page() -> str:
    """The whole page."""
    settings = Settings(fixed_now=NOW, _env_file=None)
    with DbtAccount(transport=dbt_cloud_sandbox.transport(now=lambda: NOW), settings=settings) as account:
        return "\n".join([HEAD, contents(), FILTERS, filters(), *families(account)])


def contents() -> str:
    """Every report in a line."""
    lines = []
    for family, title in FAMILIES.items():
        own = [each for each in registry().values() if each.group == family]
        links = ", ".join(f"[{each.title}](#{anchor(each)})" for each in own)
        lines.append(f"- **{title}**: {links}")
    return "\n".join(lines) + "\n"


def anchor(declaration: ReportDeclaration[Any]) -> str:
    """Where a report's section is on the page."""
    return f"{declaration.title.lower().replace(' ', '-')}-{declaration.name}"


def filters() -> str:
    """The fields that several reports share."""
    shared = {**SearchFilter.model_fields, **ReportArguments.model_fields}
    rows = (f"| `{name}` | {text(field.description or '')} |" for name, field in shared.items())
    return "\n".join(["| argument | meaning |", "| --- | --- |", *rows, ""])


def families(account: DbtAccount) -> Iterator[str]:
    """The sections, family by family."""
    for family, title in FAMILIES.items():
        yield f"## {title}\n\n![A report on the terminal](screenshots/report-{family}.svg)\n"
        for declaration in registry().values():
            if declaration.group == family:
                yield section(declaration, account)


def section(declaration: ReportDeclaration[Any], account: DbtAccount) -> str:
    """What the page says of one report."""
    questions = "\n".join(f"- {example}" for example in declaration.examples)
    parts = [
        f"### {declaration.title}: `{declaration.name}`\n",
        f"{declaration.description}\n",
        f"{questions}\n",
        arguments(declaration),
        example(account.run_report(declaration.name, **declaration.sample), declaration.sample),
    ]
    return "\n".join(parts)


def arguments(declaration: ReportDeclaration[Any]) -> str:
    """The report's own arguments in a table, and the names of those that it shares."""
    fields, defaults = (
        declaration.arguments.model_fields,
        declaration.arguments.model_construct().model_dump(mode="json"),
    )
    rows = []
    for name, field in fields.items():
        if name in SearchFilter.model_fields or name in ReportArguments.model_fields:
            continue
        default = defaults[name]
        shown = "" if default in (None, []) else f"`{default}`".lower() if isinstance(default, bool) else f"`{default}`"
        rows.append(f"| `{name}` | {shown} | {text(field.description or '')} |")
    own = "\n".join(["| argument | default | meaning |", "| --- | --- | --- |", *rows, ""]) if rows else ""
    shared = ", ".join(f"`{name}`" for name in fields if name in SearchFilter.model_fields)
    return "\n".join(filter(None, [own, f"Filters: {shared}.\n" if shared else ""]))


def example(report: Report, sample: Mapping[str, Any]) -> str:
    """A worked example: the command, the finding, the first rows, and what they rest on."""
    lines = [f"```console\n$ {command(report.name, sample)}\n```\n", f"> {text(report.finding)}\n"]
    lines += [table(report), *(f"- {text(line)}" for line in context_lines(report)[:-1]), ""]
    return "\n".join(lines)


def command(name: str, sample: Mapping[str, Any]) -> str:
    """The command line that asks for a report."""
    words = ["dbt-discovery", "report", name]
    for argument, value in sample.items():
        option = f"--{argument.replace('_', '-')}"
        if value is True:
            words.append(option)
        else:
            words += [word for each in (value if isinstance(value, list) else [value]) for word in (option, str(each))]
    return shlex.join(words)


def table(report: Report) -> str:
    """The first rows; of a report about one thing, its columns one under the other."""
    columns = shown_columns(report)
    if not report.rows:
        return ""
    if len(report.rows) == 1 and len(columns) > 8:
        lines = ["| | |", "| --- | --- |"]
        lines += [f"| {text(each.label)} | {shown(report.rows[0].get(each.key), each)} |" for each in columns]
        return "\n".join([*lines, ""])
    lines = ["| " + " | ".join(text(each.label) for each in columns) + " |"]
    lines.append("| " + " | ".join("---:" if each.type == "number" else "---" for each in columns) + " |")
    for row in report.rows[:ROWS_SHOWN]:
        lines.append("| " + " | ".join(shown(row.get(each.key), each) for each in columns) + " |")
    more = report.total_rows - len(report.rows[:ROWS_SHOWN])
    return "\n".join([*lines, "", *([f"… and {more:,} more.", ""] if more else [])])


def shown(value: Any, column: Any) -> str:
    """A cell of a Markdown table."""
    if column.type == "link" and value:
        return f"[{column.label.lower()}]({value})"
    return text(shortened(cell(value, column), LONGEST_CELL))


def text(words: str) -> str:
    """Words that Markdown leaves as they are."""
    return re.sub(r"([\\|*`\[\]<])", r"\\\1", words)


if __name__ == "__main__":
    Path(__file__).with_name("reports.md").write_text(page(), encoding="utf-8")
