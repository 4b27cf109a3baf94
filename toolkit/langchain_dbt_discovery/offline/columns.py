"""Columns that a question asks for by their name: what they hold is said beside the finding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dbt_discovery.words import duration, either, minute, percent

from langchain_dbt_discovery.content import cell
from langchain_dbt_discovery.offline.phrase import normal
from langchain_dbt_discovery.text import clean

__all__ = ["asked_column", "told_columns"]

_COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"\bcron\w*\b|\bschedules?\b(?! (?:collide|collision))"
        r"|\bhow often (?:does|is|do|are)\b.*\b(?:runs?|starts?|scheduled|triggered|kicked)\b",
        ("schedule",),
    ),
    (r"\bnext (?:run|start|execution)\b|\b(?:runs?|starts?|due|scheduled) next\b", ("next_run_time",)),
    (r"\bmedians?\b", ("median_queued", "median_time_to_recovery", "median_runtime")),
    (r"\bp ?95\b|\b95th\b", ("p95_queued", "p95_runtime")),
    (r"\b(?:max|maximum|peak)\b|\b(?:longest|slowest) single\b", ("max_queued", "max_runtime")),
    (r"\b(?:in|the) total\b|\btotal (?:run ?)?time\b|\baltogether\b", ("total_runtime",)),
    (
        r"\b(?:average|avg|mean)\b|^how long (?:does|do|did) .+ and .+ take",
        ("avg_runtime", "runtime", "avg_queued"),
    ),
    (r"\bqueu\w*\b|\bwait\w*\b", ("queued", "last_run_queued", "avg_queued")),
    (r"\bsuccess rates?\b", ("success_rate",)),
    (r"\bfailure rates?\b", ("failure_rate",)),
    (r"\brecover\w*\b|\brepair\w*\b|\bmttr\b", ("mean_time_to_recovery",)),
    (r"\bhow many models\b|\b(?:number|count) of models\b|\bmodels (?:per|by) project\b", ("model_count",)),
    (r"\bhow many jobs\b|\b(?:number|count) of jobs\b|\bjobs (?:per|by) project\b", ("job_count",)),
    (r"\bhow many tests\b|\b(?:number|count) of tests\b", ("test_count",)),
    (r"\bhow many rows\b|\brow counts?\b|\b(?:number|count) of rows\b|\bhow big\b", ("row_count",)),
    (r"\bbytes\b|\bhow big\b", ("byte_count",)),
    (r"\bmateriali[sz]\w*\b", ("materialization",)),
    (r"\bdescri(?:be|ption|bed)\b|\bdocumentation\b", ("description",)),
    (r"\bschema\b|\bdatabase\b", ("schema", "database")),
    (r"\bwhich tags\b|\bwhat tags\b|\btags (?:of|does|has|are)\b|\bthe tags\b", ("tags",)),
    (r"\bcommits?\b|\b(?:git )?sha\b", ("git_sha",)),
    (r"\bbranch(?:es)?\b", ("git_branch",)),
    (r"\bdbt version\b|\bversion of dbt\b", ("dbt_version",)),
    (
        r"^(?:and |but |so )*why\b|\berrors?(?: (?:of|for|in) (?:it|that|this))?$|\berror (?:messages?"
        r"|texts?|logs?)\b|\bthe errors?\b|\bits errors?\b"
        r"|\bthe (?:messages?|logs?)\b|\btraces?\b|\bthe reasons?\b",
        ("error", "last_run_error", "reasons", "reason", "suspects"),
    ),
    (r"\b(?:steps|commands)\b", ("steps",)),
    (r"\bsince when\b|\bhow long has\b", ("failing_since", "last_success_time")),
    (
        r"\btested models?\b|\bwhich models? (?:do|does|is|are) (?:they|it|those|these|that) test",
        ("tested_model",),
    ),
    (r"\b(?:last|latest) (?:success\w*|succeeded)\b|\blast succeed\b", ("last_success_time",)),
)
"""How a column is asked for, and the keys it may have, the likeliest first."""
_SHARED: tuple[tuple[str, str], ...] = (
    (r"projects?", "project_name"),
    (r"jobs?|pipelines?", "job_name"),
    (r"environments?", "environment_name"),
)
"""What several rows may share, so that its values are listed once each."""
_WHICH = r"(?:and |but |so |ok )*(?:(?:for|in|of|on|from|by) )?(?:which|what|whose)"
_ONLY_THESE = r"(?: (?:is|are|was|were) (?:that|those|these|it|they|this|affected|concerned)| exactly| though)?"
_ONLY_COLUMN = re.compile(
    r"(?:(?:and|but|so|ok|please|what|which|is|was|are|were|show|give|tell|me|us|about|how|the|its|their|exact|full"
    r"|whole|single|git|was|there|an?|there|also) )*"
    r"(?:error|errors|error messages?|error text|error logs?|messages?|logs?|stack ?trace|trace|commits?|sha|branch"
    r"|dbt version|schedule|cron|owners?|description|materiali[sz]ation|reasons?|tested models?)(?: (?:of"
    r"|for|about|behind|in) (?:it|that|this|them|those|these))?"
    r"|since when(?: already| exactly)?"
    r"|(?:and )?which models? (?:do|does|is|are) (?:they|it|those|these|that) test(?:ing)?"
)
_TEXTS = frozenset({"error", "last_run_error", "description", "reasons", "reason"})
"""Columns of sentences that are not ours, which are shown as quotations."""
_NAMES = ("name", "source", "job_name", "bucket", "project_name", "start_time")
_MOST_COLUMNS = 2
_MOST_ROWS = 5
_MOST_NAMES = 12
_TEXT = 240
_BEGINNING = 80


def told_columns(question: str, report: Mapping[str, Any]) -> str:
    """Sentences with what the columns hold that a question asks for, where the finding does not say it.

    Args:
        question: The question that the report answers.
        report: The report.
    """
    words, rows = normal(question), report.get("rows") or ()
    if not rows:
        return ""
    told = [*_shared(words, report), *_single(words, report)][:_MOST_COLUMNS]
    return "\n\n".join(
        [" ".join(each for each in told if "\n" not in each), *(each for each in told if "\n" in each)]
    ).strip()


def asked_column(question: str, report: Mapping[str, Any] | None) -> bool:
    """Whether a question asks for nothing but a column of a report: `for which project?`, `show me the error`."""
    words, rows = normal(question), (report or {}).get("rows") or ()
    if report is None or not rows:
        return False
    has = {column["key"] for column in report.get("columns") or ()}
    for nouns, key in _SHARED:
        if re.fullmatch(rf"{_WHICH} (?:{nouns}){_ONLY_THESE}", words):
            return key in has and _is_beside(key, rows)
    asked = (key for pattern, keys in _COLUMNS if re.search(pattern, words) for key in keys)
    return _ONLY_COLUMN.fullmatch(words) is not None and any(key in has for key in asked)


def _shared(words: str, report: Mapping[str, Any]) -> Iterable[str]:
    """The values that several rows share, once each, where rows are of something else."""
    rows = report["rows"]
    for nouns, key in _SHARED:
        asked = re.search(rf"\b(?:which|what|whose) (?:\w+ )?(?:{nouns})\b|^list\b.*\b(?:{nouns})\b", words)
        if asked is None or not _is_beside(key, rows):
            continue
        values = list(dict.fromkeys(clean(str(row[key]), _TEXT) for row in rows if row.get(key)))
        if not values or len(values) > _MOST_NAMES or all(value in report["finding"] for value in values):
            continue
        noun = key.removesuffix("_name")
        whole = len(rows) >= report.get("total_rows", 0)
        of_rows = "" if whole else " of the rows shown"
        yield f"{noun.capitalize()}{'s' if len(values) > 1 else ''}{of_rows}: {either(values, 'and')}."


def _is_beside(key: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether rows are about something else than what the column tells."""
    if "run_id" in rows[0]:
        return True
    return key != "job_name" and ("job_id" in rows[0] or "unique_id" in rows[0])


