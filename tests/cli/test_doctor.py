"""The doctor on the sandbox: settings, hosts, tokens and stores as people get them wrong."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from dbt_cloud_sandbox import World
from dbt_discovery import Settings
from dbt_discovery_web.cli.exits import exit_code
from dbt_discovery_web.doctor import Variables, examine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.servers.postgres_server import PASSWORD, PostgresDatabase
from tests.servers.running import closed_port, running
from tests.servers.sandbox_server import SandboxServer

from .conftest import SECRET, Run

Checks = dict[str, dict[str, Any]]
KEYS = {"name", "group", "status", "ok", "detail", "advice"}


def diagnosis(result: Result) -> dict[str, Any]:
    """The diagnosis of `doctor --json`, once it is sure that its parts fit together."""
    assert SECRET not in result.output
    found: dict[str, Any] = json.loads(result.stdout)
    checks = found["checks"]
    assert all(set(check) == KEYS for check in checks)
    assert len({check["name"] for check in checks}) == len(checks)
    assert found["ok"] == all(check["status"] != "fault" for check in checks)
    assert (result.exit_code == 0) == found["ok"]
    assert all(check["advice"] for check in checks if check["status"] in ("fault", "warning")), checks
    return found


def checks(result: Result) -> Checks:
    return {check["name"]: check for check in diagnosis(result)["checks"]}


def statuses(found: Checks, *names: str) -> list[str]:
    return [found[name]["status"] for name in names]


def faults(found: Checks) -> list[str]:
    return [name for name, check in found.items() if check["status"] == "fault"]


def elsewhere(url: str) -> dict[str, str]:
    """Variables of an account at an address that is no dbt Cloud's."""
    return {
        "DBT_SERVICE_TOKEN": SECRET,
        "DBT_ACCOUNT_ID": "1",
        "DBT_ADMIN_URL": url,
        "DBT_METADATA_URL": f"{url}/graphql",
    }


def deployments(world: World) -> list[str]:
    return [str(each.id) for each in world.environments() if each.type == "deployment"]


def test_good_token_is_told_what_each_resource_and_environment_gives(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment(SECRET))
    assert result.exit_code == 0, result.stdout
    found, world = checks(result), served.world
    assert found["Projects"]["detail"] == f"{len(world.projects())} projects."
    assert found["Environments"]["detail"] == f"{len(world.environments())} environments."
    assert found["Jobs"]["detail"] == f"{len(world.jobs())} jobs."
    created = sorted(record.created_at for record in world.runs())
    assert found["Runs"]["detail"] == f"From {created[0]:%Y-%m-%d} to {created[-1]:%Y-%m-%d}."
    assert found["Account"]["detail"].startswith(f"{world.account.name} ({world.account.id}), from DBT_ACCOUNT_ID.")
    assert "service token (dbtc_…)" in found["Token"]["detail"]
    for each in deployments(world):
        assert found[each]["status"] == "ok"
        assert " models, " in found[each]["detail"]
        assert "; updated 2026-11-" in found[each]["detail"]
    assert diagnosis(result)["addresses"]["admin"] == served.url


