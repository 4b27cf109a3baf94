"""The planner: what happens when a job's scheduled slot comes.

A plan depends on the seed, the job and the slot, and on nothing else: not on the clock, not on other runs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from dbt_cloud_sandbox.generated.chance import chance, sha
from dbt_cloud_sandbox.generated.layout import Layout
from dbt_cloud_sandbox.generated.site import JobSite, Regime
from dbt_cloud_sandbox.generated.stories import is_broken, is_regressed
from dbt_cloud_sandbox.humanize import span
from dbt_cloud_sandbox.records import CANCELLED, ERROR, SUCCESS, Run, RunStep

ID_BASE = 70_000_000_000_000
ID_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
JOBS_PER_MILLISECOND = 64
MOST_JOBS_PER_MILLISECOND = 1024
RETRY_DELAY = timedelta(minutes=5)
RETRY_LUCK = 0.15
OUTLIER_RATE = 0.02
BUILD_OVERHEAD = 4.0
COMMIT_HOURS = (11, 16)


@dataclass(frozen=True, slots=True)
class Work:
    """One dbt command of a run that built nodes, or looked at sources when it has no layout."""

    step: int
    command: str
    started_at: datetime
    layout: Layout | None
    scale: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A run as it will have been when it is over, and the work that its results come from."""

    run: Run
    work: tuple[Work, ...]


class Planner:
    """Plans runs for one seed."""

    def __init__(self, seed: int, jobs: int = JOBS_PER_MILLISECOND) -> None:
        self.seed = seed
        self.spacing = JOBS_PER_MILLISECOND if jobs <= JOBS_PER_MILLISECOND else MOST_JOBS_PER_MILLISECOND

    def day(self, site: JobSite, day: date) -> Iterator[Plan]:
        """The runs of a job whose slots lie on a UTC day, retries included."""
        for slot in site.plan.schedule.slots(day):
            yield from self._slot(site, slot)

    def _slot(self, site: JobSite, slot: datetime) -> Iterator[Plan]:
        rng = chance(self.seed, site.blueprint.package, site.plan.name, slot.isoformat())
        if site.plan.ci_rate is not None and rng.random() >= site.plan.ci_rate:
            return
        first = _Attempt(self, site, slot, rng).plan(slot + timedelta(seconds=0.2 + 2.5 * rng.random()))
        yield first
        finished = first.run.finished_at
        if first.run.status == ERROR and site.plan.retried and finished:
            again = chance(self.seed, site.blueprint.package, site.plan.name, slot.isoformat(), "retry")
            yield _Attempt(self, site, slot, again, retry_of=first.run).plan(finished + RETRY_DELAY)


