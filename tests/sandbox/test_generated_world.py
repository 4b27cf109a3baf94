"""The generated world keeps its past, and holds what the reports need to be tested on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from dbt_cloud_sandbox import Run, World, generated_world
from dbt_cloud_sandbox.generated.blueprint import blueprints
from dbt_cloud_sandbox.generated.stories import is_regressed

from .conftest import NOW, job_id, production


class Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def finished(world: World) -> dict[int, Run]:
    return {run.id: run for run in world.runs() if run.finished_at is not None}


@pytest.mark.parametrize(
    "ahead",
    [timedelta(minutes=1), timedelta(hours=1), timedelta(hours=9, minutes=40), timedelta(days=1), timedelta(days=9)],
)
def test_moving_the_clock_never_alters_a_finished_run(ahead: timedelta) -> None:
    clock = Clock(NOW)
    world = generated_world(days=10, now=clock)
    before = finished(world)
    some = [run_id for run_id, run in before.items() if run.has_artifacts][-40:]
    results = {run_id: world.results(run_id) for run_id in some}
    clock.moment = NOW + ahead
    after = finished(world)
    assert before.items() <= after.items()
    assert results == {run_id: world.results(run_id) for run_id in some}


@pytest.mark.parametrize("minute", [0, 1, 29, 45])
def test_a_fresh_world_with_a_later_clock_tells_the_same_past(minute: int) -> None:
    midnight = datetime(2026, 11, 16, 0, minute, tzinfo=UTC)
    early = finished(generated_world(days=12, now=lambda: midnight))
    late = finished(generated_world(days=16, now=lambda: midnight + timedelta(days=4)))
    assert early.items() <= late.items()


def test_running_runs_finish_and_new_ones_appear_as_the_clock_moves() -> None:
    clock = Clock(NOW)
    world = generated_world(days=2, now=clock)
    under_way = [run for run in world.runs() if run.finished_at is None]
    known = {run.id for run in world.runs()}
    assert under_way
    clock.moment = NOW + timedelta(hours=6)
    later = {run.id: run for run in world.runs()}
    for run in under_way:
        assert later[run.id].finished_at is not None
        assert later[run.id].created_at == run.created_at
    assert known < set(later)


def test_ids_ascend_with_creation_across_jobs(world: World) -> None:
    runs = world.runs()
    assert [run.id for run in runs] == sorted(run.id for run in runs)
    assert [run.created_at for run in runs] == sorted(run.created_at for run in runs)
    assert len({run.id for run in runs}) == len(runs)
    assert all(0 < run.id < 2**53 for run in runs)


def test_the_past_does_not_depend_on_pythons_hash_seed() -> None:
    script = (
        "import json, datetime as d; from dbt_cloud_sandbox import generated_world as g;"
        "w = g(days=3, now=lambda: d.datetime(2026, 11, 18, 14, tzinfo=d.timezone.utc));"
        "r = [r for r in w.runs() if r.finished_at][-1];"
        "times = [x.execution_time for x in w.results(r.id)];"
        "print(json.dumps([w.fingerprint, r.id, str(r.finished_at), r.git_sha, times]))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert len(json.loads(told[0])[0]) == 12


def test_another_seed_is_another_history_of_the_same_projects(world: World) -> None:
    other = generated_world(seed=8, days=5, now=lambda: NOW)
    assert other.projects() == world.projects()
    assert other.fingerprint != world.fingerprint
    assert {run.id for run in other.runs()}.isdisjoint(run.id for run in world.runs())


def test_it_is_made_in_well_under_a_second() -> None:
    begun = time.perf_counter()
    fresh = generated_world(seed=11, now=lambda: NOW)
    fresh.runs()
    assert time.perf_counter() - begun < 1.5


def test_it_has_the_promised_size(world: World) -> None:
    models = [node for p in ("finance", "marketing", "growth") for node in world.nodes(production(world, p))]
    assert len(world.projects()) == 3
    assert 130 <= sum(node.resource_type == "model" for node in models) <= 170
    homes = {environment.id: environment for environment in world.environments()}
    in_production = [job for job in world.jobs() if homes[job.environment_id].deployment_type == "production"]
    assert len(in_production) == 15
    assert Counter(e.deployment_type for e in homes.values())["staging"] == 1
    assert [job.name for job in world.jobs() if job.job_type == "ci"] == ["Growth CI"]
    assert min(run.created_at for run in world.runs()).date() == NOW.date() - timedelta(days=90)


def test_every_outcome_occurs(world: World) -> None:
    runs = world.runs()
    assert {run.status for run in runs} >= {1, 3, 10, 20, 30}
    assert any("timed out after running for 2 hours" in (run.status_message or "") for run in runs)
    assert any(run.status == 30 and run.started_at is None and run.finished_at for run in runs)
    assert any(run.cause_category == "rerun" for run in runs)
    assert any(run.started_at and run.finished_at and run.started_at.date() < run.finished_at.date() for run in runs)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_at_any_hour_something_is_running(hour: int) -> None:
    now = datetime(2026, 3, 3, hour, 7, tzinfo=UTC)
    assert any(run.status == 3 for run in generated_world(days=1, now=lambda: now).runs())


def test_one_job_fails_often_and_few_others_do(world: World) -> None:
    def failure_rate(name: str) -> float:
        done = [run for run in world.runs() if run.job_id == job_id(world, name) and run.status in (10, 20)]
        return sum(run.status == 20 for run in done) / len(done)

    assert 0.25 < failure_rate("Campaign spend sync") < 0.45
    assert failure_rate("Finance hourly payments") < 0.08


@pytest.mark.parametrize("day", [date(2026, 1, 1) + timedelta(days=n) for n in range(0, 60, 5)])
def test_on_any_day_a_projects_slow_model_is_slow(day: date) -> None:
    assert any(is_regressed(blueprint.stories, day) for blueprint in blueprints())


def test_the_regressed_model_is_slower_in_its_slow_days(world: World) -> None:
    stories = blueprints()[0].stories
    unique_id = f"model.finance.{stories.regressed_model}"
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for run in world.runs():
        if run.job_id == job_id(world, "Finance nightly build") and run.status == 10:
            slow = is_regressed(stories, run.created_at.date())
            seconds[slow] += [r.execution_time for r in world.results(run.id) if r.unique_id == unique_id]
    ordinary, slow_days = sum(seconds[False]) / len(seconds[False]), sum(seconds[True]) / len(seconds[True])
    assert slow_days / ordinary == pytest.approx(stories.regression_factor, rel=0.25)


def test_the_flaky_test_fails_and_then_passes_on_the_same_commit(world: World) -> None:
    flaky = f"test.marketing.{blueprints()[1].stories.flaky_test}"
    seen: dict[str | None, set[str]] = {}
    for run in world.runs():
        if run.job_id == job_id(world, "Marketing daily build") and run.has_artifacts:
            outcomes = {result.status for result in world.results(run.id) if result.unique_id == flaky}
            seen.setdefault(run.git_sha, set()).update(outcomes)
    assert any({"fail", "pass"} <= outcomes for outcomes in seen.values())


def test_nodes_of_a_run_lie_within_it_and_wait_for_their_parents(world: World) -> None:
    nodes = {node.unique_id: node for node in world.nodes(production(world, "growth"))}
    run = [r for r in world.runs() if r.job_id == job_id(world, "Growth nightly") and r.status == 10][-1]
    results = {result.unique_id: result for result in world.results(run.id)}
    assert run.started_at is not None
    assert run.finished_at is not None
    for result in results.values():
        assert run.started_at <= result.compile_started_at <= result.execute_completed_at <= run.finished_at  # type: ignore[operator]
        for parent in nodes[result.unique_id].depends_on:
            if parent in results:
                assert results[parent].execute_completed_at <= result.compile_started_at  # type: ignore[operator]


def test_at_most_as_many_nodes_run_at_once_as_there_are_threads(world: World) -> None:
    run = [r for r in world.runs() if r.job_id == job_id(world, "Finance nightly build") and r.status == 10][-1]
    spans = [(r.compile_started_at, r.execute_completed_at) for r in world.results(run.id)]
    for start, _ in spans:
        assert sum(begun <= start < ended for begun, ended in spans) <= 4  # type: ignore[operator]


def test_what_waits_for_a_failure_is_skipped(world: World) -> None:
    nodes = {node.unique_id: node for node in world.nodes(production(world, "finance"))}
    run = next(
        run
        for run in reversed(world.runs())
        if run.job_id == job_id(world, "Finance nightly build") and "error" in {r.status for r in world.results(run.id)}
    )
    statuses = {result.unique_id: result.status for result in world.results(run.id)}
    errored = next(unique_id for unique_id, status in statuses.items() if status == "error")
    children = [uid for uid, node in nodes.items() if errored in node.depends_on and uid in statuses]
    assert children
    assert {statuses[child] for child in children} == {"skipped"}


def test_an_errored_node_has_no_timings_but_a_time_and_a_message(world: World) -> None:
    result = next(r for run in reversed(world.runs()) for r in world.results(run.id) if r.status == "error")
    assert result.compile_started_at is None
    assert result.execution_time > 0
    assert result.message is not None
    assert result.message.startswith("Database Error in model")


def test_unfinished_and_cancelled_runs_have_no_results(world: World) -> None:
    for run in world.runs():
        if run.status in (1, 2, 3, 30):
            assert world.results(run.id) == ()
            assert world.artifact_paths(run) == ()


def test_a_source_is_stale_and_another_late(world: World) -> None:
    run = [r for r in world.runs() if r.job_id == job_id(world, "Finance nightly build") and r.status == 10][-1]
    found = {check.unique_id: check for check in world.freshness(run.id)}
    assert found["source.finance.planning.budgets"].status == "error"
    assert found["source.finance.fx.exchange_rates"].status == "warn"
    assert sum(check.status == "pass" for check in found.values()) == len(found) - 2
    for check in found.values():
        assert check.snapshotted_at is not None
        assert check.max_loaded_at is not None
        assert check.age == pytest.approx((check.snapshotted_at - check.max_loaded_at).total_seconds())


def test_the_same_snapshot_comes_back_until_something_changes() -> None:
    clock = Clock(NOW)
    world = generated_world(days=2, now=clock)
    first = world.runs()
    clock.moment = NOW + timedelta(microseconds=1)
    assert world.runs() is first
    clock.moment = NOW + timedelta(hours=3)
    assert world.runs() is not first


def test_records_are_frozen(world: World) -> None:
    run = world.runs()[0]
    with pytest.raises(AttributeError):
        run.status = 20  # type: ignore[misc]
    assert replace(run, status=20).status == 20
