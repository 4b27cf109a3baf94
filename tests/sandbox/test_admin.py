"""The Admin API: envelope, paging, filters, related objects and the odd shapes of runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dbt_cloud_sandbox import Fault, Faults, Run, World, generated_world

from .conftest import NOW, Client, connect, job_id, production


async def test_accounts_are_listed_in_both_versions(client: Client) -> None:
    for version in ("v2", "v3"):
        body = await client.get(f"/api/{version}/accounts/")
        assert body["status"] == {
            "code": 200,
            "is_success": True,
            "user_message": "Success!",
            "developer_message": "",
        }
        assert [row["id"] for row in body["data"]] == [client.world.account.id]
        one = await client.get(f"/api/{version}/accounts/{client.world.account.id}/")
        assert one["data"] == body["data"][0]


async def test_projects_environments_and_jobs_are_those_of_the_world(client: Client) -> None:
    world = client.world
    projects = await client.listed(f"{client.v3}/projects/")
    assert [(row["id"], row["name"]) for row in projects] == [(p.id, p.name) for p in world.projects()]
    for project in world.projects():
        here = await client.listed(f"{client.v3}/projects/{project.id}/environments/")
        assert [row["id"] for row in here] == [e.id for e in world.environments() if e.project_id == project.id]
    everywhere = await client.listed(f"{client.account}/environments/")
    assert [row["deployment_type"] for row in everywhere] == [e.deployment_type for e in world.environments()]
    jobs = await client.listed(f"{client.account}/jobs/")
    assert [row["name"] for row in jobs] == [job.name for job in world.jobs()]


async def test_single_resources_are_the_rows_of_their_lists(client: Client) -> None:
    for path in ("projects", "environments", "jobs"):
        rows = await client.listed(f"{client.account}/{path}/")
        assert (await client.get(f"{client.account}/{path}/{rows[-1]['id']}/"))["data"] == rows[-1]
    run = (await client.runs(limit=1))[0]
    assert (await client.get(f"{client.account}/runs/{run['id']}/"))["data"] == run


async def test_jobs_and_runs_exist_in_v2_only(client: Client) -> None:
    for path in ("jobs", "runs", "environments"):
        await client.get(f"{client.v3}/{path}/", answer=404)


async def test_pages_put_together_are_the_whole_list(client: Client) -> None:
    wanted = [run.id for run in client.world.runs() if run.job_id == job_id(client.world, "Marketing attribution")]
    found: list[int] = []
    while True:
        params = {"job_definition_id": job_id(client.world, "Marketing attribution"), "offset": len(found)}
        body = await client.get(f"{client.account}/runs/", **params)
        assert body["extra"]["pagination"] == {"count": len(body["data"]), "total_count": len(wanted)}
        if not body["data"]:
            break
        assert len(body["data"]) <= 100
        found += [row["id"] for row in body["data"]]
    assert found == wanted


async def test_extra_tells_filters_and_order(client: Client) -> None:
    extra = (await client.get(f"{client.account}/runs/", limit=2, status=10, order_by="-id"))["extra"]
    assert extra["filters"] == {"account_id": client.world.account.id, "limit": 2, "offset": 0, "status": 10}
    assert extra["order_by"] == "-id"


@pytest.mark.parametrize("order", ["id", "created_at", "finished_at"])
async def test_runs_are_ordered_as_asked(client: Client, order: str) -> None:
    def key(run: Run) -> Any:
        return getattr(run, order) or datetime.max.replace(tzinfo=UTC)

    ids = [run.id for run in sorted(client.world.runs(), key=lambda run: (key(run), run.id))]
    assert [row["id"] for row in await client.runs(order_by=order, limit=5)] == ids[:5]
    down = [row["id"] for row in await client.runs(order_by=f"-{order}", limit=20)]
    assert set(down) == set(ids[-20:])


DAY = (datetime(2026, 11, 15, tzinfo=UTC), datetime(2026, 11, 15, 23, 59, 59, 999999, tzinfo=UTC))
RANGE = json.dumps([moment.isoformat() for moment in DAY])
Holds = Callable[[Run, World], bool]
RUN_FILTERS: list[tuple[str, Any, Holds]] = [
    ("job_definition_id", 70403103940003, lambda run, _: run.job_id == 70403103940003),
    ("project_id", 70403103920002, lambda run, _: run.project_id == 70403103920002),
    ("project_id__in", "[70403103920001,70403103920003]", lambda run, _: run.project_id != 70403103920002),
    ("environment_id", 70403103930007, lambda run, _: run.environment_id == 70403103930007),
    ("status", 20, lambda run, _: run.status == 20),
    ("status__in", "[10,20]", lambda run, _: run.status in (10, 20)),
    ("created_at__range", RANGE, lambda run, _: DAY[0] <= run.created_at <= DAY[1]),
    ("finished_at__range", RANGE, lambda run, _: run.finished_at is not None and DAY[0] <= run.finished_at <= DAY[1]),
    ("id__gt", 83800000000000, lambda run, _: run.id > 83800000000000),
    ("has_docs_generated", "true", lambda run, _: run.has_docs_generated),
    ("has_sources_generated", "false", lambda run, _: not run.has_sources_generated),
    ("dbt_version__in", '["nothing"]', lambda run, _: False),
    ("deferring_run_id", 1, lambda run, _: False),
    ("state", "all", lambda run, _: True),
    ("state", "deleted", lambda run, _: False),
]


@pytest.mark.parametrize(("name", "value", "holds"), RUN_FILTERS, ids=[f"{n}={v}"[:40] for n, v, _ in RUN_FILTERS])
async def test_a_run_filter_keeps_what_a_plain_loop_keeps(client: Client, name: str, value: Any, holds: Holds) -> None:
    wanted = [run.id for run in client.world.runs() if holds(run, client.world)]
    body = await client.get(f"{client.account}/runs/", **{name: value})
    assert body["extra"]["pagination"]["total_count"] == len(wanted)
    assert [row["id"] for row in body["data"]] == wanted[:100]


async def test_the_ends_of_a_range_are_included(client: Client) -> None:
    run = client.world.runs()[50]
    both = json.dumps([run.created_at.isoformat()] * 2)
    assert [row["id"] for row in await client.runs(created_at__range=both)] == [run.id]


async def test_runs_are_found_by_primary_keys_and_version(client: Client) -> None:
    first, second = client.world.runs()[3:5]
    assert [row["id"] for row in await client.runs(pk=first.id)] == [first.id]
    assert [row["id"] for row in await client.runs(pk__in=json.dumps([second.id, first.id]))] == [first.id, second.id]
    same = [run.id for run in client.world.runs() if run.dbt_version == first.dbt_version][:100]
    assert [row["id"] for row in await client.runs(dbt_version=first.dbt_version)] == same


async def test_jobs_are_filtered(client: Client) -> None:
    jobs, path = client.world.jobs(), f"{client.account}/jobs/"
    staging = [j.name for j in jobs if j.name in ("Growth staging build", "Growth CI")]
    home = next(e.id for e in client.world.environments() if e.deployment_type == "staging")
    assert [row["name"] for row in await client.listed(path, environment_id=home)] == staging
    assert [row["name"] for row in await client.listed(path, name__icontains="FINANCE")] == [
        job.name for job in jobs if "Finance" in job.name
    ]
    assert [row["name"] for row in await client.listed(path, triggers_schedule="false")] == ["Growth CI"]
    assert [row["id"] for row in await client.listed(path, pk=jobs[2].id)] == [jobs[2].id]
    other = client.world.projects()[1].id
    assert {row["project_id"] for row in await client.listed(path, project_id=other)} == {other}
    assert {row["project_id"] for row in await client.listed(path, project_id__in=f"[{other}]")} == {other}
    assert await client.listed(path, state="deleted") == []
    assert await client.listed(path, is_system="true") == []
    assert [row["name"] for row in await client.listed(path, order_by="-name", limit=1)] == [max(j.name for j in jobs)]


async def test_projects_and_environments_are_filtered(client: Client) -> None:
    first, second, third = (project.id for project in client.world.projects())
    path = f"{client.v3}/projects/"
    assert [row["id"] for row in await client.listed(path, name__icontains="grow")] == [third]
    assert [row["id"] for row in await client.listed(path, pk__gt=first)] == [second, third]
    assert [row["id"] for row in await client.listed(path, pk__in=f"[{second}]")] == [second]
    here = f"{client.v3}/projects/{third}/environments/"
    assert [row["name"] for row in await client.listed(here, deployment_type="staging")] == ["Staging"]
    assert len(await client.listed(here, deployment_type__in='["staging","production"]')) == 2
    assert [row["name"] for row in await client.listed(here, type="development")] == ["Development"]
    assert [row["name"] for row in await client.listed(here, name__icontains="prod")] == ["Production"]
    shown = await client.listed(here, name="Staging", include_related="project")
    assert shown[0]["project"]["id"] == third
    assert (await client.listed(here))[0]["project"] is None


BAD = {
    "unknown": ("x", "1", "Additional properties are not allowed ('x' was unexpected)"),
    "commas": ("status__in", "10,20", "'10,20' is not of type 'array'"),
    "one value": ("status__in", "10", "'10' is not of type 'array'"),
    "words": ("status__in", '["good"]', "'good' is not of type 'integer'"),
    "no number": ("job_definition_id", "abc", "'abc' is not of type 'integer'"),
    "one moment": ("created_at__range", '["2026-11-15T00:00:00+00:00"]', "does not have exactly two items"),
    "no moment": ("created_at__range", '["yesterday","today"]', "'yesterday' is not a 'date-time'"),
    "limit": ("limit", "101", "101 is greater than the maximum of 100"),
    "offset": ("offset", "-1", "-1 is less than the minimum of 0"),
    "order": ("order_by", "-duration", "'-duration' is not one of"),
    "state": ("state", "gone", "'gone' is not one of"),
    "boolean": ("has_docs_generated", "yes", "'yes' is not of type 'boolean'"),
}


@pytest.mark.parametrize("case", BAD)
async def test_a_bad_parameter_is_refused_in_dbt_clouds_words(client: Client, case: str) -> None:
    name, value, problem = BAD[case]
    body = await client.get(f"{client.account}/runs/", answer=400, **{name: value})
    assert body["status"] == {
        "code": 400,
        "is_success": False,
        "user_message": "The request was invalid. Please double check the provided data and try again.",
        "developer_message": "",
    }
    assert problem in body["data"]
    assert body["extra"] == {}
    assert body["error_code"] is None


async def test_ranges_can_be_refused_as_an_older_deployment_does(world: World) -> None:
    client = connect(world, faults=Faults(range_filters=False))
    body = await client.get(f"{client.account}/runs/", answer=400, created_at__range=RANGE)
    assert body["data"] == "Additional properties are not allowed ('created_at__range' was unexpected)"


async def test_related_objects_come_only_when_asked_for(client: Client) -> None:
    run = next(run for run in reversed(client.world.runs()) if run.status == 20)
    path = f"{client.account}/runs/{run.id}/"
    plain = (await client.get(path))["data"]
    assert plain["trigger"] is plain["job"] is plain["environment"] is None
    assert plain["run_steps"] == []
    for asked in ('["trigger","job","environment","run_steps"]', "trigger,job,environment,run_steps"):
        full = (await client.get(path, include_related=asked))["data"]
        assert full["job"]["id"] == run.job_id
        assert full["environment"]["id"] == run.environment_id
        assert full["trigger"]["cause"] == run.cause
        assert [step["name"] for step in full["run_steps"]] == [step.name for step in run.steps]
        assert [step["index"] for step in full["run_steps"]] == list(range(1, len(run.steps) + 1))
        assert full["run_steps"][-1]["status_humanized"] == "Error"
        assert "Completed with" in full["run_steps"][-1]["logs"]


async def test_a_finished_runs_durations_are_differences_of_its_times(client: Client) -> None:
    run = next(run for run in client.world.runs() if run.status == 10)
    row = (await client.get(f"{client.account}/runs/{run.id}/"))["data"]
    assert run.started_at is not None
    assert run.finished_at is not None
    for name, taken in {
        "duration": run.finished_at - run.created_at,
        "queued_duration": run.started_at - run.created_at,
        "run_duration": run.finished_at - run.started_at,
    }.items():
        hours, minutes, seconds = map(int, row[name].split(":"))
        assert hours * 3600 + minutes * 60 + seconds == int(taken.total_seconds())
    assert row["created_at"] == str(run.created_at)
    assert " " in row["created_at"]
    assert row["href"].endswith(f"/deploy/{run.account_id}/projects/{run.project_id}/runs/{run.id}/")
    assert (row["is_complete"], row["is_success"], row["in_progress"]) == (True, True, False)
    assert row["job_id"] == row["job_definition_id"] == run.job_id


async def test_a_queued_run_has_no_times_but_a_growing_duration(client: Client) -> None:
    run = next(run for run in client.world.runs() if run.status == 1)
    row = (await client.get(f"{client.account}/runs/{run.id}/"))["data"]
    for name in ("started_at", "dequeued_at", "finished_at", "git_sha", "git_branch"):
        assert row[name] is None
    assert row["in_progress"] is True
    assert row["duration"] == row["queued_duration"] != "00:00:00"
    assert row["run_duration"] == "00:00:00"
    assert row["finished_at_humanized"] == "0 minutes from now"
    assert row["blocked_by"] == [min(r.id for r in client.world.runs() if r.status == 3)]


async def test_a_run_cancelled_before_its_start_spent_everything_in_the_queue(client: Client) -> None:
    run = next(run for run in client.world.runs() if run.status == 30 and run.started_at is None)
    row = (await client.get(f"{client.account}/runs/{run.id}/"))["data"]
    assert row["started_at"] is None
    assert row["finished_at"] is not None
    assert row["run_duration"] == "00:00:00"
    assert row["queued_duration"] == row["duration"]
    assert row["is_cancelled"] is True


async def test_a_timed_out_run_is_a_cancelled_one_whose_message_says_so(client: Client) -> None:
    run = next(run for run in client.world.runs() if "timed out" in (run.status_message or ""))
    row = (await client.get(f"{client.account}/runs/{run.id}/"))["data"]
    assert (row["status"], row["status_humanized"], row["is_error"]) == (30, "Cancelled", False)
    assert row["status_message"].endswith("the configured timeout of 7200 seconds.")
    assert row["run_duration"] == "02:00:00"


async def test_an_unscheduled_job_has_a_cron_but_no_next_run(client: Client) -> None:
    rows = {row["name"]: row for row in await client.listed(f"{client.account}/jobs/")}
    assert rows["Growth CI"]["triggers"]["schedule"] is False
    assert rows["Growth CI"]["next_run"] is None
    assert rows["Growth CI"]["schedule"]["cron"] == "5 9,10,11,13,14,15,16 * * 1,2,3,4,5"
    assert rows["Finance nightly build"]["next_run"] == "2026-11-19T02:00:00.000000+00:00"


async def test_a_job_shows_its_latest_runs_when_asked(client: Client) -> None:
    wanted = [run for run in client.world.runs() if run.job_id == job_id(client.world, "Audience sync")]
    asked = '["most_recent_run","most_recent_completed_run","environment"]'
    row = (await client.get(f"{client.account}/jobs/{wanted[0].job_id}/", include_related=asked))["data"]
    assert row["most_recent_run"]["id"] == wanted[-1].id
    assert row["most_recent_completed_run"]["id"] == [run.id for run in wanted if run.finished_at][-1]
    assert row["environment"]["id"] == production(client.world, "marketing")


async def test_artifacts_of_a_step_are_listed_and_fetched(client: Client) -> None:
    run = [r for r in client.world.runs() if r.has_docs_generated][-1]
    path = f"{client.account}/runs/{run.id}/artifacts/"
    assert (await client.get(path))["data"] == ["catalog.json", "manifest.json", "run_results.json"]
    build = next(step.index for step in run.steps if step.name == "Invoke dbt with `dbt build`")
    results = (await client.get(f"{path}run_results.json", step=build))["results"]
    wanted = {result.unique_id: result.execution_time for result in client.world.results(run.id)}
    assert {result["unique_id"]: result["execution_time"] for result in results} == wanted
    docs = (await client.get(f"{path}run_results.json"))["results"]
    assert max(result["execution_time"] for result in docs) < 0.001
    sources = await client.get(f"{path}sources.json", step=build - 1)
    assert len(sources["results"]) == len(client.world.freshness(run.id))
    manifest = await client.get(f"{path}manifest.json")
    assert (
        "model.finance.fct_revenue" in manifest["nodes"]
        or "model.marketing.fct_leads" in manifest["nodes"]
        or ("model.growth.fct_events" in manifest["nodes"])
    )
    assert (await client.get(f"{path}catalog.json"))["nodes"]
    await client.get(f"{path}nothing.json", answer=404)
    await client.get(f"{path}run_results.json", answer=404, step=99)


async def test_each_step_that_built_or_tested_has_the_results_that_it_made(client: Client) -> None:
    run = next(run for run in client.world.runs() if len({r.step for r in client.world.results(run.id)}) == 3)
    for step in run.steps:
        wanted = [result for result in client.world.results(run.id) if result.step == step.index]
        if wanted:
            path = f"{client.account}/runs/{run.id}/artifacts/run_results.json"
            body = await client.get(path, step=step.index)
            assert [row["unique_id"] for row in body["results"]] == [result.unique_id for result in wanted]
            assert body["metadata"]["invocation_id"] == step.invocation_id
            assert step.finished_at is not None
            assert body["metadata"]["generated_at"] == f"{step.finished_at.replace(tzinfo=None).isoformat()}Z"


async def test_a_cancelled_run_has_no_artifacts(client: Client) -> None:
    run = next(run for run in client.world.runs() if run.status == 30)
    await client.get(f"{client.account}/runs/{run.id}/artifacts/", answer=404)
    await client.get(f"{client.account}/runs/{run.id}/artifacts/run_results.json", answer=404)
    for step in run.steps:
        await client.get(f"{client.account}/runs/{run.id}/artifacts/run_results.json", answer=404, step=step.index)


async def test_a_steps_log_ends_with_the_last_second() -> None:
    world = generated_world(days=1, now=lambda: NOW)
    client = connect(world)
    running = next(run for run in world.runs() if run.status == 3)
    row = (await client.get(f"{client.account}/runs/{running.id}/", include_related='["run_steps"]'))["data"]
    last = row["run_steps"][-1]
    assert (last["status"], last["finished_at"]) == (3, None)
    assert row["finished_at"] is None
    assert timedelta(0) < NOW - datetime.fromisoformat(last["started_at"])


async def test_every_request_is_counted_and_every_answer_marked(world: World) -> None:
    client = connect(world, faults=Faults(Fault(status=503, times=1)))
    statuses = []
    for path in (f"{client.v3}/projects/", f"{client.v3}/projects/", "/nowhere"):
        response = await client.http.get(path)
        statuses.append(response.status_code)
        mark = f"kind=sandbox; world={world.fingerprint}; label=Sandbox%20data"
        assert response.headers["X-Dbt-Cloud-Sandbox"] == mark
    assert statuses == [503, 200, 404]
    app = client.http._transport.app  # type: ignore[attr-defined]
    assert list(app.state.requests) == [("GET", f"{client.v3}/projects/")] * 2 + [("GET", "/nowhere")]