def test_empty_environment_is_the_sandbox_and_fine(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert "The sandbox needs none." in result.stdout
    assert result.stdout.count("the built-in\n") == 1  # and so no address and no token
    assert "sandbox.localhost" not in result.stdout
    assert "Accepts the token" not in result.stdout
    assert "Sandbox data" in result.stdout
    assert "FAULT" not in result.stdout
    assert result.stdout.endswith("Everything works, with 1 warning.\n")  # the clock of these tests is held


def test_everything_fits_into_80_columns_without_colour_in_a_pipe(run: Run, served: SandboxServer) -> None:
    for variables in (served.environment(SECRET), served.environment("metadata-only"), served.environment("invalid")):
        result = run("doctor", **variables, DBT_DISCOVERY_DATABASE_URL="sqlite://")
        assert max(map(len, result.stdout.splitlines())) <= 80
        assert "\x1b" not in result.stdout


@pytest.mark.parametrize("folder", ["a" * 120, "/".join(["folder"] * 30)])
def test_long_path_is_broken_after_a_slash_or_else_anywhere(run: Run, folder: str) -> None:
    result = run("doctor", DBT_DISCOVERY_DATABASE_URL=f"sqlite:////tmp/{folder}/threads.sqlite")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert folder in "".join(line.strip() for line in lines)
    if "/" in folder:
        assert not any(line.endswith(("/f", "/fo", "/fol", "/fold", "/folde")) for line in lines)


def test_same_finding_and_same_advice_are_said_once(run: Run, served: SandboxServer) -> None:
    result = run("doctor", **served.environment("metadata-only"), DBT_ENVIRONMENT_IDS="1,2,3")
    assert result.stdout.count("→ Check the id in DBT_ENVIRONMENT_IDS") == 1
    assert [line.split() for line in result.stdout.splitlines() if line.startswith("  FAULT")][1:] == [
        ["FAULT", "2", "Likewise."],
        ["FAULT", "3", "Likewise."],
    ]


def test_wrong_token_is_a_fault_of_both_apis_and_nothing_else(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment("invalid"))
    found = checks(result)
    assert result.exit_code == 4
    assert faults(found) == ["Admin API", "Discovery API"]
    assert "does not accept the token" in found["Admin API"]["detail"]
    assert found["Admin API"]["advice"].startswith("Copy the token again, or make a new one")
    assert found["Discovery API"]["advice"] == "As for the Admin API."
    assert statuses(found, "Admin host", "Discovery host") == ["ok", "ok"]
    assert statuses(found, "Projects", "Environments", "Jobs", "Runs", "Models") == ["skipped"] * 5
    assert diagnosis(result)["summary"] == ("2 faults: Admin API, Discovery API, and 1 warning; start with Admin API.")


def test_metadata_only_token_without_ids_is_told_exactly_what_to_set(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment("metadata-only"))
    found = checks(result)
    assert result.exit_code == 4
    assert faults(found) == ["Admin API"]
    assert "DBT_ENVIRONMENT_IDS=123456,123457" in found["Admin API"]["advice"]
    assert "Account Viewer" in found["Admin API"]["advice"]
    assert found["Discovery API"]["status"] == "ok"


def test_metadata_only_token_with_ids_works_and_is_told_what_is_missing(run: Run, served: SandboxServer) -> None:
    named = deployments(served.world)[0]
    result = run("doctor", "--json", **served.environment("metadata-only"), DBT_ENVIRONMENT_IDS=named)
    found = checks(result)
    assert result.exit_code == 0
    assert found[named]["status"] == "ok"
    assert found["Admin API"]["status"] == "warning"
    assert "Account Viewer" in found["Admin API"]["advice"]
    assert statuses(found, "Projects", "Environments", "Jobs", "Runs") == ["ok", "ok", "warning", "warning"]
    assert "schedules" in found["Jobs"]["detail"]


def test_ids_of_which_the_token_sees_none_give_nothing(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment("metadata-only"), DBT_ENVIRONMENT_IDS="1,2")
    found = checks(result)
    assert (result.exit_code, faults(found)) == (3, ["1", "2"])
    assert statuses(found, "Projects", "Environments", "Jobs", "Runs", "State") == ["skipped"] * 5


def test_wrong_environment_id_is_a_fault_of_that_environment(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment("metadata-only"), DBT_ENVIRONMENT_IDS="999")
    found = checks(result)
    assert faults(found) == ["999"]
    assert found["Discovery API"]["status"] == "ok"
    assert "DBT_ENVIRONMENT_IDS" in found["999"]["advice"]
    assert diagnosis(result)["summary"].startswith("1 fault: environment 999, and ")


def test_token_without_admin_api_and_account_is_told_to_name_the_account(run: Run, served: SandboxServer) -> None:
    variables = served.environment("metadata-only") | {"DBT_ENVIRONMENT_IDS": deployments(served.world)[0]}
    del variables["DBT_ACCOUNT_ID"]
    result = run("doctor", "--json", **variables)
    found = checks(result)
    assert result.exit_code == 3
    assert faults(found) == ["Account"]
    assert found["Account"]["advice"].startswith("Set DBT_ACCOUNT_ID")


def test_account_is_found_where_the_token_sees_one(run: Run, served: SandboxServer) -> None:
    variables = served.environment(SECRET)
    del variables["DBT_ACCOUNT_ID"]
    result = run("doctor", "--json", **variables)
    assert result.exit_code == 0
    assert f"({served.world.account.id}), the only one the token sees." in checks(result)["Account"]["detail"]


def test_unknown_account_is_told_with_those_that_the_token_sees(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment(SECRET) | {"DBT_ACCOUNT_ID": "404"})
    found = checks(result)
    assert result.exit_code == 3
    assert faults(found) == ["Account"]
    assert "no account 404" in found["Account"]["detail"]
    assert f"({served.world.account.id})" in found["Account"]["advice"]
    assert statuses(found, "Admin host", "Admin API", "Discovery API") == ["ok"] * 3


def test_host_that_refuses_connections_is_a_fault_of_the_hosts(run: Run) -> None:
    result = run("doctor", "--json", **elsewhere(f"http://127.0.0.1:{closed_port()}"))
    found = checks(result)
    assert result.exit_code == 4
    assert faults(found) == ["Admin host", "Discovery host"]
    assert " cannot be reached" in found["Admin host"]["detail"]
    assert "DBT_ADMIN_URL and DBT_METADATA_URL" in found["Admin host"]["advice"]
    assert found["Discovery host"]["advice"] == "As for the Admin host."
    assert statuses(found, "Token", "Admin API", "Discovery API") == ["ok", "skipped", "skipped"]


PAGES = [
    (HTMLResponse("<html>Sign in</html>"), "with a web page"),
    (HTMLResponse("<html>No such page</html>", 404), "does not answer as the Admin API does"),
    (
        RedirectResponse("https://elsewhere.example/login?next=x"),
        "sends requests on to https://elsewhere.example/login",
    ),
]


@pytest.mark.parametrize(("page", "says"), PAGES)
def test_server_that_is_not_dbt_cloud_is_a_fault_of_the_hosts(run: Run, page: Response, says: str) -> None:
    async def answer(request: Request) -> Response:
        return page

    with running(Starlette(routes=[Route("/{rest:path}", answer, methods=["GET", "POST"])])) as url:
        result = run("doctor", "--json", **elsewhere(url))
    found = checks(result)
    assert faults(found) == ["Admin host", "Discovery host"]
    assert says in found["Admin host"]["detail"]
    assert "DBT_METADATA_URL" in found["Discovery host"]["advice"]


async def test_host_that_hangs_does_not_hang_the_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(request: Request) -> Response:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return Response()

    with running(Starlette(routes=[Route("/{rest:path}", answer, methods=["GET", "POST"])])) as url:
        for name, value in elsewhere(url).items():
            monkeypatch.setenv(name, value)
        began = time.monotonic()
        found = await examine(Variables.read(), patience=0.6)
        assert time.monotonic() - began < 5
    assert [check.name for check in found.faults] == ["Admin host", "Discovery host"]
    assert all("gave no answer within 0.6 s" in check.detail for check in found.faults)
    error = found.faults[0].error
    assert error is not None
    assert exit_code(error) == 4


HALVES = [
    ({"DBT_HOST": "abc.us1.dbt.com"}, "DBT_SERVICE_TOKEN is missing"),
    ({"DBT_SERVICE_TOKEN": SECRET, "DBT_HOST": "a b"}, "DBT_HOST “a b” is not a host name"),
    ({"DBT_SERVICE_TOKEN": SECRET, "DBT_ADMIN_URL": "http://127.0.0.1:1"}, "DBT_METADATA_URL is missing"),
    ({"DBT_SANDBOX_ARTIFACTS": "/nowhere/at/all"}, "/nowhere/at/all is not there"),
]


@pytest.mark.parametrize(("variables", "says"), HALVES)
def test_settings_that_name_nobody_to_ask_are_shown_with_their_fault(
    run: Run, variables: dict[str, str], says: str
) -> None:
    result = run("doctor", "--json", **variables)
    found = checks(result)
    assert result.exit_code == 3
    assert faults(found) == ["Account settings"]
    assert says in found["Account settings"]["detail"]
    assert statuses(found, "Admin host", "Token", "Cache", "Chat model") == ["skipped", "skipped", "ok", "ok"]
    assert diagnosis(result)["addresses"] is None
    shown = run("doctor", **variables)
    name = next(name for name in reversed(variables) if name != "DBT_SERVICE_TOKEN")
    assert variables[name] in next(line for line in shown.stdout.splitlines() if line.startswith(name))
    assert SECRET not in result.output + shown.output


def test_every_malformed_setting_is_named_in_one_fault_and_the_rest_is_looked_at(
    run: Run, served: SandboxServer
) -> None:
    wrong = {"DBT_ACCOUNT_ID": "abc", "DBT_CACHE_TTL": "soon", "DBT_DISCOVERY_TIMEZONE": "Mars/Olympus"}
    result = run("doctor", "--json", **served.environment(SECRET) | wrong)
    found = checks(result)
    assert result.exit_code == 3
    assert faults(found) == ["Settings"]
    assert "not set" not in found["Account"]["detail"]
    for name, value in wrong.items():
        assert f"{name} “{value}”: " in found["Settings"]["detail"]
        assert diagnosis(result)["settings"][name] == value
    assert found["Projects"]["status"] == "ok"


def test_account_whose_id_is_malformed_is_not_called_unset(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment("invalid") | {"DBT_ACCOUNT_ID": "abc"})
    assert checks(result)["Account"]["detail"].startswith("Not known: DBT_ACCOUNT_ID is malformed")


def test_every_address_that_cannot_be_used_is_named(run: Run) -> None:
    wrong = {"DBT_ADMIN_URL": "http://example.com", "DBT_METADATA_URL": "ftp://x"}
    found = checks(run("doctor", "--json", DBT_SERVICE_TOKEN=SECRET, **wrong))
    assert faults(found) == ["Account settings"]
    for name, value in wrong.items():
        assert f"{name} “{value}”" in found["Account settings"]["detail"]
    assert "https://" in found["Account settings"]["advice"]


def test_sandbox_does_not_step_in_for_an_account_that_is_malformed(run: Run) -> None:
    result = run("doctor", "--json", DBT_ACCOUNT_ID="abc")
    found = checks(result)
    assert faults(found) == ["Settings", "Account settings"]
    assert found["Admin host"]["status"] == "skipped"


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("token", [SECRET, f'"{SECRET}"', f"dbtu_{SECRET}"])
def test_secrets_are_told_only_as_set(run: Run, served: SandboxServer, as_json: bool, token: str) -> None:
    key = "sk-do-not-tell"
    result = run(
        *("doctor", *(["--json"] if as_json else [])),
        **served.environment(token),
        OPENAI_API_KEY=key,
        OPENAI_BASE_URL="http://me:do-not-tell-either@127.0.0.1:1/v1",
    )
    assert result.exit_code == 0
    for secret in (SECRET, key, "do-not-tell-either"):
        assert secret not in result.output
    assert "http://…@127.0.0.1:1/v1" in result.output


def test_every_setting_is_listed(run: Run) -> None:
    settings = json.loads(run("doctor", "--json").stdout)["settings"]
    assert list(settings) == [field.validation_alias for field in Settings.model_fields.values()]
    assert settings["DBT_SERVICE_TOKEN"] == "not set"


def test_held_clock_and_switched_off_cache_are_warnings(run: Run) -> None:
    result = run("doctor", "--json", DBT_ENABLE_CACHING="false", DBT_DISCOVERY_TIMEZONE="Europe/Berlin")
    found = checks(result)
    assert result.exit_code == 0
    assert found["Clock"]["status"] == found["Cache"]["status"] == "warning"
    assert found["Clock"]["detail"].startswith("Held at 2026-11-18 11:30 CET")


def test_database_that_cannot_be_made_is_a_fault_and_nothing_is_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = run("doctor", "--json", DBT_DISCOVERY_DATABASE_URL=f"sqlite:///{tmp_path}/file/threads.sqlite")
    found = checks(result)
    assert result.exit_code == 3
    assert faults(found) == ["Database"]
    assert "cannot be made" in found["Database"]["detail"]
    assert "DBT_DISCOVERY_DATABASE_URL" in found["Database"]["advice"]
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_database_of_a_server_is_tried_and_its_password_never_told(run: Run, postgres: PostgresDatabase) -> None:
    found = checks(run("doctor", "--json", DBT_DISCOVERY_DATABASE_URL=postgres.url))
    assert found["Database"]["status"] == "ok"
    assert f"/{postgres.name}" in found["Database"]["detail"]
    postgres.leave()
    result = run("doctor", "--json", DBT_DISCOVERY_DATABASE_URL=postgres.url)
    assert (result.exit_code, faults(checks(result))) == (3, ["Database"])
    assert "not currently accepting connections" in checks(result)["Database"]["detail"]
    assert PASSWORD not in result.output


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://ada:{SECRET}/1@127.0.0.1:1/discovery",
        f"postgresql://ada:x@{SECRET}@127.0.0.1:1/discovery",
        f"ada:{SECRET}@127.0.0.1:1/discovery",
        f"postgresql:///discovery?host=/nowhere/at/all&password={SECRET}",
        f"mysql://ada:{SECRET}@127.0.0.1:1/discovery",
    ],
)
def test_password_in_the_wrong_place_is_not_told_either(run: Run, address: str) -> None:
    for form in ((), ("--json",)):
        result = run("doctor", *form, DBT_DISCOVERY_DATABASE_URL=address)
        assert result.exit_code == 3
        assert SECRET not in result.output


def test_chat_model_without_its_key_is_a_fault(run: Run) -> None:
    result = run("doctor", "--json", DBT_DISCOVERY_CHAT_MODEL="openai:gpt-5")
    assert result.exit_code == 3
    assert checks(result)["Chat model"]["detail"].startswith("OPENAI_API_KEY is missing")
