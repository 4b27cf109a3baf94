"""An inquiry: one question to an account, and what its answer rests on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta
from itertools import islice

from dbt_discovery.analysis.measures import counts
from dbt_discovery.exceptions import NotFound, UpstreamError
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.filters import Filter
from dbt_discovery.models.period import TimeRange, parse_period
from dbt_discovery.models.records import (
    GraphNode,
    JobRecord,
    ModelDetails,
    ModelRecord,
    NodeRun,
    RunRecord,
    RunStep,
    SourceFreshness,
)
from dbt_discovery.models.results import NodeKind, RunResults
from dbt_discovery.run_selection import RunSelection
from dbt_discovery.services.together import together
from dbt_discovery.words import count

__all__ = ["LATEST_RUNS", "MOST_RUNS", "Inquiry"]

MOST_RUNS = 4_000
"""Most runs whose results one question asks dbt Cloud for: 200 requests, well below what it allows in a minute."""
ResultsOfRuns = AsyncIterator[tuple[RunRecord, RunResults | None]]
"""What runs made of their nodes of a kind, run after run."""
LATEST_RUNS = 100
"""Newest runs of a job that are looked through where no period bounds the question: one page of the Admin API."""


class Inquiry(RunSelection):
    """One question on its way through the account's data: what filters keep, and what is asked of the things kept."""

    async def latest_runs(self, jobs: Sequence[JobRecord]) -> list[tuple[RunRecord, ...]]:
        """The newest `LATEST_RUNS` runs of each job, newest first."""
        ask = self._services.directory.latest_of_job
        answers = await together(*(ask(job.job_id, LATEST_RUNS, refresh=self._refresh) for job in jobs))
        return [self.take(answer) for answer in answers]

    async def latest_finished(self, jobs: Sequence[JobRecord], count_each: int) -> list[RunRecord]:
        """The newest `count_each` runs of each job that count; says where the newest `LATEST_RUNS` hold fewer."""
        latest = await self.latest_runs(jobs)
        counted = [[run for run in runs if counts(run)] for runs in latest]
        self.say_if_short(latest, counted, count_each)
        return [run for own in counted for run in own[:count_each]]

    def say_if_short(
        self, latest: Sequence[Sequence[RunRecord]], counted: Sequence[Sequence[RunRecord]], least: int
    ) -> None:
        """Says of how many jobs the newest `LATEST_RUNS` hold fewer than `least` that count, where older may."""
        if short := sum(
            len(seen) == LATEST_RUNS and len(own) < least for seen, own in zip(latest, counted, strict=True)
        ):
            self.lack(f"For {count(short, 'job')} the newest {LATEST_RUNS} runs hold fewer that count.")

    async def run(self, run_id: str) -> tuple[RunRecord, tuple[RunStep, ...]]:
        """A run in view, with its steps.

        Raises:
            NotFound: There is no such run in view.
        """
        if not run_id.isdigit():
            raise NotFound("run", run_id, hint="Runs are named by their number.")
        run, steps = self.take(await self._services.directory.run(run_id, refresh=self._refresh))
        if not await self.sees(run.project_id):
            raise NotFound("run", run_id)
        return run, steps

    def models_of_many_runs(self, runs: Sequence[RunRecord], most: int | None = None) -> ResultsOfRuns:
        """The models of each finished run, newest first; None of one without results.

        Of runs whose results are not known yet no more than `most` are asked for, or `MOST_RUNS`: the newest, which is
        said.
        """
        return self._results("models", runs, most)

    def tests_of_many_runs(self, runs: Sequence[RunRecord], most: int | None = None) -> ResultsOfRuns:
        """The tests of each finished run, in the same way."""
        return self._results("tests", runs, most)

    async def _results(self, kind: NodeKind, runs: Sequence[RunRecord], most: int | None) -> ResultsOfRuns:
        newest_first = sorted(runs, key=lambda run: (run.began, int(run.run_id)), reverse=True)
        known = await self._services.run_results.known(newest_first, kind)
        asked = list(islice((run for run in newest_first if run.run_id not in known), most or MOST_RUNS))
        wanted = known.union(run.run_id for run in asked)
        if len(wanted) < len(runs):
            self.lack(
                f"Only {len(wanted):,} of {len(runs):,} runs are looked into, the newest {len(asked):,} of those whose "
                "results were not known: ask again for more of them, or name a job or a shorter period."
            )
        looked_into = [run for run in newest_first if run.run_id in wanted]
        gone = cut = 0
        async for run, answer in self._services.run_results.one_by_one(looked_into, kind, refresh=self._refresh):
            gone += answer.value is None and answer.complete and run.status is RunStatus.SUCCESS
            cut += not answer.complete
            yield run, self.take(answer)
        if gone:
            self.lack(f"dbt Cloud has no results of {count(gone, 'run')}: it keeps them for about two months.")
        if cut:
            self.lack(f"The {kind} of {count(cut, 'run')} could not be read to their end.")

    async def models_of_runs(self, runs: Sequence[RunRecord]) -> list[RunResults | None]:
        """The models of each finished run, in the order of the runs; None of one without results."""
        found = {run.run_id: results async for run, results in self.models_of_many_runs(runs, len(runs))}
        return [found[run.run_id] for run in runs]

    async def models_of_jobs(self, jobs: Sequence[JobRecord]) -> list[Sequence[NodeRun]]:
        """The models of each job's latest run with results; none of a job of which dbt Cloud has none."""
        ask = self._services.results.models_of_jobs
        answers = await ask([job.job_id for job in jobs], refresh=self._refresh)
        found = [self.take(answer) for answer in answers]
        if cut := sum(not answer.complete for answer in answers):
            self.lack(f"The models of {count(cut, 'job')} could not be read to their end.")
        nothing = [answer.complete and answer.value is None for answer in answers]
        if gone := sum(job.last_runtime is not None and none for job, none in zip(jobs, nothing, strict=True)):
            self.lack(f"dbt Cloud has no results of {count(gone, 'job')}: what these build is not known.")
        return [_ran(nodes) for nodes in found]

    async def nodes_of_run(self, run: RunRecord) -> Sequence[NodeRun]:
        """Every node of one run: status and error, no times. None left is said in a note."""
        answer = await self._services.run_results.nodes_of_run(run, refresh=self._refresh)
        nodes = self.take(answer)
        if nodes is None:
            self.tell(f"dbt Cloud has no results of run {run.run_id}; its message and steps say what is known.")
        if not answer.complete:
            self.lack(f"The nodes of run {run.run_id} could not be read to their end.")
        return nodes or ()

    async def timed_nodes_of_run(self, run: RunRecord) -> Sequence[NodeRun] | None:
        """Every node but sources that one run did something to, with its times; None where nobody has its results."""
        answer = await self._services.run_results.timed_nodes_of_run(run, refresh=self._refresh)
        if not answer.complete:
            self.lack(f"The nodes of run {run.run_id} could not be read to their end.")
        nodes = self.take(answer)
        return None if nodes is None else _ran(nodes)

    async def models_of_run(self, run: RunRecord) -> tuple[NodeRun, ...] | None:
        """The models of one run with all their fields; None where dbt Cloud has no results of it."""
        answer = await self._services.results.models_of_run(run, refresh=self._refresh)
        if not answer.complete:
            self.lack(f"The models of run {run.run_id} could not be read to their end.")
        nodes = self.take(answer)
        return None if nodes is None else tuple(_ran(nodes))

    async def model_in_runs(self, unique_id: str, runs: Sequence[RunRecord]) -> list[NodeRun | None]:
        """One model in several runs; None where a run did not hold it, or left no results."""
        answers = await self._services.results.model_in_runs(unique_id, runs, refresh=self._refresh)
        if cut := sum(not answer.complete for answer in answers):
            self.lack(f"What {count(cut, 'run')} made of the model could not be read.")
        return [node if (node := self.take(answer)) and node.ran else None for answer in answers]

    async def model_details(self, model: ModelRecord) -> ModelDetails | None:
        """A model's code and what its meta says; None where its environment shows the token no such model."""
        ask = self._services.details.model
        return self.take(await ask(model.environment_id, model.unique_id, refresh=self._refresh))

    async def owners(self, models: Sequence[ModelRecord]) -> list[str | None]:
        """Who owns the dbt group of each model; None without a group, or where dbt Cloud does not tell, with a note."""
        homes = list(dict.fromkeys(model.environment_id for model in models if model.group))
        found = dict(zip(homes, await together(*map(self._group_owners, homes)), strict=True))
        return [found.get(model.environment_id, {}).get((model.package, model.group)) for model in models]

    async def graph(self, environment_id: str) -> Sequence[GraphNode]:
        """What the nodes of an environment are made from; none, and a note, where it is out of the token's sight."""
        nodes = self.take(await self._services.lineage.graph(environment_id, refresh=self._refresh))
        if nodes is None:
            self.lack(f"Environment {environment_id} shows the token no lineage.")
        return nodes or ()

    async def sources(self, environment_id: str) -> Sequence[SourceFreshness]:
        """The sources of an environment; none, and a note, where it is out of the token's sight."""
        sources = self.take(await self._services.sources.sources(environment_id, refresh=self._refresh))
        if sources is None:
            self.lack(f"Environment {environment_id} shows the token no sources.")
        return sources or ()

    def run_url(self, project_id: str, run_id: str) -> str:
        """The page of a run in dbt Cloud."""
        return self._services.client.wire.run_url(project_id, run_id)

    async def model_count(self, environment_id: str) -> int | None:
        """How many models an environment has; None, and a note, where dbt Cloud does not tell."""
        try:
            return self.take(await self._services.models.model_count(environment_id, refresh=self._refresh))
        except UpstreamError as error:
            self.lack(f"Models could not be counted: {error}")
            return None

    async def histories(self, models: Sequence[ModelRecord], count: int) -> list[Sequence[NodeRun]]:
        """The newest `count` runs of each model, newest first."""
        by_home: dict[str, list[ModelRecord]] = {}
        for model in models:
            by_home.setdefault(model.environment_id, []).append(model)
        ask = self._services.models.histories
        groups = await together(*(ask(group, count, refresh=self._refresh) for group in by_home.values()))
        found = {
            model: self.take(answer)
            for group, answers in zip(by_home.values(), groups, strict=True)
            for model, answer in zip(group, answers, strict=True)
        }
        return [found[model] for model in models]

    async def assumed_period(self, wanted: Filter, jobs: Sequence[JobRecord], days: int = 7) -> str:
        """The period to take where none is named: the last days, or as many up to the latest run before them."""
        homes = await self.homes(wanted)
        last = [job.last_run for job in jobs if job.last_run]
        latest = max((run.began for run in last if homes is None or run.environment_id in homes), default=self.now)
        if self.now - latest < timedelta(days=days):
            return f"last_{days}_days"
        day = latest.astimezone(self.zone).date()
        self.tell(f"No run started in the last {days} days, so the {days} days up to the latest one, {day}, are taken.")
        return f"{day - timedelta(days=days - 1)}/{day}"

    def span(self, period: str) -> TimeRange:
        """The moments that a period stands for now."""
        return parse_period(period).resolve(self.now, self.zone)

    async def _group_owners(self, environment_id: str) -> dict[tuple[str, str | None], str | None]:
        """The owner of each dbt group of an environment, by package and name."""
        try:
            groups = self.take(await self._services.details.groups(environment_id, refresh=self._refresh))
        except UpstreamError as error:
            self.tell(f"The owners of models could not be read: {error}")
            return {}
        return {(group.package, group.name): group.owner for group in groups}


def _ran(nodes: Iterable[NodeRun] | None) -> list[NodeRun]:
    """The nodes that a run did something to."""
    return [node for node in nodes or () if node.ran]
