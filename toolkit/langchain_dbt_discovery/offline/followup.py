"""A question that leans on the one before: the last call, with what was said changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    not_left_out,
    read_names,
    told,
)
from langchain_dbt_discovery.offline.calling import Saying, Settled, call_of
from langchain_dbt_discovery.offline.draft import Draft
from langchain_dbt_discovery.offline.intents import INTENTS, SPECIAL, Intent
from langchain_dbt_discovery.offline.periods import shifted, stretch
from langchain_dbt_discovery.offline.pointing import Pointer, Shift
from langchain_dbt_discovery.offline.schema import ToolSchema
from langchain_dbt_discovery.offline.subject import about_one, spread
from langchain_dbt_discovery.offline.thread import Turn
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = ["follow_up", "topics_of"]

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
    lexicon: Lexicon,
    now: datetime,
    settled: Settled,
) -> Call | Question | str | None:
    """The earlier call changed by what the question says, or what is to be said instead; None if no bound tool fits.

    Args:
        draft: The question.
        previous: The turn with the call it leans on.
        tools: The bound tools.
        lexicon: The names that questions may use.
        now: The moment it is, in the zone where days begin.
        settled: What words mean, as the person said when asked back.
    """
    last = previous.calls[-1]
    tool_before, before = str(last["name"]), spread(last["args"])
    topic, subject = _about(tool_before)
    named = read_names(draft.mentions, draft.subject or subject, settled)
    if refusal := not_left_out(draft, named):
        return refusal
    if named.unclear:
        return named.unclear
    said = named_arguments(draft, named)
    if draft.points and not named.arguments:
        found = _pointed(draft.points, previous, before, subject)
        if isinstance(found, str):
            return found
        said |= found
    if draft.shift and (period := _moved(draft.shift, previous, before, now)):
        said["period"] = period
    if draft.same_period:
        said |= _period_of(previous, before, now)
    intent = _turned_to(draft, told(named.arguments, said), topic, subject, tools)
    if isinstance(intent, str):
        return intent
    tool = tools.get(intent.tool if intent else tool_before)
    if tool is None:
        return None
    for each in [intent.topic] if intent else topics_of(tool.name):
        said |= draft.chosen.get(each, {})
    complete = draft.whole or (draft.turns and draft.same_period)
    only_points = complete and not draft.follows and not draft.shift
    base = {} if only_points else _kept(before, said, tool)
    if tool.name != tool_before:
        base = {field: value for field, value in base.items() if field not in _fixed(tool_before)}
    base = {**base, **(intent.arguments if intent else {})}
    return call_of(tool, Saying(draft, named, said, before, settled), base, lexicon)


def topics_of(tool: str) -> tuple[str, ...]:
    """The topics that a tool answers."""
    return tuple(dict.fromkeys(intent.topic for intent in INTENTS if intent.tool == tool))


def _about(tool: str) -> tuple[str, str]:
    """The topic and subject that a tool answers first of all."""
    own = [
        intent
        for intent in INTENTS
        if intent.tool == tool and not intent.arguments and intent.topic not in ("cause", "why slower")
    ]
    own.sort(key=lambda intent: intent.topic in SPECIAL)  # which a tool may answer for want of a better one
    subjects = own[0].subjects if own else ()
    return (own[0].topic if own else "", subjects[0] if subjects else "")


def _turned_to(
    draft: Draft, named: Collection[str], topic: str, subject: str, tools: Mapping[str, ToolSchema]
) -> Intent | str | None:
    """The intent of a question that turns to another topic or subject; None if it stays where it was.

    It is a text where no bound tool answers the topic: the sentence that says so.
    """
    said = draft.topic if draft.topic != "list" or draft.lists else ""
    if said in ("", topic) and draft.subject in ("", subject):
        return None
    subjects = (draft.subject,) if draft.subject else (subject, "")
    topics = draft.topics if said else (topic,)
    found = (choose_intent(topics, each, named, tools) for each in subjects)
    return next((intent for intent in found if intent), None)


def _pointed(pointer: Pointer, previous: Turn, before: Mapping[str, Any], subject: str) -> dict[str, Any] | str:
    """What `it` and `the second one` are, from the row that they point at, or why that is not known.

    Without a report at hand, or after one that is about one thing, they are what was named before.

    Args:
        pointer: The words that point.
        previous: The turn with the report.
        before: The arguments of its call, spread.
        subject: What its tool is about.
    """
    rows = (previous.artifact or {}).get("rows") or ()
    named = {field: before[field] for field in ("jobs", "models", "run_id") if before.get(field)}
    if named and not pointer.counted and any(one in previous.calls[-1]["args"] for one in ("model", "job")):
        return named
    if not rows and (named or not pointer.plain):
        return named
    if not -len(rows) <= pointer.row < len(rows):
        return f"I do not know what “{pointer.said}” is: the answer before had {count(len(rows), 'row')}."
    row = rows[pointer.row]
    if pointer.kind == "run" and (run := row.get("run_id") or row.get("max_run_id")):
        return {"run_id": str(run)}
    kinds = [("job", "jobs", "job_id"), ("model", "models", "unique_id")]
    for kind, field, key in reversed(kinds) if subject == "model" else kinds:
        if row.get(key) and pointer.kind in ("", "run", kind) and not str(row[key]).startswith("test."):
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
        if (field in tool.fields or field.removesuffix("s") in about_one(tool))
        and field not in replaced
        and (field != "order_by" or value in tool.orders)
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
