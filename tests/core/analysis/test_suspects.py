"""What was different about a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dbt_discovery.analysis.suspects import of_code, of_commands, of_company, of_contents, of_whole_run
from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.records import RunRecord, RunStep
from dbt_discovery.models.results import RunResults

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
RUN = RunRecord(
    run_id="1",
    job_id="2",
    project_id="3",
    environment_id="4",
    status=RunStatus.SUCCESS,
    timed_out=False,
    status_message="",
    created_at=NOON,
    started_at=NOON,
    finished_at=NOON + timedelta(minutes=10),
    runtime=600.0,
    queued=0.0,
    git_sha="abcdef0123456789",
    git_branch=None,
    dbt_version="1.9",
    url="",
)


def at(minutes: float, length: float = 10, **others: object) -> RunRecord:
    """A run that begins some minutes after noon and takes some."""
    start = NOON + timedelta(minutes=minutes)
    times = {"created_at": start, "started_at": start, "finished_at": start + timedelta(minutes=length)}
    return replace(RUN, runtime=length * 60.0, **times, **others)  # type: ignore[arg-type]


def steps(*commands: str) -> list[RunStep]:
    return [RunStep(place, f"Invoke dbt with `{each}`", RunStatus.SUCCESS, "") for place, each in enumerate(commands)]


def results(**times: float | None) -> RunResults:
    names = sorted(times)
    ids = tuple(f"model.shop.{name}" for name in names)
    return RunResults(ids, (NodeStatus.SUCCESS,) * len(names), tuple(times[name] for name in names))


def test_a_commit_and_a_version_are_suspect_on_the_first_run_with_them() -> None:
    other = replace(RUN, git_sha="0" * 40, dbt_version="1.8")
    assert of_code(RUN, [other]) == ["first run on commit abcdef0", "first run with dbt 1.9"]
    assert of_code(RUN, [other, RUN]) == []
    assert of_code(RUN, []) == []  # nothing to compare with
    assert of_code(replace(RUN, git_sha=None, dbt_version=None), [other]) == []


@pytest.mark.parametrize(
    ("commands", "own", "expected"),
    [
        (["dbt deps", "dbt build", "dbt docs generate"], ["dbt build"], []),
        (["dbt build --full-refresh"], ["dbt build"], ["full refresh: dbt build --full-refresh"]),
        (["dbt run -f"], ["dbt run"], ["full refresh: dbt run -f"]),
        (["dbt build --full-refresh"], ["dbt build --full-refresh"], []),  # as always
        (["dbt run --select orders"], ["dbt build"], ["other commands: dbt run --select orders"]),
        (["dbt build"], [], []),  # the job's own are not known
    ],
)
def test_commands_are_suspect_that_the_job_does_not_have(
    commands: list[str], own: list[str], expected: list[str]
) -> None:
    assert of_commands(steps(*commands), own) == expected


def test_a_job_is_suspect_that_ran_at_the_same_time_for_once() -> None:
    names = {"2": "Own", "7": "Backfill", "8": "Hourly"}
    before = [at(-60), at(-120)]
    hourly = [at(minutes, 8, job_id="8") for minutes in (-120, -60, 0)]
    backfill = at(-1, 30, job_id="7")
    everything = sorted([*before, at(0), *hourly, backfill], key=lambda run: run.began)
    assert of_company(at(0), before, everything, names) == ["Backfill ran at the same time"]
    elsewhere = [replace(each, environment_id="5") if each is backfill else each for each in everything]
    assert of_company(at(0), before, elsewhere, names) == []
    assert of_company(at(0), before, [*before, at(0), at(6, 30, job_id="7")], names) == []  # for less than half


def test_models_are_suspect_that_took_the_time() -> None:
    before = [results(a=10.0, b=20.0, c=5.0), results(a=12.0, b=20.0, c=5.0)]
    since = [results(a=11.0, b=80.0, c=9.0)]
    assert of_contents(since, before, 64.0) == ["b took 1 min 20 s instead of 20.0 s"]
    assert of_contents(before, since, -64.0) == ["b took 20.0 s instead of 1 min 20 s"]
    assert of_contents(since, [], 64.0) == []


def test_a_changed_number_of_models_is_suspect() -> None:
    before = [results(a=1.0, b=1.0)] * 3
    assert of_contents([results(a=1.0, b=1.0, c=30.0)], before, 30.0) == ["3 models instead of 2"]


def test_a_whole_run_is_suspect_whose_other_models_are_slow_too() -> None:
    before = [results(a=10.0, b=20.0, c=5.0)] * 3
    slow = [results(a=30.0, b=60.0, c=15.0)]
    assert of_whole_run("model.shop.a", slow, before) == ["the other models of the run took 3.0 times as long as usual"]
    assert of_whole_run("model.shop.a", [results(a=30.0, b=20.0, c=5.0)], before) == []
    assert of_whole_run("model.shop.a", [], before) == []
