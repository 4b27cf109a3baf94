"""The example of how the Python API is used runs as it is written, and each of its results is the raw records' own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import Node, Project, Run, World
from dbt_discovery import (
    DbtAccount,
    JobFilter,
    ModelFilter,
    NotFound,
    ProjectFilter,
    RunFilter,
    SearchFilter,
    Settings,
    dbtAccount,
)

from tests.core.recount import attempts, finished, seconds, tally, utc

TOKEN = "dbtc_of_the_example"


@pytest.fixture
def dbt(world: World, settings: Settings) -> Iterator[DbtAccount]:
    """The account of the example: a token and an account id, on a dbt Cloud that is the sandbox."""
    account_id = str(world.account.id)
    with DbtAccount(
        token=TOKEN, account_id=account_id, transport=sandbox.transport(world), settings=settings
    ) as account:
        yield account


def first_project(world: World) -> Project:
    return min(world.projects(), key=lambda each: each.name.casefold())


def models_of(world: World, project: Project) -> dict[str, Node]:
    """The models of a project's production environment."""
    (home,) = [
        each for each in world.environments() if each.project_id == project.id and each.deployment_type == "production"
    ]
    return {each.unique_id: each for each in world.nodes(home.id) if each.resource_type == "model"}


def last_successes(world: World, project: Project) -> dict[str, float]:
    """The runtime of each model's last successful build in a project's production environment."""
    (home,) = [
        each for each in world.environments() if each.project_id == project.id and each.deployment_type == "production"
    ]
    found = {}
    for unique_id, tried in attempts(world, home.id).items():
        good = [result.execution_time for _, result in tried if result.status == "success"]
        if unique_id.startswith("model.") and good and good[-1] is not None:
            found[unique_id] = good[-1]
    return found


def test_the_example_as_it_is_written(world: World, settings: Settings) -> None:
    marketing = ProjectFilter(projects=["marketing"])
    token, account_id = TOKEN, str(world.account.id)
    dbt = DbtAccount(
        token=token, account_id=account_id, filter=marketing, transport=sandbox.transport(world), settings=settings
    )
    projects = dbt.get_projects()
    models = projects[0].get_models(filter=SearchFilter(tags=["marketing"], min_runtime=10.0))
    slow = projects[0].get_slowest_models(slowest_n=5, refresh=True)
    runs = projects[0].get_jobs()[0].get_runs(last_n=10)
    sql = models[0].get_sql()
    dbt.close()

    (project,) = [each for each in world.projects() if "marketing" in each.name.casefold()]
    nodes, times = models_of(world, project), last_successes(world, project)
    assert [each.name for each in projects] == [project.name]
    long = {name for name, node in nodes.items() if "marketing" in node.tags and times.get(name, 0.0) >= 10.0}
    assert {each.unique_id for each in models} == long
    assert 1 < len(long) < len(nodes)
    ranked = sorted(times, key=lambda each: -times[each])[:5]
    assert [(each.model.unique_id, each.runtime) for each in slow] == [(each, times[each]) for each in ranked]
    job = min((each for each in world.jobs() if each.project_id == project.id), key=lambda each: each.name.casefold())
    newest = sorted((each for each in world.runs() if each.job_id == job.id), key=lambda each: each.created_at)[-10:]
    assert [each.run_id for each in runs] == [str(each.id) for each in reversed(newest)]
    assert sql == nodes[models[0].unique_id].compiled_code


def test_projects_are_given_by_name(dbt: DbtAccount, world: World) -> None:
    names = [each.name for each in dbt.get_projects()]
    assert names == sorted((each.name for each in world.projects()), key=str.casefold)


def test_the_alias_and_the_account_are_one(dbt: DbtAccount, world: World) -> None:
    assert isinstance(dbt, dbtAccount)
    assert dbt.account_id == str(world.account.id)
    assert TOKEN not in repr(dbt)
    assert TOKEN not in str(vars(dbt))


