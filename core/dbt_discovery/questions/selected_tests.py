"""Selection of tests: which of dbt's tests a question is about, and the runs that say what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import Filter, JobFields, ModelFields
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.models.tests import TestRecord
from dbt_discovery.models.unique_ids import NodeKey
from dbt_discovery.words import count

__all__ = ["finished_runs", "jobs_of_tests", "select_tests", "still_there", "tests_of_jobs"]


async def select_tests(inquiry: Inquiry, wanted: Filter) -> list[TestRecord]:
    """The tests that a filter keeps, as the state of each project's environment has them.

    Fields of models keep the tests of such models; of a test that names no model, those that it reads count. What jobs
    the tests run in is not looked at here.

    Raises:
        NotFound, AmbiguousName: Something is not called that, or several are.
    """
    tests = await inquiry.tests_in(await inquiry.state_environments(wanted))
    if not (isinstance(wanted, ModelFields) and wanted.narrows_models):
        return tests
    models = {model.key for model in await inquiry.select_models(wanted)}
    return [test for test in tests if any((test.environment_id, each) in models for each in test.subjects)]


async def tests_of_jobs(inquiry: Inquiry, wanted: Filter, tests: Sequence[TestRecord]) -> list[TestRecord]:
    """The tests that the jobs ran which the filter's job fields keep, in their latest finished runs; all, without such.

    Raises:
        NotFound, AmbiguousName: A job is not called that, or several are.
    """
    if not (isinstance(wanted, JobFields) and wanted.narrows_jobs):
        return list(tests)
    runs = await _latest(inquiry, await inquiry.select_jobs(wanted))
    ran: set[NodeKey] = set()
    async for run, results in inquiry.tests_of_many_runs(runs):
        ran |= {(run.environment_id, unique_id) for unique_id in (results.unique_ids if results else ())}
    return [test for test in tests if test.key in ran]


async def jobs_of_tests(inquiry: Inquiry, wanted: Filter) -> Sequence[JobRecord]:
    """The named jobs, or all jobs of the environments whose tests are asked about, of the types asked for.

    Raises:
        NotFound, AmbiguousName: Something is not called that, or several are.
    """
    jobs = await inquiry.select_jobs(wanted)
    if isinstance(wanted, JobFields) and wanted.names_jobs:
        return jobs
    homes = {home.environment_id for home in await inquiry.state_environments(wanted)}
    return [job for job in jobs if job.environment_id in homes]


async def finished_runs(
    inquiry: Inquiry, wanted: Filter, span: TimeRange, tests: Iterable[TestRecord]
) -> list[RunRecord]:
    """The runs of `jobs_of_tests` that started in a stretch of time and are over, well or not.

    It says how many of the tests ran in that time in a job that is not known: a token without the Admin API knows only
    the jobs that build models.
    """
    runs = await inquiry.select_runs(wanted, span, await jobs_of_tests(inquiry, wanted))
    known = {job.job_id for job in await inquiry.jobs()}
    late = (test for test in tests if test.last_run_time and span.start <= test.last_run_time < span.end)
    named = isinstance(wanted, JobFields) and wanted.names_jobs
    if lost := 0 if named else sum(test.last_run_job_id not in known for test in late):
        inquiry.lack(f"{count(lost, 'test')} last ran in a job that is not known: its runs are not counted.")
    return [run for run in runs if run.status.finished]


async def still_there(inquiry: Inquiry, ran: Collection[NodeKey], wanted: Iterable[TestRecord]) -> list[TestRecord]:
    """Those of the wanted tests that runs ran; says how many others these ran which their environments have no more."""
    known = await inquiry.environments()
    homes = sorted({home for home, _ in ran} & known.keys())
    there = {test.key for test in await inquiry.tests_in([known[home] for home in homes])}
    if gone := sum(key not in there for key in ran):
        inquiry.lack(f"{count(gone, 'test')} left out that these runs ran and the environment no longer has.")
    return [test for test in wanted if test.key in ran]


async def _latest(inquiry: Inquiry, jobs: Sequence[JobRecord]) -> list[RunRecord]:
    """The latest run of each job that ended by itself; the job's own record mostly has it."""
    at_hand = [run for job in jobs if (run := job.last_finished_run) and run.status.finished]
    found = {run.job_id for run in at_hand}
    others = [job for job in jobs if job.job_id not in found and job.last_run]
    return at_hand + await inquiry.latest_finished(others, 1)
