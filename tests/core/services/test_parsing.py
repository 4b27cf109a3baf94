"""What dbt Cloud really sends, oddities included, becomes records."""

from __future__ import annotations

from datetime import UTC, datetime
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
)
from hypothesis import given, settings
from hypothesis import strategies as st


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


@pytest.mark.parametrize("version", ["", None])
def test_a_run_without_a_version_has_none(version: Any) -> None:
    assert parse_run(run_row(dbt_version=version), url).dbt_version is None


@pytest.mark.parametrize("version", ["versionless", "latest", "1.4.0-latest", "2025.3.18+051679e", "2.0.0-beta.2"])
def test_a_version_is_any_text(version: str) -> None:
    assert parse_run(run_row(dbt_version=version), url).dbt_version == version


def test_a_run_that_finished_before_it_started_has_no_runtime() -> None:
    run = parse_run(run_row(started_at="2026-11-18T10:05:00Z"), url)
    assert run.runtime is None
    assert run.queued == 299.5


def test_a_run_that_started_before_it_was_created_did_not_wait_a_negative_time() -> None:
    run = parse_run(run_row(created_at="2026-11-18T10:00:45Z"), url)
    assert (run.queued, run.runtime) == (None, 90.25)


def test_a_run_that_does_not_say_when_it_was_created_waited_nobody_knows_how_long() -> None:
    run = parse_run(run_row(created_at=None), url)
    assert run.queued is None
    assert run.created_at == run.started_at == run.began


def test_a_run_that_started_in_year_1_never_started() -> None:
    run = parse_run(run_row(started_at="0001-01-01T00:00:00+00:00"), url)
    assert (run.started_at, run.runtime, run.queued) == (None, None, 119.75)


def test_a_run_past_24_hours_is_measured_by_its_times_and_not_by_its_clock_strings() -> None:
    times = {"started_at": "2026-11-17 10:00:00+00:00", "finished_at": "2026-11-18 10:00:36.750000+00:00"}
    run = parse_run(run_row(**times, run_duration="24:00:36", run_duration_humanized="1 day"), url)
    assert run.runtime == 24 * 3600 + 36.75


def test_job_id_comes_before_job_definition_id() -> None:
    assert parse_run(run_row(job_id=5, job_definition_id=6), url).job_id == "5"
    assert parse_run(run_row(job_id=None, job_definition_id=6), url).job_id == "6"


@pytest.mark.parametrize(
    "href", ["REDACTED", "", None, 7, "javascript:alert(1)", "https://cloud.getdbt.com/api/v2/accounts/1/runs/7"]
)
def test_an_address_that_is_no_page_is_made_from_the_ids(href: Any) -> None:
    assert parse_run(run_row(href=href), url).url == "page of 3/70403103936332"


def test_what_newer_and_older_versions_leave_open_changes_nothing() -> None:
    open_fields = {"is_running": None, "used_repo_cache": None, "scribe_enabled": True, "deprecation": {}, "audit": []}
    assert parse_run(run_row(**open_fields), url) == parse_run(run_row(), url)


def test_steps_of_another_form_are_passed_by() -> None:
    assert parse_run_steps({"run_steps": "none"}) == ()
    (step,) = parse_run_steps({"run_steps": [None, 3, {"index": "2", "status": "Success", "logs": None}]})
    assert (step.index, step.status, step.logs) == (2, RunStatus.SUCCESS, "")


def test_a_job_with_a_schedule_but_no_triggers_is_not_scheduled() -> None:
    row = job_row()
    del row["triggers"]
    job = parse_job(row, url)
    assert (job.schedule, job.job_type) == (None, "other")


def test_a_next_run_is_taken_as_it_is_written_even_in_the_past() -> None:
    past = parse_job(job_row(next_run="2020-01-01T00:00:00.111442+00:00", next_run_humanized="2 weeks"), url)
    assert past.next_run == datetime(2020, 1, 1, microsecond=111442, tzinfo=UTC)
    assert parse_job(job_row(next_run=None), url).next_run is None
    assert parse_job(job_row(next_run="soon"), url).next_run is None