def test_counts_of_a_project(dbt: DbtAccount, world: World) -> None:
    for shown in dbt.get_projects():
        project = next(each for each in world.projects() if str(each.id) == shown.project_id)
        assert shown.model_count == len(models_of(world, project))
        assert shown.job_count == sum(each.project_id == project.id for each in world.jobs())


@pytest.mark.parametrize("by", ["handle", "id", "int", "name"])
def test_projects_are_included_and_excluded_by_handle_id_and_name(dbt: DbtAccount, world: World, by: str) -> None:
    raw = first_project(world)
    reference = {"handle": dbt.get_project(raw.name), "id": str(raw.id), "int": raw.id, "name": raw.name.upper()}[by]
    others = {str(each.id) for each in world.projects()} - {str(raw.id)}
    for kind, ask, wanted in (
        ("projects", dbt.get_projects, ProjectFilter),
        ("models", dbt.get_models, ModelFilter),
        ("jobs", dbt.get_jobs, JobFilter),
        ("search", dbt.get_jobs, SearchFilter),
    ):
        kept = ask(wanted(projects=[reference]))
        left = ask(wanted(projects=[reference], include_or_exclude="exclude"))
        assert {each.project_id for each in kept} == {str(raw.id)}, kind
        assert {each.project_id for each in left} == others, kind
    runs = dbt.get_runs(filter=RunFilter(projects=[reference], include_or_exclude="exclude", period="yesterday"))
    assert {each.project_id for each in runs} == others


def test_an_account_may_leave_projects_out_altogether(world: World, settings: Settings) -> None:
    raw = first_project(world)
    only = ProjectFilter(projects=[raw.name], include_or_exclude="exclude")
    narrow = SearchFilter(**only.given())
    with DbtAccount(transport=sandbox.transport(world), settings=settings, filter=narrow) as account:
        assert str(raw.id) not in {each.project_id for each in account.get_models()}
        with pytest.raises(NotFound):
            account.get_project(raw.id)


def test_longest_running_jobs_of_a_project_that_build_a_model(dbt: DbtAccount, world: World) -> None:
    project = next(each for each in world.projects() if each.name == "Product Growth")
    building = set()
    for job in world.jobs():
        done = [each for each in world.runs() if each.job_id == job.id and finished(each)]
        held = {each.unique_id for each in world.results(done[-1].id)} if done else set()
        if job.project_id == project.id and "model.growth.int_events_typed" in held:
            building.add(job.id)
    assert len(building) > 1
    within = [each for each in world.runs() if each.job_id in building and _last_week(each)]
    expected = sorted(tally(within).items(), key=lambda each: -each[1].avg)
    found = dbt.get_project("product growth").get_longest_running_jobs(
        filter=RunFilter(period="last_week"), model_filter=ModelFilter(models="int_events_typed")
    )
    assert [(each.job.job_id, each.runs, each.avg_runtime) for each in found] == [
        (str(job_id), len(each.runtimes), pytest.approx(each.avg)) for job_id, each in expected
    ]


def test_a_walk_from_the_account_down_to_one_attempt_and_back(dbt: DbtAccount, world: World) -> None:
    job = dbt.get_job("Growth nightly")
    run = next(each for each in job.get_runs(last_n=20) if each.status == "success")
    raw = next(each for each in world.runs() if str(each.id) == run.run_id)
    assert run.runtime == pytest.approx(seconds(raw))
    slowest = max(
        (each for each in world.results(raw.id) if each.unique_id.startswith("model.")),
        key=lambda each: each.execution_time or 0.0,
    )
    attempt = run.get_models()[0]
    assert (attempt.unique_id, attempt.runtime) == (slowest.unique_id, slowest.execution_time)
    assert attempt.get_run() == run
    assert run.get_job() == job
    model = attempt.get_model()
    assert job in model.get_jobs()
    assert attempt in model.get_runs(last_n=None, filter=RunFilter(period="last_30_days"))
    assert model.get_last_run() is not None


def _last_week(run: Run) -> bool:
    started: datetime = run.started_at or run.created_at
    return utc("2026-11-09T00:00:00") <= started < utc("2026-11-16T00:00:00")
