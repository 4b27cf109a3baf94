"""Handles: what they show, what they can be asked, and when two are the same."""

from __future__ import annotations

import inspect
import json
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import (
    DbtAccount,
    InvalidArgument,
    Job,
    JobRanking,
    Listing,
    Model,
    ModelFilter,
    ModelRanking,
    Project,
    Run,
    RunFilter,
    SearchFilter,
    Settings,
)

from tests.core.recount import finished
from tests.core.tiny import TinyCloud, run


@pytest.fixture
async def handles(account: DbtAccount) -> list[Any]:
    """One handle of each kind."""
    return [
        await account.aget_project("Marketing"),
        await account.aget_job("Audience sync"),
        await account.aget_model("stg_netsuite__invoices"),
        (await account.aget_runs(1))[0],
    ]


async def test_json_holds_every_public_field(handles: list[Any]) -> None:
    for handle in handles:
        shown = handle.to_json()
        assert tuple(shown) == handle.FIELDS
        assert json.loads(json.dumps(shown)) == shown
        properties = {
            name
            for name, _ in inspect.getmembers(type(handle), lambda each: isinstance(each, property))
            if name not in ("home", "reference")
        }
        assert properties <= set(handle.FIELDS), type(handle)
        assert all(value is None or isinstance(value, str) for key, value in shown.items() if key.endswith("_id"))


async def test_reference_means_exactly_the_thing(account: DbtAccount, handles: list[Any]) -> None:
    for handle in handles:
        ask = getattr(account, f"aget_{handle.KIND}")
        assert await ask(handle.reference) == handle


async def test_same_thing_of_same_account_is_equal_whenever_it_was_fetched(
    account: DbtAccount, handles: list[Any]
) -> None:
    again = await account.aget_model("stg_netsuite__invoices", refresh=True)
    assert again == handles[2]
    assert again is not handles[2]
    assert len({again, *handles}) == 4


async def test_things_of_other_kinds_ids_or_accounts_differ(handles: list[Any], settings: Settings) -> None:
    assert len(set(handles)) == 4
    assert handles[0] != "Marketing"
    other_world = sandbox.generated_world(seed=8, now=settings.now)
    async with DbtAccount(transport=sandbox.transport(other_world), settings=settings) as other:
        assert await other.aget_project(handles[0].project_id) != handles[0]


async def test_repr_is_short_and_says_what_it_is(handles: list[Any]) -> None:
    for handle in handles:
        assert type(handle).__name__ in repr(handle)
        assert handle.reference in repr(handle)
        assert len(repr(handle)) < 120
    project, job, model, run = handles
    assert repr(project) == f"<Project Marketing ({project.project_id})>"
    assert repr(job) == f"<Job Audience sync ({job.job_id})>"
    assert repr(model) == f"<Model stg_netsuite__invoices ({model.project_id}/{model.unique_id})>"
    assert repr(run) == f"<Run of {run.job_name} ({run.run_id})>"
    attempt = await model.aget_last_run()
    assert repr(attempt) == f"<ModelRun stg_netsuite__invoices ({attempt.run_id}/{model.unique_id})>"


async def test_a_handle_is_asked_for_by_itself(account: DbtAccount, handles: list[Any]) -> None:
    for handle in handles:
        assert await getattr(account, f"aget_{handle.KIND}")(handle) == handle


async def test_one_model_in_one_run_stands_for_either(account: DbtAccount, handles: list[Any]) -> None:
    _, _, model, _ = handles
    attempt = await model.aget_last_run()
    assert await account.aget_model(attempt) == model
    assert (await account.aget_run(attempt)).run_id == attempt.run_id
    assert list(await account.aget_models(ModelFilter(models=attempt))) == [model]


async def test_a_handle_of_another_kind_is_refused(account: DbtAccount, handles: list[Any]) -> None:
    project, job, model, run = handles
    for ask, wrong in (
        (account.aget_project, job),
        (account.aget_job, project),
        (account.aget_model, run),
        (account.aget_run, model),
    ):
        with pytest.raises(InvalidArgument, match=r"itself, and not by <\w+ ") as refused:
            await ask(wrong)
        assert refused.value.argument == "reference"
    with pytest.raises(InvalidArgument, match=r"<Job Audience sync \(\d+\)> is no project\."):
        ModelFilter(projects=[job])


@pytest.mark.parametrize("kind", ["project", "job", "model", "run"])
@pytest.mark.parametrize("wrong", [None, 1.5, ["x"], True, {"name": "x"}], ids=repr)
async def test_what_is_no_reference_is_refused_by_what_would_be(account: DbtAccount, kind: str, wrong: Any) -> None:
    with pytest.raises(
        InvalidArgument, match=f"A {kind} goes by its .*id.* or the {kind} itself, and not by "
    ) as refused:
        await getattr(account, f"aget_{kind}")(wrong)
    assert repr(wrong) in str(refused.value)
    assert refused.value.argument == "reference"


async def test_a_handle_may_stand_in_a_filter(account: DbtAccount, handles: list[Any]) -> None:
    project, job, model, _ = handles
    assert {each.project_id for each in await account.aget_models(ModelFilter(projects=[project]))} == {
        project.project_id
    }
    assert {each.job_id for each in await account.aget_runs(filter=RunFilter(jobs=job))} == {job.job_id}
    assert list(await account.aget_models(ModelFilter(models=model))) == [model]


