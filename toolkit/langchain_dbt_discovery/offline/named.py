"""What the names of a question mean, and what becomes of them: arguments, things left out, a question back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_dbt_discovery.offline.draft import Draft, phrases
from langchain_dbt_discovery.offline.names import Mention
from langchain_dbt_discovery.offline.tested import A_TEST
from langchain_dbt_discovery.offline.vocabulary import words_of

__all__ = ["Named", "Question", "named_arguments", "not_left_out", "read_names", "set_aside", "told"]

_ORDER_OF_KINDS = {
    "model": ("projects", "models", "tags", "jobs", "environments"),
    "test": ("projects", "models", "tags", "jobs", "environments"),
    "source": ("projects", "models", "tags", "jobs", "environments"),
    "": ("jobs", "models", "projects", "environments"),
}
_USUAL_ORDER = ("projects", "jobs", "models", "environments")
_ONLY_PROJECTS = "I can leave out whole projects only, not jobs, models or kinds of them."
_IN_ROWS = (
    (
        frozenset({"dbt_flaky_tests", "dbt_failing_tests", "dbt_slowest_tests"}),
        "models",
        A_TEST,
    ),
    (frozenset({"dbt_source_freshness"}), "projects", r"^[a-z]\w+$"),
)
"""Reports, a kind of name that narrows them, and how names look that only their rows have."""


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
    if named.left_out and named.arguments.get("projects"):
        _drop_spoken_of(named, mentions)
    return named


def _drop_spoken_of(named: Named, mentions: Iterable[Mention]) -> None:
    """Takes out projects that are only spoken of and then left out: `growth is always slow; without growth, …`."""
    kept = {
        name
        for mention in mentions
        if not mention.excluded and (mention.preposition or mention.kind)
        for name in _names(mention, "projects")
    }
    wanted = [name for name in named.arguments["projects"] if name in kept or name not in named.left_out]
    if wanted:
        named.arguments["projects"] = wanted
    else:
        del named.arguments["projects"]


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
