"""What the reports should begin with, by plain loops over the sandbox's raw records. No code of the product is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, quantiles
from typing import Any

from dbt_cloud_sandbox import World

from evals.findings import FINDINGS
from evals.records import (
    FINISHED,
    Arguments,
    began,
    failed,
    finished,
    history,
    homes,
    jobs,
    models,
    name_of,
    project_of,
    runs,
    seconds,
    within,
)

__all__ = ["Truth", "truth_of"]


@dataclass(frozen=True)
class Truth:
    """The first row of a report, as far as it is worked out here, and how many rows there are before the limit.

    Attributes:
        first: Keys and values of the first row; None when there is no row.
        total: Rows before the limit.
    """

    first: dict[str, Any] | None
    total: int


def truth_of(report: str, world: World, arguments: Arguments) -> Truth | None:
    """What a report with these arguments should begin with; None of a report whose rows are not worked out here."""
    count = _REPORTS.get(report)
    if count is None:
        return None
    rows = count(world, arguments)
    return Truth(rows[0] if rows else None, len(rows))


def _longest_running_jobs(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    wanted = {
        word: code for word, code in {"success": 10, "failure": 20}.items() if word in arguments.get("run_status", ())
    }
    codes = tuple(wanted.values()) or FINISHED
    order = arguments.get("order_by", "avg")
    rows = []
    for job in jobs(world, arguments):
        own = [seconds(run) for run in runs(world, job, arguments) if run.status in codes]
        times = [each for each in own if each is not None]
        if times and within(fmean(times), arguments):
            rows.append({"job_name": job.name, f"{order}_runtime": _MEASURES[order](times)})
    return sorted(rows, key=lambda row: -row[f"{order}_runtime"])


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]


_MEASURES: Mapping[str, Callable[[Sequence[float]], float]] = {"avg": fmean, "max": max, "total": sum, "p95": _p95}


def _slowest_models(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    rows = []
    for project_id, unique_id, times in _model_times(world, arguments):
        if times and within(fmean(times), arguments):
            rows.append({"name": name_of(unique_id), "project_id": str(project_id), "runtime": fmean(times)})
    return sorted(rows, key=lambda row: -row["runtime"])


def _model_times(world: World, arguments: Arguments) -> Iterator[tuple[int, str, list[float]]]:
    """Project, unique_id and the times that count of each model.

    They are those of a job's latest run, of the last n runs, or of the last success.
    """
    last_n = arguments.get("last_n_runs", 1)
    own = [job for job in jobs(world, arguments) if arguments.get("jobs")]
    for home in dict.fromkeys(job.environment_id for job in own) if own else homes(world, arguments):
        latest = {run_id for job in own for run_id in finished(world, job.environment_id, job.id)[-1:]}
        for node in models(world, home, arguments):
            results = list(history(world, home).get(node.unique_id, ()))
            if own:
                results = [each for each in results if each[0] in latest]
            if last_n == 1:
                results = [each for each in results if each[1].status == "success"]
            times = [result.execution_time for _, result in results[-last_n:] if result.status != "skipped"]
            yield project_of(world, home), node.unique_id, [each for each in times if each is not None]


def _failed_runs(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    found = [run for job in jobs(world, arguments) for run in runs(world, job, arguments) if failed(run)]
    return [{"run_id": str(run.id)} for run in sorted(found, key=began, reverse=True)]


def _list_jobs(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    found = sorted(jobs(world, arguments), key=lambda job: job.name.lower())
    if arguments.get("order_by") == "last_run":
        latest = {run.job_id: began(run) for run in sorted(world.runs(), key=lambda run: run.id)}
        found.sort(key=lambda job: latest[job.id], reverse=True)
    return [{"job_name": job.name} for job in found]


def _list_models(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    names = [node.name for home in homes(world, arguments) for node in models(world, home, arguments)]
    return [{"name": name} for name in sorted(names)]


_REPORTS: Mapping[str, Callable[[World, Arguments], list[dict[str, Any]]]] = {
    **FINDINGS,
    "failed_runs": _failed_runs,
    "list_jobs": _list_jobs,
    "list_models": _list_models,
    "longest_running_jobs": _longest_running_jobs,
    "slowest_models": _slowest_models,
}
