"""Outcomes: how runs went, as far as the nodes tell that Discovery knows of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.services.aliases import AliasedField
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, Operation, fragment
from dbt_discovery.services.paging import JOB_PAGE_SIZE
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.values import to_moment, to_node_status

__all__ = ["Outcome", "OutcomeService"]

_AT_ONCE = 10
_OUTCOMES = AliasedField(
    name="RunOutcomes",
    field="job(id: $jobId, runId: $runId) { ...Outcome }",
    text=fragment("run_outcome", "Outcome"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the nodes of a run tell of it.

    Attributes:
        failed: Whether a node ended in an error or a failure.
        certain: Whether all nodes were looked at; else a failure may be among those that dbt Cloud left out.
        started_at: When its first dbt command, or its first node, started.
        finished_at: When its last dbt command wrote its results.
    """

    failed: bool
    certain: bool
    started_at: datetime | None
    finished_at: datetime | None


class OutcomeService:
    """Answers about how runs went."""

    def __init__(self, client: DbtClient) -> None:
        self._client = client

    async def outcomes(
        self, runs: Sequence[tuple[str, str]], *, refresh: bool | Refresh = False
    ) -> list[Answer[Outcome | None]]:
        """How each run went, given its job's id and its own; None of a run that Discovery knows nothing of."""
        asked = [_outcome(job_id, run_id) for job_id, run_id in runs]
        return await self._client.ask_batched(asked, _OUTCOMES.query, _AT_ONCE, refresh=refresh)


def _outcome(job_id: str, run_id: str) -> Operation[Outcome | None]:
    return Operation(
        name="run_outcome",
        variables=(("jobId", int(job_id)), ("runId", int(run_id))),
        scope="runs",
        parse=_read,
        lasts=lambda outcome: FINAL if outcome else None,
    )


def _read(run: dict[str, Any] | None) -> Outcome | None:
    if run is None:
        return None
    lists = [nodes or [] for nodes in run.values()]
    nodes = [node for each in lists for node in each]
    statuses = [to_node_status(node.get("status")) for node in nodes]
    return Outcome(
        failed=any(status and status.failed for status in statuses),
        # a list of just so many rows may be cut (quirk 2)
        certain=all(len(each) != JOB_PAGE_SIZE for each in lists),
        started_at=min(_known(moment for node in nodes for moment in _beginnings(node)), default=None),
        finished_at=max(_known(to_moment(node.get("runGeneratedAt")) for node in nodes), default=None),
    )


def _beginnings(node: dict[str, Any]) -> Iterable[datetime | None]:
    """When a node, or the dbt command that ran it, started."""
    yield to_moment(node.get("compileStartedAt"))
    yield to_moment(node.get("executeStartedAt"))
    written, elapsed = to_moment(node.get("runGeneratedAt")), node.get("runElapsedTime")
    if written and elapsed:
        yield written - timedelta(seconds=elapsed)


def _known(moments: Iterable[datetime | None]) -> list[datetime]:
    return [moment for moment in moments if moment is not None]
