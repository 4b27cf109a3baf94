"""Results of runs, out of the files that dbt left in them. Over the Admin API.

The Discovery API has results of the last two months, the Admin API runs of a year: their files fill the gap (quirk 3),
and serve tokens that the Discovery API refuses.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.exceptions import NotFound, UnexpectedResponse
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import NodeRun, RunRecord, RunStep
from dbt_discovery.models.results import NodeKind
from dbt_discovery.progress import told
from dbt_discovery.services.artifact_parsing import StepResults, merged, parse_run_results, runs_nodes
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, FileOperation, resting_on
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.runs import RunService
from dbt_discovery.services.together import together

__all__ = ["ArtifactService"]

logger = logging.getLogger(__name__)

Results = tuple[NodeRun, ...]
Which = NodeKind | Literal["nodes"]

_RUNS_AT_ONCE = 20
"""Runs read at the same time: as many requests as the Admin API gets at a time."""
_KINDS: Mapping[Which, tuple[str, ...]] = {
    "models": ("model",),
    "tests": ("test", "unit_test"),
    "nodes": ("model", "test", "unit_test", "seed", "snapshot"),
}
_LEFT_NOTHING = frozenset({RunStatus.QUEUED, RunStatus.STARTING, RunStatus.RUNNING, RunStatus.CANCELLED})
"""Statuses of a step that has written no results, or not all of them."""
_MISSING = "Some steps of runs have no run_results.json that can be read, so that results of their nodes are missing."


class ArtifactService:
    """Answers about the nodes of runs: for each run one request for its steps, and one for each step that ran nodes.

    A step has its own `run_results.json`; without a step, it is that of the last, which may only have compiled
    (quirk 9). A run that is under way or was cancelled has none. Nothing is kept in memory: that is for who asks.
    """

    def __init__(self, client: DbtClient, runs: RunService) -> None:
        self._client, self._runs = client, runs

    async def of_runs(
        self, runs: Sequence[RunRecord], kind: NodeKind = "models", *, refresh: bool | Refresh = False
    ) -> list[Answer[Results | None]]:
        """The nodes of a kind of each run, without what only a manifest has (tags); None where it left no results.

        A run of which a step's results could not be read has those of the others, and is not complete.

        Raises:
            UpstreamError, ConfigurationError: dbt Cloud did not answer.
        """
        refresh, line = Refresh.of(refresh), deque(enumerate(runs))
        answers: dict[int, Answer[Results | None]] = {}

        async def work() -> None:
            while line:
                place, run = line.popleft()
                answers[place] = await self._of_run(run, kind, refresh)
                told("artifacts of runs", "run", len(answers), len(runs))

        await together(*(work() for _ in range(min(len(runs), _RUNS_AT_ONCE))))
        return [answers[place] for place in range(len(runs))]

    async def nodes_of_run(self, run: RunRecord, *, refresh: bool | Refresh = False) -> Answer[Results | None]:
        """The models, tests, seeds and snapshots of one run; None where it left no results.

        Raises:
            UpstreamError, ConfigurationError: dbt Cloud did not answer.
        """
        return await self._of_run(run, "nodes", Refresh.of(refresh))

    async def _of_run(self, run: RunRecord, which: Which, refresh: Refresh) -> Answer[Results | None]:
        """What the steps of a run left, merged. The steps are kept of a run asked for by itself, not of many."""
        if not run.status.finished:
            return Answer(None, self._client.wire.now())
        try:
            asked = replace(self._runs.details(run.run_id), kept=which == "nodes")
            details = await self._client.ask(asked, refresh=refresh)
        except NotFound:
            return Answer(None, self._client.wire.now())
        _, told_of = details.value
        steps = [step for step in told_of if runs_nodes(step.name) and step.status not in _LEFT_NOTHING]
        found = await together(*(self._of_step(run, step, which, refresh) for step in steps))
        if not told_of or (steps and all(isinstance(each, NotFound) for each in found)):
            return resting_on(None, [details], details.as_of)
        read = _of_their_own([each for each in found if isinstance(each, Answer)])
        value = merged(each.value for each in read) if read or not steps else None
        answer = resting_on(value, [details, *read], details.as_of)
        if len(read) == len(steps):
            return answer
        return replace(answer, complete=False, notes=(*answer.notes, _MISSING))

    async def _of_step(
        self, run: RunRecord, step: RunStep, which: Which, refresh: Refresh
    ) -> Answer[StepResults] | NotFound | UnexpectedResponse:
        """What a step left, or why that cannot be had: neither fails the other steps, nor other runs."""
        operation = FileOperation(
            name=f"{which}_of_step",
            variables=(("id", run.run_id), ("step", step.index)),
            scope="runs",
            path="v2/accounts/{account}/runs/{id}/artifacts/run_results.json",
            parse=lambda body: parse_run_results(body, run, _KINDS[which]),
            lasts=lambda results: FINAL,
            kept=False,
        )
        try:
            return await self._client.ask(operation, refresh=refresh)
        except (NotFound, UnexpectedResponse) as error:
            logger.info("Run %s has no results of step %s (%s): %s", run.run_id, step.index, step.name, error)
            return error


def _of_their_own(answers: Sequence[Answer[StepResults]]) -> list[Answer[StepResults]]:
    """The results that are of the step asked for: not those of another, nor of a command that runs no nodes.

    A step that wrote nothing may show the file of the one before; and some deployments have not heeded `step` at all,
    so that every step shows the last one's.
    """
    own: dict[str, Answer[StepResults]] = {}
    for place, answer in enumerate(answers):
        if answer.value.of_running:
            own.setdefault(answer.value.invocation_id or str(place), answer)
    return list(own.values())
