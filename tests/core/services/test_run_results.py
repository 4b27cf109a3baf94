"""Results of many runs: asked for once, and of whoever has them at the least cost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_cloud_sandbox.faults import Fault, Faults
from dbt_discovery import DbtAccount, PermissionDenied, Settings, Unreachable, inquiry
from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.history.address import MEMORY
from dbt_discovery.history.store import RunStore
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.results import RunResults
from dbt_discovery.progress import Progress, watch
from dbt_discovery.services import run_results
from dbt_discovery.services.artifacts import ArtifactService
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer
from dbt_discovery.services.parsing import parse_run
from dbt_discovery.services.results import ResultService
from dbt_discovery.services.run_days import RunDays
from dbt_discovery.services.run_results import RunResultService
from dbt_discovery.services.runs import RunService

from tests.core.recount import production
from tests.core.services.test_artifact_parsing import artifact, result
from tests.core.tiny import TinyCloud, run
from tests.core.upstream import NOW, wire_to

REFUSED = httpx.Response(403, json={"status": {"code": 403, "user_message": "not yours"}, "data": None})


class Cloud(TinyCloud):
    """Runs whose models Discovery has, or only the runs' own files, or nobody."""

    def __init__(self, caching: CachingStrategy | None = None) -> None:
        super().__init__()
        self.files: dict[int, Any] = {}
        self.now = NOW
        wire = wire_to(self)
        wire.now = lambda: self.now
        self.client = DbtClient(wire, caching or CachingStrategy())
        self.store = RunStore(MEMORY)
        self.service = self.over(self.store)

    def over(self, store: RunStore) -> RunResultService:
        days = RunDays(self.client, lambda: store, lambda: self.now)
        artifacts = ArtifactService(self.client, RunService(self.client, days))
        return RunResultService(self.client, ResultService(self.client), artifacts, days)

    def add(self, run_id: int, **more: Any) -> RunRecord:
        """A finished run that left nothing."""
        steps = [{"index": 1, "name": "Invoke dbt with `dbt build`", "status": 10}]
        given = {"run_steps": steps, "created_at": "2026-11-16 08:00"} | more
        row = run(run_id, "2026-11-16 08:00", given.pop("finished", "2026-11-16 08:30"), **given)
        self.runs.append(row)
        return parse_run(row, lambda *ids: "")

    def in_discovery(self, run_id: int, **more: Any) -> RunRecord:
        self.nodes[run_id] = {"models": [node(name, run_id) for name in ("b", "a")]}
        return self.add(run_id, **more)

    def in_files(self, run_id: int, **more: Any) -> RunRecord:
        self.files[run_id] = artifact(result("model.shop.b", seconds=7.5), result("model.shop.a", seconds=run_id / 8))
        return self.add(run_id, **more)

    def _admin(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/artifacts/run_results.json"):
            return super()._admin(request)
        body = self.files.get(int(request.url.path.split("/")[6]))
        return httpx.Response(200, json=body) if body else httpx.Response(404, json={"status": {}, "data": None})

    async def ask(self, *runs: RunRecord, refresh: bool = False) -> list[Answer[RunResults | None]]:
        return await self.service.of_runs(runs, refresh=refresh)

    @property
    def queries(self) -> int:
        return sum(request.method == "POST" for request in self.requests)

    @property
    def fetched(self) -> int:
        return sum(request.url.path.endswith("run_results.json") for request in self.requests)


def node(name: str, run_id: int) -> dict[str, Any]:
    times = {"executionTime": run_id / 8, "status": "success"}
    return {"uniqueId": f"model.shop.{name}", "name": name, "runId": run_id, "jobId": 1} | times


def of_run(run_id: int, b: float | None = None) -> RunResults:
    """What the runs above made of their models, by hand."""
    times = (run_id / 8, run_id / 8 if b is None else b)
    return RunResults(("model.shop.a", "model.shop.b"), (NodeStatus.SUCCESS,) * 2, times)


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    cloud = Cloud()
    yield cloud
    await cloud.store.aclose()


async def test_results_come_in_the_order_of_the_runs_twenty_in_a_request(cloud: Cloud) -> None:
    runs = [cloud.in_discovery(n) for n in range(60, 0, -1)]
    answers = await cloud.ask(*runs)
    assert [answer.value for answer in answers] == [of_run(n) for n in range(60, 0, -1)]
    assert cloud.queries == 3
    assert cloud.fetched == 0


async def test_results_are_asked_for_once_for_ever(cloud: Cloud) -> None:
    runs = [cloud.in_discovery(1), cloud.in_files(2), cloud.add(3)]
    first = [answer.value for answer in await cloud.ask(*runs)]
    assert first == [of_run(1), of_run(2, b=7.5), None]
    cloud.requests.clear()
    cloud.now += timedelta(days=400)
    cloud.client.caching.invalidate_cache("all")
    again = await cloud.ask(*runs, refresh=True)
    assert [answer.value for answer in again] == first
    assert all(answer.complete and answer.as_of == cloud.now for answer in again)
    assert not cloud.requests
    assert await cloud.service.known(runs) == {"1", "2", "3"}


async def test_only_runs_that_are_missing_are_asked_for(cloud: Cloud) -> None:
    runs = [cloud.in_discovery(n) for n in range(1, 31)]
    await cloud.ask(*runs[:15])
    cloud.requests.clear()
    assert [answer.value for answer in await cloud.ask(*runs)] == [of_run(n) for n in range(1, 31)]
    assert cloud.queries == 1


async def test_files_are_read_only_of_runs_of_which_discovery_has_nothing(cloud: Cloud) -> None:
    runs = [cloud.in_discovery(1), cloud.in_files(2), cloud.in_files(3), cloud.in_discovery(4)]
    await cloud.ask(*runs)
    assert (cloud.queries, cloud.fetched) == (1, 2)


async def test_files_serve_a_token_that_discovery_refuses(cloud: Cloud) -> None:
    cloud.faults["/graphql"] = REFUSED
    run = cloud.in_files(2)
    assert [answer.value for answer in await cloud.ask(run)] == [of_run(2, b=7.5)]
    cloud.requests.clear()
    assert [answer.value for answer in await cloud.ask(run)] == [of_run(2, b=7.5)]
    assert not cloud.requests


async def test_where_both_refuse_the_first_refusal_is_told(cloud: Cloud) -> None:
    cloud.faults["/graphql"] = httpx.Response(403, text="not from this address")
    cloud.faults["/runs/2/"] = REFUSED
    with pytest.raises(PermissionDenied, match=r"(?i)discovery") as told:
        await cloud.ask(cloud.in_files(2))
    assert isinstance(told.value.__cause__, PermissionDenied)


async def test_a_discovery_that_is_down_is_not_gone_around(cloud: Cloud) -> None:
    cloud.faults["/graphql"] = httpx.Response(503)
    with pytest.raises(Unreachable):
        await cloud.ask(cloud.in_files(2))
    assert not cloud.fetched


async def test_runs_whose_files_cannot_be_read_now_are_incomplete_and_asked_for_again(cloud: Cloud) -> None:
    runs = [cloud.in_discovery(1), cloud.in_files(2), cloud.add(3, status=30)]
    cloud.faults["/runs/2/"] = httpx.Response(503)
    answers = await cloud.ask(*runs)
    assert [(answer.value, answer.complete) for answer in answers] == [
        (of_run(1), True),
        (None, False),
        (None, True),  # cancelled: it left nothing that could be read
    ]
    cloud.faults.clear()
    assert (await cloud.ask(*runs))[1].value == of_run(2, b=7.5)


@pytest.mark.parametrize("status", [1, 2, 3, 99])
async def test_results_of_a_run_that_is_not_over_are_not_kept(cloud: Cloud, status: int) -> None:
    running = cloud.in_discovery(1, status=status, finished=None)
    assert (await cloud.ask(running))[0].value == of_run(1)
    assert await cloud.service.known([running]) == set()
    cloud.nodes[1]["models"].append(node("c", 1))
    (answer,) = await cloud.ask(running)
    assert answer.value is not None
    assert len(answer.value) == 3


async def test_that_there_are_none_is_kept_once_a_day_has_passed(cloud: Cloud) -> None:
    late = cloud.add(1, finished="2026-11-17 10:30")  # a day before now, to the second
    cancelled = cloud.add(2, status=30)
    await cloud.ask(late, cancelled)
    assert await cloud.service.known([late, cancelled]) == {"2"}
    cloud.now += timedelta(seconds=1)
    await cloud.ask(late)
    assert await cloud.service.known([late]) == {"1"}
    cloud.requests.clear()
    assert [answer.value for answer in await cloud.ask(late, cancelled)] == [None, None]
    assert not cloud.requests


async def test_what_came_before_an_interruption_is_not_asked_for_again(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_results, "_AT_ONCE", 20)
    runs = [cloud.in_discovery(n) for n in range(1, 101)]
    answer, left = cloud._answer, iter(range(2))
    cloud._answer = lambda request: (
        answer(request) if request.method == "GET" or next(left, None) is not None else REFUSED
    )
    for each in runs:
        cloud.faults[f"/runs/{each.run_id}/"] = REFUSED
    with pytest.raises(PermissionDenied):
        await cloud.ask(*runs)
    assert await cloud.service.known(runs) == {str(n) for n in range(1, 41)}
    cloud._answer = answer
    cloud.requests.clear()
    assert [answer.value for answer in await cloud.ask(*runs)] == [of_run(n) for n in range(1, 101)]
    assert cloud.queries == 3


async def test_without_caching_nothing_is_taken_from_the_store() -> None:
    cloud = Cloud(CachingStrategy(enable_caching=False))
    runs = [cloud.in_discovery(1)]
    for _ in range(2):
        assert await cloud.service.known(runs) == set()
        assert (await cloud.ask(*runs))[0].value == of_run(1)
    assert cloud.queries == 2
    await cloud.store.aclose()


async def test_how_far_it_has_come_is_told(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_results, "_AT_ONCE", 20)
    steps: list[Progress] = []
    with watch(steps.append):
        await cloud.ask(*(cloud.in_discovery(n) for n in range(1, 51)))
    told = [(step.done, step.total) for step in steps if step.what == "results of runs"]
    assert told == [(20, 50), (40, 50), (50, 50)]


async def test_no_runs_need_no_results(cloud: Cloud) -> None:
    assert await cloud.ask() == []
    assert await cloud.service.known([]) == set()


# On the sandbox


def account_on(world: sandbox.World, faults: Faults | None = None, **more: Any) -> DbtAccount:
    return DbtAccount(
        account_id=world.account.id,
        transport=sandbox.transport(world, faults=faults),
        settings=Settings(fixed_now=NOW),
        **more,
    )


async def slowest(account: DbtAccount, period: str = "2026-11-09/2026-11-15") -> tuple[Sequence[Any], Sequence[str]]:
    report = await account.arun_report("slowest_models", period=period, limit=500)
    return report.rows, report.notes


async def test_discovery_and_files_give_the_same_report(world: sandbox.World) -> None:
    forgetful = Faults(results_kept=timedelta(days=6))  # of that week, Discovery has Thursday on
    async with account_on(world) as all_known, account_on(world, forgetful) as partly:
        rows, notes = await slowest(all_known)
        assert len(rows) > 50
        assert not notes
        assert await slowest(partly) == (rows, notes)
        assert partly.requests > all_known.requests


async def test_files_have_what_discovery_has_for_a_token_that_it_refuses(world: sandbox.World) -> None:
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    query = RunQuery(monday, monday + timedelta(days=1))
    found = []
    for token in ("all", "admin-only"):
        async with account_on(world, token=token) as account:
            services = account._connection.services
            runs = (await services.runs.between(query)).value
            finished = [run for run in runs if run.status.finished]
            assert len(finished) > 40
            found.append([answer.value for answer in await services.run_results.of_runs(finished)])
    assert found[0] == found[1]
    assert sum(len(each or ()) for each in found[0]) > 500


async def test_no_more_runs_are_looked_into_than_one_question_may_and_the_next_goes_further(
    world: sandbox.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, end = datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)
    runs = [each for each in world.runs() if start <= (each.started_at or each.created_at) < end]
    homes = {home.id for home in production(world)}
    number = sum(each.status in (10, 20) and each.environment_id in homes for each in runs)
    most = number // 2 + 1
    monkeypatch.setattr(inquiry, "MOST_RUNS", most)
    async with account_on(world) as account, account_on(world) as unbounded:
        report = await account.arun_report("slowest_models", period="2026-11-09/2026-11-15", limit=500)
        assert report.notes[0].startswith(f"Only {most} of {number} runs are looked into, the newest {most}")
        assert not report.coverage.complete
        again = await account.arun_report("slowest_models", period="2026-11-09/2026-11-15", limit=500)
        monkeypatch.undo()
        whole = await unbounded.arun_report("slowest_models", period="2026-11-09/2026-11-15", limit=500)
        assert again.rows == whole.rows != report.rows
        assert (again.notes, again.coverage.complete) == (whole.notes, True)


async def test_a_question_after_an_outage_goes_on_where_the_first_stopped(
    world: sandbox.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_results, "_AT_ONCE", 40)
    faults = Faults()
    async with account_on(world, faults) as account, account_on(world) as other:
        steps: list[Progress] = []

        def fail_after_two(step: Progress) -> None:
            steps.append(step)
            if step.what == "results of runs" and step.done == 80:
                faults.add(Fault("status", 500, api="discovery", times=1_000))

        with watch(fail_after_two), pytest.raises(Unreachable):
            await slowest(account)
        faults.clear()
        before = account.requests
        assert await slowest(account) == await slowest(other)
        assert account.requests - before < other.requests
