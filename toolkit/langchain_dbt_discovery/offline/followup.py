"""A question that leans on the one before: the last call, with what was said changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dbt_discovery.exceptions import InvalidArgument
from dbt_discovery.models.period import parse_period

from langchain_dbt_discovery.offline.call import Call, choose_intent
from langchain_dbt_discovery.offline.calling import Saying, Settled, call_of
from langchain_dbt_discovery.offline.draft import Draft
from langchain_dbt_discovery.offline.intents import INTENTS, SPECIAL, Intent
from langchain_dbt_discovery.offline.named import Named, Question, named_arguments, not_left_out, read_names, told
from langchain_dbt_discovery.offline.periods import shifted, stretch
from langchain_dbt_discovery.offline.pointed import Pointed, are_runs, pointed
from langchain_dbt_discovery.offline.pointing import Shift
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
_OF_ITS_OWN = frozenset({"jobs", "job_ids", "job_type", "environment"})
"""Fields that a run leaves no room for."""
_OF_PROJECTS = frozenset({"projects", "project_ids", "include_or_exclude"})
_OF_ONE = ("jobs", "job_ids", "models", "model_ids", "run_id")
_RUNS, _FAILED_RUNS, _RUNS_OF_A_MODEL = "dbt_list_runs", "dbt_failed_runs", "dbt_model_runs"
_LONGEST = "max"
_LISTS_OF_RUNS = frozenset({_RUNS, _FAILED_RUNS})
_ONE_RUN, _RELIABILITY = "dbt_run_details", "dbt_job_reliability"
_OF_RUNS = frozenset({"critical path", "comparison"})
_TOLD_OF_A_RUN = frozenset({"failure", "failing", "speed", "one run", "state", "outcome", "when"})
"""Topics of which the report on one run tells."""
_OF_JOBS = ("period", "projects", "project_ids", "include_or_exclude", "environment", "jobs", "job_ids", "job_type")
_BY_JOB = re.compile(
    r"(?:(?:and|now|please|show|me|it|them|group|grouped|split|summed|count|counted|,) )*(?:by|per) job"
)
_BY_LONGEST_RUN = re.compile(
    r"(?:(?:and|now|please|rank|ranked|sort|sorted|order|ordered|show|me|it|them|,) )*by (?:the |their )?"
    r"(?:longest|slowest|max|maximum)(?: single| individual)? (?:run|build|execution)(?: times?)?"
)
_WHICH_TOOK_LONGEST = re.compile(
    r"^(?:(?:and|so|but|ok|,) )*(?:(?:which|what)(?: (?:one|ones|run|of (?:them|those|these)))?|(?:what"
    r"|which) (?:is|was)"
    r"|show(?: me)?)\b(?: \w+)*? (?:took|takes|ran|was|is|the|were)(?: the)? (?:longest|slowest|most time)\b"
    r"|^(?:and )?(?:the )?(?:longest|slowest)(?: one| run)?$"
)


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
    if call := _longest_run(draft, previous, tools):
        return call
    if _BY_LONGEST_RUN.fullmatch(draft.asked) and _LONGEST in getattr(tools.get(tool_before), "orders", ()):
        return Call(tool_before, {**last["args"], "order_by": _LONGEST})
    if tool_before in _LISTS_OF_RUNS and _BY_JOB.fullmatch(draft.asked) and _RELIABILITY in tools:
        return Call(_RELIABILITY, {name: last["args"][name] for name in last["args"] if name in _OF_JOBS})
    topic, subject = _about(tool_before)
    named = read_names(draft.mentions, draft.subject or subject, settled)
    if refusal := not_left_out(draft, named):
        return refusal
    if named.unclear:
        return named.unclear
    said = named_arguments(draft, named)
    found = Pointed({})
    if draft.points and not named.arguments:
        meant = pointed(draft.points, previous, before, subject)
        if isinstance(meant, str):
            return meant
        found = meant
        said |= found.arguments
    if draft.shift and (period := _moved(draft.shift, previous, before, now)):
        said["period"] = period
    if draft.same_period:
        said |= _period_of(previous, before, now)
    if draft.topic in _OF_RUNS and found.arguments and not (draft.points and draft.points.counted):
        run = {name: before[name] for name in ("run_id", "jobs") if before.get(name)}
        if run and "run_id" not in found.arguments:
            said = {name: value for name, value in said.items() if name not in found.arguments} | run
    names = {*told(named.arguments, said), *told(found.instead, ())}
    names |= told({kind: each for kind, each in found.arguments.items() if isinstance(each, list)}, ())
    intent = _turned_to(draft, names, topic, subject, tools)
    if isinstance(intent, str):
        return intent
    tool = tools.get(intent.tool if intent else tool_before)
    if tool is None:
        return None
    if "run_id" in found.arguments:
        of_models = draft.subject == "model" or draft.topic == "cause"
        if draft.topic in _TOLD_OF_A_RUN and not of_models and _ONE_RUN in tools:
            return call_of(tools[_ONE_RUN], Saying(draft, named, said, {}, settled), {}, lexicon)
        if "run_id" not in tool.fields and found.instead:
            del said["run_id"]
            said |= found.instead
    if found.remark:
        draft = replace(draft, remarks=[*draft.remarks, found.remark])
    before, left = _elsewhere(named, before, previous)
    if left:
        draft = replace(draft, remarks=[*draft.remarks, left])
    for each in [intent.topic] if intent else topics_of(tool.name):
        said |= draft.chosen.get(each, {})
    complete = draft.whole or (draft.turns and draft.same_period)
    only_points = complete and not draft.follows and not draft.shift
    base = {} if only_points else _kept(before, said, tool)
    if tool.name != tool_before:
        base = {field: value for field, value in base.items() if field not in _fixed(tool_before)}
    base = {**base, **(intent.arguments if intent else {})}
    return call_of(tool, Saying(draft, named, said, before, settled), base, lexicon)


def _elsewhere(named: Named, before: Mapping[str, Any], previous: Turn) -> tuple[dict[str, Any], str]:
    """The earlier arguments without those that what is named now leaves no room for, and what to say of it.

    `Same for marketing`, after a job of growth, is about marketing's jobs, and `and fct_revenue?` after the models of
    marketing about that model, wherever it is.
    """
    kept = dict(before)
    if {"jobs", "models"} & named.arguments.keys() and "projects" not in named.arguments:
        kept = {name: value for name, value in kept.items() if name not in _OF_PROJECTS}
    projects = {*named.arguments.get("projects", ())}
    things = [name for name in _OF_ONE if kept.get(name) and name not in named.arguments]
    if not projects or not things:
        return kept, ""
    rows = (previous.artifact or {}).get("rows") or ()
    theirs = {str(row["project_name"]) for row in rows if row.get("project_name")}
    if projects & theirs:
        return kept, ""
    for name in things:
        del kept[name]
    return kept, "I took that as about the whole project, not what was named before"


def _longest_run(draft: Draft, previous: Turn, tools: Mapping[str, ToolSchema]) -> Call | None:
    """The call for the longest of the runs that were listed before: `which one took longest?`."""
    tool, given = str(previous.calls[-1]["name"]), dict(previous.calls[-1]["args"])
    if draft.subject not in ("", "run") or draft.mentions or not _WHICH_TOOK_LONGEST.search(draft.asked):
        return None
    if tool == _RUNS_OF_A_MODEL:
        return Call(tool, given)  # whose finding tells the longest
    if not are_runs((previous.artifact or {}).get("rows") or ()) or _RUNS not in tools or tool not in _LISTS_OF_RUNS:
        return None
    kept = {name: value for name, value in given.items() if name in tools[_RUNS].fields and name != "order_by"}
    status = {"run_status": ["failure"]} if tool == _FAILED_RUNS else {}
    return Call(_RUNS, {**kept, **status, **draft.fields, "order_by": "runtime", "limit": 1})


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
    asked = Counter(intent.topic for intent in INTENTS if intent.tool == tool)
    own.sort(
        key=lambda intent: (intent.topic in SPECIAL, -asked[intent.topic])
    )  # which a tool may answer for want of a better one
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
    replaced |= _OF_ITS_OWN if "run_id" in said else set()
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
