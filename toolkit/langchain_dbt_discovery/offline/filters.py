"""Filters that need no vocabulary: environment, tags, materialization, status and order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rapidfuzz import fuzz, process

from langchain_dbt_discovery.offline.phrase import Phrase
from langchain_dbt_discovery.offline.stopwords import STOPWORDS
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = [
    "A_RUN",
    "MEASURED",
    "ORDERS",
    "OUTCOME_TOPICS",
    "PATTERNS",
    "read_complement",
    "read_filters",
    "read_order",
    "read_outcome",
    "read_sorting",
    "read_tags",
]

_MATERIALIZATIONS = "incremental|ephemeral|materialized view|view|table|snapshot|seed"
_ENVIRONMENTS = {"prod": "production", "stage": "staging"}
_STATUSES = {
    "success": "success",
    "succe": "success",
    "pass": "success",
    "skip": "skipped",
    "fail": "error",
    "err": "error",
}

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
}
"""How a run ended or stands, as a run's status and as a model's."""
OUTCOME_TOPICS = ("outcome", "state")
"""The topics that such a word makes."""
_MEASURED = r"\b(?:how long|longest|slowest|average|avg|mean|p95|takes?|rank)\b"
MEASURED = re.compile(_MEASURED)
"""Words that ask how long something takes, rather than which it is."""

A_RUN = r"\brun (?:id |number )?#?\d{6,}\b|(?<![\w.#])\d{9,}\b"
"""A run that is named by its id."""

PATTERNS: tuple[tuple[str, str], ...] = (
    ("run_id", r"\b(?:for |in |of )?(?:the )?run (?:id )?#?(\d{2,})\b"),
    ("run_id", r"(?<!job )(?<!job id )(?<!project )(?<![\w.#])#?(\d{9,})\b"),
    ("job_ids", r"\bjob (?:id )?#?(\d{2,})\b"),
    (
        "environment",
        r"\b(?:in|on|for|from|of) (?:the |our )?(production|prod|staging|stage)(?: environment"
        r"| env)?\b(?! folder| layer)",
    ),
    (
        "environment",
        r"\b(production|prod|staging) (?:environment|env|(?=jobs?\b|runs?\b|load\b|builds?\b" r"|deployment\b))",
    ),
    ("environment", r"^(?:(?:and|but|same|the|now|only|just) )*(?:in |for )?(production|prod|staging)$"),
    ("job_type", r"\b(ci|scheduled|merge|adaptive) (?=jobs?\b|runs?\b|builds?\b|ones?\b|pipelines?\b)"),
    ("environment", r"\b(production|prod)\b(?! folder| layer)"),
    ("job_type", r"\b(?:on |for |by )?(pull requests?|prs?)\b(?: jobs?)?"),
    ("job_type", r"^(?:(?:and|only|just|now|the|with|for) )*(ci|scheduled|merge|adaptive)$"),
    (
        "model_status",
        r"\b(?:with |whose )?(?:last )?(?:run )?status (?:is |of |=)?(success\w*|succeeded"
        r"|error\w*|fail\w*|skipped|pass\w*)",
    ),
    ("model_status", r"\b(skipped)\b"),
    (
        "materialization",
        rf"\b(?:materiali[sz]ed (?:as |is )?|materiali[sz]ation (?:is |of "
        rf"|= ?)?)(?:an? )?({_MATERIALIZATIONS})s?\b",
    ),
    ("materialization", rf"\b(?:are|is) (?:an? )?({_MATERIALIZATIONS})s?\b"),
    ("materialization", r"\b(incremental|ephemeral)s?\b"),
    ("materialization", r"\b(view|table)s?(?= models?\b)"),
    ("materialization", r"(?<!materialized )\b(view)s?\b"),
    ("materialization", r"\b(table|snapshot|seed)s\b"),
    ("package", r"\b(?:in |of |from )?(?:the )?package (\w+)"),
    ("package", r"\b(?:in |of |from )(?:the )?(\w+) package\b"),
    ("group", r"\b(?:in |of |from )?(?:the )?group (\w+)"),
    ("group", r"\b(?:in |of |from )(?:the )?(\w+) group\b"),
)
"""Which field each phrase fills; the first phrase of a field wins."""

_LISTED = frozenset({"job_ids", "job_type", "model_status", "materialization", "package", "group"})

ORDERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"\bby (?:the )?(?:time (?:spent )?(?:in (?:the )?queue|queued|waiting)|queue(?:d)? ?time"
        r"|wait(?:ing)? ?time)\b",
        ("queued",),
    ),
    (r"\b(?:by|order(?:ed)? by|sort(?:ed)? by) (?:job |model )?names?\b|\balphabetical(?:ly)?\b", ("name",)),
    (r"\bp ?95\b|\b95th(?: percentile)?\b|\b95 percentile\b", ("p95",)),
    (r"\b(?:by |on |in )(?:the )?median\b", ("median",)),
    (
        r"\b(?:in |by |per )?total(?: run ?time| time| duration)?\b|\baltogether\b|\bsummed\b"
        r"|\bmost (?:time|minutes|hours)\b|\boverall\b",
        ("total",),
    ),
    (
        r"\b(?:by |the )?(?:max|maximum|peak)(?: run ?time| duration)?\b|\b(?:longest|slowest"
        r"|worst) single(?: run)?\b"
        r"|\bsingle (?:longest|slowest|worst)(?: run)?\b|\bby (?:the |their )?longest(?: run)?\b|\bat worst\b",
        ("max",),
    ),
    (r"\b(?:on |by |in |the )?(?:median)(?: run ?time| duration)?\b", ("median",)),
    (r"\b(?:on |by |in |the )?(?:average|avg|mean)(?: run ?time| duration)?\b", ("avg",)),
    (
        r"\b(?:by |in order of |with the |the )?(?:highest |lowest |worst |best )?(?:success|failure|fail"
        r"|error) rates?\b"
        r"|\b(?:by )?(?:the )?(?:share|percentage|ratio|proportion) of (?:\w+ )?(?:fail\w*|runs)(?: runs)?\b",
        ("rate", "success_rate"),
    ),
    (r"\boldest(?: first)?\b", ("oldest",)),
    (
        r"\b(?:newest|latest|most recent|most recently \w+|last \w+) first\b|\b(?:\w+ )?most recently\b"
        r"|\b(?:by|most) (?:(?:the |their )?(?:last|latest) run|recent|recently run|date)\b"
        r"|\bby when\b.*\b(?:last|recently)\b",
        ("newest", "last_run"),
    ),
    (
        r"\b(?:order(?:ed)?|sort(?:ed)?|rank(?:ed)?) by (?:run ?time|duration|how long)\b"
        r"|\b(?:longest"
        r"|slowest) (?:one |run )?first\b",
        ("runtime", "avg"),
    ),
)
"""How an order is said, and the values of `order_by` that it stands for, by the tool."""


_SORTINGS = (
    (
        r"\b(?:sort|order|rank)(?:ed)?(?: them| it)? by (?:the |their )?(?:when (?:they|it|each|the \w+)"
        r"(?: were| was| have| has)? (?:(?:last|most recently) \w+|\w+ (?:last|most recently))|last run|total time"
        r"|(?:wait(?:ing)? ?|queued? ?)?time(?: spent)? (?:in (?:the )?queue|queued|waiting)|[\w-]+(?: time)?)\b"
    ),
    (
        r"\b(?:longest|slowest) (?:one |run )?first\b|\bby (?:the |their )?(?:last|latest|most recent) run\b"
        r"|\b(?:most recently|last) (?:built|run"
        r"|updated) first\b"
        r"|(?<=\bmodels )(?:built |run |updated |were built |were run )?most recently(?: built| run| updated)?\b"
        r"|(?<=\bmodels were )(?:built |run |updated )most recently\b|\bmost recently (?:built|run|updated)\b"
    ),
)
"""Phrases that say how to sort."""


_ENVIRONMENT = r"(?:environments?|env|jobs?|runs?|deployments?|ones?)"
_CI = r"(?:ci|pull requests?|prs?)(?: (?:jobs?|runs?|builds?|ones?|pipelines?))?"


def read_complement(phrase: Phrase, remarks: list[str]) -> dict[str, Any]:
    """The filters that leaving something out comes to: without staging is production, without CI all other jobs."""
    found: dict[str, Any] = {}
    if match := phrase.take(
        rf"(?:\| )?\b(?:except|no)(?: (?:the|our|in|from))* (staging|stage|production|prod)(?: {_ENVIRONMENT})?\b"
    ):
        found["environment"] = "staging" if match[1].startswith("prod") else "production"
    if phrase.take(rf"(?:\| )?\b(?:except|no)(?: (?:the|our|any|from))* {_CI}(?![\w])"):
        if phrase.has(r"\bprod(?:uction)?\b"):
            remarks.append("Production already leaves out what runs elsewhere, so I set nothing more for CI")
        else:
            found["job_type"] = ["scheduled", "merge", "adaptive", "other"]
    return found


def read_filters(phrase: Phrase) -> dict[str, Any]:
    """The fields that fixed words fill."""
    found: dict[str, Any] = {}
    for field, pattern in PATTERNS:
        if field not in found and (match := phrase.take(pattern)):
            value = _plain(field, match[1])
            found[field] = [value] if field in _LISTED else value
    of_runs = phrase.has(r"\b(?:jobs?|runs?)\b") and not phrase.has(r"\bmodels?\b")
    if of_runs and found.get("model_status", ["skipped"]) != ["skipped"]:  # only models are skipped
        found["run_status"] = found.pop("model_status")
    return found


def read_order(phrase: Phrase) -> tuple[str, ...]:
    """The orders that the phrase asks for, best first; empty for none."""
    return next((values for pattern, values in ORDERS if phrase.take(pattern)), ())


def read_sorting(phrase: Phrase) -> tuple[str, ...]:
    """The orders that a phrase such as `sorted by last run` asks for; read before its words mean anything else."""
    for pattern in _SORTINGS:
        found = re.search(pattern, phrase.text)
        if found and (orders := read_order(Phrase(found[0]))):
            phrase.drop(found[0])
            return orders
    return ()


def read_outcome(phrase: Phrase, topic: str) -> dict[str, Any]:
    """How the runs or models asked about ended, where that narrows the question rather than being it.

    `How long do successful runs take` is about time and `which jobs succeeded` about jobs, but `what failed` is about
    failures.
    """
    of_runs = r"\b(?P<outcome>cancell?ed|successful|succeeded|completed) (?=runs?\b|builds?\b|executions?\b|ones?\b)"
    outcome = rf"(?!(?<=longest )running)(?!(?<=long )running)(?P<outcome>{'|'.join(_OUTCOMES)})"
    if topic not in OUTCOME_TOPICS:
        if not phrase.has(_MEASURED):
            ended = (
                rf"\b(?:that|which)(?: (?:have|had|has|were|was|got|been|are|is))+ (?P<outcome>{'|'.join(_OUTCOMES)})\b"
            )
            plain = topic in ("", "list", "failure", "speed")
            taken = (phrase.take(of_runs) or (phrase.has(r"\bruns\b") and phrase.take(ended))) if plain else None
            return {"run_status": [_OUTCOMES[taken["outcome"]][0]]} if taken else {}
        match = phrase.take(
            rf"\b{outcome}(?= (?:\w+ )?(?:runs?|builds?|executions?|jobs?"
            rf"|models?)\b)"
        ) or phrase.take(rf"\b(?:that|which|when they|when it)(?: have| had| were)? {outcome}\b")
    else:
        match = phrase.take(rf"\b{outcome}\b")
    if match is None:
        return {}
    run, model = _OUTCOMES[match["outcome"]]
    return {"model_status": [model]} if model and phrase.has(r"\bmodels?\b") else {"run_status": [run]}


def read_tags(phrase: Phrase, lexicon: Lexicon) -> dict[str, Any]:
    """Tags that are called so: `tagged finance and pii`, `with tag daily`, `tag:nightly`."""
    word = r"[\w:/-]+"
    known = {entry.name.casefold(): entry.name for entry in lexicon.entries if entry.kind == "tags"}
    pair = rf"(?P<one>{word}) (?P<joined>and|or) (?:the )?(?P<other>{word})"
    for pattern in (
        rf"(?<!in )(?<!of )(?<!from )\b(?:both"
        rf"|either) (?:the )?{pair}(?: tags?\b)?",
        rf"\b{pair} tags?\b",
    ):
        found = re.search(pattern, phrase.text)
        if found and {found["one"], found["other"]} <= set(known):
            phrase.drop(found[0])
            both = {"tags_match": "all"} if found["joined"] == "and" else {}
            return {"tags": [known[found["one"]], known[found["other"]]], **both}
    match = phrase.take(
        rf"\b(?:(?:that are |which are )?tagg?ed(?: with| as)?|(?:with |of |having "
        rf"|have )?(?:both )?(?:the |a )?tags?:?)(?: is| are)? (?:both |either |all of |any of |any |as )?(?:the )?"
        rf"((?!(?:and|or|in|of)\b){word}(?:(?: ?, ?| and | or )(?!(?:in|of|which|that|what"
        rf"|their)\b){word}(?! (?:models?|jobs?)\b))*)"
    ) or phrase.take(rf"\b({word}) (?:tagg?ed\b|tags?\b)")
    if match is None:
        return {}
    words = [each for each in match[1].replace(",", " ").split() if each not in ("and", "or", "the")]
    if kinds := [each for each in words[1:] if each not in known and re.fullmatch(_MATERIALIZATIONS, each)]:
        words = [each for each in words if each not in kinds]  # “tagged finance and incremental”
        phrase.text += "".join(f" | materialized as {each}" for each in kinds)
    if others := [each for each in words[1:] if each not in known and each in STOPWORDS]:
        words = [each for each in words if each not in others]  # “tagged finance, yesterday”
        phrase.text += f" | {' '.join(others)}"
    every = len(words) > 1 and " or " not in match[1] and not re.search(r"\b(?:either|any)\b", match[0])
    return {"tags": [_tag(each, known) for each in words], **({"tags_match": "all"} if every else {})}


def _tag(said: str, known: Mapping[str, str]) -> str:
    if said in known:
        return known[said]
    near = process.extractOne(said, list(known), scorer=fuzz.ratio, score_cutoff=80)
    return known[near[0]] if near else said


def _plain(field: str, said: str) -> str:
    if field == "environment":
        return _ENVIRONMENTS.get(said, said)
    if field == "job_type" and said.startswith("p"):
        return "ci"  # which is what pull requests start
    if field == "model_status":
        return next(value for start, value in _STATUSES.items() if said.startswith(start))
    return said.replace(" ", "_") if field == "materialization" else said
