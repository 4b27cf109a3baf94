"""How runs and models ended or stand, where that narrows a question: `cancelled runs`, `jobs that succeeded`."""

from __future__ import annotations

import re
from typing import Any

from langchain_dbt_discovery.offline.phrase import Phrase

__all__ = ["MEASURED", "OUTCOME_TOPICS", "UNFINISHED", "read_outcome"]

_OUTCOMES = {
    "successful": ("success", "success"),
    "successfully": ("success", "success"),
    "succeeded": ("success", "success"),
    "passed": ("success", "success"),
    "completed": ("success", "success"),
    "failed": ("failure", "error"),
    "failing": ("failure", "error"),
    "unsuccessful": ("failure", "error"),
    "cancelled": ("cancelled", ""),
    "canceled": ("cancelled", ""),
    "running": ("running", ""),
    "queued": ("queued", ""),
    "in progress": ("running", ""),
    "starting": ("starting", ""),
    "cancellations?": ("cancelled", ""),
    "cancel(?:ing|ling|s)?": ("cancelled", ""),
}
"""How a run ended or stands, as a run's status and as a model's."""
OUTCOME_TOPICS = ("outcome", "state")
"""The topics that such a word makes."""
UNFINISHED = frozenset({"cancelled", "queued", "running", "starting"})
"""Statuses of runs that did not come to an end of their own."""
_MEASURED = r"\b(?:how long|longest|slowest|average|avg|mean|p95|takes?|rank)\b"
MEASURED = re.compile(_MEASURED)
"""Words that ask how long something takes, rather than which it is."""


def read_outcome(phrase: Phrase, topic: str) -> dict[str, Any]:
    """How the runs or models asked about ended, where that narrows the question rather than being it.

    `How long do successful runs take` is about time and `which jobs succeeded` about jobs, but `what failed` is about
    failures.
    """
    of_runs = (
        r"\b(?P<outcome>cancell?ed|successful|succeeded|completed) "
        r"(?=(?:(?!run\b|rates?\b|tests?\b|models?\b)[\w|*]+ ){0,3}?(?:runs|builds|executions|ones)\b"
        r"|run\b|build\b|execution\b|one\b)"
    )
    outcome = rf"(?!(?<=longest )running)(?!(?<=long )running)(?P<outcome>{'|'.join(_OUTCOMES)})"
    if topic not in OUTCOME_TOPICS:
        if not phrase.has(_MEASURED):
            ended = (
                rf"\b(?:that|which)(?: (?:have|had|has|were|was|got|been|are|is))+ (?P<outcome>{'|'.join(_OUTCOMES)})\b"
            )
            plain = topic in ("", "list", "failure", "speed")
            taken = (phrase.take(of_runs) or (phrase.has(r"\bruns\b") and phrase.take(ended))) if plain else None
            return {"run_status": [_outcome(taken["outcome"])[0]]} if taken else {}
        match = phrase.take(
            rf"\b{outcome}(?= (?:\w+ )?(?:runs?|builds?|executions?|jobs?"
            rf"|models?)\b)"
        ) or phrase.take(rf"\b(?:that|which|when they|when it)(?: have| had| were)? {outcome}\b")
    else:
        match = phrase.take(rf"\b{outcome}\b")
    if match is None:
        return {}
    run, model = _outcome(match["outcome"])
    return {"model_status": [model]} if model and phrase.has(r"\bmodels?\b") else {"run_status": [run]}


def _outcome(said: str) -> tuple[str, str]:
    return next(values for pattern, values in _OUTCOMES.items() if re.fullmatch(pattern, said))
