"""What docs/automation.md shows, as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from dbt_cloud_sandbox import World, transport
from dbt_discovery import CachingStrategy, DbtAccount, Settings
from dbt_discovery_web.cli.conditions import Condition
from dbt_discovery_web.cli.exits import EXIT_CODES

from tests.conftest import NOW
from tests.webapp.conftest import opened

from .conftest import Run

PAGE = (Path(__file__).parents[2] / "docs/automation.md").read_text()
COMMANDS = re.findall(r"dbt-discovery (report .*)", "".join(re.findall(r"```\w+\n(.*?)```", PAGE, re.DOTALL)))


def words(command: str) -> list[str]:
    """The words of a command up to where its output goes."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found = list(lexer)
    ends = [at for at, word in enumerate(found) if word in (">", ">>", "|", "||")]
    return found[: min(ends, default=len(found))]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(command: str, run: Run, tmp_path: Path) -> None:
    result = run(*(word.replace("/tmp/", f"{tmp_path}/") for word in words(command)))
    assert result.exit_code in (0, 6), result.stderr
    assert (result.exit_code == 6) == ("Condition held" in result.stderr)
    assert result.stdout


def test_there_are_commands_and_some_of_them_find_what_they_look_for(run: Run) -> None:
    assert len(COMMANDS) >= 8
    found = [run(*words(command)).exit_code for command in COMMANDS if "--fail-if" in command]
    assert {0, 6} == set(found)


def test_every_condition_is_one() -> None:
    table = PAGE.partition("| condition | holds if |")[2].partition("\n\n")[0]
    conditions = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    assert [Condition.parse(text).measure for text in conditions] == ["any", "all", "sum", "rows"]


def test_exit_codes_are_those_of_the_command_line() -> None:
    table = PAGE.partition("| exit code | meaning |")[2].partition("\n\n")[0]
    named = {int(code) for codes in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE) for code in codes.split(",")}
    assert named == set(EXIT_CODES) - {1, 130}
    assert EXIT_CODES[6] in " ".join(table.replace("`", "").split())


async def test_pictures_and_figures_are_there(world: World) -> None:
    settings = Settings(fixed_now=NOW, database_url="sqlite://")
    async with opened(DbtAccount(transport=transport(world), settings=settings), settings) as client:
        pictures = re.findall(r'(?:src|srcset)="([^"]+)"', PAGE)
        assert len(pictures) == 2
        for path in pictures:
            answer = await client.get(path.replace("&amp;", "&"))
            assert answer.headers["content-type"].startswith("image/svg+xml")
        figures = (await client.get("/metrics")).text
    told = re.findall(r"^# TYPE (dbt_discovery_\w+)", figures, re.MULTILINE)
    named = set(re.findall(r"`(dbt_discovery_\w+)`", PAGE))
    assert {name for name in told if not name.endswith("_created")} == named


def test_nothing_is_kept_for_longer_than_the_page_says() -> None:
    (minutes,) = re.findall(r"older than anything that is kept \((\d+) minutes", PAGE)
    assert CachingStrategy().longest + 600 == int(minutes) * 60
