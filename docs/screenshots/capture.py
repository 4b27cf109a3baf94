"""Captures what the command line shows of one report of each family, on the sandbox. Run with `make screenshots`."""

from __future__ import annotations

import os
import pty
import shlex
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
WIDTH = 132
COMMANDS = {
    "jobs": "report longest_running_jobs --period last_week --limit 6",
    "runs": "report runtime_trend --job 'Finance nightly build' --period last_14_days",
    "models": "report slowest_models --limit 6",
    "tests": "report flaky_tests",
    "sources": "report source_freshness --limit 8",
    "projects": "report list_projects",
}
FORMAT = """<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px;
}}
.{unique_id}-title {{ font-family: system-ui, sans-serif; font-size: 16px; fill: #57606a; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own layout, with the reader's fonts: a picture that fetches nothing."""
LIGHT = TerminalTheme(
    (255, 255, 255),
    (31, 35, 40),
    [
        (36, 41, 47),
        (207, 34, 46),
        (17, 99, 41),
        (77, 45, 0),
        (9, 105, 218),
        (130, 80, 223),
        (27, 124, 131),
        (87, 96, 106),
    ],
)


def main() -> None:
    """Writes one picture for each family of reports."""
    for family, command in COMMANDS.items():
        console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"))  # noqa: SIM115
        console.print(Text(f"$ dbt-discovery {command}\n", style="bold"))
        console.print(Text.from_ansi(shown(command)))
        console.save_svg(
            str(HERE / f"report-{family}.svg"), title="dbt-discovery", theme=LIGHT, code_format=FORMAT, unique_id=family
        )


def shown(command: str) -> str:
    """What a command writes to a terminal of our width."""
    chunks: list[bytes] = []

    def read(terminal: int) -> bytes:
        chunks.append(os.read(terminal, 65536))
        return chunks[-1]

    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            {"COLUMNS": str(WIDTH), "LINES": "60", "TERM": "xterm-256color", "DBT_DISCOVERY_NOW": NOW.isoformat()}
        )
        os.chdir(folder)  # without a `.env`
        status = pty.spawn([sys.executable, "-m", "dbt_discovery_web", *shlex.split(command)], read)
    if status:
        raise SystemExit(f"dbt-discovery {command} ended with {os.waitstatus_to_exitcode(status)}")
    return b"".join(chunks).decode().replace("\r\n", "\n").rpartition("\r")[2].strip("\n")


if __name__ == "__main__":
    main()
