"""Generated worlds of other sizes are as real as the small one, and keep their past as it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from dbt_cloud_sandbox import Node, Run, World, generated_world
from dbt_cloud_sandbox.generated.schedule import Schedule

from .conftest import NOW, Client, connect

SIZES: dict[str, Any] = {"models": 400, "runs": 3000, "days": 30}


@pytest.fixture(scope="module")
def sized() -> World:
    return generated_world(now=lambda: NOW, **SIZES)


def models_of(world: World) -> list[Node]:
    """The models of all projects, each counted where it is in production."""
    homes = [home.id for home in world.environments() if home.deployment_type == "production"]
    return [node for home in homes for node in world.nodes(home) if node.resource_type == "model"]


def before_today(world: World, now: datetime = NOW) -> list[Run]:
    return [run for run in world.runs() if run.created_at.date() < now.date()]


@pytest.mark.parametrize("models", [144, 145, 199, 400, 1_999])
def test_there_are_exactly_as_many_models_as_asked(models: int) -> None:
    world = generated_world(days=0, now=lambda: NOW, models=models)
    ids = [node.unique_id for node in models_of(world)]
    assert len(ids) == len(set(ids)) == models


def test_more_models_make_more_projects_of_different_sizes() -> None:
    world = generated_world(days=0, now=lambda: NOW, models=5_000)
    counts = Counter(node.package_name for node in models_of(world))
    assert set(counts) == {project.package for project in world.projects()}
    assert len(counts) == 4
    assert max(counts.values()) > 1_500 > min(counts.values()) > 100


@pytest.mark.parametrize("projects", [1, 2, 5])
def test_there_are_exactly_as_many_projects_as_asked(projects: int) -> None:
    world = generated_world(days=0, now=lambda: NOW, projects=projects, models=3_000)
    counts = Counter(node.package_name for node in models_of(world))
    assert len(world.projects()) == len(counts) == projects
    assert sum(counts.values()) == 3_000


def test_one_project_alone_shows_all_its_models_in_one_environment() -> None:
    world = generated_world(days=2, now=lambda: NOW, projects=1, models=700)
    homes = [home.id for home in world.environments() if home.deployment_type == "production"]
    found = [node for home in homes for node in world.nodes(home) if node.resource_type == "model"]
    assert (len(homes), len(found)) == (1, 700)


@pytest.mark.parametrize("now", [NOW, datetime(2026, 7, 4, 1, tzinfo=UTC)])
@pytest.mark.parametrize(
    "sizes",
    [
        SIZES,
        {"models": 400, "runs": 2_000, "days": 90},
        {"models": 2_000, "runs": 3_000, "days": 90},
        {"models": 2_000, "runs": 9_000, "days": 9},
        {"runs": 5_000, "jobs": 17, "days": 14},
        {"models": 600, "runs": 6_000, "days": 7, "jobs": 6},
        {"models": 300, "runs": 15_623, "days": 20, "jobs": 12, "seed": 99},
    ],
    ids=str,
)
def test_there_are_as_many_runs_as_asked_or_at_most_two_in_a_hundred_more(sizes: dict[str, Any], now: datetime) -> None:
    world = generated_world(now=lambda: now, **sizes)
    assert sizes["runs"] <= len(before_today(world, now)) <= sizes["runs"] * 1.02


@pytest.mark.parametrize("jobs", [1, 5, 17, 40])
def test_there_are_exactly_as_many_jobs_as_asked(jobs: int) -> None:
    assert len(generated_world(days=0, now=lambda: NOW, models=600, jobs=jobs).jobs()) == jobs
    assert len(generated_world(days=5, now=lambda: NOW, models=600, jobs=jobs, runs=1_000).jobs()) == jobs


@pytest.mark.parametrize(
    ("sizes", "problem"),
    [
        ({"models": 143}, "at least 144 models, not 143"),
        ({"projects": 1, "models": 10}, "of 1 project has at least"),
        ({"projects": 0}, "at least 1 project, not 0"),
        ({"jobs": 18}, "1 to 17 jobs, not 18"),
        ({"jobs": 0}, "1 to 17 jobs, not 0"),
        ({"runs": 60_000, "jobs": 1}, "1 job can have 91 to 25920 runs in 90 days, not 60000"),
        ({"runs": 900, "days": 0}, "no number of runs in no days"),
        ({"runs": 5}, "runs in 90 days, not 5"),
        ({"runs": 10**7}, "runs in 90 days, not 10000000"),
    ],
)
def test_a_size_that_cannot_be_is_refused_with_what_can(sizes: dict[str, int], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        generated_world(now=lambda: NOW, **sizes)


def test_another_size_is_another_world_and_the_same_size_the_same(sized: World, world: World) -> None:
    again = generated_world(now=lambda: NOW, **SIZES)
    assert (again.fingerprint, again.runs()) == (sized.fingerprint, sized.runs())
    assert len({sized.fingerprint, world.fingerprint, generated_world(models=401).fingerprint}) == 3


@pytest.mark.parametrize("ahead", [timedelta(minutes=7), timedelta(hours=5), timedelta(days=3)])
def test_moving_the_clock_never_alters_a_finished_run(ahead: timedelta) -> None:
    moment = NOW
    world = generated_world(now=lambda: moment, models=400, runs=1_000, days=5)
    finished = {run.id: run for run in world.runs() if run.finished_at}
    some = {run_id: world.results(run_id) for run_id in list(finished)[-60:]}
    moment = NOW + ahead
    later = {run.id: run for run in world.runs() if run.finished_at}
    assert finished.items() <= later.items()
    assert len(later) > len(finished) or ahead < timedelta(hours=1)
    assert {run_id: world.results(run_id) for run_id in some} == some


def test_a_fresh_world_with_a_later_clock_tells_the_same_past() -> None:
    # the days are the same number: how many there are sets the pace of the jobs
    early = generated_world(now=lambda: NOW, models=400, runs=1_000, days=5)
    late = generated_world(now=lambda: NOW + timedelta(days=2), models=400, runs=1_000, days=5)
    first = min(run.created_at for run in late.runs()).date()
    shared = {run.id: run for run in early.runs() if run.finished_at and run.created_at.date() >= first}
    assert len(shared) > 400
    assert shared.items() <= {run.id: run for run in late.runs()}.items()


def test_ids_are_distinct_ascend_with_creation_and_fit_javascript() -> None:
    world = generated_world(now=lambda: NOW, models=5_000, days=1)
    assert len(world.jobs()) > 64
    ids, created = [run.id for run in world.runs()], [run.created_at for run in world.runs()]
    assert ids == sorted(set(ids))
    assert created == sorted(created)
    assert ids[-1] < 2**53
    assert len({job.id for job in world.jobs()}) == len({job.name for job in world.jobs()}) == len(world.jobs())


def test_every_node_reads_nodes_that_are_there_and_come_before_it(sized: World) -> None:
    for home in sized.environments():
        seen: set[str] = set()
        for node in sized.nodes(home.id):
            assert seen.issuperset(node.depends_on), node.unique_id
            assert node.unique_id not in seen
            seen.add(node.unique_id)


def test_a_region_has_models_sources_tests_and_exposures_of_its_own(sized: World) -> None:
    home = next(e.id for e in sized.environments() if e.deployment_type == "production")
    nodes = sized.nodes(home)
    models = {node.name: node for node in nodes if node.resource_type == "model" and "at" in node.tags}
    ids = {node.unique_id for node in models.values()}
    assert len(models) == 52  # as many as the project's core has
    assert sum(node.resource_type == "source" and "at" in node.tags for node in nodes) == 18
    assert sum(node.resource_type == "test" and node.tested_node in ids for node in nodes) > 40
    exposures = [node for node in nodes if node.resource_type == "exposure" and node.name.endswith("_at")]
    assert [ids.issuperset(node.depends_on) for node in exposures] == [True, True]
    mrr = models["rpt_mrr_at"]
    assert mrr.depends_on == ("model.finance.fct_subscription_events_at",)
    assert {"finance", "nightly", "at", "central_europe"} == set(mrr.tags)
    assert (mrr.group, mrr.owner) == ("revenue", "Revenue Analytics")
    assert models["stg_stripe_at__charges"].depends_on == ("source.finance.stripe_at.charges",)


def test_everything_that_goes_wrong_in_the_small_world_goes_wrong_here(sized: World) -> None:
    runs = sized.runs()
    assert {run.status for run in runs} >= {10, 20, 30}
    assert any(run.cause_category == "rerun" for run in runs)
    statuses = Counter(result.status for run in runs[-400:] for result in sized.results(run.id))
    assert {"success", "error", "skipped", "pass", "fail", "warn"} <= set(statuses)
    checks = Counter(check.status for run in runs[-400:] for check in sized.freshness(run.id))
    assert {"pass", "warn", "error"} <= set(checks)


def test_a_job_builds_the_part_it_selects_and_no_more() -> None:
    world = generated_world(days=1, now=lambda: NOW, models=2_000)
    nodes = {home.id: {node.unique_id: node for node in world.nodes(home.id)} for home in world.environments()}
    job = next(job for job in world.jobs() if job.name == "Finance nightly build Central Europe")
    assert job.execute_steps == ("dbt build --select tag:central_europe",)
    built = [nodes[job.environment_id][uid] for uid in world.selected(job.id)]
    assert Counter(node.resource_type for node in built)["model"] == 8 * 52
    assert all("central_europe" in node.tags for node in built if node.resource_type == "model")
    payments = next(job for job in world.jobs() if job.name == "Finance hourly payments Central Europe")
    tagged = {
        uid
        for uid, node in nodes[payments.environment_id].items()
        if node.resource_type == "model" and {"hourly", "central_europe"} <= set(node.tags)
    }
    assert {uid for uid in world.selected(payments.id) if uid.startswith("model.")} == tagged


def test_a_run_waits_for_parents_and_lies_within_its_times(sized: World) -> None:
    run = [r for r in sized.runs() if r.status == 10 and len(sized.results(r.id)) > 80][-1]
    nodes = {node.unique_id: node for node in sized.nodes(run.environment_id)}
    results = {result.unique_id: result for result in sized.results(run.id)}
    assert run.started_at
    assert run.finished_at
    for result in results.values():
        assert run.started_at <= result.compile_started_at <= result.execute_completed_at <= run.finished_at  # type: ignore[operator]
        for parent in nodes[result.unique_id].depends_on:
            if parent in results:
                assert results[parent].execute_completed_at <= result.compile_started_at  # type: ignore[operator]


async def test_every_model_of_a_sized_world_is_listed_in_pages(sized: World) -> None:
    query = """query ($id: BigInt!, $after: String) { environment(id: $id) { applied {
      models(first: 60, after: $after) { pageInfo { endCursor hasNextPage } edges { node { uniqueId } } } } } }"""
    client = connect(sized)
    for home in [home for home in sized.environments() if home.deployment_type == "production"]:
        found: list[str] = []
        after, more = None, True
        while more:
            page = (await client.data(query, id=home.id, after=after))["environment"]["applied"]["models"]
            found += [edge["node"]["uniqueId"] for edge in page["edges"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        touched = frozenset().union(*(sized.selected(job.id) for job in sized.jobs() if job.environment_id == home.id))
        documented = sized.catalog(home.id)
        wanted = [n.unique_id for n in sized.nodes(home.id) if n.resource_type == "model"]
        assert found == sorted(uid for uid in wanted if uid in touched or uid in documented)
        assert len(found) > 40


@pytest.mark.parametrize(
    ("schedule", "cron", "slots"),
    [
        (Schedule((3, 9), 20, times=3), "0,20,40 3,9 * * *", 6),
        (Schedule(tuple(range(24)), 5, times=12), None, 288),
        (Schedule((4,), 0), "0 4 * * *", 1),
    ],
)
def test_a_job_may_run_several_times_an_hour(schedule: Schedule, cron: str | None, slots: int) -> None:
    day = schedule.slots(date(2026, 11, 18))
    assert len(set(day)) == len(day) == schedule.a_day == slots
    assert list(day) == sorted(day)
    assert cron is None or schedule.cron == cron
    ahead: Callable[[datetime], datetime] = schedule.next_after
    assert [ahead(slot) for slot in day[:-1]] == list(day[1:])
    assert ahead(day[-1]) == day[0] + timedelta(days=1)


async def test_job_pages_of_a_sized_world_name_each_job_once(sized: World) -> None:
    client: Client = connect(sized)
    rows = await client.listed(f"{client.account}/jobs/")
    assert [row["id"] for row in rows] == [job.id for job in sized.jobs()][:100]
    assert {row["next_run"] is None for row in rows if row["job_type"] == "scheduled"} == {False}
