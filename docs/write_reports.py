"""Writes `docs/reports.md` from the reports' own declarations. A test says when it is out of date."""

from __future__ import annotations

from pathlib import Path

from dbt_discovery.reports import registry
from dbt_discovery.reports.declaration import ReportDeclaration

HEAD = """# Reports

Each report is declared once, in a file of its own name in `core/dbt_discovery/reports`. It is there under the same name
and with the same arguments in Python (`account.run_report`), REST (`GET /reports/<name>`), on the command line
(`dbt-discovery report <name>`), in chat, and as the LangChain tool `dbt_<name>`. This page is written from the
declarations.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(section(declaration) for declaration in registry().values())])


def section(declaration: ReportDeclaration) -> str:  # type: ignore[type-arg]
    """What the page says of one report."""
    questions = "\n".join(f"- {example}" for example in declaration.examples)
    rows = []
    properties = declaration.arguments.model_json_schema()["properties"]
    defaults = declaration.arguments().model_dump(mode="json")
    for name, schema in properties.items():
        default = defaults[name]
        shown = "" if default in (None, []) else f"`{default}`".lower() if isinstance(default, bool) else f"`{default}`"
        meaning = schema.get("description", "").replace("|", "\\|").replace("<", "&lt;")
        rows.append(f"| `{name}` | {shown} | {meaning} |")
    table = "\n".join(["| argument | default | meaning |", "| --- | --- | --- |", *rows])
    return f"## {declaration.title}: `{declaration.name}`\n\n{declaration.description}\n\n{questions}\n\n{table}\n"


if __name__ == "__main__":
    Path(__file__).with_name("reports.md").write_text(page(), encoding="utf-8")
