"""Copying: the same report in the words of each door, to be pasted there and give the same rows."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dbt_discovery import DbtDiscoveryError, Report, Source
from dbt_discovery.reports import find_report

__all__ = ["Copy", "copies_of", "given_arguments"]

_LINE = 100
"""Characters beyond which a call is broken into lines."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A text to copy.

    Attributes:
        key: What it is for: `curl`, `command`, `python` or `tool`.
        label: The same for people.
        text: The text.
    """

    key: str
    label: str
    text: str


def copies_of(report: Report, origin: str) -> tuple[Copy, ...]:
    """A report as a request, a command, a script and a tool call.

    Args:
        report: The report.
        origin: Where this server is found, such as `http://127.0.0.1:8000`.
    """
    arguments = given_arguments(report)
    return (
        Copy("curl", "curl", f"curl -s {shlex.quote(origin.rstrip('/') + report.path)}"),
        Copy("command", "Command line", _command(report.name, arguments)),
        Copy("python", "Python", _script(report, arguments)),
        Copy("tool", "Tool call", json.dumps({"name": f"dbt_{report.name}", "args": arguments}, ensure_ascii=False)),
    )


def given_arguments(report: Report) -> dict[str, Any]:
    """The arguments of a report that differ from their defaults; all of one that is no longer known."""
    try:
        defaults = find_report(report.name).arguments.model_construct().canonical()
    except DbtDiscoveryError:
        defaults = {}
    return {name: value for name, value in report.arguments.items() if value != defaults.get(name)}


def _command(name: str, arguments: Mapping[str, Any]) -> str:
    return shlex.join(["dbt-discovery", "report", name, *_options(arguments)])


def _options(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Arguments as options: a list repeats its option, yes is the option alone."""
    for name, value in arguments.items():
        option = f"--{name.replace('_', '-')}"
        for each in value if isinstance(value, list) else [value]:
            if each is True:
                yield option
            else:
                yield f"{option}={each}"


def _script(report: Report, arguments: Mapping[str, Any]) -> str:
    given = [_literal(report.name), *(f"{name}={_literal(value)}" for name, value in arguments.items())]
    call = f"account.run_report({', '.join(given)})"
    if len(call) > _LINE:
        call = "account.run_report(\n" + "".join(f"        {each},\n" for each in given) + "    )"
    imports, account = _account(report.source)
    return f"{imports}\n\nwith {account} as account:\n    report = {call}\n    print(report.finding)\n"


def _literal(value: Any) -> str:
    """A value as Python writes it, with the quotation marks of JSON, whose texts are Python's too."""
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _account(source: Source) -> tuple[str, str]:
    """How a script comes to the account that a report is of: what it imports, and what it opens."""
    match source.kind:
        case "sandbox":
            return (
                "import dbt_cloud_sandbox\nfrom dbt_discovery import DbtAccount",
                "DbtAccount(transport=dbt_cloud_sandbox.transport())",
            )
        case "artifacts":
            return (
                "import os\n\nimport dbt_cloud_sandbox\nfrom dbt_discovery import DbtAccount\n\n"
                'world = dbt_cloud_sandbox.artifacts_world(os.environ["DBT_SANDBOX_ARTIFACTS"])',
                "DbtAccount(transport=dbt_cloud_sandbox.transport(world))",
            )
    return "from dbt_discovery import DbtAccount", "DbtAccount.from_env()"
