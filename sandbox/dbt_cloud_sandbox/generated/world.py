"""The generated world: three seeded projects, their jobs, and ninety days of runs up to the clock."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from dbt_cloud_sandbox import files
from dbt_cloud_sandbox.generated.account import Deployment, deployment
from dbt_cloud_sandbox.generated.blueprint import texts
from dbt_cloud_sandbox.generated.chance import digest
from dbt_cloud_sandbox.generated.planner import Plan, Planner
from dbt_cloud_sandbox.generated.results import catalog_entries, compile_only, freshness_results, node_results
from dbt_cloud_sandbox.generated.sizes import Sizes
from dbt_cloud_sandbox.memory import Memory
from dbt_cloud_sandbox.records import (
    SUCCESS,
    Account,
    CatalogEntry,
    Environment,
    FreshnessResult,
    Job,
    Node,
    NodeResult,
    Project,
    Run,
    RunStep,
)
from dbt_cloud_sandbox.timeline import Snapshot, snapshot
from dbt_cloud_sandbox.world import World

KEPT_RESULTS = 300_000
HISTORY_DAYS = 90
DOCS_COMMAND = "dbt docs generate"


class GeneratedWorld(World):
    """An invented account. Its past depends on the seed alone; the clock only decides how much of it is seen.

    The history begins at midnight UTC, ``days`` before the clock's day when the world was made. A day's runs are
    planned once, in whole days, and never planned again.
    """

    kind = "sandbox"
    label = "Sandbox data"

    def __init__(
        self,
        *,
        seed: int = 7,
        days: int = HISTORY_DAYS,
        now: Callable[[], datetime] | None = None,
        sizes: Sizes | None = None,
    ) -> None:
        super().__init__(now)
        sizes = sizes or Sizes()
        told: tuple[object, ...] = (sizes.models, sizes.jobs, sizes.runs) if sizes.given else ()
        if sizes.projects is not None:
            told = (*told, "projects", sizes.projects)
        if sizes.runs is not None:
            sizes = replace(sizes, days=days)
        self.fingerprint = digest("world", seed, days, *texts(), *told).hex()[:12]
        self._seed = seed
        self._deployment: Deployment = deployment(sizes)
        self.account: Account = self._deployment.account
        self._sites = {site.job.id: site for site in self._deployment.sites}
        self._planner = Planner(seed, len(self._sites))
        self._next_day = self.now().date() - timedelta(days=days)
        self._plans: dict[int, Plan] = {}
        self._planned: list[Run] = []
        self._snapshot: Snapshot | None = None
        self._results: Memory[tuple[NodeResult, ...]] = Memory(KEPT_RESULTS, lambda results: len(results) + 1)
        self._catalog = lru_cache(maxsize=16)(self._catalog_of)

    def projects(self) -> Sequence[Project]:
        """All projects, by id."""
        return self._deployment.projects

    def environments(self) -> Sequence[Environment]:
        """All environments, by id."""
        return self._deployment.environments

    def jobs(self) -> Sequence[Job]:
        """All jobs, by id."""
        return self._deployment.jobs

    def runs(self) -> Sequence[Run]:
        """All runs as of now, by id."""
        now = self.now()
        if self._snapshot is None or not self._snapshot.holds(now):
            self._plan_until(now.date())
            tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
            seen = snapshot(self._planned, now)
            self._snapshot = Snapshot(seen.runs, seen.since, min(seen.until, tomorrow))
        return self._snapshot.runs

    def _plan_until(self, day: date) -> None:
        """Plans the days up to and including the given one, if they are not planned yet."""
        if self._next_day > day:
            return
        with _nothing_thrown_away():
            while self._next_day <= day:
                for site in self._sites.values():
                    for plan in self._planner.day(site, self._next_day):
                        self._plans[plan.run.id] = plan
                self._next_day += timedelta(days=1)
        self._planned = [self._plans[run_id].run for run_id in sorted(self._plans)]

    def nodes(self, environment_id: int) -> Sequence[Node]:
        """The nodes of the environment; none for an unknown one."""
        return self._deployment.nodes.get(environment_id, ())

    def results(self, run_id: int) -> Sequence[NodeResult]:
        """What the run did to each node."""
        return self._results.get(run_id, lambda: self._node_results(run_id)) if self._is_over(run_id) else ()

    def _node_results(self, run_id: int) -> tuple[NodeResult, ...]:
        plan = self._plans[run_id]
        return tuple(node_results(plan, self._sites[plan.run.job_id], self._seed))

    def freshness(self, run_id: int) -> Sequence[FreshnessResult]:
        """What the run found about sources."""
        if not self._is_over(run_id):
            return ()
        plan = self._plans[run_id]
        return tuple(freshness_results(plan, self._sites[plan.run.job_id], self._seed))

    def _is_over(self, run_id: int) -> bool:
        plan = self._plans.get(run_id)
        return plan is not None and plan.run.finished_at is not None and plan.run.finished_at <= self.now()

    def catalog(self, environment_id: int) -> Mapping[str, CatalogEntry]:
        """What the newest docs run of the environment found."""
        newest = next((run for run in reversed(self.runs()) if _documents(run, environment_id)), None)
        return self._catalog(newest) if newest else {}

    def _catalog_of(self, run: Run) -> Mapping[str, CatalogEntry]:
        nodes = self._deployment.nodes[run.environment_id]
        return {entry.unique_id: entry for entry in catalog_entries(run, nodes)}

    def selected(self, job_id: int) -> frozenset[str]:
        """Unique ids of the nodes the job's runs can touch."""
        return self._sites[job_id].selected if job_id in self._sites else frozenset()

    def next_run(self, job_id: int) -> datetime | None:
        """When the job runs next."""
        site = self._sites[job_id]
        return site.plan.schedule.next_after(self.now()) if site.job.scheduled else None

    def artifact_paths(self, run: Run, step: int | None = None) -> Sequence[str]:
        """Names of the step's files."""
        chosen = _dbt_step(run, step)
        if chosen is None:
            return ()
        if "source freshness" in chosen.name:
            return ("manifest.json", "sources.json")
        catalog = ("catalog.json",) if DOCS_COMMAND in chosen.name else ()
        return (*catalog, "manifest.json", "run_results.json")

    def artifact(self, run: Run, path: str, step: int | None = None) -> bytes | None:
        """One of the step's files."""
        chosen = _dbt_step(run, step)
        if chosen is None or path not in self.artifact_paths(run, step):
            return None
        nodes = self._deployment.nodes[run.environment_id]
        if path == "manifest.json":
            project = next(project for project in self.projects() if project.id == run.project_id)
            return files.manifest(run, chosen, project, nodes)
        if path == "sources.json":
            found = [result for result in self.freshness(run.id) if result.step == chosen.index]
            return files.sources(run, chosen, found, {node.unique_id: node for node in nodes})
        if path == "catalog.json":
            return files.catalog(run, chosen, catalog_entries(run, nodes))
        if DOCS_COMMAND in chosen.name:
            return files.run_results(run, chosen, list(compile_only(self._sites[run.job_id], chosen.index)))
        return files.run_results(run, chosen, [r for r in self.results(run.id) if r.step == chosen.index])


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """Python looks for garbage again and again while much is made: in vain here, and a quarter of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _documents(run: Run, environment_id: int) -> bool:
    return run.environment_id == environment_id and run.has_docs_generated and run.status == SUCCESS


def _dbt_step(run: Run, index: int | None) -> RunStep | None:
    """The dbt command of a run with that index, or its last one."""
    steps = [step for step in run.steps if step.invocation_id and "dbt deps" not in step.name]
    if not run.has_artifacts or not steps:
        return None
    return steps[-1] if index is None else next((step for step in steps if step.index == index), None)
