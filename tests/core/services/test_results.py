"""Results of runs: batched, kept, and read to their end where dbt Cloud cuts a list."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import generated_world, transport
from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import RunRecord
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.parsing import parse_run
from dbt_discovery.services.results import ResultService
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

from tests.core.stores import runs_over
from tests.core.tiny import TinyCloud, run
from tests.core.upstream import NOW, wire_to

NO_CURSORS = httpx.Response(
    400, json={"errors": [{"message": 'Cannot query field "paginationCursor" on type "ModelNode".'}]}
)


class Cloud(TinyCloud):
    """Finished runs 1, 2, … of job 1, and the service that is asked for them.

    Attributes:
        seconds: How far the cache's timer has come.
        refused: The alias that is refused in queries that hold a word.
    """

    def __init__(self, *sizes: int) -> None:
        super().__init__()
        self.seconds = 0.0
        self.runs = [run(n, "2026-11-17 08:00", "2026-11-17 08:30") for n in range(1, len(sizes) + 1)]
        self.nodes = {
            n: {"models": [node(f"model.shop.m{m}", n) for m in range(size)]} for n, size in enumerate(sizes, 1)
        }
        caching = CachingStrategy(300, timer=lambda: self.seconds)
        self.service = ResultService(DbtClient(wire_to(self), caching))
        self.refused: dict[str, str] = {}

    def _answer_one(self, request: httpx.Request) -> httpx.Response:
        answer = super()._answer_one(request)
        alias = next((alias for part, alias in self.refused.items() if part.encode() in request.content), None)
        if alias is None or alias not in answer.json()["data"]:
            return answer
        refusal = {"message": "Job run is too old", "path": [alias]}
        return httpx.Response(200, json={"data": answer.json()["data"] | {alias: None}, "errors": [refusal]})

    def record(self, run_id: int, **more: Any) -> RunRecord:
        return parse_run(run(run_id, "2026-11-17 08:00", "2026-11-17 08:30", **more), lambda *ids: "")

    @property
    def records(self) -> list[RunRecord]:
        return [self.record(row["id"]) for row in self.runs]


def node(unique_id: str, run_id: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "uniqueId": unique_id,
        "name": unique_id.rpartition(".")[2],
        "runId": run_id,
        "jobId": 1,
        "status": "success",
        "executionTime": 6.0,
        "executeStartedAt": "2026-11-17T08:01:00.000Z",
        "executeCompletedAt": "2026-11-17T08:01:06.000Z",
        "runGeneratedAt": "2026-11-17T08:20:00.000Z",
        "error": None,
        "tags": ["nightly"],
        "materializedType": "table",
        "packageName": "shop_base",
        "dbtGroup": "sales",
    } | more


async def test_models_of_several_runs_come_in_one_request() -> None:
    cloud = Cloud(3, 0, 5)
    answers = await cloud.service.of_runs(cloud.records)
    assert [len(answer.value or ()) for answer in answers] == [3, 0, 5]
    assert len(cloud.requests) == 1


async def test_a_run_without_results_is_none_and_asked_for_again_in_a_while() -> None:
    cloud = Cloud(3)
    (answer,) = await cloud.service.of_runs([cloud.record(77)])
    assert (answer.value, answer.complete) == (None, True)
    cloud.seconds = 301
    await cloud.service.of_runs([cloud.record(77)])
    assert len(cloud.requests) == 2


async def test_models_of_one_run_carry_all_that_is_known_of_them() -> None:
    cloud = Cloud(1)
    answer = await cloud.service.models_of_run(cloud.record(1))
    assert answer.value is not None
    (model,) = answer.value
    assert (model.unique_id, model.name, model.run_id, model.job_id) == ("model.shop.m0", "m0", "1", "1")
    assert (model.status, model.runtime) == (NodeStatus.SUCCESS, 6.0)
    assert (model.tags, model.materialization, model.package, model.group) == (
        ("nightly",),
        "table",
        "shop_base",
        "sales",
    )
    assert model.finished_at == datetime(2026, 11, 17, 8, 20, tzinfo=UTC)


async def test_models_of_jobs_are_those_of_the_latest_run_with_results() -> None:
    cloud = Cloud(3, 4)
    cloud.runs.append(run(3, "2026-11-18 08:00", None))
    cloud.runs.append(run(9, "2026-11-17 09:00", "2026-11-17 09:10", job_id=2))
    cloud.nodes[9] = {"models": [node("model.shop.other", 9)]}
    answers = await cloud.service.models_of_jobs(["1", "2", "404"])
    assert [answer.value and {model.run_id for model in answer.value} for answer in answers] == [{"2"}, {"9"}, None]
    assert len(cloud.requests) == 1
    assert "runId" not in cloud.requests[0].content.decode().partition("fragment")[0]
    cloud.seconds = 601
    await cloud.service.models_of_jobs(["1"])
    assert len(cloud.requests) == 2


async def test_one_model_in_several_runs_is_found_where_it_ran() -> None:
    cloud = Cloud(2, 1)
    answers = await cloud.service.model_in_runs("model.shop.m1", [*cloud.records, cloud.record(77)])
    assert [answer.value and answer.value.run_id for answer in answers] == ["1", None, None]
    assert len(cloud.requests) == 1
    cloud.seconds = 80_000
    await cloud.service.model_in_runs("model.shop.m1", [cloud.record(1)])
    assert len(cloud.requests) == 1


async def test_results_of_a_run_under_way_are_not_kept_for_good() -> None:
    cloud = Cloud(1)
    record = parse_run(run(1, "2026-11-18 10:00", None), lambda *ids: "")
    await cloud.service.model_in_runs("model.shop.m0", [record])
    await cloud.service.models_of_run(record)
    cloud.seconds = 601
    await cloud.service.model_in_runs("model.shop.m0", [record])
    await cloud.service.models_of_run(record)
    assert len(cloud.requests) == 4


@pytest.mark.parametrize("size", [99, 100, 101, 250])
async def test_a_list_that_is_cut_at_a_hundred_rows_is_read_to_its_end(size: int) -> None:
    cloud = Cloud(size, 2)
    cloud.most_rows = 100
    whole = {f"model.shop.m{n}" for n in range(size)}
    several, _ = await cloud.service.of_runs(cloud.records)
    one = await cloud.service.models_of_run(cloud.record(1))
    everything = await cloud.service.nodes_of_run(cloud.record(1))
    for answer in (several, one, everything):
        assert answer.value is not None
        assert {model.unique_id for model in answer.value} == whole
        assert len(answer.value) == size
        assert answer.complete
    asked = len(cloud.requests)
    await cloud.service.models_of_run(cloud.record(1))
    await cloud.service.nodes_of_run(cloud.record(1))
    assert len(cloud.requests) == asked


async def test_cut_lists_of_many_runs_are_read_on_together_and_from_where_they_were_cut() -> None:
    cloud = Cloud(*[250] * 40, *[30] * 5)
    cloud.most_rows = 100
    answers = await cloud.service.of_runs(cloud.records[:20])
    # twenty runs a query: the lists; then, as nothing is known of cursors yet, their first, second and third pages
    assert len(cloud.requests) == 1 + 3
    cloud.requests.clear()
    answers += await cloud.service.of_runs(cloud.records[20:])
    assert len(cloud.requests) == 2 + 2  # 25 runs are two queries; the second and third pages of twenty
    assert [len(answer.value or ()) for answer in answers] == [250] * 40 + [30] * 5
    assert all(answer.complete for answer in answers)


async def test_a_run_that_is_refused_while_lists_are_read_on_costs_only_its_own_rest() -> None:
    cloud = Cloud(150, 150)
    cloud.most_rows = 100
    cloud.refused = {"Pages": "r1"}
    whole, cut = await cloud.service.of_runs(cloud.records)
    assert (len(whole.value or ()), whole.complete) == (150, True)
    assert (len(cut.value or ()), cut.complete) == (100, False)


async def test_a_run_that_names_no_job_has_no_results_that_could_be_asked_for() -> None:
    cloud = Cloud(2)
    lost = cloud.record(7, job_id=None)
    assert (await cloud.service.models_of_run(lost)).value is None
    assert (await cloud.service.nodes_of_run(lost)).value is None
    assert not cloud.requests
    lists = await cloud.service.of_runs([lost, cloud.record(1), lost])
    assert [answer.value and len(answer.value) for answer in lists] == [None, 2, None]
    models = await cloud.service.model_in_runs("model.shop.m0", [cloud.record(1), lost])
    assert [answer.value and answer.value.run_id for answer in models] == ["1", None]
    assert all(answer.complete for answer in (*lists, *models))
    assert [answer.value for answer in await cloud.service.of_runs([lost])] == [None]


@pytest.mark.parametrize("named", [None, 1], ids=["no row", "one row"])
async def test_the_latest_list_of_a_job_is_read_on_as_far_as_its_rows_name_their_run(named: int | None) -> None:
    cloud = Cloud(130)
    cloud.most_rows = 100
    for row in cloud.nodes[1]["models"]:
        row["runId"] = None
    cloud.nodes[1]["models"][50]["runId"] = named
    (answer,) = await cloud.service.models_of_jobs(["1"])
    assert (len(answer.value or ()), answer.complete) == ((130, True) if named else (100, False))


class Moving(Cloud):
    """Another run of the job ends as soon as the first question was answered."""

    def _answer_one(self, request: httpx.Request) -> httpx.Response:
        answer = super()._answer_one(request)
        self.runs.append(run(2, "2026-11-18 08:00", "2026-11-18 08:30"))
        self.nodes[2] = {"models": [node("model.shop.new", 2)]}
        return answer


async def test_the_latest_run_of_a_job_is_read_on_as_that_run_even_if_another_has_ended_since() -> None:
    cloud = Moving(130)
    cloud.most_rows = 100
    (answer,) = await cloud.service.models_of_jobs(["1"])
    assert answer.value is not None
    assert {model.run_id for model in answer.value} == {"1"}
    assert len(answer.value) == 130


async def test_where_rows_have_no_cursors_a_list_of_a_hundred_is_not_complete_and_it_is_tried_once() -> None:
    cloud = Cloud(100, 99, 100, 250)
    cloud.faults["paginationCursor"] = NO_CURSORS
    answers = await cloud.service.of_runs(cloud.records)
    assert [(len(a.value or ()), a.complete) for a in answers] == [(100, False), (99, True), (100, False), (250, True)]
    refused = sum(b"paginationCursor" in request.content for request in cloud.requests)
    assert refused <= 2  # both lists at the same time; then it is known
    asked = len(cloud.requests)
    assert not (await cloud.service.models_of_run(cloud.record(1))).complete
    assert len(cloud.requests) == asked + 1


class StandingStill(Cloud):
    """Every row has the same cursor."""

    def _answer_one(self, request: httpx.Request) -> httpx.Response:
        answer = super()._answer_one(request)
        return httpx.Response(200, text=re.sub(r'("paginationCursor": ?)"[^"]*"', r'\1"-1"', answer.text))


async def test_a_cursor_that_stands_still_ends_a_cut_list_which_says_so() -> None:
    cloud = StandingStill(150)
    cloud.most_rows = 100
    (answer,) = await cloud.service.of_runs(cloud.records)
    assert (len(answer.value or ()), answer.complete) == (100, False)
    assert len(cloud.requests) <= 3


async def test_every_list_of_a_run_is_read_on_its_own() -> None:
    cloud = Cloud(3)
    cloud.most_rows = 100
    cloud.nodes[1]["tests"] = [node(f"test.shop.t{n}", resourceType="test") for n in range(120)]
    cloud.nodes[1]["sources"] = [
        {"uniqueId": f"source.shop.s{n}", "freshnessChecked": True, "state": "Warn"} for n in range(100)
    ]
    answer = await cloud.service.nodes_of_run(cloud.record(1))
    assert answer.value is not None
    kinds = [each.resource_type for each in answer.value]
    assert [kinds.count(kind) for kind in ("model", "test", "source")] == [3, 120, 100]
    assert answer.complete
    cloud.faults["SourceOutcome }"] = NO_CURSORS
    answer = await cloud.service.nodes_of_run(cloud.record(1), refresh=True)
    assert not answer.complete
    assert len(answer.value or ()) == 3 + 120 + 100


async def test_a_refresh_reads_the_rest_of_a_list_again_too() -> None:
    cloud = Cloud(120)
    cloud.most_rows = 100
    await cloud.service.models_of_run(cloud.record(1))
    asked = len(cloud.requests)
    await cloud.service.models_of_run(cloud.record(1), refresh=True)
    assert len(cloud.requests) == 2 * asked


async def test_the_sandbox_gives_each_model_of_each_run_as_its_record_says() -> None:
    world = generated_world(days=2, now=lambda: NOW)
    wire = Wire(endpoints_for(None), SecretStr("t"), str(world.account.id), lambda: NOW, transport(world))
    client = DbtClient(wire, CachingStrategy())
    latest_day = await runs_over(client).between(RunQuery(NOW - timedelta(days=1), NOW))
    runs = [each for each in latest_day.value if each.status.finished]
    service = ResultService(client)
    expected = {
        str(record.id): {
            result.unique_id: result.execution_time or 0.0
            for result in world.results(record.id)
            if result.unique_id.startswith("model.") and result.status != "skipped"
        }
        for record in world.runs()
    }
    for each, light in zip(runs, await service.of_runs(runs), strict=True):
        full = await service.models_of_run(each)
        for answer in (light, full):
            timed = {model.unique_id: model.runtime for model in answer.value or () if model.runtime is not None}
            assert timed == expected[each.run_id]
    busy = next(each for each in runs if expected[each.run_id])
    slowest = max(expected[busy.run_id], key=lambda name: expected[busy.run_id][name])
    (found,) = await service.model_in_runs(slowest, [busy])
    assert found.value is not None
    assert found.value.runtime == expected[busy.run_id][slowest]
    latest = {each.job_id: each for each in runs if expected[each.run_id]}
    for answer, job_id in zip(await service.models_of_jobs(list(latest)), latest, strict=True):
        assert answer.value is not None
        assert {model.job_id for model in answer.value} <= {job_id}
