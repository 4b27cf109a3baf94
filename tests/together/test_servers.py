"""Two web apps on one Redis and one PostgreSQL are as one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers.postgres_server import PASSWORD
from tests.together.cloud import Cloud
from tests.together.serving import Server, server

PATHS = [
    "/reports/longest_running_jobs?period=last_30_days",
    "/reports/slowest_models?period=last_week",
    "/reports/failed_runs?period=last_week",
    "/models?limit=500",
    "/jobs",
]


@pytest.fixture
def servers(cloud: Cloud, in_both: dict[str, str]) -> Iterator[tuple[Server, Server]]:
    with server(cloud.environment() | in_both) as one, server(cloud.environment() | in_both) as other:
        yield one, other
    for each in (one, other):
        assert len(each.log) == 1, each.log
        assert PASSWORD not in "".join(each.log)


def test_both_answer_alike_and_ask_once_between_them(cloud: Cloud, servers: tuple[Server, Server]) -> None:
    cloud.begin_anew()  # each has asked who answers, and said so
    with ThreadPoolExecutor(2) as threads:
        answers = [list(threads.map(lambda each, at=path: each.ask(at), servers)) for path in PATHS]
    assert all(one == other for one, other in answers)
    assert all(one.get("rows") or one.get("items") for one, _ in answers)
    assert [each for each, times in cloud.questions.items() if times > 1] == []


def test_conversation_begun_in_one_goes_on_in_the_other(servers: tuple[Server, Server]) -> None:
    one, other = servers
    begun = one.ask("/chat", {"message": "which models are slowest?"})
    thread = begun["thread_id"]
    assert [each["thread_id"] for each in other.ask("/chat/threads")["items"]] == [thread]
    went_on = other.ask("/chat", {"message": "and last week?", "thread_id": thread})
    assert went_on["reports"][0]["name"] == "slowest_models"
    assert went_on["reports"][0]["period"]["label"].startswith("last week")
    shown = [each.ask(f"/chat/threads/{thread}")["messages"] for each in servers]
    assert shown[0] == shown[1]
    assert [message["role"] for message in shown[0]] == ["user", "assistant"] * 2


def test_what_is_invalidated_over_rest_is_asked_for_again_by_the_other(
    cloud: Cloud, servers: tuple[Server, Server]
) -> None:
    one, other = servers
    listed = [each.ask("/jobs") for each in servers]
    assert listed[0] == listed[1]
    cloud.begin_anew()
    assert one.ask("/cache/invalidate", {"scope": "jobs"})["dropped"] == 1
    time.sleep(1.2)
    assert other.ask("/jobs") == listed[0]
    assert cloud.places["jobs"] == 1
    assert one.ask("/jobs") == listed[0]
    assert cloud.places["jobs"] == 1
