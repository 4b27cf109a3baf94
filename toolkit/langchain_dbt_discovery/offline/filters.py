"""Filters that need no vocabulary: environment, tags, materialization, status and order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from langchain_dbt_discovery.offline.phrase import Phrase

__all__ = [
    "A_RUN",
    "MATERIALIZATIONS",
    "ORDERS",
    "PATTERNS",
    "read_complement",
    "read_filters",
    "read_order",
    "read_sorting",
]

MATERIALIZATIONS = "incremental|ephemeral|materialized view|view|table|snapshot|seed"
_ENVIRONMENTS = {"prod": "production", "stage": "staging"}
_STATUSES = {
    "success": "success",
    "succe": "success",
    "pass": "success",
    "skip": "skipped",
    "fail": "error",
    "err": "error",
}

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
    (
        "job_type",
        r"\b(ci|scheduled|merge|adaptive) (?=(?:(?:\w+|\|\*\|) )?jobs?\b|runs?\b|builds?\b|ones?\b|pipelines?\b"
        r"|failures?\b|errors?\b)",
    ),
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
        rf"|= ?)?)(?:an? )?({MATERIALIZATIONS})s?\b",
    ),
    ("materialization", rf"\b(?:are|is) (?:an? )?({MATERIALIZATIONS})s?\b"),
    ("materialization", r"\b(incremental|ephemeral)s?\b"),
    ("materialization", r"\b(view|table)s?(?= models?\b)"),
    ("materialization", r"(?<!materialized )\b(view)s?\b"),
    ("materialization", r"\b(table|snapshot|seed)s\b"),
    ("package", r"\b(?:in |of |from )?(?:the )?package (\w+)"),
    ("package", r"\b(?:in |of |from )(?:the )?(\w+) package\b"),
    ("group", r"\b(?:in |of |from |by )?(?:the )?group (?!by\b)(\w+)"),
    ("group", r"\b(?:owned |maintained )?by (?:the )?(?:group )?(\w+) (?:group|team)\b"),
    ("group", r"\b(?:in |of |from )(?:the )?(\w+) group\b"),
)
"""Which field each phrase fills; the first phrase of a field wins."""

_TWO_OF_THEM = (
    rf"\b(?:materiali[sz]ed as )?({MATERIALIZATIONS})s?(?: models?)?(?: ,)? (?:and|or)(?: as)?"
    rf" ({MATERIALIZATIONS})s?\b(?: models?)?"
)

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
        r"\b(?:newest|latest|most recent|most recently \w+|last \w+)(?: \w+){0,2} first\b|\b(?:\w+ )?most recently\b"
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
    r"^(?:\w+ ,? ?){0,2}?(?:sort|order|rank)(?:ed)?(?: them| it| these| those)? by (?:the |their )?"
    r"(?:success|failure|fail|error) rates?$",
    (
        r"\b(?:sort|order|rank)(?:ed)?(?: them| it)? by (?:the |their )?(?:when (?:they|it|each|the \w+)"
        r"(?: were| was| have| has)? (?:(?:last|most recently) \w+|\w+ (?:last|most recently))|last run|total time"
        r"|(?:wait(?:ing)? ?|queued? ?)?time(?: spent)? (?:in (?:the )?queue|queued|waiting)|[\w-]+(?: time)?)\b"
    ),
    (
        r"\b(?:newest|oldest|latest|most recent)(?: \w+){0,2} first\b|\b(?:longest|slowest) (?:one |run )?first\b"
        r"|\bby (?:the |their )?(?:last|latest|most recent) run\b"
        r"|\b(?:most recently|last) (?:built|run"
        r"|updated) first\b"
        r"|(?<=\bmodels )(?:built |run |updated |were built |were run )?most recently(?: built| run| updated)?\b"
        r"|(?<=\bmodels were )(?:built |run |updated )most recently\b|\bmost recently (?:built|run|updated)\b"
    ),
)
"""Phrases that say how to sort."""


_ENVIRONMENT = r"(?:environments?|env|jobs?|runs?|deployments?|ones?)"
_CI = r"(?:ci|pull requests?|prs?)(?: (?:jobs?|runs?|builds?|ones?|pipelines?))?"


_MEASURE_WORDS = (
    r"seconds|secs|minutes|percent|averages?|avg|mean|median|total|totals|p95|maximum|max|absolute|alphabetically"
)
"""What “not” says of a measure, beside the one that is meant: `by percent, not seconds`."""
_STATUS_WORDS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "verdict": (
        {"failing|unhealthy": "failing", "warnings?": "warning", "healthy": "healthy", "unknown": "unknown"},
        r"\bhealth|\bverdict",
    ),
    "status": (
        {"errors?|errored|failing|failed": "error", "warnings?|warn|warned": "warn", "fresh|passing|passed": "pass"},
        r"\bsources?\b|\bfresh",
    ),
    "run_status": (
        {"failed|failures?|errors?": "failure", "cancell?ed": "cancelled", "successful|succeeded|successes": "success"},
        r"\bruns\b",
    ),
}
"""Statuses by the words for them, and how it shows that a question is about such."""


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
    phrase.take(rf"(?:\| )?\bexcept(?: (?:the|in|by|on|its))* (?:{_MEASURE_WORDS})\b(?= ?(?:$|\||,|please))")
    return found | _read_status_complement(phrase)


def _read_status_complement(phrase: Phrase) -> dict[str, Any]:
    """The statuses that are left where some are not wanted; nothing where those that are wanted are said besides."""
    for field, (words, about) in _STATUS_WORDS.items():
        word = "|".join(words)
        pattern = (
            rf"(?:\| )?\bexcept(?: (?:the|those|with|in|are|by))* (?P<out>{word})"
            r"(?: (?:ones?|models?|runs?|sources?))?(?!\w)"
        )
        match = re.search(pattern, phrase.text)
        if match is None:
            continue
        rest = phrase.text.replace(match[0], "|")
        if re.search(rf"\b(?:{word})\b", rest):
            phrase.text = rest  # “in error, not the warnings”
            return {}
        if re.search(about, phrase.text):
            phrase.text = rest
            out = next(value for shown, value in words.items() if re.fullmatch(shown, match["out"]))
            return {field: [value for value in dict.fromkeys(words.values()) if value != out]}
    return {}


def read_filters(phrase: Phrase) -> dict[str, Any]:
    """The fields that fixed words fill."""
    found: dict[str, Any] = {}
    if both := phrase.take(_TWO_OF_THEM):
        found["materialization"] = [_plain("materialization", both[1]), _plain("materialization", both[2])]
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


def _plain(field: str, said: str) -> str:
    if field == "environment":
        return _ENVIRONMENTS.get(said, said)
    if field == "job_type" and said.startswith("p"):
        return "ci"  # which is what pull requests start
    if field == "model_status":
        return next(value for start, value in _STATUSES.items() if said.startswith(start))
    return said.replace(" ", "_") if field == "materialization" else said
