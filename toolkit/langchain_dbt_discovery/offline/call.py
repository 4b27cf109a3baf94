"""From a question taken apart to a tool call, or to what has to be said instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_dbt_discovery.offline.draft import Draft, phrases
from langchain_dbt_discovery.offline.intents import ABOUT, ABSENT, INTENTS, Intent
from langchain_dbt_discovery.offline.names import Mention
from langchain_dbt_discovery.offline.schema import ToolSchema
from langchain_dbt_discovery.offline.vocabulary import words_of

__all__ = [
    "Call",
    "Question",
    "choose_intent",
    "named_arguments",
    "narrowed",
    "not_left_out",
    "read_names",
    "set_aside",
    "told",
]

_ORDER_OF_KINDS = {
    "model": ("projects", "models", "tags", "jobs", "environments"),
    "test": ("projects", "models", "tags", "jobs", "environments"),
    "source": ("projects", "models", "tags", "jobs", "environments"),
    "": ("jobs", "models", "projects", "environments"),
}
_USUAL_ORDER = ("projects", "jobs", "models", "environments")
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
_MEASURES = frozenset({"avg", "median", "max", "p95", "total"})
"""Orders that are measures: what is not sorted by them may still show them."""
_ONLY_PROJECTS = "I can leave out whole projects only, not jobs, models or kinds of them."
_IN_ROWS = (
    (
        frozenset({"dbt_flaky_tests", "dbt_failing_tests", "dbt_slowest_tests"}),
        "models",
        r"^(?:assert|not_null|unique|accepted|relationships|dbt_utils|dbt_expectations|expect|test|source|equal\w*|check)_",
    ),
    (frozenset({"dbt_source_freshness"}), "projects", r"^[a-z]\w+$"),
)
"""Reports, a kind of name that narrows them, and how names look that only their rows have."""
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
    """

    tool: str
    arguments: dict[str, Any]
    caveats: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    bridge: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A name that several things answer to, to be asked back."""

    kind: str
    said: str
    candidates: tuple[str, ...]


@dataclass(slots=True)
class Named:
    """The arguments that names became, and what is not clear."""

    arguments: dict[str, list[str]] = field(default_factory=dict)
    environment: str = ""
    left_out: list[str] = field(default_factory=list)
    unclear: Question | None = None


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
    if subject == "run" and "models" in kinds:
        subject = "model"
    for topic in topics:
        bound = [intent for intent in INTENTS if intent.topic == topic and intent.tool in tools]
        for intent in bound:
            known = kinds | called if intent.tool in ABOUT else kinds
            if (not intent.subjects or subject in intent.subjects) and known.issuperset(intent.needs):
                return intent
        if topic in ABSENT and not bound:
            return ABSENT[topic]
    return None


def told(named: Mapping[str, Sequence[str]], fields: Iterable[str]) -> set[str]:
    """What intents may need: the kinds of names and the other arguments, and `one job` where it is a single one."""
    single = {f"one {kind.removesuffix('s')}" for kind, names in named.items() if len(names) == 1}
    return {*named, *fields, *single}


def read_names(mentions: Iterable[Mention], subject: str, settled: Mapping[str, Sequence[str]]) -> Named:
    """What the names mean: the kind that the words around them say, else the likeliest for the subject.

    Args:
        mentions: The names, with everything they may mean.
        subject: What the question is about.
        settled: What the person said, when asked, that some of the words mean.
    """
    named = Named()
    for mention in mentions:
        kind, candidates = _meaning(mention, subject)
        chosen = settled.get(mention.said) or (candidates if len(candidates) == 1 else ())
        if kind == "environments":
            named.environment = candidates[0]
        elif chosen and kind == "projects" and mention.excluded:
            named.left_out.extend(chosen)
        elif chosen:
            named.arguments.setdefault(kind, []).extend(chosen)
        elif candidates:
            named.unclear = named.unclear or Question(kind, mention.said, candidates)
    return named


def named_arguments(draft: Draft, named: Named) -> dict[str, Any]:
    """Everything the question says as arguments, whichever tool gets them."""
    arguments: dict[str, Any] = dict(draft.fields)
    for kind, names in named.arguments.items():
        arguments[kind] = [*arguments.get(kind, []), *names]
    if named.environment:
        arguments["environment"] = named.environment
    if named.left_out and "projects" not in arguments:
        arguments |= {"projects": list(named.left_out), "include_or_exclude": "exclude"}
    return arguments


def not_left_out(draft: Draft, named: Named) -> str:
    """Why what is to be left out cannot be; empty if it can, or if there is none.

    The reports leave out projects and nothing else, and a job that was to be left out must not become the only one.
    """
    if not draft.exclude:
        return ""
    if draft.excludes_unnamed:
        return _ONLY_PROJECTS
    if both := [name for name in named.left_out if name in named.arguments.get("projects", ())]:
        return f"I cannot both keep and leave out {phrases(both)}."
    if named.unclear and named.unclear.kind == "projects":
        return ""
    meant = [{mention.said, *_names(mention, "projects")} for mention in draft.mentions if mention.excluded]
    return "" if meant and all(names & set(named.left_out) for names in meant) else _ONLY_PROJECTS


def set_aside(named: Named, draft: Draft, tool: str) -> None:
    """Takes names out that no argument of a report can be, though its rows may have them: tests and sources."""
    names = {mention.said for mention in draft.mentions if not mention.entries}
    for tools, kind, looks in _IN_ROWS:
        if tool in tools and kind in named.arguments:
            beside = [each for each in named.arguments[kind] if each in names and re.search(looks, each)]
            named.arguments[kind] = [each for each in named.arguments[kind] if each not in beside]
            if beside:
                draft.remarks.append(f"This report is not narrowed to {phrases(beside)}: look for it in the rows")
            if not named.arguments[kind]:
                del named.arguments[kind]


def narrowed(
    tool: ToolSchema, arguments: Mapping[str, Any], draft: Draft, named: Named, base: Mapping[str, Any]
) -> Call:
    """The call of `tool` with those arguments that it takes; the others become caveats."""
    taken = dict(base)
    left = []
    for said, value in arguments.items():
        name = _INSTEAD.get(tool.name, {}).get(said, said)
        if name == "order_by" and value not in tool.orders:
            continue  # which the same words stand for in another report
        if name in tool.fields:
            taken[name] = tool.bound(name, value)
        elif name not in _SILENT and not (name == "last_n_runs" and value <= _LATEST.get(tool.name, 0)):
            left.append(_WORDS.get(name, name.replace("_", " ")))
    if draft.orders:
        if order := next((each for each in draft.orders if each in tool.orders), None):
            taken["order_by"] = order
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
        caveats.append(f"I left out what I did not understand: {phrases(draft.unknown)}")
    return Call(tool.name, taken, tuple(caveats), tuple(draft.remarks))


def _meaning(mention: Mention, subject: str) -> tuple[str, tuple[str, ...]]:
    """The kind and the names that a mention may mean; one name where it is clear."""
    if not mention.entries:
        return mention.kind or ("models" if subject == "model" else "jobs"), (mention.said,)
    order = (mention.kind,) if mention.kind else _ORDER_OF_KINDS.get(subject, _USUAL_ORDER)
    if mention.preposition and not mention.kind:
        order = ("projects", *(kind for kind in order if kind != "projects"))
    found = {kind: _names(mention, kind) for kind in order}
    if mention.kind and len(found[mention.kind]) != 1 and len(projects := _names(mention, "projects")) == 1:
        whole_names = _whole(mention, mention.kind)
        return (mention.kind, whole_names) if whole_names else ("projects", projects)
    whole = {kind: names for kind in order if (names := _whole(mention, kind))}
    for kind in order:
        if kind in whole and kind != "tags":
            return kind, whole[kind]
    clear = [kind for kind in order if len(found[kind]) == 1]
    for kind in order:
        if kind in clear or (kind == "tags" and kind in whole):
            return kind, found[kind]
    for kind in order:
        if found[kind]:
            return kind, found[kind]
    if mention.kind:
        return _meaning(Mention(mention.said, mention.entries, mention.exact, "", mention.preposition), subject)
    kind = mention.entries[0].kind
    return kind, _names(mention, kind)


def _names(mention: Mention, kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.name for entry in mention.entries if entry.kind == kind))


def _whole(mention: Mention, kind: str) -> tuple[str, ...]:
    """The names of a kind that the mention is whole, not just a part of."""
    if not mention.exact:
        return ()
    said = "".join(words_of(mention.said))
    return tuple(dict.fromkeys(e.name for e in mention.entries if e.kind == kind and "".join(e.words) == said))