def test_a_timeout_of_zero_says_nothing() -> None:
    odd = {"execution": {"timeout_seconds": 0}, "dbt_version": None, "deactivated": None}
    assert parse_job(job_row(**odd), url) == parse_job(job_row(), url)


def test_a_step_has_a_time_once_it_has_a_start_and_an_end() -> None:
    step = {"index": 1, "name": "dbt build", "status": 10, "started_at": "2026-11-18 08:00:00.250000+00:00"}
    done, going = parse_run_steps({"run_steps": [step | {"finished_at": "2026-11-18 08:01:00+00:00"}, step]})
    assert (done.runtime, going.runtime) == (59.75, None)


def test_a_new_type_of_job_keeps_its_name() -> None:
    assert parse_job(job_row(job_type="export_saved_query"), url).job_type == "export_saved_query"


@pytest.mark.parametrize(("sent", "runtime"), [("4.5", 4.5), (-1, None), (float("nan"), None), ({}, None), (0, 0.0)])
def test_an_execution_time_is_a_number_or_nothing(sent: Any, runtime: float | None) -> None:
    assert parse_model(model_node(executionTime=sent)).last_success_runtime == runtime
    assert parse_job_node({"uniqueId": "model.a.b", "status": "error", "executionTime": sent}).runtime == runtime


def test_a_node_that_failed_without_timings_keeps_its_execution_time() -> None:
    node = parse_job_node(
        {"uniqueId": "model.a.b", "status": "error", "executionTime": 9.39, "timing": [], "error": "x"}
    )
    assert (node.runtime, node.started_at, node.completed_at, node.error) == (9.39, None, None, "x")


def test_compile_and_execute_with_one_interval_are_not_added_up() -> None:
    both = {f"{kind}{edge}At": f"2026-11-18T10:00:0{at}Z" for kind in ("compile", "execute") for edge, at in EDGES}
    assert parse_job_node({"uniqueId": "model.a.b", "status": "success", "executionTime": 4.0, **both}).runtime == 4.0
    assert parse_job_node({"uniqueId": "model.a.b", "status": "success", **both}).runtime is None


EDGES = [("Started", 1), ("Completed", 5)]


@pytest.mark.parametrize("word", ["no-op", "skipped", "Skip"])
def test_what_did_nothing_took_no_time(word: str) -> None:
    node = parse_job_node({"uniqueId": "model.a.b", "status": word, "executionTime": 0.0001})
    assert (node.status, node.runtime) == (NodeStatus.SKIPPED, None)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (7200, "the newest row was 2 h old"),
        ("7200", "the newest row was 2 h old"),
        (-76_558, None),
        (None, None),
        (float("nan"), None),
        (63_900_000_000, "no row was ever loaded"),
    ],
)
def test_an_age_below_zero_says_nothing_and_one_from_year_1_is_never(age: Any, words: str | None) -> None:
    source = {"uniqueId": "source.a.b.c", "freshnessChecked": True, "state": "Error", "maxLoadedAtTimeAgoInS": age}
    node = parse_job_node(source)
    assert (node.status, node.error) == (NodeStatus.ERROR, words)


def test_tags_may_be_null_or_one_text() -> None:
    assert parse_model(model_node() | {"tags": None}).tags == ()
    assert parse_model(model_node() | {"tags": "pii"}).tags == ("pii",)
    assert parse_model(model_node() | {"tags": ["pii", None, 3]}).tags == ("pii",)


