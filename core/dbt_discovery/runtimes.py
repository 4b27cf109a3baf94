"""Runtimes of models: which of their runs count, and how long each took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.records import ModelRecord, NodeRun, RunRecord
from dbt_discovery.services.models import HISTORY_LIMIT
from dbt_discovery.words import count as counted

__all__ = ["MOST_RUNS", "ModelKey", "Runtimes", "of_last_attempts", "of_last_success", "of_runs"]

MOST_RUNS = 4_000
"""Most runs whose results one question asks for: 200 requests, well below what dbt Cloud allows in a minute."""

ModelKey = tuple[str, str]
"""Environment id and unique_id: a model has a life of its own in each environment."""

Runtimes = dict[ModelKey, list[float]]
"""Seconds that each model's runs took, newest first; an empty list for a model that ran without a time."""


def of_last_success(models: Iterable[ModelRecord]) -> Runtimes:
    """The runtime of each model's last successful build."""
    known = ((model, model.last_success_runtime) for model in models)
    return {(model.environment_id, model.unique_id): [] if time is None else [time] for model, time in known}


async def of_last_attempts(inquiry: Inquiry, models: Sequence[ModelRecord], count: int) -> Runtimes:
    """The runtimes of each model's last `count` attempts that have one, whichever job made them."""
    histories = await inquiry.histories(models, HISTORY_LIMIT)
    if short := sum(len(nodes) >= HISTORY_LIMIT and len(_times(nodes)) < count for nodes in histories):
        inquiry.lack(
            f"For {counted(short, 'model')} the latest {HISTORY_LIMIT} runs hold fewer than {count} with a time."
        )
    return {model.key: _times(nodes)[:count] for model, nodes in zip(models, histories, strict=True)}


async def of_runs(inquiry: Inquiry, runs: Sequence[RunRecord]) -> Runtimes:
    """The runtimes of every model in some runs."""
    newest_first = sorted(runs, key=lambda run: run.began, reverse=True)[:MOST_RUNS]
    if len(runs) > MOST_RUNS:
        inquiry.lack(f"Only the newest {MOST_RUNS:,} of {len(runs):,} runs count: name a job or a shorter period.")
    found: Runtimes = {}
    for run, nodes in zip(newest_first, await inquiry.models_of_runs(newest_first), strict=True):
        for node in nodes or ():
            found.setdefault((run.environment_id, node.unique_id), []).extend(_times([node]))
    return found


def _times(nodes: Iterable[NodeRun]) -> list[float]:
    return [node.runtime for node in nodes if node.runtime is not None]
