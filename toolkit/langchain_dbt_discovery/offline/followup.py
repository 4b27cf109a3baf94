"""A question that leans on the one before: the last call, with what was said changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dbt_discovery.exceptions import InvalidArgument
from dbt_discovery.models.period import parse_period
from dbt_discovery.words import count

from langchain_dbt_discovery.offline.call import (
    Call,
    Question,
    choose_intent,
    named_arguments,
    narrowed,
    not_left_out,
    read_names,
)
from langchain_dbt_discovery.offline.draft import Draft
from langchain_dbt_discovery.offline.intents import INTENTS, Intent
from langchain_dbt_discovery.offline.periods import shifted, stretch
from langchain_dbt_discovery.offline.pointing import Pointer, Shift
from langchain_dbt_discovery.offline.schema import ToolSchema
from langchain_dbt_discovery.offline.thread import Turn

__all__ = ["follow_up"]

_TOGETHER: tuple[frozenset[str], ...] = (
    frozenset({"projects", "project_ids", "include_or_exclude"}),
    frozenset({"jobs", "job_ids"}),
    frozenset({"models", "model_ids"}),
    frozenset({"tags", "tags_match"}),
    frozenset({"period", "last_n_runs", "run_id"}),
    frozenset({"min_runtime", "max_runtime"}),
)
"""Fields of which a new one replaces all the old ones."""


def follow_up(
    draft: Draft,
    previous: Turn,
    tools: Mapping[str, ToolSchema],
    now: datetime,
    settled: Mapping[str, Sequence[str]],
) -> Call | Question | str | None:
    """The earlier call changed by what the question says, or what is to be said instead; None if no bound tool fits.

    Args:
        draft: The question.
        previous: The turn with the call it leans on.
        tools: The bound tools.
        now: The moment it is, in the zone where days begin.
        settled: What words mean, as the person said when asked back.
    """
    last = previous.calls[-1]
    tool_before = str(last["name"])
    topic, subject = _about(tool_before)
    named = read_names(draft.mentions, draft.subject or subject, settled)
    if refusal := not_left_out(draft, named):
        return refusal
    if named.unclear:
        return named.unclear
    said = named_arguments(draft, named)
    if draft.points and not named.arguments:
        found = _pointed(draft.points, previous, last["args"])
        if isinstance(found, str):
            return found
        said |= found
    if draft.shift and (period := _moved(draft.shift, previous, last["args"], now)):
        said["period"] = period
    if draft.same_period:
        said |= _period_of(previous, last["args"], now)
    intent = _turned_to(draft, {*named.arguments, *said}, topic, subject, tools)
    tool = tools.get(intent.tool if intent else tool_before)
    if tool is None:
        return None
    complete = draft.whole or (draft.turns and draft.same_period)
    only_points = complete and not draft.follows and not draft.shift
    base = {} if only_points else _kept(last["args"], said, tool)
    if tool.name != tool_before:
        base = {field: value for field, value in base.items() if field not in _fixed(tool_before)}
    return narrowed(tool, said, draft, named, {**base, **(intent.arguments if intent else {})})


def _about(tool: str) -> tuple[str, str]:
    """The topic and subject that a tool answers first of all."""
    own = [intent for intent in INTENTS if intent.tool == tool and not intent.arguments and intent.topic != "cause"]
    return (own[0].topic, own[0].subjects[0]) if own else ("", "")


def _turned_to(
    draft: Draft, named: Collection[str], topic: str, subject: str, tools: Mapping[str, ToolSchema]
) -> Intent | None:
    """The intent of a question that turns to another topic or subject; None if it stays where it was."""
    said = draft.topic if draft.topic != "list" or draft.lists else ""
    if said in ("", topic) and draft.subject in ("", subject):
        return None
    subjects = (draft.subject,) if draft.subject else (subject, "")
    found = (choose_intent(said or topic, each, named, tools) for each in subjects)
    return next((intent for intent in found if intent), None)


def _pointed(pointer: Pointer, previous: Turn, arguments: Mapping[str, Any]) -> dict[str, Any] | str:
    """What `it` and `the second one` are, from the row that they point at, or why that is not known.

    Without a report at hand they are what was named before.
    """
    rows = (previous.artifact or {}).get("rows") or ()
    named = {field: arguments[field] for field in ("jobs", "models", "run_id") if arguments.get(field)}
    if not rows and (named or not pointer.plain):
        return named
    if not -len(rows) <= pointer.row < len(rows):
        return f"I do not know what “{pointer.said}” is: the answer before had {count(len(rows), 'row')}."
    row = rows[pointer.row]
    if pointer.kind == "run" and (run := row.get("run_id") or row.get("max_run_id")):
        return {"run_id": str(run)}
    for kind, field, key in (("job", "jobs", "job_id"), ("model", "models", "unique_id")):
        if row.get(key) and pointer.kind in ("", "run", kind):
            return {field: [str(row[key])]}
    return f"I do not know which {pointer.kind or 'one'} “{pointer.said}” is: the answer before names none."


def _period_of(previous: Turn, arguments: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The fields that say which time the earlier call was about."""
    said = {field: arguments[field] for field in ("period", "last_n_runs", "run_id") if arguments.get(field)}
    span = (previous.artifact or {}).get("period")
    if said or not span:
        return said
    zone = now.tzinfo or UTC
    start, end = (datetime.fromisoformat(span[key]).astimezone(zone) for key in ("start", "end"))
    return {"period": stretch(start, end)}


def _fixed(tool: str) -> set[str]:
    """The fields that an intent, not the person, gave a tool."""
    return {field for intent in INTENTS if intent.tool == tool for field in intent.arguments}


def _kept(before: Mapping[str, Any], said: Collection[str], tool: ToolSchema) -> dict[str, Any]:
    """The earlier arguments that the tool takes and the question does not replace."""
    replaced = set(said).union(*(group for group in _TOGETHER if group & set(said)))
    return {
        field: value
        for field, value in before.items()
        if field in tool.fields and field not in replaced and (field != "order_by" or value in tool.orders)
    }


def _moved(shift: Shift, previous: Turn, arguments: Mapping[str, Any], now: datetime) -> str:
    """The earlier period moved; empty if there was none."""
    zone = now.tzinfo or UTC
    span = (previous.artifact or {}).get("period")
    try:
        if span:
            start, end = datetime.fromisoformat(span["start"]), datetime.fromisoformat(span["end"])
        else:
            found = parse_period(str(arguments.get("period") or "last_7_days")).resolve(now, zone)
            start, end = found.start, found.end
    except InvalidArgument:
        return ""
    return shifted(start.astimezone(zone), end.astimezone(zone), shift.unit, shift.direction)
