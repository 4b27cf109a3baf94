"""Runs: whole days of them, whether or not dbt Cloud can be asked for a range of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import generated_world, transport
from dbt_cloud_sandbox.faults import Faults
from dbt_discovery import QueryRejected, UnexpectedResponse, Unreachable
from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.models.records import RunRecord
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

from tests.core.stores import runs_over
from tests.core.tiny import TinyCloud, run
from tests.core.upstream import NOW, Upstream, wire_to

REFUSED = httpx.Response(
    400, json={"status": {"code": 400, "user_message": "'created_at__range' was unexpected"}, "data": None}
)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def since(start: datetime) -> RunQuery:
    return RunQuery(start, NOW)


SINCE_MONDAY = since(MONDAY)


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
        self.service = runs_over(DbtClient(wire_to(self), caching), timer=lambda: self.seconds)

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
    """Finished runs at even distances, the newest half an hour before `until`; ids are even and grow with time."""
    times = [until - timedelta(hours=0.5 + hours * n) for n in range(count)]
    return [
        run(2 * (1000 + count - n), f"{at:%Y-%m-%d %H:%M:%S}", f"{at + timedelta(minutes=5):%Y-%m-%d %H:%M:%S}")
        for n, at in enumerate(times)
    ]


def created(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC)


async def test_days_are_filled_from_one_walk_where_ranges_are_refused() -> None:
    cloud = Old()
    cloud.runs = every(0.5, 960)  # twenty days
    answer = await cloud.service.between(SINCE_MONDAY)
    assert len(answer.value) == sum(created(row) >= MONDAY for row in cloud.runs) == 48 + 48 + 21
    assert answer.complete
    assert [run.run_id for run in answer.value] == sorted(run.run_id for run in answer.value)
    # 21 runs on Wednesday, 48 on each of the three days before and as slack: 213 rows, and a page wholly older
    assert cloud.walks == 4


async def test_walked_days_cost_nothing_when_asked_again_and_ranges_are_not_tried_again() -> None:
    cloud = Old()
    cloud.runs = every(0.5, 960)
    await cloud.service.between(SINCE_MONDAY)
    asked, refused = len(cloud.requests), cloud.refusals
    assert refused >= 1
    await cloud.service.between(since(MONDAY + timedelta(days=1)))
    assert len(cloud.requests) == asked
    await cloud.service.between(since(MONDAY - timedelta(days=3)))
    assert len(cloud.requests) > asked
    assert cloud.refusals == refused


async def test_a_day_that_has_passed_outlives_the_open_one() -> None:
    cloud = Old()
    cloud.runs = every(0.5, 960)
    await cloud.service.between(SINCE_MONDAY)
    cloud.requests.clear()
    cloud.seconds = 3600
    cloud.runs.insert(0, run(5000, "2026-11-18 10:20", None))
    answer = await cloud.service.between(SINCE_MONDAY)
    assert "5000" in {run.run_id for run in answer.value}
    assert cloud.walks == 1 + 1  # today's 22 and yesterday's 48 rows, then one wholly older than Tuesday


async def test_ids_that_do_not_follow_the_time_lose_no_run() -> None:
    cloud = Old()
    cloud.runs = every(0.5, 960)
    late = next(row for row in cloud.runs if created(row) > MONDAY + timedelta(hours=1))
    late["id"] = 1 + next(row["id"] for row in reversed(cloud.runs) if created(row) > MONDAY - timedelta(hours=40))
    answer = await cloud.service.between(SINCE_MONDAY)
    assert len(answer.value) == 2 * 48 + 21
    assert str(late["id"]) in {run.run_id for run in answer.value}


async def test_refresh_walks_again() -> None:
    cloud = Old()
    cloud.runs = every(2, 50)
    await cloud.service.between(SINCE_MONDAY)
    walks = cloud.walks
    cloud.runs.insert(0, run(5000, "2026-11-18 10:20", None))
    answer = await cloud.service.between(SINCE_MONDAY, refresh=True)
    assert cloud.walks > walks
    assert "5000" in {run.run_id for run in answer.value}


async def test_without_runs_the_answer_is_empty_and_complete() -> None:
    cloud = Old()
    answer = await cloud.service.between(SINCE_MONDAY)
    assert (answer.value, answer.complete) == ((), True)
    assert cloud.walks == 1


async def test_another_failure_is_not_taken_for_a_refused_range() -> None:
    cloud = Old()
    cloud.faults["created_at__range"] = httpx.Response(503)
    with pytest.raises(Unreachable):
        await cloud.service.between(SINCE_MONDAY)
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
    answer = await cloud.service.between(SINCE_MONDAY)
    assert len(answer.value) == 12 * 2 + 6  # the last at ten, half an hour before it is asked
    cloud.requests.clear()
    await cloud.service.between(since(MONDAY - timedelta(days=3)))
    assert bool(cloud.refusals) is tried_again


async def test_where_runs_cannot_be_read_at_all_that_is_told() -> None:
    service = runs_over(DbtClient(wire_to(Upstream(lambda request: REFUSED)), CachingStrategy()))
    with pytest.raises(QueryRejected, match="created_at__range"):
        await service.between(SINCE_MONDAY)


async def test_the_sandbox_gives_the_same_days_with_ranges_and_without() -> None:
    world = generated_world(days=6, now=lambda: NOW)

    async def runs(faults: Faults) -> Sequence[RunRecord]:
        account, sandbox = str(world.account.id), transport(world, faults=faults)
        wire = Wire(endpoints_for(None), SecretStr("t"), account, lambda: NOW, sandbox)
        answer = await runs_over(DbtClient(wire, CachingStrategy())).between(SINCE_MONDAY)
        assert answer.complete
        return answer.value

    with_ranges, without = await runs(Faults()), await runs(Faults(range_filters=False))
    assert with_ranges == without
    assert len(without) > 50


@pytest.mark.parametrize("odd", [{"id": 2**63}, {"id": "abc"}, {"id": None}, {"job_id": 2**80}, {"project_id": "x"}])
async def test_run_whose_ids_no_database_holds_is_told_as_dbt_clouds_fault(odd: dict[str, Any]) -> None:
    cloud = TinyCloud()
    cloud.runs = [run(2**63 - 1, "2026-11-17 10:00", "2026-11-17 10:01")]
    async with cloud.account() as account:
        assert len(await account.aget_runs()) == 1
        cloud.runs = [run(8, "2026-10-01 10:00", "2026-10-01 10:01", job_definition_id=1) | odd]
        with pytest.raises(UnexpectedResponse, match="runs_of_days"):
            await account.arun_report("failed_runs", period="2026-10-01")
