"""Runs: whole days of them, whether or not dbt Cloud can be asked for a range of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import generated_world, transport
from dbt_cloud_sandbox.faults import Faults
from dbt_discovery import QueryRejected, Unreachable
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.runs import RunService
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

from tests.core.tiny import TinyCloud, run
from tests.core.upstream import NOW, Upstream, wire_to

REFUSED = httpx.Response(
    400, json={"status": {"code": 400, "user_message": "'created_at__range' was unexpected"}, "data": None}
)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


class Old(TinyCloud):
    """A deployment that knows no ranges of time.

    Attributes:
        seconds: How far the cache's timer has come.
    """

    def __init__(self) -> None:
        super().__init__()
        self.faults["created_at__range"] = REFUSED
        self.seconds = 0.0
        caching = CachingStrategy(300, timer=lambda: self.seconds)
        self.service = RunService(DbtClient(wire_to(self), caching), lambda: NOW)

    def _answer_one(self, request: httpx.Request) -> httpx.Response:
        if "created_at__range" in request.url.params:
            return self.faults["created_at__range"]
        return super()._answer_one(request)

    @property
    def walks(self) -> int:
        """How many pages were read newest first."""
        return sum(request.url.params.get("order_by") == "-id" for request in self.requests)

    @property
    def refusals(self) -> int:
        return sum("created_at__range" in request.url.params for request in self.requests)


def every(hours: float, count: int, until: datetime = NOW) -> list[dict[str, Any]]:
    """Finished runs at even distances, the newest half an hour before `until`; ids grow with time."""
    times = [until - timedelta(hours=0.5 + hours * n) for n in range(count)]
    return [
        run(1000 + count - n, f"{at:%Y-%m-%d %H:%M:%S}", f"{at + timedelta(minutes=5):%Y-%m-%d %H:%M:%S}")
        for n, at in enumerate(times)
    ]


def created(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC)


async def test_days_are_filled_from_one_walk_where_ranges_are_refused() -> None:
    cloud = Old()
    cloud.runs = every(0.5, 960)  # twenty days
    days = await cloud.service.started_between(MONDAY, NOW)
    assert [len(day.value) for day in days] == [
        sum(created(row).date() == (MONDAY + timedelta(days=n)).date() for row in cloud.runs) for n in (-1, 0, 1, 2)
    ]
    assert [len(day.value) for day in days[:3]] == [48, 48, 48]
    assert all(day.complete for day in days)
    assert [run.run_id for run in days[1].value] == sorted(run.run_id for run in days[1].value)
    # 21 runs on Wednesday, 48 on each of the three days before and as slack: 213 rows, and a page wholly older
    assert cloud.walks == 4


async def test_walked_days_cost_nothing_when_asked_again_and_ranges_are_not_tried_again() -> None:
    cloud = Old()
    cloud.runs = every(0.5, 960)
    await cloud.service.started_between(MONDAY, NOW)
    asked, refused = len(cloud.requests), cloud.refusals
    assert refused >= 1
    await cloud.service.started_between(MONDAY + timedelta(days=1), NOW)
    assert len(cloud.requests) == asked
    await cloud.service.started_between(MONDAY - timedelta(days=3), NOW)
    assert len(cloud.requests) > asked
    assert cloud.refusals == refused


async def test_a_day_that_has_passed_outlives_the_open_one() -> None:
    cloud = Old()
    cloud.runs = every(0.5, 960)
    await cloud.service.started_between(MONDAY, NOW)
    cloud.requests.clear()
    cloud.seconds = 3600
    cloud.runs.insert(0, run(5000, "2026-11-18 10:20", None))
    days = await cloud.service.started_between(MONDAY, NOW)
    assert "5000" in {run.run_id for run in days[-1].value}
    assert cloud.walks == 1 + 1  # today's 22 and yesterday's 48 rows, then one wholly older than Tuesday


async def test_ids_that_do_not_follow_the_time_lose_no_run() -> None:
    cloud = Old()
    cloud.runs = every(0.5, 960)
    late = next(row for row in cloud.runs if created(row) > MONDAY + timedelta(hours=1))
    late["id"] = 0.5 + next(row["id"] for row in reversed(cloud.runs) if created(row) > MONDAY - timedelta(hours=40))
    days = await cloud.service.started_between(MONDAY, NOW)
    assert sum(len(day.value) for day in days) == 3 * 48 + 21
    assert str(late["id"]) in {run.run_id for day in days for run in day.value}


async def test_refresh_walks_again() -> None:
    cloud = Old()
    cloud.runs = every(2, 50)
    await cloud.service.started_between(MONDAY, NOW)
    walks = cloud.walks
    cloud.runs.insert(0, run(5000, "2026-11-18 10:20", None))
    days = await cloud.service.started_between(MONDAY, NOW, refresh=True)
    assert cloud.walks == 2 * walks
    assert "5000" in {run.run_id for run in days[-1].value}


async def test_without_runs_there_is_one_empty_answer_a_day() -> None:
    cloud = Old()
    days = await cloud.service.started_between(MONDAY, NOW)
    assert [(day.value, day.complete) for day in days] == [((), True)] * 4
    assert cloud.walks == 1


async def test_another_failure_is_not_taken_for_a_refused_range() -> None:
    cloud = Old()
    cloud.faults["created_at__range"] = httpx.Response(503)
    with pytest.raises(Unreachable):
        await cloud.service.started_between(MONDAY, NOW)
    assert cloud.walks == 0


@pytest.mark.parametrize(
    ("reason", "tried_again"),
    [("'created_at__range' was unexpected", False), ("", False), ("Database is being upgraded", True)],
)
async def test_ranges_are_given_up_for_good_only_where_the_refusal_may_be_about_them(
    reason: str, tried_again: bool
) -> None:
    cloud = Old()
    cloud.runs = every(2, 50)
    cloud.faults["created_at__range"] = httpx.Response(400, json={"status": {"user_message": reason}, "data": None})
    days = await cloud.service.started_between(MONDAY, NOW)
    assert sum(len(day.value) for day in days) == 12 * 3 + 6  # the last at ten, half an hour before it is asked
    cloud.requests.clear()
    await cloud.service.started_between(MONDAY - timedelta(days=3), NOW)
    assert bool(cloud.refusals) is tried_again


async def test_where_runs_cannot_be_read_at_all_that_is_told() -> None:
    service = RunService(DbtClient(wire_to(Upstream(lambda request: REFUSED)), CachingStrategy()), lambda: NOW)
    with pytest.raises(QueryRejected, match="created_at__range"):
        await service.started_between(MONDAY, NOW)


async def test_the_sandbox_gives_the_same_days_with_ranges_and_without() -> None:
    world = generated_world(days=6, now=lambda: NOW)

    async def days(faults: Faults) -> list[Any]:
        account, sandbox = str(world.account.id), transport(world, faults=faults)
        wire = Wire(endpoints_for(None), SecretStr("t"), account, lambda: NOW, sandbox)
        answers = await RunService(DbtClient(wire, CachingStrategy()), lambda: NOW).started_between(MONDAY, NOW)
        assert all(answer.complete for answer in answers)
        return [sorted(answer.value, key=lambda run: run.run_id) for answer in answers]

    with_ranges, without = await days(Faults()), await days(Faults(range_filters=False))
    assert with_ranges == without
    assert sum(map(len, without)) > 50
