from __future__ import annotations

import json
from pathlib import Path

import pytest
from dbt_cloud_sandbox import World

from tests.servers.running import closed_port
from tests.servers.sandbox_server import SandboxServer

from .conftest import SECRET, Run


def checks(stdout: str) -> dict[str, tuple[bool, str]]:
    return {each["name"]: (each["ok"], each["detail"]) for each in json.loads(stdout)["checks"]}


def test_good_account_is_told_with_its_sizes(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment(SECRET))
    assert result.exit_code == 0, result.stdout
    found = checks(result.stdout)
    world = served.world
    sizes = f"{len(world.projects())} projects, {len(world.environments())} environments, {len(world.jobs())} jobs"
    assert found["Admin API"] == (True, f"Answers; {sizes}.")
    assert found["Discovery API"][0]
    assert "models in environment" in found["Discovery API"][1]
    assert found["Account"] == (True, "Sandbox data")
    assert json.loads(result.stdout)["addresses"]["admin"] == served.url


def test_empty_environment_is_the_sandbox_and_fine(run: Run, world: World) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert "ok    Account: Sandbox data" in result.stdout
    assert "ok    Chat model: offline" in result.stdout
    assert "FAULT" not in result.stdout


def test_invalid_token_is_a_fault_of_both_apis(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment(token="invalid"))
    assert result.exit_code == 4
    found = checks(result.stdout)
    for api in ("Admin API", "Discovery API"):
        ok, detail = found[api]
        assert not ok
        assert "does not accept the token" in detail
    assert json.loads(result.stdout)["ok"] is False


def test_metadata_only_token_is_a_fault_of_the_admin_api_alone(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment(token="metadata-only"))
    assert result.exit_code == 4
    found = checks(result.stdout)
    assert not found["Admin API"][0]
    assert "permission set" in found["Admin API"][1]
    assert found["Discovery API"][0]


def test_token_without_admin_api_and_account_is_told_to_name_the_account(run: Run, served: SandboxServer) -> None:
    variables = served.environment(token="metadata-only")
    variables.pop("DBT_ACCOUNT_ID", None)
    result = run("doctor", "--json", **variables)
    found = checks(result.stdout)
    ok, detail = found["Discovery API"]
    assert not ok
    assert detail == "Not asked, because the Admin API does not tell the account's id. Set DBT_ACCOUNT_ID."
    assert not found["Admin API"][0]
    assert result.exit_code in (3, 4)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"DBT_HOST": "abc.us1.dbt.com"}, "DBT_SERVICE_TOKEN is missing"),
        ({"DBT_SERVICE_TOKEN": SECRET, "DBT_HOST": "a b"}, "DBT_HOST “a b” is not a host name"),
        ({"DBT_SANDBOX_ARTIFACTS": "/nowhere/at/all"}, "/nowhere/at/all is not there"),
    ],
)
def test_settings_that_name_nobody_to_ask_are_shown_with_their_fault(
    run: Run, variables: dict[str, str], says: str
) -> None:
    result = run("doctor", **variables)
    assert result.exit_code == 3
    assert "FAULT Settings: " in result.stdout
    assert says in result.stdout
    name = next(name for name in reversed(variables) if name != "DBT_SERVICE_TOKEN")
    assert variables[name] in next(line for line in result.stdout.splitlines() if line.startswith(name))
    assert "Chat model: offline" in result.stdout
    assert SECRET not in result.output
    told = json.loads(run("doctor", "--json", **variables).stdout)
    assert (told["ok"], told["addresses"]) == (False, None)


def test_unreachable_host_is_a_fault_of_both_apis(run: Run) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    account = {"DBT_SERVICE_TOKEN": SECRET, "DBT_ACCOUNT_ID": "1"}
    result = run("doctor", "--json", **account, DBT_ADMIN_URL=address, DBT_METADATA_URL=f"{address}/graphql")
    assert result.exit_code == 4
    found = checks(result.stdout)
    assert [found[api][0] for api in ("Admin API", "Discovery API")] == [False, False]
    assert " cannot be reached" in found["Admin API"][1]


def test_unknown_account_is_a_fault_of_the_configuration(run: Run, served: SandboxServer) -> None:
    result = run("doctor", "--json", **served.environment() | {"DBT_ACCOUNT_ID": "404"})
    assert result.exit_code == 3
    assert "no account 404" in checks(result.stdout)["Admin API"][1]


@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_are_told_only_as_set(run: Run, served: SandboxServer, as_json: bool) -> None:
    key = "sk-do-not-tell"
    result = run(
        *("doctor", *(["--json"] if as_json else [])),
        **served.environment(SECRET),
        OPENAI_API_KEY=key,
        OPENAI_BASE_URL="http://me:do-not-tell-either@127.0.0.1:1/v1",
    )
    assert SECRET not in result.output
    assert key not in result.output
    assert "do-not-tell-either" not in result.output
    assert "http://…@127.0.0.1:1/v1" in result.output


def test_every_setting_is_listed(run: Run) -> None:
    from dbt_discovery import Settings

    settings = json.loads(run("doctor", "--json").stdout)["settings"]
    assert list(settings) == [field.validation_alias for field in Settings.model_fields.values()]
    assert settings["DBT_SERVICE_TOKEN"] == "not set"


def test_database_that_cannot_be_made_is_a_fault_and_nothing_is_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = run("doctor", "--json", DBT_DISCOVERY_DATABASE_URL=f"sqlite:///{tmp_path}/file/threads.sqlite")
    assert result.exit_code == 3
    ok, detail = checks(result.stdout)["Database"]
    assert not ok
    assert "cannot be made" in detail
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_chat_model_without_its_key_is_a_fault(run: Run) -> None:
    result = run("doctor", "--json", DBT_DISCOVERY_CHAT_MODEL="openai:gpt-5")
    assert result.exit_code == 3
    assert checks(result.stdout)["Chat model"][1].startswith("OPENAI_API_KEY is missing")