TIMES = st.sampled_from(
    ["2026-11-18T10:00:00Z", "2026-11-18 09:00:00.5+00:00", 1_800_000_000, "0001-01-01", "", "soon"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | TIMES
ANYTHING = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.text(max_size=3), LEAVES, max_size=3)
IDS = st.integers(1, 10**14) | st.integers(1, 10**14).map(str)
STATUSES = st.sampled_from([1, 2, 3, 10, 20, 30, 40, "Succeeded", None, "10"])


def rows(keys: str, **required: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with the required fields, any of the others, and fields that nobody knows."""
    return st.fixed_dictionaries(required, optional=dict.fromkeys([*keys.split(), "brand_new"], ANYTHING))


RUN_ROWS = st.builds(
    lambda odd, plain: odd | plain,
    rows("job_id project_id environment_id status_message git_sha dbt_version href run_steps", id=IDS),
    st.fixed_dictionaries(
        {}, optional={"status": STATUSES, "created_at": TIMES, "started_at": TIMES, "finished_at": TIMES}
    ),
)
MANY = settings(max_examples=300, deadline=None)


@given(RUN_ROWS)
@MANY
def test_no_run_is_too_odd_to_read_and_none_gets_a_time_it_has_not(row: dict[str, Any]) -> None:
    run = parse_run(row, url)
    parse_run_steps(row)
    assert run.run_id == str(row["id"])
    assert run.began.tzinfo is UTC
    ended = row.get("status") in (10, 20, 30, "10", "Succeeded")
    if run.runtime is not None:
        assert ended
        assert run.started_at is not None
        assert run.finished_at is not None
        assert run.runtime == run.finished_at.timestamp() - run.started_at.timestamp() >= 0
    if run.queued is not None:
        assert row["created_at"] not in ("", "soon", "0001-01-01")
        assert run.queued >= 0


JOB_KEYS = "name triggers schedule execute_steps job_type"


@given(rows(JOB_KEYS, id=IDS, project_id=IDS, environment_id=IDS, most_recent_run=ANYTHING | RUN_ROWS))
@MANY
def test_no_job_is_too_odd_to_read(row: dict[str, Any]) -> None:
    job = parse_job(row, url)
    assert (job.job_id, job.project_id, job.environment_id) == tuple(
        str(row[key]) for key in ("id", "project_id", "environment_id")
    )
    assert all(isinstance(step, str) for step in job.steps)


INFO = rows("lastRunStatus lastRunId lastRunGeneratedAt lastRunError lastSuccessRunId executionTime executeStartedAt")
UNIQUE_IDS = st.sampled_from(["model.shop.orders", "model.shop.orders.v2", "test.shop.x.1", "odd", ""])
NODE_KEYS = (
    "name tags packageName materializedType database schema group access description status state freshnessChecked "
    "resourceType runId jobId executionTime executeStartedAt runGeneratedAt error maxLoadedAtTimeAgoInS"
)


@given(rows(NODE_KEYS, uniqueId=UNIQUE_IDS, projectId=IDS, environmentId=IDS, executionInfo=ANYTHING | INFO))
@MANY
def test_no_node_is_too_odd_to_read_and_none_gets_a_runtime_it_has_not(node: dict[str, Any]) -> None:
    model, ran = parse_model(node), parse_job_node(node)
    assert model.unique_id == ran.unique_id == node["uniqueId"]
    assert (model.project_id, model.environment_id) == (str(node["projectId"]), str(node["environmentId"]))
    info = node["executionInfo"] if isinstance(node["executionInfo"], dict) else {}
    for runtime, sent in (
        (model.last_success_runtime, info.get("executionTime")),
        (ran.runtime, node.get("executionTime")),
    ):
        assert runtime is None or (runtime == float(sent) >= 0)


@pytest.mark.parametrize(
    ("unique_id", "name"),
    [("model.shop.orders", "orders"), ("model.shop.orders.v2", "orders"), ("source.shop.raw.v2", "v2")],
)
def test_a_node_without_a_name_is_called_as_its_unique_id_says(unique_id: str, name: str) -> None:
    assert parse_job_node({"uniqueId": unique_id}).name == name
