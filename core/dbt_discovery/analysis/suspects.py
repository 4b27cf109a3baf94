"""Suspects: what was different about a run that took unusually long or short.

None of them is a proof: they are what to look at first.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from dbt_discovery.models.records import RunRecord, RunStep
from dbt_discovery.models.results import RunResults
from dbt_discovery.models.unique_ids import name_in
from dbt_discovery.words import count, duration

__all__ = ["of_code", "of_commands", "of_company", "of_contents", "of_whole_run"]

_COMMAND = re.compile(r"`(dbt [^`]+)`")
_BY_SETTINGS = ("dbt deps", "dbt docs generate", "dbt source freshness")
"""Commands that dbt Cloud adds to a job's own."""
_REFRESH = re.compile(r"(?<!\S)(--full-refresh|-f)(?!\S)")
_SHARE = 0.25
_NAMED = 2
_MOST = timedelta(days=1)
"""How long before a run another may begin that still goes on."""


def of_code(run: RunRecord, earlier: Sequence[RunRecord]) -> list[str]:
    """The commit and the version of dbt, where this is the first of a job's runs on it."""
    found = []
    if run.git_sha and earlier and all(each.git_sha != run.git_sha for each in earlier):
        found.append(f"first run on commit {run.git_sha[:7]}")
    if run.dbt_version and earlier and all(each.dbt_version != run.dbt_version for each in earlier):
        found.append(f"first run with dbt {run.dbt_version}")
    return found


def of_commands(steps: Sequence[RunStep], own: Sequence[str]) -> list[str]:
    """A full refresh, or other commands than the job has.

    Args:
        steps: The steps of the run.
        own: The job's commands; where there are none, it is not known what is usual.
    """
    found = [match[1] for step in steps if (match := _COMMAND.search(step.name))]
    other = [each for each in found if each not in own and not each.startswith(_BY_SETTINGS)]
    if not own or not other:
        return []
    word = "full refresh" if any(map(_REFRESH.search, other)) else "other commands"
    return [f"{word}: {', '.join(other[:_NAMED])}"]


def of_company(
    run: RunRecord, earlier: Sequence[RunRecord], everything: Sequence[RunRecord], names: Mapping[str, str]
) -> list[str]:
    """Other jobs of the environment that ran for half of the run's time, and during none of some runs before it.

    Args:
        run: The run.
        earlier: Runs of the job before it.
        everything: All runs there were at the time, by when they began.
        names: What jobs are called, by id.
    """
    beside = _beside(run, everything, 0.5)
    for each in earlier if beside else ():
        beside -= _beside(each, everything, 0.0)
    found = sorted(names[job_id] for job_id in beside if job_id in names)
    return [f"{' and '.join(found[:_NAMED])} ran at the same time"] if found else []


def of_contents(since: Sequence[RunResults], before: Sequence[RunResults], difference: float) -> list[str]:
    """Models that explain much of a difference between runs, and their number if it changed.

    Args:
        since: What the unusual runs made of their models.
        before: What some usual runs before them did.
        difference: By how many seconds the unusual runs took longer; negative, if shorter.
    """
    if not since or not before:
        return []
    number, usual = (round(median(map(len, each))) for each in (since, before))
    found = [f"{count(number, 'model')} instead of {usual:,}"] if abs(number - usual) > 0.1 * usual else []
    now, then = _medians(since), _medians(before)
    sign = 1 if difference > 0 else -1
    grown = sorted(((now[each] - then[each]) * sign, each) for each in now.keys() & then.keys())
    for gain, each in reversed(grown[-_NAMED:]):
        if gain >= _SHARE * abs(difference):
            found.append(f"{name_in(each)} took {duration(now[each])} instead of {duration(then[each])}")
    return found


def of_whole_run(unique_id: str, since: Sequence[RunResults], before: Sequence[RunResults]) -> list[str]:
    """Whether the other models of the runs took a fifth longer or shorter too, as when a warehouse is busy."""
    now, then = _medians(since), _medians(before)
    ratios = [now[each] / then[each] for each in now.keys() & then.keys() - {unique_id} if then[each] > 0]
    factor = median(ratios) if ratios else 1.0
    if 1 / 1.2 < factor < 1.2:
        return []
    return [f"the other models of the run took {factor:.1f} times as long as usual"]


def _beside(run: RunRecord, everything: Sequence[RunRecord], share: float) -> set[str]:
    """The other jobs of a run's environment that ran for more than a share of its time."""
    if run.finished_at is None or not run.runtime:
        return set()
    first = bisect_left(everything, run.began - _MOST, key=_began)
    near = everything[first : bisect_right(everything, run.finished_at, key=_began)]
    found = set()
    for each in near:
        if each.job_id == run.job_id or each.environment_id != run.environment_id or each.finished_at is None:
            continue
        both = (min(run.finished_at, each.finished_at) - max(run.began, each.began)).total_seconds()
        if each.started_at and both > share * run.runtime:
            found.add(each.job_id)
    return found


def _began(run: RunRecord) -> datetime:
    return run.began


def _medians(runs: Sequence[RunResults]) -> dict[str, float]:
    times: dict[str, list[float]] = {}
    for results in runs:
        for unique_id, runtime in results.timed():
            times.setdefault(unique_id, []).append(runtime)
    return {unique_id: median(own) for unique_id, own in times.items()}
