"""The one model, job or run that some tools are about: as they take it, looked for in the question, or asked back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_dbt_discovery.offline.asking import AROUND
from langchain_dbt_discovery.offline.draft import Draft, phrases
from langchain_dbt_discovery.offline.intents import ABOUT
from langchain_dbt_discovery.offline.names import Mention
from langchain_dbt_discovery.offline.phrase import normal
from langchain_dbt_discovery.offline.schema import ToolSchema
from langchain_dbt_discovery.offline.vocabulary import Lexicon, words_of

__all__ = [
    "Search",
    "about_one",
    "ask_for_one",
    "asked_for_one",
    "asks_for_a_run",
    "in_form",
    "missing",
    "search",
    "spread",
    "takes",
    "too_many",
]

_ONE: Mapping[str, tuple[str, ...]] = {"model": ("models", "model_ids"), "job": ("jobs", "job_ids")}
"""The argument for one of a kind, and those for several, in which questions name it."""
_ASKED = re.compile(r"^Which (?P<noun>model|job|run) do you mean\? ")


@dataclass(slots=True)
class Search:
    """What words that the first reading took otherwise may name.

    Attributes:
        kind: `models` or `jobs`.
        said: The words; empty if none name such a thing.
        names: What they may name.
        mention: The mention whose words they are; None for words that were not understood.
    """

    kind: str = ""
    said: str = ""
    names: tuple[str, ...] = field(default=())
    mention: Mention | None = None


def about_one(tool: ToolSchema) -> tuple[str, ...]:
    """The kinds of things of which the tool takes one."""
    return tuple(one for one in _ONE if one in tool.fields)


def takes(tool: ToolSchema, kind: str) -> bool:
    """Whether the tool can be told of a `model` or a `job`, of one or of several."""
    return any(name in tool.fields for name in (kind, *_ONE.get(kind, ())))


def spread(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with the one model or job as a list of one, in which form questions name them."""
    plain = dict(arguments)
    for one, (several, _) in _ONE.items():
        if plain.get(one):
            plain[several] = [plain.pop(one)]
    return plain


def in_form(tool: ToolSchema, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Spread arguments as the tool takes them: a single model or job by itself, where it takes one.

    Where it takes only one of a model and a job, the model is it, and the job narrows the model's runs.
    """
    fitting = dict(arguments)
    for one in about_one(tool):
        for several in _ONE[one]:
            if len(fitting.get(several) or ()) == 1 and one not in fitting:
                (fitting[one],) = fitting.pop(several)
    if {"model", "job"} <= fitting.keys() and "jobs" in tool.fields:
        fitting["jobs"] = [fitting.pop("job")]
    return fitting


def too_many(tool: ToolSchema, arguments: Mapping[str, Any]) -> str:
    """What is said of several models or jobs to a tool that takes one; empty if there are none."""
    for one in about_one(tool):
        several = _ONE[one][0]
        if several in arguments and several not in tool.fields and len(arguments[several]) > 1:
            return f"That is told of one {one} at a time. Name one of {phrases(arguments[several])}."
    return ""


def missing(tool: ToolSchema, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """What the tool has to be told one of, if it is told none of it; `arguments` are spread."""
    needed = ABOUT.get(tool.name, ())
    given = {name for name, value in arguments.items() if value}
    return () if given & {*needed, *("job_ids" for each in needed if each == "jobs")} else needed


def search(draft: Draft, wanted: Sequence[str], lexicon: Lexicon) -> Search:
    """What of the wanted kinds the question's words may name that were taken otherwise, or not understood."""
    for kind in (each for each in wanted if each in ("models", "jobs")):
        for mention in draft.mentions:
            if names := _named(words_of(mention.said), kind, lexicon):
                return Search(kind, mention.said, names, mention)
        for length in range(len(draft.unknown), 0, -1):
            for at in range(len(draft.unknown) - length + 1):
                said = " ".join(draft.unknown[at : at + length])
                if names := _named(words_of(said), kind, lexicon):
                    return Search(kind, said, names)
    return Search()


def ask_for_one(wanted: Sequence[str], lexicon: Lexicon) -> str:
    """The question back for the model, job or run that a question is about."""
    kind = "models" if "models" in wanted else "jobs"
    example = next((entry.name for entry in lexicon.entries if entry.kind == kind), "")
    such = f", such as “{example}”" if example else ""
    if "run_id" in wanted:
        return f"Which run do you mean? Name its job{such}, for its latest run, or the run's id."
    return f"Which {kind.removesuffix('s')} do you mean? Name one{such}."


def asked_for_one(answer: str, reply: str) -> str:
    """The reply to a question back as words to end the question with; empty if none was asked back."""
    match = _ASKED.match(answer)
    if match is None:
        return ""
    said = AROUND.sub("", normal(reply))
    noun = {"run": "run" if said.isdigit() else "job"}.get(match["noun"], match["noun"])
    return f"{noun} {said}" if said else ""


def asks_for_a_run(answer: str) -> bool:
    """Whether a question back asks for a run."""
    match = _ASKED.match(answer)
    return match is not None and match["noun"] == "run"


def _named(words: tuple[str, ...], kind: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The names of a kind that the words are, else those that hold them."""
    own = [entry for entry in lexicon.entries if entry.kind == kind]
    whole = tuple(entry.name for entry in own if entry.words == words)
    padded = f" {' '.join(words)} "
    return whole or (tuple(entry.name for entry in own if padded in f" {entry.text} ") if words else ())
