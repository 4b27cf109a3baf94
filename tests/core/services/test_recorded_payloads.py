"""Every recorded payload becomes records, with the values that its own JSON gives when reckoned by hand.

The payloads stay where they are: these tests run when DBT_DISCOVERY_REFERENCE names the folder that holds them.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, NodeStatus, RunFilter, RunStatus, Settings
from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.models.records import RunRecord
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.jobs import JobService
from dbt_discovery.services.parsing import (
    parse_environment,
    parse_job,
    parse_job_node,
    parse_project,
    parse_run,
)
from dbt_discovery.services.projects import ProjectService
from dbt_discovery.services.values import to_id, to_moment, to_run_status

from tests.core.stores import runs_over
from tests.core.upstream import NOW, Upstream, wire_to

REFERENCE = os.environ.get("DBT_DISCOVERY_REFERENCE", "")
pytestmark = pytest.mark.skipif(not REFERENCE, reason="DBT_DISCOVERY_REFERENCE names no folder of recorded payloads")
PAYLOADS = Path(REFERENCE) / "payloads"
CLI = "data-mie_dbt-cloud-cli"
EVER = RunFilter(period="2021-01-01/2026-08-31")
ARTIFACTS = ["v1_12", "v1_4", "v1_7", "v1_8"]


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / name).read_text(encoding="utf-8"))


def page(project_id: str, run_id: str) -> str:
    return f"page of {project_id}/{run_id}"


def seconds(text: str) -> float:
    """Seconds since the epoch of a time in UTC, put together from its digits."""
    whole, _, fraction = text.removesuffix("Z").removesuffix("+00:00").replace(" ", "T").partition(".")
    moment = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    return moment.timestamp() + float(f"0.{fraction or 0}")


def test_every_recorded_payload_has_its_test() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    recorded = [path for path in PAYLOADS.rglob("*.json") if path.parent.parent == PAYLOADS]
    assert len(recorded) > 20
    for path in recorded:
        if path.parent.name != "errors":  # those are in test_responses.py
            assert f"{path.stem}.json" in text or f'"{path.stem}"' in text, path
    assert {path.parent.name for path in PAYLOADS.glob("artifacts/*/run_results.json")} == set(ARTIFACTS)


# Runs


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("README_run_success.json", RunStatus.SUCCESS),
        ("run_get_response.json", RunStatus.SUCCESS),
        ("job_run_response.json", RunStatus.SUCCESS),
    ],
)
def test_a_finished_run_takes_the_time_between_its_start_and_its_finish(name: str, status: RunStatus) -> None:
    row = payload(f"{CLI}/{name}")["data"]
    run = parse_run(row, page)
    assert (run.run_id, run.job_id, run.environment_id) == (str(row["id"]), "43167", "49819")
    assert run.project_id == ("" if row["project_id"] is None else str(row["project_id"]))
    assert (run.status, run.timed_out, run.status_message) == (status, False, "")
    assert run.runtime == pytest.approx(seconds(row["finished_at"]) - seconds(row["started_at"]), abs=1e-5)
    assert run.queued == pytest.approx(seconds(row["started_at"]) - seconds(row["created_at"]), abs=1e-5)
    assert (run.git_sha, run.git_branch, run.dbt_version) == (row["git_sha"], "main", "0.21.0")
    assert run.url == page(run.project_id, run.run_id)  # the recording has no address, or one blacked out


@pytest.mark.parametrize("name", ["README_run_success.json", "run_get_response.json", "job_run_response.json"])
def test_the_clock_strings_of_a_recorded_run_are_its_times_without_fractions(name: str) -> None:
    row = payload(f"{CLI}/{name}")["data"]
    run = parse_run(row, page)
    for measured, told in ((run.runtime, row["run_duration"]), (run.queued, row["queued_duration"])):
        hours, minutes, rest = map(int, told.split(":"))
        assert measured is not None
        assert int(measured) == hours * 3600 + minutes * 60 + rest


def test_a_run_cancelled_in_the_queue_waited_until_it_was_cancelled() -> None:
    row = payload(f"{CLI}/run_cancel_response.json")["data"]
    run = parse_run(row, page)
    assert (run.status, run.timed_out, run.status_message) == (RunStatus.CANCELLED, False, "Cancelled by user.")
    assert (run.started_at, run.runtime, run.git_sha) == (None, None, None)
    assert run.queued == pytest.approx(seconds(row["finished_at"]) - seconds(row["created_at"]), abs=1e-5)
    assert run.job_id == "43167"  # the anonymised recording names another one as job_definition_id


def test_runs_of_the_old_fourth_version_have_ids_as_text_epoch_times_and_words_for_statuses() -> None:
    rows = payload(f"{CLI}/run_list_response.json")["data"]
    runs = [parse_run(row, page) for row in rows]
    assert [run.run_id for run in runs] == ["40650768", "40538548"]
    assert {run.job_id for run in runs} == {"49663"}
    assert {run.status for run in runs} == {RunStatus.SUCCESS}
    assert [run.runtime for run in runs] == [row["run_duration"] for row in rows] == [40, 42]
    assert [run.queued for run in runs] == [row["queued_duration"] for row in rows] == [376, 375]
    assert [run.created_at.timestamp() for run in runs] == [1642377765, 1642291308]
    assert {run.url for run in runs} == {
        "page of 123457/40650768",
        "page of 123457/40538548",
    }  # their href is an address of the API, not a page


def test_a_failed_run_of_another_account() -> None:
    (row,) = payload("corp_fixture/runs_list_errors.json")["data"]
    run = parse_run(row, page)
    assert (run.status, run.runtime, run.queued) == (RunStatus.FAILURE, 20.0, 40.0)  # by its timestamps, not strings
    assert (run.dbt_version, run.git_sha, run.url) == ("1.21.0", "abcasddfg123345", row["href"])


# Everything else of the Admin API, through the services that ask for it


def answering(name: str) -> DbtClient:
    """A client of a dbt Cloud that has one recorded page, and after it none."""
    first = payload(name)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=first if request.url.params.get("offset", "0") == "0" else {"data": []})

    return DbtClient(wire_to(Upstream(answer)), CachingStrategy())


async def test_projects() -> None:
    listed = (await ProjectService(answering(f"{CLI}/project_list_response.json")).projects()).value
    assert [(each.project_id, each.name, each.description) for each in listed] == [("123457", "jaffle_shop", "")]
    assert (parse_project(payload(f"{CLI}/project_get_response.json")["data"]),) == listed


async def test_environments_and_that_the_list_is_not_complete() -> None:
    answer = await ProjectService(answering(f"{CLI}/environment_list_response.json")).environments()
    (environment,) = answer.value
    assert (environment.environment_id, environment.project_id, environment.name) == ("49818", "26597", "Development")
    assert (environment.type, environment.deployment_type) == (None, None)  # older recordings do not say
    assert not answer.complete  # one row of 43
    one = parse_environment(payload(f"{CLI}/environment_get_response.json")["data"])
    assert (one.environment_id, one.project_id, one.name) == ("67890", "12345", "Anonymized Project")


async def test_a_job_list_without_a_total_and_a_cron_expression_that_is_switched_off() -> None:
    answer = await JobService(answering(f"{CLI}/job_list_response.json")).jobs()
    (job,) = answer.value
    assert answer.complete
    assert (job.job_id, job.project_id, job.environment_id, job.name) == ("43167", "123457", "49819", "Do nothing!")
    assert (job.schedule, job.job_type, job.steps) == (None, "other", ("dbt run -s not_a_model",))
    assert (job.last_run, job.last_finished_run) == (None, None)
    assert parse_job(payload(f"{CLI}/job_get_response.json")["data"], page) == job


async def test_a_run_list_whose_count_is_not_that_of_its_rows() -> None:
    service = runs_over(answering("corp_fixture/runs_list_errors.json"))
    answer = await service.between(RunQuery(NOW - timedelta(days=3650), NOW))
    assert [run.run_id for run in answer.value] == ["1"]
    assert not answer.complete  # one row of 5


async def test_the_account_is_the_one_that_is_listed() -> None:
    wire = wire_to(lambda request: httpx.Response(200, json=payload(f"{CLI}/account_list_response.json")), None)
    assert await wire.account_id() == "1"


@pytest.mark.parametrize("name", [f"{CLI}/account_get_response.json", "corp_fixture/account.json"])
async def test_an_account_that_answers_is_dbt_clouds(name: str) -> None:
    source = await wire_to(lambda request: httpx.Response(200, json=payload(name))).source()
    assert (source.kind, source.label) == ("dbt_cloud", "dbt Cloud account 1")


def test_a_list_of_artifacts_is_names_that_no_record_needs() -> None:
    names = payload(f"{CLI}/run_list_artifacts_response.json")["data"]
    assert "run_results.json" in names
    assert all(isinstance(name, str) for name in names)


# The Discovery API as dbt Labs shows it


@pytest.mark.parametrize("name", ["modelByEnvironment_model_builds", "modelByEnvironment_run_performance"])
def test_history_of_a_model(name: str) -> None:
    history = payload(f"docs_getdbt/{name}.json")["data"]["modelByEnvironment"]
    assert len(history) in (3, 5)
    for run in history:
        (result,) = run["runResults"]
        node = parse_job_node(run | result)
        assert (node.unique_id, node.name, node.resource_type) == ("model.demo_data.customers", "customers", "model")
        assert (node.status, node.error) == (NodeStatus.SUCCESS, None)
        assert node.runtime == result["executionTime"]
        assert node.started_at is not None
        assert node.completed_at is not None
        assert node.finished_at is not None
        assert node.started_at.timestamp() == pytest.approx(seconds(result["executeStartedAt"]), abs=1e-5)
        assert node.finished_at.timestamp() == pytest.approx(seconds(result["runGeneratedAt"]), abs=1e-5)
        assert 0 < (node.completed_at - node.started_at).total_seconds() < node.runtime


def test_models_of_a_job() -> None:
    rows = payload("docs_getdbt/job_models_schema_filter.json")["data"]["models"]
    nodes = [parse_job_node({"uniqueId": f"model.jaffle_shop.{row['name']}", **row}) for row in rows]
    assert [node.name for node in nodes] == ["customers", "stg_customers", "stg_orders"]
    assert {node.status for node in nodes} == {NodeStatus.SUCCESS}
    assert {node.runtime for node in nodes} == {None}  # compile times are there, execution times are not
    assert {node.finished_at for node in nodes} == {datetime(2022, 12, 15, 6, 37, 25, 187000, tzinfo=UTC)}


def test_a_source_that_was_not_checked_in_this_run_has_no_finding() -> None:
    source = payload("docs_getdbt/source_freshness.json")["data"]["source"]
    node = parse_job_node(source)
    assert (node.resource_type, node.status, node.error) == ("source", NodeStatus.UNKNOWN, None)
    assert parse_job_node(source | {"freshnessChecked": True}).status is NodeStatus.SUCCESS


def test_a_row_loaded_after_the_look_has_no_age() -> None:
    source = payload("docs_getdbt/source_freshness.json")["data"]["source"]
    age = seconds(source["snapshottedAt"]) - seconds(source["maxLoadedAt"])
    assert age == -76_558
    assert parse_job_node(source | {"maxLoadedAtTimeAgoInS": age}).error is None


def test_a_catalogs_last_change_is_a_moment() -> None:
    model = payload("docs_getdbt/model_stats.json")["data"]["model"]
    (changed,) = [stat["value"] for stat in model["stats"] if stat["id"] == "last_modified"]
    assert to_moment(changed) == datetime(2023, 3, 6, 17, 2, tzinfo=UTC)
    node = parse_job_node({"uniqueId": "model.demo_data.customers"} | model)
    assert (node.runtime, node.status) == (3.737823247909546, NodeStatus.SUCCESS)


def test_webhooks_have_nanoseconds_ids_as_text_and_words_for_statuses() -> None:
    events = payload("docs_getdbt/webhook_job_run_events.json")
    data = [event["data"] for event in events]
    statuses = [to_run_status(each["runStatus"]) for each in data]
    assert statuses == [RunStatus.RUNNING, RunStatus.SUCCESS, RunStatus.FAILURE]
    assert {(to_id(event["accountId"]), to_id(each["jobId"])) for event, each in zip(events, data, strict=True)} == {
        ("1", "123")
    }
    for event in events:
        moment = to_moment(event["timestamp"])
        assert moment is not None
        assert moment.timestamp() == pytest.approx(seconds(event["timestamp"]), abs=2e-6)
    run = parse_run(
        {"id": "1", "status_message": data[0]["runStatusMessage"], "dbt_version": data[1]["dbtVersion"]}, page
    )
    assert (run.status_message, run.dbt_version) == ("", None)


# Artifacts, read by the sandbox and asked for through the whole client


def results(version: str) -> dict[str, Any]:
    return dict(payload(f"artifacts/{version}/run_results.json"))


@pytest.mark.parametrize("version", ARTIFACTS)
async def test_artifacts_survive_the_sandbox_and_the_whole_client(version: str, tmp_path: Path) -> None:
    shutil.copytree(PAYLOADS / "artifacts" / version, tmp_path / version)
    manifest, ran = payload(f"artifacts/{version}/manifest.json"), results(version)
    world = sandbox.artifacts_world(tmp_path)
    assert world.warnings == ()
    built = {r["unique_id"]: r for r in ran["results"] if ran["args"]["which"] != "generate"}
    written = [each["metadata"]["generated_at"] for each in (manifest, ran)]
    now = max(map(datetime.fromisoformat, written)) + timedelta(hours=1)
    settings = Settings(fixed_now=now)
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        models = {model.unique_id: model for model in await account.aget_models()}
        runs = await account.aget_runs(limit=50, filter=EVER)
        (run,) = [each for each in runs if each.record.dbt_version == ran["metadata"]["dbt_version"]]
        nodes = await timed(account, run.run_id) if built else {}
        failed = [dict(row) for row in (await account.arun_report("failed_runs", period="last_3000_days")).rows]
    touched = {r["unique_id"] for r in ran["results"]}  # a model that no run touched is defined, not applied
    assert models.keys() == {key for key in manifest["nodes"] if key.startswith("model.")} & touched
    bad = [r for r in built.values() if r["status"] in ("error", "fail", "runtime error")]
    assert run.status == ("failure" if bad else "success")
    assert run.runtime == pytest.approx(ran["elapsed_time"], abs=1e-5)
    for unique_id, model in models.items():
        result = built.get(unique_id)
        assert model.last_run_status == (result["status"] if result else None), unique_id
        assert model.last_run_runtime == (result["execution_time"] if result and not bad_one(result) else None)
    assert nodes == {
        key: r["execution_time"] for key, r in built.items() if key.startswith("model.") and not bad_one(r)
    }
    assert len(failed) == bool(bad)
    for result in bad:
        assert result["message"].strip()[:40] in failed[0]["error"]


def bad_one(result: dict[str, Any]) -> bool:
    return result["status"] == "error"


async def timed(account: DbtAccount, run_id: str) -> dict[str, float]:
    """The models of a run with their times, but for those that failed."""
    rows = (await account.arun_report("slowest_models", run_id=run_id, limit=500)).rows
    return {row["unique_id"]: row["runtime"] for row in rows}


async def test_all_artifacts_at_once_are_one_project_with_all_its_runs(tmp_path: Path) -> None:
    shutil.copytree(PAYLOADS / "artifacts", tmp_path / "all")
    transport = sandbox.transport(artifacts=tmp_path / "all")
    now = datetime.fromisoformat("2026-08-11T00:00:00+00:00")
    async with DbtAccount(transport=transport, settings=Settings(fixed_now=now)) as account:
        (project,) = await account.aget_projects()
        records: list[RunRecord] = [run.record for run in await account.aget_runs(limit=50, filter=EVER)]
    assert project.name == "jaffle_shop"
    versions = {results(version)["metadata"]["dbt_version"] for version in ARTIFACTS}
    assert versions | {"1.9.0rc1"} == {record.dbt_version for record in records}  # the catalog is of a run of its own
    assert all(record.runtime is not None and record.runtime >= 0 for record in records)


def test_a_run_that_the_first_versions_wrote_is_refused_by_name(tmp_path: Path) -> None:
    shutil.copy(PAYLOADS / CLI / "run_get_artifact_response.json", tmp_path / "run_results.json")
    with pytest.raises(sandbox.ArtifactsError, match=r"before 1\.4"):
        sandbox.artifacts_world(tmp_path)
