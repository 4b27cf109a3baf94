"""The core's services on recorded answers: each record says what the cassette plainly holds."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.exceptions import NotFound, Unauthorized
from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.records import ModelRecord, RunRecord
from dbt_discovery.services import paging

from tests.cassettes.recording import CASSETTES, Place, Subject

if TYPE_CHECKING:
    from vcr.cassette import Cassette  # type: ignore[import-untyped]

WORDS = {1: "queued", 2: "starting", 3: "running", 10: "success", 20: "failure", 30: "cancelled"}


def bodies(cassette: Cassette, path: str) -> list[Any]:
    """The recorded answers of one path, as JSON."""
    pairs = zip(cassette.requests, cassette.responses, strict=True)
    return [
        json.loads(answer["body"]["string"]) for request, answer in pairs if request.path.rstrip("/").endswith(path)
    ]


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def assert_is_run(record: RunRecord, raw: dict[str, Any]) -> None:
    """The record tells of the run what its JSON does."""
    started, finished = moment(raw["started_at"]), moment(raw["finished_at"])
    assert (record.run_id, record.job_id) == (str(raw["id"]), str(raw["job_definition_id"]))
    assert (record.project_id, record.environment_id) == (str(raw["project_id"]), str(raw["environment_id"]))
    assert record.status.value == WORDS[raw["status"]]
    assert (record.created_at, record.started_at) == (moment(raw["created_at"]), started)
    assert record.git_sha == raw["git_sha"]
    if raw["is_complete"] and started and finished:
        assert record.runtime == (finished - started) / timedelta(seconds=1)
        assert timedelta(seconds=record.runtime) - clock_time(raw["run_duration"]) < timedelta(seconds=1)
    else:
        assert record.runtime is None


def clock_time(text: str) -> timedelta:
    hours, minutes, seconds = map(int, text.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


@pytest.mark.vcr
async def test_projects_and_environments(place: Place, vcr: Cassette) -> None:
    async with place.services() as services:
        projects = (await services.projects.projects()).value
        environments = (await services.projects.environments()).value

    (raw,) = bodies(vcr, "/projects")
    assert [(each.project_id, each.name) for each in projects] == [(str(p["id"]), p["name"]) for p in raw["data"]]
    assert len(projects) == raw["extra"]["pagination"]["total_count"]
    (raw,) = bodies(vcr, "/environments")
    assert [
        (each.environment_id, each.project_id, each.name, each.deployment_type, each.type) for each in environments
    ] == [(str(e["id"]), str(e["project_id"]), e["name"], e["deployment_type"], e["type"]) for e in raw["data"]]


@pytest.mark.vcr
async def test_jobs_with_their_latest_runs(place: Place, vcr: Cassette) -> None:
    async with place.services() as services:
        jobs = (await services.jobs.jobs()).value

    (raw,) = bodies(vcr, "/jobs")
    assert len(jobs) == raw["extra"]["pagination"]["total_count"]
    for job, given in zip(jobs, raw["data"], strict=True):
        assert (job.job_id, job.name, job.job_type) == (str(given["id"]), given["name"], given["job_type"])
        assert job.steps == tuple(given["execute_steps"])
        assert job.schedule == (given["schedule"]["cron"] if given["triggers"]["schedule"] else None)
        for record, run in (
            (job.last_run, given["most_recent_run"]),
            (job.last_finished_run, given["most_recent_completed_run"]),
        ):
            assert (record is None) == (run is None)
            if record and run:
                assert_is_run(record, run)


@pytest.mark.vcr
async def test_runs_of_a_day_on_two_pages(place: Place, vcr: Cassette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 15)  # no day here fills a page of a hundred
    async with place.services() as services:
        day = await services.runs.between(RunQuery(place.now - timedelta(days=2), place.now + timedelta(seconds=1)))

    runs = day.value
    raw = {str(run["id"]): run for page in bodies(vcr, "/runs") for run in page["data"]}
    assert len(runs) == len(raw) > 15
    assert day.complete
    assert any(
        request.path.rstrip("/").endswith("/runs") and dict(request.query)["offset"] == "14" for request in vcr.requests
    )
    for run in runs:
        assert_is_run(run, raw[run.run_id])


@pytest.mark.vcr
async def test_models_of_an_environment(place: Place, subject: Subject, vcr: Cassette) -> None:
    async with place.services() as services:
        models = (await services.models.models(subject.environment_id)).value

    raw = [
        edge["node"]
        for page in bodies(vcr, "/graphql")
        for edge in page["data"]["environment"]["applied"]["models"]["edges"]
    ]
    assert models is not None
    for model, node in zip(models, raw, strict=True):
        assert (model.unique_id, model.name, model.package) == (node["uniqueId"], node["name"], node["packageName"])
        assert (list(model.tags), model.materialization) == (node["tags"], node["materializedType"])
        info = node["executionInfo"]
        assert (model.last_run_status and model.last_run_status.value) == info["lastRunStatus"]
        assert model.last_success_runtime == info["executionTime"]
        assert model.last_run_time == moment(info["lastRunGeneratedAt"])
        assert model.last_attempt_succeeded == (
            info["lastRunStatus"] == "success" and info["lastRunId"] == info["lastSuccessRunId"]
        )


@pytest.mark.vcr
async def test_histories_of_several_models_in_one_query(place: Place, subject: Subject, vcr: Cassette) -> None:
    models = [_model(unique_id, subject.environment_id) for unique_id in subject.unique_ids]
    async with place.services() as services:
        histories = await services.models.histories(models, 3)

    (raw,) = bodies(vcr, "/graphql")
    applied = raw["data"]["environment"]["applied"]
    assert sorted(applied) == [f"r{n}" for n in range(len(models))]
    for n, (model, history) in enumerate(zip(models, histories, strict=True)):
        assert history.value
        assert {run.unique_id for run in history.value} == {model.unique_id}
        assert [(run.run_id, run.runtime, run.status.value) for run in history.value] == [
            (str(run["runId"]), None if run["status"] == "skipped" else run["executionTime"], run["status"])
            for run in applied[f"r{n}"]
        ]


@pytest.mark.vcr
async def test_nodes_of_a_failed_run(place: Place, subject: Subject, vcr: Cassette) -> None:
    async with place.services() as services:
        run, _ = (await services.runs.run(subject.run_id)).value
        nodes = (await services.results.nodes_of_run(run)).value

    (raw,) = bodies(vcr, f"/runs/{subject.run_id}")
    assert_is_run(run, raw["data"])
    assert run.status is RunStatus.FAILURE
    (raw,) = bodies(vcr, "/graphql")
    given = {node["uniqueId"]: node for kind in raw["data"]["job"].values() for node in kind}
    assert nodes is not None
    assert {node.unique_id for node in nodes} == set(given)
    failed = {node.unique_id: node.error for node in nodes if node.status in (NodeStatus.ERROR, NodeStatus.FAIL)}
    assert failed
    assert failed == {
        unique_id: node["error"] for unique_id, node in given.items() if node.get("status") in ("error", "fail")
    }


@pytest.mark.vcr
async def test_missing_run_is_not_found(place: Place, vcr: Cassette) -> None:
    async with place.services() as services:
        with pytest.raises(NotFound, match="1"):
            await services.runs.run("1")

    assert [answer["status"]["code"] for answer in vcr.responses] == [404]


@pytest.mark.vcr
async def test_refused_token_is_unauthorized(place: Place, vcr: Cassette) -> None:
    async with place.services(token="invalid") as services:
        with pytest.raises(Unauthorized, match="DBT_SERVICE_TOKEN"):
            await services.projects.projects()

    assert [answer["status"]["code"] for answer in vcr.responses] == [401]


def test_every_cassette_has_its_test_and_holds_no_secret() -> None:
    cassettes = {path.stem: path.read_text() for path in CASSETTES.glob("*.yaml")}

    assert set(cassettes) == {name for name, test in globals().items() if hasattr(test, "pytestmark")}
    assert sum(map(len, cassettes.values())) < 300_000
    for name, text in cassettes.items():
        for word in ("authorization", "bearer ", "cookie", "dbtu_", "dbtc_", "127.0.0.1"):
            assert word not in text.lower(), f"{word} in {name}"


def _model(unique_id: str, environment_id: str) -> ModelRecord:
    """A model of which only the name is known."""
    unknown: dict[str, Any] = dict.fromkeys(ModelRecord.__dataclass_fields__)
    return ModelRecord(**{**unknown, "unique_id": unique_id, "environment_id": environment_id})
