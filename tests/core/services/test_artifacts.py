"""Results of runs out of their own files: which are asked for, what is said where one is missing, and that they agree
with what the Discovery API says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.exceptions import PermissionDenied, Unreachable
from dbt_discovery.models.records import NodeRun, RunRecord
from dbt_discovery.progress import Progress, watch
from dbt_discovery.services.artifacts import ArtifactService
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.operation import Answer, Operation
from dbt_discovery.services.parsing import parse_run
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.results import ResultService
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

from tests.core.services.test_artifact_parsing import artifact, result
from tests.core.stores import runs_over
from tests.core.tiny import TinyCloud, run
from tests.core.upstream import NOW, wire_to

BUILD, TEST, DOCS = "Invoke dbt with `dbt build`", "Invoke dbt with `dbt test`", "Invoke dbt with `dbt docs generate`"
WEB_PAGE = httpx.Response(200, text="<html>sign in</html>", headers={"content-type": "text/html"})


class Remembering(DbtClient):
    """A client that remembers what it was asked."""

    def __init__(self, wire: Wire, caching: CachingStrategy) -> None:
        super().__init__(wire, caching)
        self.asked: list[Operation[Any]] = []

    async def ask(self, operation: Operation[Any], *, refresh: bool | Refresh = False) -> Answer[Any]:
        self.asked.append(operation)
        return await super().ask(operation, refresh=refresh)


class Cloud(TinyCloud):
    """A dbt Cloud whose runs have steps and left files.

    Attributes:
        files: The answer for `run_results.json` of a run's step; there is none of others.
        fetched: Run and step of each file that was asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[tuple[int, int], Any] = {}
        self.fetched: list[tuple[int, int]] = []
        self.client = Remembering(wire_to(self), CachingStrategy())
        self.service = ArtifactService(self.client, runs_over(self.client))

    def add(self, run_id: int, *names: str, **more: Any) -> RunRecord:
        """A finished run with steps of those names, which succeeded."""
        steps = [{"index": n, "name": name, "status": 10} for n, name in enumerate(names, 1)]
        row = run(run_id, "2026-11-17 08:00", "2026-11-17 08:30", **{"run_steps": steps, **more})
        self.runs.append(row)
        return parse_run(row, lambda *ids: "")

    def _admin(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/artifacts/run_results.json"):
            return super()._admin(request)
        place = int(request.url.path.split("/")[6]), int(request.url.params["step"])
        self.fetched.append(place)
        answer = self.files.get(place, httpx.Response(404, json={"status": {"code": 404}, "data": None}))
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    async def results_of(self, *runs: RunRecord) -> list[Answer[tuple[NodeRun, ...] | None]]:
        return await self.service.of_runs(runs)


def file(invocation: str, *results: Any, which: str = "build") -> dict[str, Any]:
    body = artifact(*results, which=which)
    return body | {"metadata": body["metadata"] | {"invocation_id": invocation}}


def runtimes(answer: Answer[tuple[NodeRun, ...] | None]) -> dict[str, float | None] | None:
    return None if answer.value is None else {node.name: node.runtime for node in answer.value}


# Which files are asked for


async def test_each_step_that_runs_nodes_gives_its_own_file_and_no_other_is_asked_for() -> None:
    cloud = Cloud()
    deps, freshness = "Invoke dbt with `dbt deps`", "Invoke dbt with `dbt source freshness`"
    record = cloud.add(5, "Clone git repository", deps, freshness, BUILD, TEST, DOCS)
    cloud.files[5, 4] = file("one", result("model.shop.a", seconds=2.5), result("seed.shop.s"))
    cloud.files[5, 5] = file("two", result("test.shop.t", "pass"), which="test")
    cloud.files[5, 6] = file("three", result("model.shop.a", seconds=0.000013), which="generate")
    (answer,) = await cloud.results_of(record)
    assert (runtimes(answer), answer.complete, answer.notes) == ({"a": 2.5}, True, ())
    assert sorted(cloud.fetched) == [(5, 4), (5, 5)]
    everything = await cloud.service.nodes_of_run(record)
    assert everything.value is not None
    assert [node.resource_type for node in everything.value] == ["model", "seed", "test"]


async def test_runs_that_are_not_over_or_were_cancelled_are_not_asked_for() -> None:
    cloud = Cloud()
    ids = [cloud.add(n, BUILD, status=status) for n, status in enumerate((1, 2, 3, 30), 1)]
    assert [(answer.value, answer.complete) for answer in await cloud.results_of(*ids)] == [(None, True)] * 4
    assert not cloud.requests


@pytest.mark.parametrize(("status", "asked"), [(1, 0), (3, 0), (30, 0), (10, 1), (20, 1), (99, 1)])
async def test_a_step_that_did_not_come_to_its_end_is_not_asked_for(status: int, asked: int) -> None:
    cloud = Cloud()
    record = cloud.add(5, run_steps=[{"index": 4, "name": BUILD, "status": status}])
    await cloud.results_of(record)
    assert len(cloud.fetched) == asked


async def test_nothing_is_left_to_the_cache() -> None:
    cloud = Cloud()
    cloud.files[5, 1] = file("one", result("model.shop.a"))
    await cloud.results_of(cloud.add(5, BUILD))
    assert [(each.name, each.kept) for each in cloud.client.asked] == [("run", False), ("models_of_step", False)]


async def test_the_models_and_all_nodes_of_a_run_at_the_same_time_are_two_questions() -> None:
    cloud = Cloud()
    cloud.files[5, 1] = file("one", result("model.shop.a"), result("test.shop.t", "pass"))
    record = cloud.add(5, BUILD)
    (models,), nodes = await asyncio.gather(cloud.results_of(record), cloud.service.nodes_of_run(record))
    assert [len(each.value or ()) for each in (models, nodes)] == [1, 2]


# What is missing


async def test_a_run_that_left_no_artifacts_has_no_results() -> None:
    cloud = Cloud()
    gone = replace(cloud.add(7, BUILD), run_id="77")
    answers = await cloud.results_of(cloud.add(5, BUILD, TEST), cloud.add(6), gone)
    assert [(answer.value, answer.complete) for answer in answers] == [(None, True)] * 3


async def test_a_run_that_failed_before_any_node_could_run_has_an_empty_list() -> None:
    cloud = Cloud()
    steps = [{"index": 1, "name": "Clone git repository", "status": 10}]
    steps.append({"index": 3, "name": "Invoke dbt with `dbt deps`", "status": 20})
    (answer,) = await cloud.results_of(cloud.add(5, run_steps=steps, status=20))
    assert (answer.value, answer.complete) == ((), True)


@pytest.mark.parametrize(
    "spoilt",
    [None, WEB_PAGE, [], {"results": None}, {"data": {}}, httpx.Response(302, headers={"location": "https://x.test/"})],
    ids=["404", "page", "list", "null", "other", "elsewhere"],
)
async def test_a_file_that_cannot_be_read_costs_its_own_results_and_is_said(spoilt: Any) -> None:
    cloud = Cloud()
    cloud.files[5, 1] = file("one", result("model.shop.a"))
    cloud.files[6, 1] = file("other", result("model.shop.b"))
    if spoilt is not None:
        cloud.files[5, 2] = spoilt
    whole, partial = await cloud.results_of(cloud.add(6, BUILD), cloud.add(5, BUILD, TEST))
    assert (runtimes(partial), partial.complete) == ({"a": 6.0}, False)
    assert "no run_results.json" in partial.notes[0]
    assert (runtimes(whole), whole.complete, whole.notes) == ({"b": 6.0}, True, ())


async def test_where_the_only_file_cannot_be_read_nothing_is_known_and_that_is_said() -> None:
    cloud = Cloud()
    cloud.files[5, 1] = WEB_PAGE
    (answer,) = await cloud.results_of(cloud.add(5, BUILD))
    assert (answer.value, answer.complete) == (None, False)
    assert answer.notes


async def test_a_deployment_that_does_not_heed_the_step_gives_no_compile_times() -> None:
    cloud = Cloud()
    docs = file("docs", result("model.shop.a", seconds=0.000013), which="generate")
    cloud.files = {(5, step): docs for step in (1, 2, 3)}
    (answer,) = await cloud.results_of(cloud.add(5, BUILD, TEST, DOCS))
    assert (answer.value, answer.complete) == (None, False)


async def test_the_same_file_for_two_steps_counts_once_and_is_not_complete() -> None:
    cloud = Cloud()
    cloud.files = {(5, step): file("same", result("model.shop.a")) for step in (1, 2)}
    (answer,) = await cloud.results_of(cloud.add(5, BUILD, TEST))
    assert (runtimes(answer), answer.complete) == ({"a": 6.0}, False)


async def test_refusals_and_outages_are_raised() -> None:
    cloud = Cloud()
    cloud.files[5, 1] = httpx.Response(403, json={"status": {"code": 403, "user_message": "Forbidden"}})
    with pytest.raises(PermissionDenied, match="Forbidden"):
        await cloud.results_of(cloud.add(5, BUILD))
    cloud.files[6, 1] = httpx.Response(503, json={})
    with pytest.raises(Unreachable, match="503"):
        await cloud.results_of(cloud.add(6, BUILD))


# What it costs


async def test_progress_is_told_run_by_run() -> None:
    cloud = Cloud()
    for n in range(1, 31):
        cloud.files[n, 1] = file(str(n), result("model.shop.a"))
    heard: list[Progress] = []
    with watch(heard.append):
        await cloud.results_of(*(cloud.add(n, BUILD) for n in range(1, 31)))
    assert [step.done for step in heard] == list(range(1, 31))
    assert {(step.what, step.unit, step.total) for step in heard} == {("artifacts of runs", "run", 30)}


async def test_a_run_takes_a_request_for_its_steps_and_one_for_each_that_ran_nodes() -> None:
    cloud = Cloud()
    one = [cloud.add(n, BUILD) for n in (1, 2)]
    three = [cloud.add(n, BUILD, BUILD, TEST, DOCS, job_id=2) for n in (3, 4)]
    await cloud.service.of_runs([*one, *three, cloud.add(5, BUILD, status=30)])
    assert len(cloud.requests) == (1 + 1) * 2 + (1 + 3) * 2


# The sandbox, whose two APIs have to agree


def client_of(world: sandbox.World, token: str = "t", **faults: Any) -> DbtClient:
    transport = sandbox.transport(world, faults=sandbox.Faults(**faults))
    wire = Wire(endpoints_for(None), SecretStr(token), str(world.account.id), lambda: NOW, transport)
    return DbtClient(wire, CachingStrategy())


async def runs_of(client: DbtClient, start: datetime) -> list[RunRecord]:
    return list((await runs_over(client).between(RunQuery(start, NOW))).value)


def told_apart(nodes: Sequence[NodeRun] | None, cut: Callable[[datetime], datetime]) -> dict[str, Any]:
    """What is told of each node, with times as coarse as the Discovery API tells them."""
    assert nodes is not None
    assert len({node.unique_id for node in nodes}) == len(nodes)
    plain = {"tags": (), "materialization": "", "group": None}
    times = ("started_at", "completed_at", "finished_at")
    return {
        node.unique_id: replace(
            node, **plain, **{name: moment and cut(moment) for name in times if (moment := getattr(node, name)) or True}
        )
        for node in nodes
    }


def milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


async def test_files_say_of_every_run_what_discovery_says() -> None:
    world = sandbox.generated_world(days=4, now=lambda: NOW)
    client = client_of(world)
    runs = await runs_of(client, NOW - timedelta(days=3))
    service, discovery = ArtifactService(client, runs_over(client)), ResultService(client)
    answers = await service.of_runs(runs)
    records = {str(record.id): record for record in world.runs()}
    met: set[str] = set()
    for each, answer in zip(runs, answers, strict=True):
        if not each.status.finished:
            assert answer.value is None
            met.add(str(each.status))
            continue
        told = (await discovery.models_of_run(each)).value
        assert answer.complete
        assert told_apart(answer.value, milliseconds) == told_apart(told, milliseconds)
        steps = records[each.run_id].steps
        met.add(str(each.status))
        met |= {word for step in steps for word in ("docs", "freshness", "test") if f" {word}" in step.name}
        met |= {str(node.status) for node in answer.value or ()}
    assert met >= {"success", "failure", "cancelled", "docs", "freshness", "test", "error", "skipped"}
    failed = [each for each in runs if each.status == "failure"]
    for each in [*failed[:10], *runs[-20:]]:
        if each.status.finished:
            nodes, known = await service.nodes_of_run(each), await discovery.nodes_of_run(each)
            assert {(node.unique_id, node.status, node.error) for node in nodes.value or ()} == {
                (node.unique_id, node.status, node.error)
                for node in known.value or ()
                if node.resource_type != "source" and node.ran
            }


async def test_files_that_dbt_wrote_say_what_discovery_says_of_them(artifacts: Path) -> None:
    world = sandbox.artifacts_world(artifacts)
    client = client_of(world)
    lists = [await runs_over(client).latest_of_job(str(job.id), 100) for job in world.jobs()]
    runs = [each for answer in lists for each in answer.value]
    service, discovery = ArtifactService(client, runs_over(client)), ResultService(client)
    answers = await service.of_runs(runs)
    assert sum(bool(answer.value) for answer in answers) > 5
    for each, answer in zip(runs, answers, strict=True):
        told = (await discovery.models_of_run(each)).value
        assert told_apart(answer.value, milliseconds) == told_apart(told, milliseconds)


async def test_results_that_discovery_has_forgotten_are_in_the_files() -> None:
    world = sandbox.generated_world(days=4, now=lambda: NOW)
    client = client_of(world, results_kept=timedelta(days=1))
    finished = [each for each in await runs_of(client, NOW - timedelta(days=3)) if each.status.finished]
    midnight = NOW.replace(hour=0, minute=0) - timedelta(days=1)
    forgotten = [each for each in finished if each.finished_at and each.finished_at < midnight]
    assert 20 < len(forgotten) < len(finished) - 20
    discovered = await ResultService(client).of_runs(finished)
    assert [answer.value is None for answer in discovered] == [each in forgotten for each in finished]
    assert all(
        answer.value is not None for answer in await ArtifactService(client, runs_over(client)).of_runs(forgotten)
    )


async def test_a_token_that_discovery_refuses_still_has_the_files() -> None:
    world = sandbox.generated_world(days=2, now=lambda: NOW)
    client = client_of(world, "admin-only")
    runs = [each for each in await runs_of(client, NOW - timedelta(days=1)) if each.status.finished]
    with pytest.raises(PermissionDenied, match="Metadata Only"):
        await ResultService(client).of_runs(runs[:1])
    answers = await ArtifactService(client, runs_over(client)).of_runs(runs)
    built = {
        str(record.id): {r.unique_id for r in world.results(record.id) if r.unique_id.startswith("model.")}
        for record in world.runs()
    }
    for each, answer in zip(runs, answers, strict=True):
        assert {node.unique_id for node in answer.value or ()} == built[each.run_id]
    assert sum(map(len, built.values())) > 100
