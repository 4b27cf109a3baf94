"""What an account, a report, the doctor and the store commands tell of shared stores; no password is in any of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from tests.servers.postgres_server import PASSWORD, PostgresDatabase
from tests.servers.redis_server import RedisServer
from tests.together.cloud import Cloud
from tests.together.conftest import Alone, Start
from tests.together.processes import QUESTIONS
from tests.together.serving import command

Tell = Callable[..., CompletedProcess[str]]


@pytest.fixture
def tell(cloud: Cloud, in_both: dict[str, str]) -> Tell:
    """Runs commands on shared stores, and sees to it that they keep the passwords to themselves."""

    def run(*arguments: str, **variables: str) -> CompletedProcess[str]:
        ended = command(cloud.environment() | in_both | variables, *arguments)
        assert PASSWORD not in ended.stdout + ended.stderr
        return ended

    return run


def test_account_counts_what_it_asked_for_and_what_it_got_from_others(
    cloud: Cloud, start: Start, in_both: dict[str, str], alone: Alone
) -> None:
    one, other = start(in_both), start(in_both)
    cloud.begin_anew()
    one.ask(*QUESTIONS)
    other.ask(*QUESTIONS)
    asked, got = one.call("statistics"), other.call("statistics")
    assert (asked["requests"], got["requests"]) == (len(cloud.asked), 0)
    assert (asked["cache"]["shared_hits"], got["cache"]["shared_hits"] > 0) == (0, True)
    assert asked["cache"]["bytes"] > 0


def test_report_says_what_it_rests_on_when_asked(start: Start, in_both: dict[str, str]) -> None:
    question = [("list_jobs", {"statistics": True})]
    first, second = (start(in_both).ask(*question)[0]["notes"][-1] for _ in range(2))
    assert first.endswith(" of dbt Cloud in 3 requests.")
    assert " from the shared cache, 0 of dbt Cloud in 0 requests." in second


def examined(tell: Tell, **variables: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the doctor finds of cache and database, and how they are."""
    checks = json.loads(tell("doctor", "--json", **variables).stdout)["checks"]
    found = [each for each in checks if each["name"] in ("Cache", "Database")]
    return {each["name"]: each["detail"] for each in found}, {each["name"]: each["status"] for each in found}


def test_doctor_says_how_redis_and_postgres_are(tell: Tell, redis: RedisServer, postgres: PostgresDatabase) -> None:
    before, how = examined(tell)
    assert f"at redis://127.0.0.1:{redis.port}/0 (" in before["Cache"]
    assert before["Database"].endswith("no runs yet.")
    assert how == {"Cache": "ok", "Database": "ok"}
    assert tell("report", "longest_running_jobs", "--period", "last_week", "--json").returncode == 0
    after, _ = examined(tell)
    assert int(after["Cache"].partition(" of ours")[0].split()[-2]) > 1
    assert after["Database"].startswith(f"Conversations and runs are kept in postgresql://postgres@/{postgres.name}")
    assert after["Database"].endswith(" runs, 0 of them with results.")


def test_doctor_says_what_is_wrong_with_both(tell: Tell, redis: RedisServer, postgres: PostgresDatabase) -> None:
    redis.kill()
    postgres.leave()
    told, how = examined(tell)
    assert told["Cache"].startswith(f"Redis at redis://127.0.0.1:{redis.port}/0 is of no use")
    assert f"postgresql://postgres@/{postgres.name}" in told["Database"]
    assert "cannot be reached" in told["Database"]
    assert how == {"Cache": "warning", "Database": "fault"}
    assert tell("doctor").returncode == 3


def test_wrong_password_is_told_without_it(tell: Tell, redis: RedisServer) -> None:
    wrong = {"DBT_CACHE_URL": f"redis://:wr0ng-{PASSWORD}@127.0.0.1:{redis.port}/0"}
    told, how = examined(tell, **wrong)
    assert ("it does not accept the user and password" in told["Cache"], how["Cache"]) == (True, "warning")
    ended = tell("report", "list_jobs", "--json", **wrong)
    assert json.loads(ended.stdout)["rows"]
    assert ended.stderr.count("it does not accept the user and password") == 1


def test_store_commands_tell_of_the_shared_database(tell: Tell, postgres: PostgresDatabase) -> None:
    synced = json.loads(tell("store", "sync", "--period", "last_week", "--results", "--json").stdout)
    assert synced["complete"]
    assert 0 < synced["with_results"] <= synced["runs"]
    found = json.loads(tell("store", "info", "--json").stdout)
    assert found["lasting"]
    assert postgres.name in found["location"]
    (mine,) = found["sources"]
    assert mine["mine"]
    assert mine["runs"] >= synced["runs"]
    assert mine["results"] == synced["with_results"]
    assert json.loads(tell("store", "clear", "--yes", "--json").stdout) == {"runs": mine["runs"]}
    assert json.loads(tell("store", "info", "--json").stdout)["sources"][0]["runs"] == 0


def test_nothing_is_left_open_where_answers_are_not_kept(tell: Tell) -> None:
    ended = tell("report", "list_jobs", "--json", DBT_ENABLE_CACHING="false", PYTHONWARNINGS="always::ResourceWarning")
    assert json.loads(ended.stdout)["rows"]
    assert ended.stderr == ""