async def test_a_whole_listing_may_stand_in_a_filter(account: DbtAccount) -> None:
    projects = await account.aget_projects()
    assert await account.aget_models(ModelFilter(projects=projects)) == await account.aget_models()


async def test_project_tells_its_environments_and_jobs(account: DbtAccount, world: World) -> None:
    for project in await account.aget_projects():
        jobs = [each for each in world.jobs() if str(each.project_id) == project.project_id]
        assert project.job_count == len(jobs)
        homes = {str(each.id) for each in world.environments() if str(each.project_id) == project.project_id}
        assert {each["environment_id"] for each in project.environments} == homes


async def test_project_asks_about_itself_alone(account: DbtAccount) -> None:
    project = await account.aget_project("marketing")
    assert {each.project_id for each in await project.aget_models()} == {project.project_id}
    assert {each.project_id for each in await project.aget_jobs()} == {project.project_id}
    slow = await project.aget_slowest_models(slowest_n=5)
    assert len(slow) == 5
    assert {each.model.project_id for each in slow} == {project.project_id}
    assert {each.job.project_id for each in await project.aget_longest_running_jobs(3)} == {project.project_id}


async def test_jobs_last_run_is_its_newest(account: DbtAccount, world: World) -> None:
    job = await account.aget_job("Growth nightly")
    newest = [each for each in world.runs() if str(each.job_id) == job.job_id][-1]
    last = await job.aget_last_run()
    assert last is not None
    assert (last.run_id, job.last_run_id) == (str(newest.id), str(newest.id))
    assert await last.aget_job() == job
    assert last.job_name == "Growth nightly"


async def test_jobs_last_n_runs_are_its_newest_however_old(account: DbtAccount, world: World) -> None:
    weekly = next(each for each in world.jobs() if each.name == "Finance weekly full refresh")
    newest = [str(each.id) for each in world.runs() if each.job_id == weekly.id][-5:]
    job = await account.aget_job(weekly.id)
    assert [each.run_id for each in await job.aget_runs(last_n=5)] == newest[::-1]


async def test_a_job_that_never_ran_has_no_last_run() -> None:
    async with TinyCloud().account() as account:
        job = await account.aget_job("Job 1")
        assert await job.aget_last_run() is None
        assert (job.last_run_status, job.last_run_runtime) == (None, None)


async def test_a_jobs_runs_of_a_period(account: DbtAccount, world: World) -> None:
    job = await account.aget_job("Growth nightly")
    found = await job.aget_runs(filter=RunFilter(period="last_week", run_status="success"))
    assert len(found) > 3
    assert {each.status for each in found} == {"success"}
    assert [each.start_time for each in found] == sorted((each.start_time for each in found), reverse=True)  # type: ignore[type-var]


async def test_rankings_carry_the_reports_numbers(account: DbtAccount) -> None:
    report = await account.arun_report("slowest_models", limit=3, last_n_runs=2, tags=["finance"])
    ranking = await account.aget_slowest_models(3, last_n_runs=2, filter=SearchFilter(tags=["finance"]))
    assert isinstance(ranking, Listing)
    assert ranking.total == report.total_rows
    for place, row in zip(ranking, report.rows, strict=True):
        assert isinstance(place, ModelRanking)
        assert isinstance(place.model, Model)
        assert (place.model.unique_id, place.runtime, place.max_runtime, place.runs) == (
            row["unique_id"],
            row["runtime"],
            row["max_runtime"],
            row["runs"],
        )


async def test_job_rankings_carry_the_reports_numbers(account: DbtAccount) -> None:
    report = await account.arun_report("longest_running_jobs", limit=4, period="last_week")
    ranking = await account.aget_longest_running_jobs(4, filter=RunFilter(period="last_week"))
    for place, row in zip(ranking, report.rows, strict=True):
        assert isinstance(place, JobRanking)
        assert isinstance(place.job, Job)
        assert place.job.job_id == row["job_id"]
        for measure in (
            "runs",
            "avg_runtime",
            "max_runtime",
            "p95_runtime",
            "total_runtime",
            "avg_queued",
            "max_run_id",
        ):
            assert getattr(place, measure) == row[measure]


async def test_run_shows_its_times(account: DbtAccount, world: World) -> None:
    raw = [each for each in world.runs() if finished(each)][-1]
    shown = await account.aget_run(raw.id)
    assert raw.started_at is not None
    assert raw.finished_at is not None
    assert shown.runtime == pytest.approx((raw.finished_at - raw.started_at).total_seconds())
    assert shown.queued == pytest.approx((raw.started_at - raw.created_at).total_seconds())
    assert (shown.git_sha, shown.dbt_version) == (raw.git_sha, raw.dbt_version)
    assert str(raw.id) in shown.url


async def test_address_of_a_run_is_made_where_dbt_cloud_gives_none() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(5, "2026-11-18 08:00", "2026-11-18 08:01")]
    async with cloud.account() as account:
        shown = await account.aget_run(5)
    assert shown.url == "https://cloud.getdbt.com/deploy/1/projects/10/runs/5/"


def test_handles_cannot_grow_fields() -> None:
    for kind in (Project, Job, Model, Run):
        assert "__slots__" in vars(kind)
