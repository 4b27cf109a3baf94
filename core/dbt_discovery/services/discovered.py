"""Discovered: what the Discovery API alone tells of projects, environments, jobs and runs.

That is enough for a token that may read nothing but metadata. Discovery has no lists of these: each model names the
job and the run that last touched it, and each model's history those before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from dbt_discovery.analysis.run_summary import RunCount, RunQuery, RunSums, count_runs
from dbt_discovery.exceptions import NotFound, PermissionDenied
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import (
    EnvironmentRecord,
    JobRecord,
    ModelRecord,
    ProjectRecord,
    RunRecord,
    RunStep,
)
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.models import HISTORY_LIMIT, ModelService
from dbt_discovery.services.operation import Answer, DiscoveryOperation, query_text, resting_on
from dbt_discovery.services.outcomes import Outcome, OutcomeService
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.results import ResultService
from dbt_discovery.services.together import together

__all__ = ["Discovered"]

T = TypeVar("T")

MODELS_OF_A_JOB = 3
"""Models of each job whose histories are read: a job that now and then touches one of them shows up there."""
_EVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A run as a model mentions it."""

    run_id: str
    job_id: str
    project_id: str
    environment_id: str
    seen_at: datetime


class Discovered:
    """Answers about projects, environments, jobs and runs, from Discovery alone.

    Args:
        client: Asks.
        models: Answers about models.
        results: Answers about runs' results.
        environment_ids: The environments to look at, in the order that puts a project's own first.
    """

    def __init__(
        self, client: DbtClient, models: ModelService, results: ResultService, environment_ids: Sequence[str]
    ) -> None:
        self._client, self._models, self._results = client, models, results
        self._outcomes = OutcomeService(client)
        self._environment_ids = environment_ids

    async def projects(self, *, refresh: bool | Refresh = False) -> Answer[tuple[ProjectRecord, ...]]:
        """The projects of the environments, called as in their dbt_project.yml.

        Raises:
            PermissionDenied: No environment shows the token a model.
        """
        homes, names = await together(
            self.environments(refresh=refresh),
            together(*(self._project_name(each, refresh) for each in self._environment_ids)),
        )
        called = dict(zip(self._environment_ids, (name.value for name in names), strict=True))
        found = {
            home.project_id: ProjectRecord(home.project_id, called[home.environment_id] or home.project_id)
            for home in reversed(homes.value)
        }
        return self._resting_on(tuple(reversed(found.values())), [homes, *names])

    async def environments(self, *, refresh: bool | Refresh = False) -> Answer[tuple[EnvironmentRecord, ...]]:
        """The environments that show the token models; Discovery tells neither their names nor their types.

        Raises:
            PermissionDenied: None does.
        """
        answers = await self._models_of_homes(refresh)
        found = [
            EnvironmentRecord(home, answer.value[0].project_id, f"Environment {home}", deployment_type=None, type=None)
            for home, answer in zip(self._environment_ids, answers, strict=True)
            if answer.value
        ]
        if not found:
            named = ", ".join(self._environment_ids)
            host = self._client.wire.endpoints.setting("discovery")
            raise PermissionDenied(
                f"The Discovery API shows the token no models in environment {named}. Check DBT_ENVIRONMENT_IDS, {host}"
                " and the projects that the token may read; an environment without a successful run has none either."
            )
        answer = self._resting_on(tuple(found), answers)
        notes = [_nothing_of(home, each.value) for home, each in zip(self._environment_ids, answers, strict=True)]
        hidden = any(each.value is None for each in answers)
        return replace(answer, complete=answer.complete and not hidden, notes=tuple(note for note in notes if note))

    async def jobs(self, *, refresh: bool | Refresh = False) -> Answer[tuple[JobRecord, ...]]:
        """The jobs that models mention, each with the latest of its runs that they mention, called by their ids."""
        mentions = await self._mentions(refresh)
        latest: dict[str, _Mention] = {}
        for mention in sorted(mentions.value, key=lambda each: each.seen_at):
            latest[mention.job_id] = mention
        runs = await self._runs(list(latest.values()), refresh)
        jobs = tuple(_job(run) for run in runs.value)
        return self._resting_on(jobs, [mentions, runs])

    async def runs(self, query: RunQuery, *, refresh: bool | Refresh = False) -> Answer[tuple[RunRecord, ...]]:
        """The runs that a query asks for among those that models mention, oldest first."""
        mentions = await self._mentions(refresh)
        runs = await self._runs([each for each in mentions.value if each.seen_at >= query.start], refresh)
        kept = sorted(filter(query.keeps, runs.value), key=lambda run: (run.began, int(run.run_id)))
        return self._resting_on(tuple(kept), [mentions, runs])

    async def counts(self, query: RunQuery, *, refresh: bool | Refresh = False) -> Answer[tuple[RunCount, ...]]:
        """How many of those runs there are of each job and kind."""
        runs = await self.runs(query, refresh=refresh)
        return self._resting_on(count_runs(runs.value), [runs])

    async def sums(self, query: RunQuery, *, refresh: bool | Refresh = False) -> Answer[RunSums]:
        """What those runs amount to."""
        runs = await self.runs(query, refresh=refresh)
        return self._resting_on(RunSums.of(runs.value), [runs])

    async def oldest(self, *, refresh: bool | Refresh = False) -> Answer[RunRecord | None]:
        """The first run that models mention."""
        mentions = await self._mentions(refresh)
        first = sorted(mentions.value, key=lambda each: each.seen_at)[:1]
        runs = await self._runs(first, refresh)
        return self._resting_on(runs.value[0] if runs.value else None, [mentions, runs])

    async def latest_of_job(
        self, job_id: str, count: int, *, refresh: bool | Refresh = False
    ) -> Answer[tuple[RunRecord, ...]]:
        """The `count` newest runs of a job that models mention, newest first."""
        mentions = await self._mentions(refresh)
        own = [mention for mention in mentions.value if mention.job_id == job_id]
        own.sort(key=lambda mention: mention.seen_at, reverse=True)
        runs = await self._runs(own[:count], refresh)
        return self._resting_on(runs.value, [mentions, runs])

    async def run(
        self, run_id: str, *, refresh: bool | Refresh = False
    ) -> Answer[tuple[RunRecord, tuple[RunStep, ...]]]:
        """One run, without steps: Discovery knows none.

        Raises:
            NotFound: No model mentions it.
        """
        mentions = await self._mentions(refresh)
        runs = await self._runs([mention for mention in mentions.value if mention.run_id == run_id], refresh)
        if not runs.value:
            raise NotFound("run", run_id, hint="The token may not use the Admin API, and no model mentions this run.")
        return self._resting_on((runs.value[0], ()), [mentions, runs])

    def _resting_on(self, value: T, answers: Sequence[Answer[Any]]) -> Answer[T]:
        return resting_on(value, answers, self._client.wire.now())

    async def _models_of_homes(self, refresh: bool | Refresh) -> list[Answer[tuple[ModelRecord, ...] | None]]:
        ask = self._models.models
        return await together(*(ask(home, refresh=refresh) for home in self._environment_ids))

    async def _project_name(self, environment_id: str, refresh: bool | Refresh) -> Answer[str | None]:
        return await self._client.ask(
            DiscoveryOperation(
                name="project_name",
                variables=(("environmentId", int(environment_id)),),
                scope="projects",
                document=query_text("project_name"),
                parse=lambda data: (data["environment"] or {}).get("dbtProjectName"),
            ),
            refresh=refresh,
        )

    async def _mentions(self, refresh: bool | Refresh) -> Answer[tuple[_Mention, ...]]:
        """Every run that is mentioned, by the models' state and by the histories of a few models of each job."""
        homes = await self._models_of_homes(refresh)
        models = [model for answer in homes for model in answer.value or ()]
        chosen = _a_few_of_each_job(models)
        by_home: dict[str, list[ModelRecord]] = {}
        for model in chosen:
            by_home.setdefault(model.environment_id, []).append(model)
        histories = await together(
            *(self._models.histories(group, HISTORY_LIMIT, refresh=refresh) for group in by_home.values())
        )
        found: dict[str, _Mention] = {}
        for model in models:
            _add(found, model, model.last_run_id, model.last_run_job_id, model.last_run_time)
        for group, answers in zip(by_home.values(), histories, strict=True):
            for model, answer in zip(group, answers, strict=True):
                for node in answer.value:
                    _add(found, model, node.run_id, node.job_id, node.finished_at)
        return self._resting_on(tuple(found.values()), [*homes, *(each for group in histories for each in group)])

    async def _runs(self, mentions: Sequence[_Mention], refresh: bool | Refresh) -> Answer[tuple[RunRecord, ...]]:
        """The runs that are mentioned, in the same order, as their nodes tell of them."""
        answers = await self._outcomes.outcomes([(each.job_id, each.run_id) for each in mentions], refresh=refresh)
        runs = await together(
            *(
                self._read(mention, answer.value, refresh)
                for mention, answer in zip(mentions, answers, strict=True)
                if answer.value
            )
        )
        return self._resting_on(tuple(run.value for run in runs), [*answers, *runs])

    async def _read(self, mention: _Mention, outcome: Outcome, refresh: bool | Refresh) -> Answer[RunRecord]:
        """A run as its nodes tell of it. Where dbt Cloud may have cut its lists, all nodes are looked at for a failure.

        Its end may then lie beyond the cut, so it has no runtime: better none than one that is too short.
        """
        run = self._run(mention, outcome)
        if outcome.certain:
            return self._resting_on(run, [])
        run = replace(run, finished_at=None, runtime=None)
        nodes = await self._results.nodes_of_run(run, refresh=refresh)
        failed = outcome.failed or any(node.status.failed for node in nodes.value or ())
        return self._resting_on(replace(run, status=RunStatus.FAILURE if failed else run.status), [nodes])

    def _run(self, mention: _Mention, outcome: Outcome) -> RunRecord:
        """A run whose times are those of dbt's own work: Discovery knows nothing of what dbt Cloud does around it."""
        started, finished = outcome.started_at, outcome.finished_at
        return RunRecord(
            run_id=mention.run_id,
            job_id=mention.job_id,
            project_id=mention.project_id,
            environment_id=mention.environment_id,
            status=RunStatus.FAILURE if outcome.failed else RunStatus.SUCCESS,
            timed_out=False,
            status_message="",
            created_at=started or mention.seen_at,
            started_at=started,
            finished_at=finished,
            runtime=(finished - started).total_seconds() if started and finished and finished >= started else None,
            queued=None,
            git_sha=None,
            git_branch=None,
            dbt_version=None,
            url=self._client.wire.run_url(mention.project_id, mention.run_id),
        )