def _single(words: str, report: Mapping[str, Any]) -> Iterable[str]:
    """What each row has in a column that is asked for."""
    rows = report["rows"]
    labels = {column["key"]: column for column in report["columns"]}
    for key in _asked(words, rows):
        if key not in labels:
            continue
        label = clean(labels[key]["label"], _TEXT)
        shown = [(row, _value(row.get(key), labels[key])) for row in rows[:_MOST_ROWS]]
        shown = [(row, value) for row, value in shown if value]
        if not shown or _is_said(shown[0][1], report["finding"]):
            continue
        is_text = isinstance(rows[0].get(key), str) and labels[key]["type"] == "text" and key in _TEXTS
        if len(rows) == 1:
            yield f"{label}:\n> {shown[0][1]}" if is_text else f"{label}: {_closed(shown[0][1])}"
            continue
        naming = next((each for each in _NAMES if each != key and _tells_apart(each, [row for row, _ in shown])), "")
        if is_text:
            yield f"{label}:" + "".join(f"\n> {value}" for value in dict.fromkeys(value for _, value in shown))
        elif naming:
            named = (_value(row[naming], labels.get(naming, {"type": "text"})) for row, _ in shown)
            items = [f"- {value} ({name})" for name, (_, value) in zip(named, shown, strict=True)]
            more = max(len(rows), report.get("total_rows", 0)) > len(shown)
            yield "\n".join([f"{label}:", *items, *(["- and more in the rows"] if more else [])])


def _asked(words: str, rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """The keys of the columns that the words ask for and that some row has."""
    for pattern, keys in _COLUMNS:
        if re.search(pattern, words) and (
            key := next((key for key in keys if any(row.get(key) not in (None, "") for row in rows)), "")
        ):
            yield key


def _tells_apart(key: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    values = [row.get(key) for row in rows]
    return all(values) and len(set(values)) == len(values)


def _value(value: Any, column: Mapping[str, Any]) -> str:
    """One value in the words that findings use."""
    if value is None or value == "":
        return ""
    if column["type"] == "datetime":
        return minute(str(value))
    if isinstance(value, float) and column.get("unit") == "ratio":
        return percent(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and column.get("unit") == "seconds":
        return duration(value)
    return clean(value, _TEXT) if isinstance(value, str) else cell(value, column)


def _is_said(value: str, finding: str) -> bool:
    """Whether a finding says a value, or begins to."""
    said, whole = (re.sub(r"[\W_]+", " ", text.casefold()).strip() for text in (value, finding))
    return f" {said[:_BEGINNING].strip()}" in f" {whole}"


def _closed(text: str) -> str:
    return text if text.endswith((".", "…")) else f"{text}."
