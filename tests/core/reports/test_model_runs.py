"""The report `model_runs`: the average of a model's last runs, and each of them with its own time."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, InvalidArgument, NotFound, RunFilter
from dbt_discovery.words import duration

from tests.core.recount import attempts, production
from tests.core.tiny import TinyCloud, job, model, run

REVENUE = "model.finance.fct_revenue"


def raw_times(world: World, last: int) -> list[float]:
    """The times of the newest attempts at fct_revenue, newest first."""
    tried = next(tried for home in production(world) if REVENUE in (tried := attempts(world, home.id)))
    return [result.execution_time for _, result in tried[REVENUE][::-1][:last]]


def row(run_id: int, status: str = "success", runtime: float | None = 10.0, **more: Any) -> dict[str, Any]:
    node = {"uniqueId": "model.shop.orders", "name": "orders", "runId": run_id, "jobId": 1, "status": status}
    started = f"2026-11-{run_id:02}T06:00:00.000Z"
    node |= {"executionTime": runtime, "executeStartedAt": started, "runGeneratedAt": f"2026-11-{run_id:02}T06:30:00Z"}
    return node | more


def shop(*history: dict[str, Any]) -> TinyCloud:
    """One model with that history, newest first."""
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 10.0)]
    cloud.histories["model.shop.orders"] = list(history)
    return cloud


async def test_the_finding_holds_the_average_of_the_last_ten_runs(account: DbtAccount, world: World) -> None:
    times = raw_times(world, 10)
    report = await account.arun_report("model_runs", model="fct_revenue")
    assert [each["runtime"] for each in report.rows] == pytest.approx(times)
    middle = sorted(times)
    assert report.finding == (
        f"fct_revenue (Finance Analytics) over 10 runs: {duration(sum(times) / 10)} on average, "
        f"median {duration((middle[4] + middle[5]) / 2)}, longest {duration(max(times))}; none failed."
    )
    assert report.arguments["last_n_runs"] == 10


async def test_fewer_or_more_runs_may_be_asked_for(account: DbtAccount, world: World) -> None:
    for last in (1, 3, 20):
        report = await account.arun_report("model_runs", model="fct_revenue", last_n_runs=last)
        assert [each["runtime"] for each in report.rows] == pytest.approx(raw_times(world, last))
    one = await account.arun_report("model_runs", model="fct_revenue", last_n_runs=1)
    assert one.finding.endswith(f"over 1 run: {duration(raw_times(world, 1)[0])}; none failed.")


async def test_rows_and_handles_tell_the_same(account: DbtAccount) -> None:
    shown = await account.aget_model("int_events_typed")
    for filter in (RunFilter(), RunFilter(period="yesterday"), RunFilter(run_status="success")):
        handles = await shown.aget_runs(10, filter)
        report = await account.arun_report("model_runs", model=shown, last_n_runs=10, **filter.given())
        assert len(report.rows) == len(handles) > 3
        for each, handle in zip(report.rows, handles, strict=True):
            told = handle.to_json()
            shared = [key for key in each if key in told]
            assert len(shared) > 8
            assert {key: each[key] for key in shared} == {key: told[key] for key in shared}


async def test_a_period_takes_all_of_its_runs_and_limit_only_shows_fewer(account: DbtAccount) -> None:
    whole = await account.arun_report("model_runs", model="int_events_typed", period="last_week", limit=500)
    cut = await account.arun_report("model_runs", model="int_events_typed", period="last_week", limit=2)
    assert whole.total_rows > 100
    assert (cut.finding, cut.rows, cut.total_rows) == (whole.finding, whole.rows[:2], whole.total_rows)
    assert whole.finding.startswith(f"int_events_typed (Product Growth) over {whole.total_rows} runs last week")
    assert whole.arguments["last_n_runs"] is None
    last = await account.arun_report("model_runs", model="int_events_typed", period="last_week", last_n_runs=5)
    assert last.rows == whole.rows[:5]


async def test_runs_of_a_named_job_are_looked_for_where_it_runs(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("model_runs", model="int_events_typed", jobs="Growth staging build")
    (staging,) = [each for each in world.environments() if each.deployment_type == "staging"]
    assert {each["environment_id"] for each in report.rows} == {str(staging.id)}
    assert {each["job_name"] for each in report.rows} == {"Growth staging build"}
    nightly = await account.arun_report("model_runs", model="int_events_typed", jobs="Growth nightly")
    assert {each["environment_name"] for each in nightly.rows} == {"Production"}


async def test_a_job_that_does_not_build_the_model_has_no_run_of_it(account: DbtAccount) -> None:
    report = await account.arun_report("model_runs", model="fct_revenue", jobs="Growth staging build")
    assert (report.rows, report.coverage.considered) == ((), 0)
    assert report.finding == "No run of fct_revenue (Finance Analytics) fits the question."


async def test_a_failed_run_has_its_own_time_and_a_skipped_one_has_none() -> None:
    cloud = shop(row(17, "skipped", 0.01), row(16, "error", 2.0, error="broken", executeStartedAt=None), row(15))
    async with cloud.account() as account:
        report = await account.arun_report("model_runs", model="orders")
    assert [(each["status"], each["runtime"], each["error"]) for each in report.rows] == [
        ("skipped", None, None),
        ("error", 2.0, "broken"),
        ("success", 10.0, None),
    ]
    assert report.rows[1]["start_time"] == "2026-11-16T06:30:00Z"  # when its results were written
    assert (report.coverage.considered, report.coverage.left_out) == (2, {"no_timing": 1})
    assert report.finding == (
        "orders (Shop) over the 2 of 3 runs that have a time: 6.0 s on average, median 6.0 s, longest 10.0 s; "
        "1 failed, 1 skipped."
    )


async def test_a_full_refresh_among_them_does_not_mislead_unseen() -> None:
    cloud = shop(*(row(18 - place, runtime=time) for place, time in enumerate([10.0, 10.0, 14_400.0, 10.0])))
    async with cloud.account() as account:
        report = await account.arun_report("model_runs", model="orders")
    assert "1 h on average, median 10.0 s, longest 4 h; none failed." in report.finding
    assert report.finding.endswith("the median tells more of a usual run.")


async def test_a_model_without_any_time_or_run_says_so() -> None:
    async with shop(row(17, "skipped", None), row(16, "error", None)).account() as account:
        report = await account.arun_report("model_runs", model="orders")
        assert report.finding == "orders (Shop) has no time in any of its 2 runs: 1 failed, 1 skipped."
    async with shop().account() as account:
        report = await account.arun_report("model_runs", model="orders")
    assert (report.rows, report.finding) == ((), "No run of orders (Shop) fits the question.")


async def test_a_run_of_a_job_that_is_gone_keeps_its_row() -> None:
    async with shop(row(17, jobId=99), row(16, jobId=None)).account() as account:
        report = await account.arun_report("model_runs", model="orders")
    assert [(each["job_id"], each["job_name"]) for each in report.rows] == [("99", None), ("", None)]


async def test_more_than_dbt_cloud_gives_of_a_model_is_said() -> None:
    cloud = shop(*(row(1 + place % 18, jobId=1 + place % 2) for place in range(20)))
    cloud.jobs = [job(1), job(2)]
    async with cloud.account() as account:
        report = await account.arun_report("model_runs", model="orders", jobs="Job 2", last_n_runs=15)
    assert len(report.rows) == 10
    assert not report.coverage.complete
    assert "newest 20 runs" in report.notes[0]


async def test_arguments_are_the_reports_own_even_in_a_period() -> None:
    cloud = shop()
    cloud.runs = [run(16, "2026-11-16 06:00", "2026-11-16 07:00"), run(17, "2026-11-17 06:00", None)]
    cloud.nodes[16] = {"models": [row(16)]}
    async with cloud.account() as account:
        report = await account.arun_report("model_runs", model="orders", jobs="Job 1", period="last_7_days")
        again = await account.arun_report("model_runs", **report.arguments)
    assert [each["run_id"] for each in report.rows] == ["16"]
    assert (again.rows, again.path) == (report.rows, report.path)
    assert "project_ids" not in report.arguments
    assert "1 run not over yet" in report.notes[0]


@pytest.mark.parametrize(
    ("given", "argument"),
    [({}, "model"), ({"model": " "}, "model"), ({"model": "x", "last_n_runs": 21}, "last_n_runs")],
)
async def test_what_cannot_be_asked_names_the_argument(
    account: DbtAccount, given: dict[str, Any], argument: str
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("model_runs", **given)
    assert refused.value.argument == argument
    assert account.requests == 0


async def test_an_unknown_model_is_not_found_with_near_names(account: DbtAccount) -> None:
    with pytest.raises(NotFound) as raised:
        await account.arun_report("model_runs", model="fct_revenu")
    assert "fct_revenue" in raised.value.near