def _a_few_of_each_job(models: Iterable[ModelRecord]) -> list[ModelRecord]:
    """Up to `MODELS_OF_A_JOB` models for each job that touched one last, in each environment."""
    by_job: dict[tuple[str, str | None], list[ModelRecord]] = {}
    for model in models:
        by_job.setdefault((model.environment_id, model.last_run_job_id), []).append(model)
    return [model for group in by_job.values() for model in group[:MODELS_OF_A_JOB]]


def _add(
    found: dict[str, _Mention], model: ModelRecord, run_id: str | None, job_id: str | None, seen_at: datetime | None
) -> None:
    if run_id and job_id:
        known = found.get(run_id)
        latest = max(seen_at or _EVER, known.seen_at if known else _EVER)
        found[run_id] = _Mention(run_id, job_id, model.project_id, model.environment_id, latest)


def _job(run: RunRecord) -> JobRecord:
    """A job of which no more is known than its latest run."""
    return JobRecord(
        job_id=run.job_id,
        project_id=run.project_id,
        environment_id=run.environment_id,
        name=f"Job {run.job_id}",
        job_type="unknown",
        schedule=None,
        steps=(),
        last_run=run,
        last_finished_run=run,
    )


def _nothing_of(home: str, models: Sequence[ModelRecord] | None) -> str:
    """Why an environment has no part in the answer; empty where it has."""
    if models is None:
        return f"Environment {home} is out of the token's sight: check DBT_ENVIRONMENT_IDS."
    return "" if models else f"Environment {home} has no models: no run has succeeded in it yet."
