"""Processes that share a Redis press dbt Cloud no harder together than one may alone."""

from __future__ import annotations

import time
from collections.abc import Callable

from dbt_cloud_sandbox import Fault

from tests.together.cloud import Asked, Cloud
from tests.together.conftest import Start
from tests.together.processes import Named, reports

RESULTS: Named = ("slowest_models", {"period": "last_week"})
MODELS: Named = ("list_models", {})
_A_WHILE = 1.5
"""Seconds in which a process would go on asking that did not keep to the budget: it looks once a second."""


def until(true: Callable[[], object]) -> None:
    """Waits for something to be so."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def to_discovery(cloud: Cloud) -> list[Asked]:
    return [each for each in cloud.asked if each.to_discovery]


def test_processes_keep_to_one_budget_a_minute_between_them(
    cloud: Cloud, start: Start, in_redis: dict[str, str]
) -> None:
    most = 6
    askers = [start(in_redis, {"DBT_METADATA_REQUESTS_PER_MINUTE": str(most)}) for _ in range(2)]
    for each in askers:
        each.meet()
        each.begin(*reports(RESULTS))
    until(lambda: len(to_discovery(cloud)) >= most)
    time.sleep(_A_WHILE)
    assert len(to_discovery(cloud)) == most
    for each in askers:
        each.kill()


def test_silence_that_one_was_told_to_keep_is_kept_by_all(cloud: Cloud, start: Start, in_redis: dict[str, str]) -> None:
    one, other = start(in_redis), start(in_redis)
    other.ask(("list_jobs", {}))
    cloud.faults.add(Fault(status=429, api="discovery"))
    refused = one.ask(RESULTS)[0]
    assert refused["error"] == "RateLimited"
    asked = len(to_discovery(cloud))
    refused = other.ask(MODELS)[0]
    assert refused["error"] == "RateLimited"
    assert "answers already known are still given" in refused["message"]
    assert len(to_discovery(cloud)) == asked
    assert other.ask(("list_jobs", {}))[0]["rows"]


def test_short_silence_is_waited_out_by_all(cloud: Cloud, start: Start, in_redis: dict[str, str]) -> None:
    one, other = start(in_redis), start(in_redis)
    other.ask(("list_jobs", {}))
    silence = 2.0
    cloud.faults.add(Fault(status=429, api="discovery", retry_after=silence))
    one.meet()
    one.begin(*reports(RESULTS))
    until(lambda: to_discovery(cloud))
    time.sleep(0.2)  # the answer has told it by then
    first = set(to_discovery(cloud))
    assert other.ask(MODELS)[0]["rows"]
    assert one.end()[0]["rows"]
    later = [each.at for each in to_discovery(cloud) if each not in first]
    assert min(later) >= min(each.at for each in first) + silence
