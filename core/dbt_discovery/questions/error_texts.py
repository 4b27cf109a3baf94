"""Error texts: what dbt said when runs failed at models."""

from __future__ import annotations

from collections.abc import Sequence

from dbt_discovery.exceptions import UpstreamError
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.records import ModelRecord, NodeRun, RunRecord
from dbt_discovery.services.models import HISTORY_LIMIT
from dbt_discovery.services.together import together
from dbt_discovery.words import count, cut_text

__all__ = ["error_texts"]

_MOST_RUNS_READ = 20
"""Runs that are read for the sake of their error texts: each is a request of its own."""


async def error_texts(inquiry: Inquiry, failures: Sequence[tuple[ModelRecord, RunRecord]]) -> list[str | None]:
    """What dbt said of each model in a run that failed at it; None where that is not known.

    The models' histories tell it of their latest runs, many in one request. Of older runs the first few are read
    themselves; a note says how many are not.
    """
    histories = await inquiry.histories([model for model, _ in failures], HISTORY_LIMIT)
    found: dict[tuple[str, str], str | None] = {
        (run.run_id, model.unique_id): _of(history, "run_id", run.run_id)
        for (model, run), history in zip(failures, histories, strict=True)
    }
    older = {run.run_id: run for model, run in failures if found[run.run_id, model.unique_id] is None}
    read = list(older.values())[:_MOST_RUNS_READ]
    contents = dict(
        zip((run.run_id for run in read), await together(*(_nodes(inquiry, run) for run in read)), strict=True)
    )
    if unread := len(older) - len(read):
        inquiry.tell(f"The error texts of {count(unread, 'run')} were not looked up: ask for fewer rows at a time.")
    return [
        found[run.run_id, model.unique_id] or _of(contents.get(run.run_id, ()), "unique_id", model.unique_id)
        for model, run in failures
    ]


def _of(nodes: Sequence[NodeRun], field: str, value: str) -> str | None:
    """The error text of the node that has a value."""
    return next((cut_text(node.error) for node in nodes if getattr(node, field) == value), None)


async def _nodes(inquiry: Inquiry, run: RunRecord) -> Sequence[NodeRun]:
    try:
        return await inquiry.nodes_of_run(run)
    except UpstreamError as error:
        inquiry.lack(f"The errors of run {run.run_id} could not be read: {error}")
        return ()