class _Attempt:
    """One run in the making: its luck is drawn first, in a fixed order, so that every draw keeps its meaning."""

    def __init__(
        self, planner: Planner, site: JobSite, slot: datetime, rng: random.Random, retry_of: Run | None = None
    ) -> None:
        self.planner, self.seed = planner, planner.seed
        self.site, self.slot, self.retry_of = site, slot, retry_of
        luck = RETRY_LUCK if retry_of else 1.0
        plan = site.plan
        self.queue = plan.queue[0] + (plan.queue[1] - plan.queue[0]) * rng.random()
        self.scale = plan.scale * math.exp(rng.gauss(0.0, 0.07)) * (1.08 if slot.weekday() == 0 else 1.0)
        self.cancelled = rng.random() < plan.cancel_rate
        self.timed_out = rng.random() < plan.timeout_rate
        self.errs = rng.random() < plan.error_rate * luck
        self.error_pick, self.flakes = rng.random(), rng.random() < site.blueprint.stories.flaky_rate * luck
        self.outlier, self.outlier_pick = rng.random() < OUTLIER_RATE, rng.random()
        self.setup = [6.0 + 9.0 * rng.random(), 0.5 + rng.random(), 3.0 + 4.0 * rng.random()]
        self.closing, self.stop_at = 9.0 + 20.0 * rng.random(), rng.random()

    def plan(self, created_at: datetime) -> Plan:
        """The run that this attempt becomes, if it is created at that moment."""
        milliseconds = (created_at - ID_EPOCH) // timedelta(milliseconds=1)
        created_at = ID_EPOCH + timedelta(milliseconds=milliseconds, microseconds=self.site.index)
        self.id = ID_BASE + milliseconds * self.planner.spacing + self.site.index
        self.created_at = created_at
        self.started_at = created_at + timedelta(seconds=self.queue)
        replaced_at = self.site.plan.schedule.next_after(self.slot)
        if not self.retry_of and self.site.plan.ci_rate is None and self.started_at >= replaced_at:
            return Plan(self._never_started(replaced_at), ())
        steps, work = self._steps()
        status = ERROR if any(step.status == ERROR for step in steps) else SUCCESS
        finished_at = steps[-1].finished_at or self.started_at
        run = self._run(status, finished_at + timedelta(seconds=0.4), tuple(steps))
        if self.timed_out and self.site.plan.timeout_seconds:
            limit = timedelta(seconds=self.site.plan.timeout_seconds)
            return Plan(self._stopped(run, self.started_at + limit, _timeout_message(limit)), ())
        if self.cancelled:
            stopped_at = self.started_at + (finished_at - self.started_at) * (0.1 + 0.8 * self.stop_at)
            return Plan(self._stopped(run, stopped_at, "Cancelled by user."), ())
        return Plan(run, tuple(work))

    def _steps(self) -> tuple[list[RunStep], list[Work]]:
        moment = self.started_at
        steps: list[RunStep] = []
        work: list[Work] = []
        setup = ("Clone git repository", "Create profile from connection", "Invoke dbt with `dbt deps`")
        for name, seconds in zip(setup, self.setup, strict=True):
            steps.append(self._step(len(steps) + 1, name, SUCCESS, moment, seconds))
            moment += timedelta(seconds=seconds)
        regime = self._regime()
        for command in self._commands():
            layout = self.site.layout(command, regime) if command in self.site.plan.steps else None
            building = layout is not None and bool(layout.slots)
            seconds = BUILD_OVERHEAD + layout.makespan * self.scale if layout and building else self.closing
            status = ERROR if layout and layout.failed else SUCCESS
            steps.append(self._step(len(steps) + 1, f"Invoke dbt with `{command}`", status, moment, seconds))
            work.append(Work(len(steps), command, moment, layout if building else None, self.scale))
            moment += timedelta(seconds=seconds)
            if status == ERROR:
                break
        return steps, work

    def _commands(self) -> list[str]:
        plan = self.site.plan
        before = ["dbt source freshness"] if plan.sources else []
        return [*before, *plan.steps, *(["dbt docs generate"] if plan.docs else [])]

    def _regime(self) -> Regime:
        site, stories, day = self.site, self.site.blueprint.stories, self.slot.date()
        outcomes: dict[str, str] = {}
        if self.errs and site.plan.error_models:
            model = site.plan.error_models[int(self.error_pick * len(site.plan.error_models))]
            outcomes[site.ground.ids[model]] = "error"
        if self.flakes:
            outcomes[site.ground.ids[stories.flaky_test]] = "fail"
        if is_broken(stories, day):
            outcomes[site.ground.ids[f"not_null_{stories.broken_model}_updated_at"]] = "fail"
        outlier = None
        if self.outlier:
            candidates = site.blueprint.models[:4]
            outlier = site.ground.ids[candidates[int(self.outlier_pick * len(candidates))].name]
        here = tuple(sorted((uid, status) for uid, status in outcomes.items() if uid in site.selected))
        regressed = is_regressed(stories, day) and site.ground.ids[stories.regressed_model] in site.selected
        return Regime(regressed, outlier if outlier in site.selected else None, here)

    def _step(self, index: int, name: str, status: int, started_at: datetime, seconds: float) -> RunStep:
        invocation = sha(self.seed, self.id, index) if "dbt" in name else None
        return RunStep(index, name, status, started_at, started_at + timedelta(seconds=seconds), invocation)

    def _run(self, status: int, finished_at: datetime, steps: tuple[RunStep, ...]) -> Run:
        site, pull_request = self.site, None
        branch, commit, cause, category = "main", self._commit(), "scheduled", "scheduled"
        if site.plan.ci_rate is not None:
            pull_request = 400 + (self.slot.date() - date(2024, 1, 1)).days // 2
            branch, cause, category = f"feature/pull-{pull_request}", f"GitHub Pull Request #{pull_request}", "ci"
            commit = sha(self.seed, "branch", site.blueprint.package, self.slot.isoformat())
        if self.retry_of:
            cause, category = f"Retry of run {self.retry_of.id}", "rerun"
        docs = status == SUCCESS and site.plan.docs
        return Run(
            id=self.id,
            account_id=site.job.account_id,
            project_id=site.job.project_id,
            environment_id=site.job.environment_id,
            job_id=site.job.id,
            status=status,
            created_at=self.created_at,
            dequeued_at=self.started_at - timedelta(seconds=min(5.0, self.queue / 4)),
            started_at=self.started_at,
            finished_at=finished_at,
            dbt_version=_release(self.slot.date()),
            git_branch=branch,
            git_sha=commit,
            status_message=None,
            cause=cause,
            cause_category=category,
            steps=steps,
            pull_request_id=pull_request,
            has_docs_generated=docs,
            has_sources_generated=site.plan.sources,
        )

    def _never_started(self, finished_at: datetime) -> Run:
        run = self._run(CANCELLED, finished_at, ())
        message = "This run was cancelled because a newer run of the same job was queued."
        return replace(run, dequeued_at=None, started_at=None, git_branch=None, git_sha=None, status_message=message)

    def _stopped(self, run: Run, at: datetime, message: str) -> Run:
        """The run cut at a moment. The step it was in takes the whole cut; a run that had ended hung in its last."""
        steps = [step for step in run.steps if step.started_at and step.started_at < at]
        steps[-1] = replace(steps[-1], status=CANCELLED, finished_at=at)
        return replace(
            run,
            status=CANCELLED,
            status_message=message,
            finished_at=at,
            steps=tuple(steps),
            has_docs_generated=False,
            has_sources_generated=False,
        )

    def _commit(self) -> str:
        """The newest commit of the project's main branch when the slot came: two a weekday."""
        day, hour = self.slot.date(), self.slot.hour
        while day.weekday() > 4 or hour < COMMIT_HOURS[0]:
            day, hour = day - timedelta(days=1), 24
        latest = max(commit for commit in COMMIT_HOURS if commit <= hour)
        return _sha_of_main(self.seed, self.site.blueprint.package, day, latest)


@lru_cache(maxsize=1024)
def _sha_of_main(seed: int, package: str, day: date, hour: int) -> str:
    return sha(seed, "main", package, day.isoformat(), hour)


@lru_cache(maxsize=1024)
def _release(day: date) -> str:
    """The dbt version of the ISO week, as release tracks name it."""
    monday = day - timedelta(days=day.weekday())
    return f"{monday.year}.{monday.month}.{monday.day}+{sha('dbt', monday)[:7]}"


def _timeout_message(limit: timedelta) -> str:
    seconds = int(limit.total_seconds())
    return f"This run timed out after running for {span(limit)}, exceeding the configured timeout of {seconds} seconds."
