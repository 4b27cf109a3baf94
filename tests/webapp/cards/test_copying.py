"""What a card gives to copy is run as it stands, and gives the card's own rows."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import Report
from dbt_discovery.reports import registry
from dbt_discovery_web.cards.copying import copies_of

from tests.test_parity import Place, asked, place
from tests.webapp.cards.drawing import ORIGIN, cloud
from tests.webapp.charts.examples import HOSTILE, column, report

__all__ = ["place"]


def texts(shown: Report) -> dict[str, str]:
    return {copy.key: copy.text for copy in copies_of(shown, ORIGIN + "/")}


def by_script(text: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a script's report holds, at the moment and in the world of a place."""
    genuine = sandbox.transport
    for name, value in place.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sandbox, "transport", lambda world=None: genuine(world or place.world))
    monkeypatch.setattr(sandbox, "artifacts_world", lambda folder: Path(folder).is_dir() and place.world)
    done: dict[str, Any] = {}
    exec(text, done)
    return done["report"].to_json()


@pytest.mark.parametrize("name", sorted(registry()))
def test_request_command_script_and_tool_call_give_the_same_rows(
    place: Place, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = place.account.run_report(name, **asked(place, name))
    copied = texts(shown)
    curl, silent, address = shlex.split(copied["curl"])
    assert (curl, silent) == ("curl", "-s")
    program, *words = shlex.split(copied["command"])
    assert program == "dbt-discovery"
    call = json.loads(copied["tool"])
    assert call["name"] == f"dbt_{name}"
    answers = {
        "curl": place.web.get(address.removeprefix(ORIGIN)).raise_for_status().json(),
        "command": place.by_command(*words, "--json"),
        "python": by_script(copied["python"], place, monkeypatch),
        "tool": place.by_tool(name, call["args"]),
    }
    for door, answer in answers.items():
        assert (answer["rows"], answer["total_rows"]) == (shown.to_json()["rows"], shown.total_rows), door
    assert capsys.readouterr().out == f"{answers['python']['finding']}\n"


def test_script_for_an_account_of_dbt_cloud_takes_it_from_the_environment() -> None:
    script = texts(cloud(report([column("name")], [], None, name="list_jobs")))["python"]
    assert script == (
        "from dbt_discovery import DbtAccount\n\nwith DbtAccount.from_env() as account:\n"
        '    report = account.run_report("list_jobs")\n    print(report.finding)\n'
    )


@pytest.mark.parametrize("name", [*HOSTILE[:2], "'; rm -rf ~ #", '"""\nimport os', "--help", "$(id)`id`", "模型\\"])
def test_hostile_argument_stays_one_argument(name: str) -> None:
    shown = report([column("name")], [], None, name="list_models", arguments={"models": [name, "b"], "limit": 50})
    copied = texts(shown)
    assert shlex.split(copied["command"]) == [
        *("dbt-discovery", "report", "list_models"),
        *(f"--models={name}", "--models=b"),
    ]
    assert json.loads(copied["tool"])["args"] == {"models": [name, "b"]}
    call = copied["python"].partition("account.run_report")[2].partition("    print")[0]
    taken: dict[str, Any] = {}
    exec(f"f{call}", {"f": lambda _, **given: taken.update(given)})
    assert taken == {"models": [name, "b"]}
