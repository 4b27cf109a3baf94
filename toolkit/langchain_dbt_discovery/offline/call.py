"""From a question taken apart to a tool call, or to what has to be said instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from langchain_dbt_discovery.offline.draft import Draft, phrases
from langchain_dbt_discovery.offline.intents import ABOUT, ABSENT, INTENTS, Intent
from langchain_dbt_discovery.offline.named import Named
from langchain_dbt_discovery.offline.names import Mention
from langchain_dbt_discovery.offline.schema import ToolSchema

__all__ = ["Call", "choose_intent", "narrowed"]

_WORDS = {
    "model_status": "the models' status",
    "min_runtime": "the runtime",
    "max_runtime": "the runtime",
    "last_n_runs": "the number of runs",
    "materialization": "the materialization",
    "tags": "the tag",
    "models": "the model",
    "jobs": "the job",
    "run_id": "the run",
    "job_ids": "the job",
    "period": "the period",
    "run_status": "the runs' status",
}
_INSTEAD: Mapping[str, Mapping[str, str]] = {
    "dbt_failed_runs": {"last_n_runs": "limit"},
    "dbt_list_runs": {"last_n_runs": "limit"},
}
"""Fields that a tool knows by another name: the last 5 failed runs are 5 rows."""
_LATEST = {"dbt_compare_runs": 2, "dbt_critical_path": 1, "dbt_job_details": 1, "dbt_run_details": 1}
"""Tools that are about the latest runs unless told otherwise, and how many these are."""
_SORTED_SO = frozenset({("dbt_queue_times", "queued"), ("dbt_source_freshness", "oldest")})
"""Reports that are sorted by nothing else, and the order that words for it stand for."""
_MEASURES = frozenset({"avg", "median", "max", "p95", "total"})
"""Orders that are measures: what is not sorted by them may still show them."""
_MOST_SAID = 6
_SILENT = frozenset({"limit", "tags_match", "include_or_exclude"})


@dataclass(frozen=True, slots=True)
class Call:
    """A tool to call.

    Attributes:
        tool: Its name.
        arguments: What it is called with.
        caveats: What the question said that the call leaves out.
        remarks: How words were taken, where that is not plain.
        bridge: Whether it only leads from one report to what another is asked about.
        lost: How many of the caveats' reasons are filters or orders that the tool does not take.
    """

    tool: str
    arguments: dict[str, Any]
    caveats: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    bridge: bool = False
    lost: int = 0


def choose_intent(
    topics: Iterable[str],
    subject: str,
    named: Iterable[str],
    tools: Mapping[str, ToolSchema],
    mentions: Iterable[Mention] = (),
) -> Intent | str | None:
    """The first intent that fits and whose tool is bound, or why there is none.

    `How long did fct_orders take to build` speaks of builds, but it is a model that is named.

    Args:
        topics: What the question may be about, the likeliest first.
        subject: Its subject.
        named: The arguments that it says.
        tools: The bound tools.
        mentions: Its names: “the finance job” may be taken as a project's jobs, but is one where a tool is about one.
    """
    kinds, called = set(named), {mention.kind for mention in mentions}
    for topic in topics:
        spoken = "model" if subject == "run" and "models" in kinds and topic != "list" else subject
        bound = [intent for intent in INTENTS if intent.topic == topic and intent.tool in tools]
        for intent in bound:
            known = kinds | called if intent.tool in ABOUT else kinds
            if (not intent.subjects or spoken in intent.subjects) and known.issuperset(intent.needs):
                return intent
        if topic in ABSENT and not bound:
            return ABSENT[topic]
    return None


def narrowed(
    tool: ToolSchema, arguments: Mapping[str, Any], draft: Draft, named: Named, base: Mapping[str, Any]
) -> Call:
    """The call of `tool` with those arguments that it takes; the others become caveats."""
    taken = dict(base)
    left = []
    for said, value in arguments.items():
        name = _INSTEAD.get(tool.name, {}).get(said, said)
        if tool.name == "dbt_failed_runs" and said == "run_status" and value == ["failure"]:
            continue  # which is what the report is of
        if name == "order_by" and value == "rate" and value not in tool.orders:
            value = "success_rate"
        if name == "order_by" and value not in tool.orders:
            continue  # which the same words stand for in another report
        if name in tool.fields:
            taken[name] = tool.bound(name, value)
        elif name not in _SILENT and not (
            (name == "last_n_runs" and value <= _LATEST.get(tool.name, 0)) or (name, value) == ("period", "today")
        ):  # a report without a period is of now
            left.append(_WORDS.get(name, name.replace("_", " ")))
    if draft.orders:
        if order := next((each for each in draft.orders if each in tool.orders), None):
            taken["order_by"] = order
        elif (tool.name, draft.orders[0]) in _SORTED_SO or (tool.name in _LATEST and draft.orders[0] == "newest"):
            pass  # as it is anyhow
        elif draft.sorts or (
            draft.orders != ("avg",) and (_MEASURES & set(tool.orders) or draft.orders[0] not in _MEASURES)
        ):
            left.append("that order")
    caveats = []
    if named.left_out and "projects" in named.arguments:
        kept = phrases(named.arguments["projects"])
        caveats.append(f"I kept to {kept}, so there was no need to leave out {phrases(named.left_out)}")
    if left:
        caveats.append(f"This report cannot be narrowed or sorted by {' or '.join(dict.fromkeys(left))}")
    if draft.unknown:
        caveats.append(_not_understood(draft))
    return Call(tool.name, taken, tuple(caveats), tuple(draft.remarks), lost=len(set(left)))


def _not_understood(draft: Draft) -> str:
    """What is said of words that nothing explains; a text that is not about the account is not said again."""
    words = draft.unknown
    if (
        draft.orders_about
        or len(words) > _MOST_SAID
        or any(re.search(r"[a-z]\d|\d[a-z]", word) and "_" not in word for word in words)
    ):
        return "I left out the rest of the message, which I did not understand"
    return f"I left out what I did not understand: {phrases(words)}"
