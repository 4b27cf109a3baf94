"""What dbt Cloud really sends, oddities included, becomes records."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery import NodeStatus, RunStatus
from dbt_discovery.services.parsing import (
    parse_environment,
    parse_job,
    parse_job_node,
    parse_model,
    parse_project,
    parse_run,
    parse_run_steps,
    to_moment,
    to_node_status,
    to_run_status,
)

REFERENCE = os.environ.get("DBT_DISCOVERY_REFERENCE", "")
recorded = pytest.mark.skipif(not REFERENCE, reason="DBT_DISCOVERY_REFERENCE names no folder of recorded payloads")


def payload(name: str) -> Any:
    return json.loads((Path(REFERENCE) / "payloads" / name).read_text(encoding="utf-8"))


def url(project_id: str, run_id: str) -> str:
    return f"page of {project_id}/{run_id}"


def run_row(**changes: Any) -> dict[str, Any]:
    return {
        "id": 70403103936332,
        "job_id": 5,
        "job_definition_id": 5,
        "project_id": 3,
        "environment_id": 4,
        "status": 10,
        "status_message": None,
        "created_at": "2026-11-18 10:00:00.500000+00:00",
        "started_at": "2026-11-18 10:00:30.000000+00:00",
        "finished_at": "2026-11-18 10:02:00.250000+00:00",
        "git_sha": "abc",
        "git_branch": "main",
        "dbt_version": "1.9.0",
        "href": "https://cloud.getdbt.com/run",
    } | changes


MOMENT = datetime(2026, 11, 18, 10, 42, 16, 179903, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        ("2026-11-18T10:42:16.179903+00:00", MOMENT),
        ("2026-11-18 10:42:16.179903+00:00", MOMENT),
        ("2026-11-18T10:42:16.179Z", MOMENT.replace(microsecond=179000)),
        ("2026-11-18T10:42:16.179903678Z", MOMENT),
        ("2026-11-18T11:42:16.179903+01:00", MOMENT),
        ("2026-11-18T10:42:16", MOMENT.replace(microsecond=0)),
        (1642377765, datetime(2022, 1, 17, 0, 2, 45, tzinfo=UTC)),
        ("", None),
        (None, None),
        (True, None),
        ("soon", None),
        ({}, None),
        (10**20, None),
        (float("nan"), None),
    ],
)
def test_timestamps_in_every_form(sent: Any, moment: datetime | None) -> None:
    assert to_moment(sent) == moment


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (1, "queued"),
        (2, "starting"),
        (3, "running"),
        (10, "success"),
        (20, "failure"),
        (30, "cancelled"),
        (99, "unknown"),
        (None, "unknown"),
    ],
)
def test_status_codes(code: Any, status: str) -> None:
    assert to_run_status(code) is RunStatus(status)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("success", NodeStatus.SUCCESS),
        ("pass", NodeStatus.SUCCESS),
        ("reused", NodeStatus.SUCCESS),
        ("partial success", NodeStatus.SUCCESS),
        ("no-op", NodeStatus.SKIPPED),
        ("skip", NodeStatus.SKIPPED),
        ("Error", NodeStatus.ERROR),
        ("runtime error", NodeStatus.ERROR),
        ("fail", NodeStatus.FAIL),
        ("warn", NodeStatus.WARN),
        ("levitated", NodeStatus.UNKNOWN),
        (None, None),
        ("", None),
    ],
)
def test_node_outcomes_stay_open_for_new_words(word: str | None, status: NodeStatus | None) -> None:
    assert to_node_status(word) is status


def test_finished_run() -> None:
    run = parse_run(run_row(), url)
    assert (run.run_id, run.job_id, run.project_id, run.environment_id) == ("70403103936332", "5", "3", "4")
    assert run.status is RunStatus.SUCCESS
    assert run.runtime == 90.25
    assert run.queued == 29.5
    assert run.url == "https://cloud.getdbt.com/run"
    assert run.began == datetime(2026, 11, 18, 10, 0, 30, tzinfo=UTC)


def test_queued_run_has_no_times_of_its_own() -> None:
    run = parse_run(run_row(status=1, started_at=None, finished_at=None, git_sha=None, duration="00:10:00"), url)
    assert run.status is RunStatus.QUEUED
    assert (run.runtime, run.queued, run.started_at, run.finished_at) == (None, None, None, None)
    assert run.began == run.created_at


def test_running_run_has_waited_but_not_taken_any_time_yet() -> None:
    run = parse_run(run_row(status=3, finished_at=None), url)
    assert (run.status, run.runtime, run.queued) == (RunStatus.RUNNING, None, 29.5)


def test_a_finish_time_on_a_running_run_is_not_believed() -> None:
    assert parse_run(run_row(status=3), url).runtime is None


def test_run_cancelled_before_it_started_only_waited() -> None:
    run = parse_run(run_row(status=30, started_at=None, status_message="Cancelled by user."), url)
    assert (run.status, run.timed_out, run.runtime) == (RunStatus.CANCELLED, False, None)
    assert run.queued == 119.75
    assert run.began == run.created_at


def test_timed_out_run_is_told_by_its_message() -> None:
    message = "This run timed out after running for 1 day, 0:00:36, exceeding the configured timeout of 86400 seconds."
    run = parse_run(run_row(status=30, status_message=message), url)
    assert (run.status, run.timed_out, run.status_message) == (RunStatus.CANCELLED, True, message)


def test_only_a_cancelled_run_can_have_timed_out() -> None:
    assert not parse_run(run_row(status=20, status_message="The query timed out"), url).timed_out


def test_a_new_status_reads_as_unknown() -> None:
    run = parse_run(run_row(status=77), url)
    assert (run.status, run.runtime) == (RunStatus.UNKNOWN, None)


def test_a_message_that_says_none_says_nothing() -> None:
    assert parse_run(run_row(status_message="None"), url).status_message == ""


@pytest.mark.parametrize("missing", ["job_id", "git_sha", "git_branch", "dbt_version", "status_message", "href"])
def test_a_run_may_lack_it(missing: str) -> None:
    row = run_row()
    del row[missing]
    run = parse_run(row, url)
    assert run.job_id == "5"
    assert run.url == ("page of 3/70403103936332" if missing == "href" else "https://cloud.getdbt.com/run")


def test_ids_may_come_as_text() -> None:
    run = parse_run(run_row(id="7", job_id="8", project_id="9"), url)
    assert (run.run_id, run.job_id, run.project_id) == ("7", "8", "9")


def test_run_steps() -> None:
    row = {"run_steps": [{"index": 2, "name": "dbt build", "status": 20, "logs": "boom"}, {"index": 3}]}
    failed, bare = parse_run_steps(row)
    assert (failed.index, failed.name, failed.status, failed.logs) == (2, "dbt build", RunStatus.FAILURE, "boom")
    assert (bare.name, bare.status, bare.logs) == ("", RunStatus.UNKNOWN, "")
    assert parse_run_steps({"run_steps": None}) == parse_run_steps({}) == ()


def job_row(**changes: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "project_id": 2,
        "environment_id": 3,
        "name": "Nightly",
        "schedule": {"cron": "0 2 * * *"},
        "triggers": {"schedule": True},
    } | changes


def test_a_cron_expression_is_a_schedule_only_while_it_is_switched_on() -> None:
    assert parse_job(job_row(), url).schedule == "0 2 * * *"
    assert parse_job(job_row(triggers={"schedule": False}), url).schedule is None
    assert parse_job(job_row(schedule=None), url).schedule is None


@pytest.mark.parametrize(
    ("changes", "job_type"),
    [
        ({"job_type": "ci"}, "ci"),
        ({}, "scheduled"),
        ({"triggers": {"github_webhook": True, "schedule": False}}, "ci"),
        ({"triggers": {"git_provider_webhook": True}}, "ci"),
        ({"triggers": {"on_merge": True}}, "merge"),
        ({"triggers": {"schedule": False}}, "other"),
        ({"triggers": None}, "other"),
    ],
)
def test_type_of_a_job_that_does_not_say(changes: dict[str, Any], job_type: str) -> None:
    assert parse_job(job_row(**changes), url).job_type == job_type


def test_a_job_carries_its_last_runs() -> None:
    job = parse_job(job_row(most_recent_run=run_row(id=9, status=3), most_recent_completed_run=run_row(id=8)), url)
    assert job.last_run is not None
    assert job.last_finished_run is not None
    assert (job.last_run.run_id, job.last_finished_run.run_id) == ("9", "8")
    assert parse_job(job_row(), url).last_run is None


def test_project_and_environment_may_be_bare() -> None:
    assert parse_project({"id": 1, "name": None}).name == "1"
    environment = parse_environment({"id": 1, "project_id": 2})
    assert (environment.name, environment.deployment_type, environment.type) == ("1", None, None)


def model_node(**info: Any) -> dict[str, Any]:
    return {
        "uniqueId": "model.shop.orders",
        "projectId": 70403103936332,
        "environmentId": "4",
        "tags": ["a"],
        "executionInfo": {
            "lastRunStatus": "success",
            "lastRunId": 9,
            "lastRunGeneratedAt": "2026-11-18T10:00:00.000Z",
            "lastSuccessRunId": 9,
            "executionTime": 4.5,
            "executeStartedAt": "2026-11-18T09:59:00.000Z",
            "executeCompletedAt": "2026-11-18T09:59:04.500Z",
        }
        | info,
    }


def test_model() -> None:
    model = parse_model(model_node())
    assert (model.unique_id, model.name, model.package) == ("model.shop.orders", "orders", "shop")
    assert (model.project_id, model.environment_id, model.tags) == ("70403103936332", "4", ("a",))
    assert (model.last_run_status, model.last_success_runtime) == (NodeStatus.SUCCESS, 4.5)
    assert model.last_attempt_succeeded


def test_after_a_failed_attempt_the_success_stays_a_thing_of_its_own() -> None:
    model = parse_model(model_node(lastRunStatus="error", lastRunId=10))
    assert not model.last_attempt_succeeded
    assert model.last_success_runtime == 4.5


def test_a_failure_after_a_success_in_one_run_is_no_success() -> None:
    assert not parse_model(model_node(lastRunStatus="error")).last_attempt_succeeded
    assert not parse_model(model_node(lastRunStatus="skipped")).last_attempt_succeeded


def test_a_model_that_never_ran_has_no_outcome() -> None:
    node = model_node()
    for empty in (None, {}):
        model = parse_model(node | {"executionInfo": empty, "tags": None})
        assert (model.last_run_status, model.last_run_id, model.last_success_runtime) == (None, None, None)
        assert (model.tags, model.last_attempt_succeeded) == ((), False)


def test_a_skipped_node_has_no_runtime_whatever_its_timings_say() -> None:
    node = {"uniqueId": "model.shop.orders", "status": "skipped", "executionTime": 0.01}
    assert parse_job_node(node).runtime is None
    assert parse_job_node(node | {"status": "error"}).runtime == 0.01


def test_a_bare_node_is_read_from_its_unique_id() -> None:
    node = parse_job_node({"uniqueId": "test.shop.not_null.abc", "status": None})
    assert (node.resource_type, node.name, node.status) == ("test", "abc", NodeStatus.UNKNOWN)


@recorded
def test_recorded_run() -> None:
    run = parse_run(payload("data-mie_dbt-cloud-cli/run_get_response.json")["data"], url)
    assert (run.run_id, run.job_id, run.status) == ("36053848", "43167", RunStatus.SUCCESS)
    assert run.runtime is not None
    assert run.runtime > 0


@recorded
def test_recorded_run_cancelled_in_the_queue() -> None:
    run = parse_run(payload("data-mie_dbt-cloud-cli/run_cancel_response.json")["data"], url)
    assert (run.status, run.started_at, run.runtime, run.timed_out) == (RunStatus.CANCELLED, None, None, False)
    assert run.queued == pytest.approx(9.729699)
    assert run.status_message == "Cancelled by user."


@recorded
def test_recorded_runs_that_failed() -> None:
    (run,) = (parse_run(row, url) for row in payload("corp_fixture/runs_list_errors.json")["data"])
    assert (run.status, run.runtime, run.queued) == (RunStatus.FAILURE, 20.0, 40.0)
    assert run.url == "https://cloud.corp.getdbt.com/next/deploy/1001/projects/1/runs/2/"


@recorded
def test_recorded_job_has_a_cron_expression_but_no_schedule() -> None:
    (job,) = (parse_job(row, url) for row in payload("data-mie_dbt-cloud-cli/job_list_response.json")["data"])
    assert (job.name, job.schedule, job.job_type, job.steps) == (
        "Do nothing!",
        None,
        "other",
        ("dbt run -s not_a_model",),
    )


@recorded
def test_recorded_projects_and_environments() -> None:
    projects = [parse_project(row) for row in payload("data-mie_dbt-cloud-cli/project_list_response.json")["data"]]
    assert [(each.project_id, each.name, each.description) for each in projects] == [("123457", "jaffle_shop", "")]
    rows = payload("data-mie_dbt-cloud-cli/environment_list_response.json")["data"]
    assert {parse_environment(row).project_id for row in rows} == {"26597"}


@recorded
@pytest.mark.parametrize("name", ["modelByEnvironment_model_builds", "modelByEnvironment_run_performance"])
def test_recorded_history_of_a_model(name: str) -> None:
    for run in payload(f"docs_getdbt/{name}.json")["data"]["modelByEnvironment"]:
        for result in run["runResults"]:
            node = parse_job_node({"uniqueId": run["uniqueId"], **result})
            assert node.runtime == result["executionTime"]
            assert node.started_at is not None
            assert node.finished_at is not None
            assert node.started_at < node.finished_at
