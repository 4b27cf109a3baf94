"""Results: what runs of jobs made of their nodes, over the Discovery API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeVar

from dbt_discovery.models.records import NodeRun, RunRecord
from dbt_discovery.models.results import NodeKind
from dbt_discovery.services.aliases import AliasedField
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.job_lists import JobLists
from dbt_discovery.services.operation import Answer, Operation, resting_on
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.result_queries import (
    MODEL_OF_RUNS,
    NODE_LISTS,
    RESULTS,
    RUNTIMES,
    TIMED_LISTS,
    NodeList,
    Page,
    Place,
    Results,
    latest_models,
    latest_models_of_jobs,
    model_of_run,
    models_of_run,
    nodes_of_run,
    runtimes_of_run,
    runtimes_of_runs,
)
from dbt_discovery.services.together import together

__all__ = ["ResultService"]

T = TypeVar("T")

_RUNS_AT_ONCE = 20


class ResultService:
    """Answers about the nodes of runs. A list that dbt Cloud cut is read to its end, or the answer is not complete.

    Of a run without a job, which its job's deletion may leave, there are no results that could be asked for.
    """

    def __init__(self, client: DbtClient) -> None:
        self._client = client
        self._lists = JobLists(client)

    async def of_runs(
        self, runs: Sequence[RunRecord], kind: NodeKind = "models", *, refresh: bool | Refresh = False
    ) -> list[Answer[Results | None]]:
        """The nodes of a kind of each run, with status and runtime and no more; None where it has no results."""
        nodes = RUNTIMES[kind]
        field = runtimes_of_runs(nodes, cursors=self._lists.have_cursors(nodes))
        answers = await self._of_runs(runs, lambda run: runtimes_of_run(run, nodes), field, refresh)
        return await self._lists.whole(nodes, list(zip(map(Place.of, runs), answers, strict=True)), refresh)

    async def models_of_run(self, run: RunRecord, *, refresh: bool | Refresh = False) -> Answer[Results | None]:
        """The models of one run, with all that is known of each; None where dbt Cloud has no results of it."""
        if not Place.of(run).known:
            return self._nothing()
        answer = await self._client.ask(models_of_run(run), refresh=refresh)
        (whole,) = await self._lists.whole(RESULTS, [(Place.of(run), answer)], refresh)
        return whole

    async def models_of_jobs(
        self, job_ids: Sequence[str], *, refresh: bool | Refresh = False
    ) -> list[Answer[Results | None]]:
        """The models of each job's latest run that has results; None where Discovery knows nothing of the job."""
        field = latest_models_of_jobs(cursors=self._lists.have_cursors(RESULTS))
        answers = await self._client.ask_batched(
            list(map(latest_models, job_ids)), field.query, _RUNS_AT_ONCE, refresh=refresh
        )
        places = map(_latest, job_ids, answers)
        return await self._lists.whole(RESULTS, list(zip(places, answers, strict=True)), refresh)

    async def model_in_runs(
        self, unique_id: str, runs: Sequence[RunRecord], *, refresh: bool | Refresh = False
    ) -> list[Answer[NodeRun | None]]:
        """What each run made of one model; None where it did not run it, or dbt Cloud has no results of the run."""
        return await self._of_runs(runs, lambda run: model_of_run(unique_id, run), MODEL_OF_RUNS, refresh)

    async def nodes_of_run(self, run: RunRecord, *, refresh: bool | Refresh = False) -> Answer[Results | None]:
        """Every node of one run, with status and error but no times; None where dbt Cloud has no results of it."""
        return await self._nodes_of_run(run, NODE_LISTS, refresh)

    async def timed_nodes_of_run(self, run: RunRecord, *, refresh: bool | Refresh = False) -> Answer[Results | None]:
        """Every node of one run but sources, with times and parents; None where dbt Cloud has no results of it."""
        return await self._nodes_of_run(run, TIMED_LISTS, refresh)

    async def _nodes_of_run(
        self, run: RunRecord, lists: Sequence[NodeList], refresh: bool | Refresh
    ) -> Answer[Results | None]:
        """The nodes of one run that stand in some lists, each read to its end."""
        if not Place.of(run).known:
            return self._nothing()
        answer = await self._client.ask(nodes_of_run(run, lists), refresh=refresh)
        pages = answer.value
        if pages is None:
            return resting_on(None, [answer], answer.as_of)

        async def read(nodes: NodeList) -> Answer[Results | None]:
            own: Answer[Page | None] = resting_on(pages[nodes.field], [answer], answer.as_of)
            (whole,) = await self._lists.whole(nodes, [(Place.of(run), own)], refresh)
            return whole

        parts = await together(*map(read, lists))
        return resting_on(tuple(chain.from_iterable(part.value or () for part in parts)), parts, answer.as_of)

    async def _of_runs(
        self,
        runs: Sequence[RunRecord],
        question: Callable[[RunRecord], Operation[T | None]],
        field: AliasedField,
        refresh: bool | Refresh,
    ) -> list[Answer[T | None]]:
        """The answer for each run, without asking for those that cannot be asked for."""
        asked = [question(run) for run in runs if Place.of(run).known]
        answers = iter(await self._client.ask_batched(asked, field.query, _RUNS_AT_ONCE, refresh=refresh))
        return [next(answers) if Place.of(run).known else self._nothing() for run in runs]

    def _nothing(self) -> Answer[T | None]:
        return Answer(None, self._client.wire.now())


def _latest(job_id: str, answer: Answer[Page | None]) -> Place:
    """The run that a job's latest results are of, as far as they say."""
    rows = answer.value.rows if answer.value else ()
    return Place(job_id, next((row.run_id for row in rows if row.run_id), ""), scope="jobs")
