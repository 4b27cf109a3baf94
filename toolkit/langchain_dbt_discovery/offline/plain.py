"""Questions as people type them to a shell, or in a language that is not their own, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from langchain_dbt_discovery.offline.nested import KIND, SUPERLATIVE

__all__ = ["in_plain_words"]

_VALUE = r"""(?:"(?P<quoted>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"',;|]+(?:,[^\s"',;|]+)*))"""
_FLAG = re.compile(rf"(?<!\S)--?(?P<key>[a-z][\w-]+)(?:\s*=\s*|\s+){_VALUE}", re.IGNORECASE)
_PAIR = re.compile(rf"(?<![\w/.-])(?P<key>[a-z][\w-]+)\s?=\s?{_VALUE}", re.IGNORECASE)
_COLON = re.compile(rf"(?<![\w/.-])(?P<key>[a-z][\w-]+):{_VALUE}", re.IGNORECASE)
_SWITCH = re.compile(r"(?<!\S)--(?P<word>[a-z][\w-]+)(?!\S)", re.IGNORECASE)
_COUNT = re.compile(r"(?:(?<!\S)\|\s*)?(?<!\S)(?:head|tail)\s+(?:-n\s*|-)?(\d{1,3})\b|(?<!\S)-n\s*(\d{1,3})\b")
_PROMPT = re.compile(r"^\s*(?:[$>%]|>>>)\s+")


def _named(noun: str) -> Callable[[str], str]:
    return lambda value: f'{noun} "{value}"' if " " in value else f"{noun} {value}"


def _period(value: str) -> str:
    """A period as it is typed: `7d`, `last_week`, `2026-11-01/2026-11-10`."""
    words = value.replace("_", " ").replace("..", " to ").replace("/", " to ")
    return f"last {words}" if re.fullmatch(r"\d+ ?(?:h|d|w|mo|hours?|days?|weeks?|months?)", words) else f"in {words}"


def _direction(value: str) -> str:
    return {"up": "upstream", "down": "downstream"}.get(value, value)


_WRITTEN: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("env", "environment"), lambda value: f"in {value} environment"),
    **dict.fromkeys(("project", "proj"), lambda value: f'in project "{value}"' if " " in value else f"in {value}"),
    "job": _named("job"),
    "model": _named("model"),
    **dict.fromkeys(("tag", "tags"), lambda value: f"tagged {value.replace(',', ' or ')}"),
    "group": _named("group"),
    "package": _named("package"),
    **dict.fromkeys(("materialization", "materialized", "materialisation", "mat"), _named("materialization")),
    **dict.fromkeys(("status", "state", "verdict", "health"), lambda value: f"status {value.replace(',', ' or ')}"),
    **dict.fromkeys(("limit", "top", "n", "rows", "max-rows", "count"), lambda value: f"top {value}"),
    **dict.fromkeys(("sort", "order", "orderby", "sortby"), lambda value: f"sorted by {value.replace('_', ' ')}"),
    **dict.fromkeys(("depth", "levels", "hops"), lambda value: f"depth {value}"),
    **dict.fromkeys(("direction", "dir"), _direction),
    **dict.fromkeys(("period", "window", "range", "time", "date", "during", "last"), _period),
    "since": lambda value: f"since {value}",
    "from": lambda value: f"from {value}",
    **dict.fromkeys(("until", "to"), lambda value: f"to {value}"),
    **dict.fromkeys(("type", "job-type", "jobtype"), lambda value: f"{value} jobs"),
    "run": lambda value: f"run {value}",
    **dict.fromkeys(("exclude", "except", "without"), lambda value: f"except {value.replace(',', ' and ')}"),
    **dict.fromkeys(("min", "min-runtime", "longer-than"), lambda value: f"longer than {_seconds(value)}"),
    **dict.fromkeys(("max", "max-runtime", "shorter-than"), lambda value: f"at most {_seconds(value)}"),
    **dict.fromkeys(("last-n-runs", "last-runs"), lambda value: f"over the last {value} runs"),
    **dict.fromkeys(("by", "per", "granularity"), lambda value: f"by {value.replace('_', ' ')}"),
}
"""What the arguments that people type are in words; of `key:value` only those that no prose has."""
_IN_PROSE = frozenset(
    {"to", "from", "by", "time", "date", "last", "top", "without", "max", "min", "n", "count", "health"}
)
_SWITCHES = ("slower", "faster", "upstream", "downstream", "failed", "running", "queued", "stale", "asc", "desc", "all")


def _seconds(value: str) -> str:
    return f"{value} seconds" if value.isdigit() else value


_COMMANDS = (
    (r"^(\s*)(?:ls|dir)\b(?: -\w+\b)?", r"\1list"),
    (r"^(\s*)(?:cat|describe|desc|inspect)(?= (?:model|job|run)?\b)", r"\1details of"),
    (r"^(\s*)ps\b(?: aux\b)?", r"\1which runs are running now"),
)
"""Commands that begin a line; `diff` and `top` are words that questions know."""

_GIVEN = (
    r"(?:jobs?|models?|tests?|runs?|sources?|projects?|tables?|views?|ones?|those|nodes?|builds?|there|pipelines?|it)"
)
_WHICH_ONES = (
    r"\w+est|last|failed|failing|worst|flaky|stale|cancell?ed|running|successful|recent|most|different|unhealthy"
    r"|untested|broken"
)
_LEARNT = (
    (rf"\b({_GIVEN}) who\b", r"\1 which"),
    (
        r"\bwho (?=(?:is|are|was|were) (?:the )?"
        r"(?:champions?|kings?|worst|slowest|longest|winners?|culprits?|leaders?))",
        "which ",
    ),
    (
        r"\bwho (?=(?:takes?|needs?|fails?|failed|runs?) (?:the )?(?:most|longest|often|more|too long|slow))",
        "which job ",
    ),
    (
        r"\bwho (?:are |is )?(?=(?:the )?(?:slow|fast|flaky|stale|broken|failing)\w*"
        r" (?:models?|jobs?|tests?|sources?))",
        "which ",
    ),
    (
        rf"\b((?:last|this) (?:week|month)|yesterday|today)['’]s ({SUPERLATIVE.replace(' running', '[ -]running')}"
        rf" (?:[\w-]+ ){{0,3}}?(?:{KIND}))\b",
        r"the \2 \1",
    ),
    (
        r"\b(?:leav(?:e|es|ing)|left|keep(?:s|ing)?|tak(?:e|es|ing)) ((?:(?!(?:out|aside|it|them|that"
        r"|this)\b)[\w-]+,? ){1,6}?)"
        r"(?:out|aside|away)\b(?: of (?:it|this|that|the (?:list|picture|ranking|report|game)))?",
        r"except \1",
    ),
    (
        r",? ?\b(?:no matter|regardless(?: of)?|irrespective(?: of)?|independent(?:ly)? of)"
        r"(?: (?:which|what|the|of|in|from))* \w+(?: (?:it|they) (?:is|are) (?:in|from))?",
        "",
    ),
    (r"\bmust i\b", "do i have to"),
    (r"\b(?:at )?(?:which|what) (?:hour|clock|o'clock)\b", "when"),
    (r"\bhow much (?=(?:runs|jobs|models|tests|sources|projects|views|tables|times)\b)", "how many "),
    (r"\bexists? there\b", "are there"),
    (
        rf"(?<!run )\b(\d{{1,3}}|two|three|four|five|ten) ((?:(?:{_WHICH_ONES}) ){{0,2}})(run|job|model|test|source)\b"
        r"(?! (?:\w+ )?(?:times?|durations?|runs?|\d))",
        r"\1 \2\3s",
    ),
    (r"\b(more|less|longer|slower|faster|bigger|higher|worse) as\b", r"\1 than"),
    (r"\bruns? (?:with )?(?:the )?(?:no|nr|number|num|id)\.?:? ?#?(?=\d{2,})", "run "),
    (
        r"\b(?:dbt_)?((?:list|longest_running|job|failed|failing|slowest|queue|critical|runtime|source|test|model|run"
        r"|compare|flaky)"
        r"(?:_(?:running|jobs|models|tests|runs|projects|reliability|times|path|trend|changes|freshness|coverage|health"
        r"|details))+)(?![\w])",
        lambda name: name[1].replace("_", " "),
    ),
    (r"\b(?:dbt_)?runtime_anomalies\b", "unusual runtimes"),
    (r"\bdepends? (?:from|of|by)\b", "depends on"),
    (r"\b(what|which(?: \w+)?|who) did fail\b", r"\1 failed"),
    (r"\b(what|which(?: \w+)?) did run\b", r"\1 ran"),
    (r"\b(what|which(?: \w+)?) did break\b", r"\1 broke"),
    (r"\b(?:(?:there )?(?:are|is|exists?)|having|have|has) no tests?\b", "untested"),
    (r"\bexcl?\.(?=\s)|\bexcl(?=\s)", "except"),
    (r"\bw/o\b", "without"),
    (r"^((?:(?:and|ok|so|now|then|but)[ ,]+)*)(first|second|third|fourth|fifth|last) (?=one\b)", r"\1the \2 "),
    (r"\bbuilded\b", "built"),
    (r"\bin (average|mean|median)\b", r"on \1"),
)
"""Turns of phrase, and how they are usually said."""


def in_plain_words(text: str) -> str:
    """The question with flags, `key=value` and such turns of phrase said in words; anything else as it is."""
    plain = "\n".join(_PROMPT.sub("", line) for line in text.splitlines())
    for pattern, words in _COMMANDS:
        plain = re.sub(pattern, words, plain, flags=re.IGNORECASE)
    plain = _COUNT.sub(lambda match: f" top {match[1] or match[2]}", plain)
    plain = _PAIR.sub(_in_words, _FLAG.sub(_in_words, plain))
    plain = _COLON.sub(lambda match: match[0] if match["key"].lower() in _IN_PROSE else _in_words(match), plain)
    plain = _SWITCH.sub(lambda match: match["word"] if match["word"].lower() in _SWITCHES else match[0], plain)
    for pattern, said in _LEARNT:
        plain = re.sub(pattern, said, plain, flags=re.IGNORECASE)
    return plain if plain.strip() else text


def _in_words(match: re.Match[str]) -> str:
    """An argument in words, if it is one that reports have."""
    key = match["key"].lower().replace("_", "-").removesuffix("-by") or ""
    written = _WRITTEN.get(key) or _WRITTEN.get(key.replace("-", ""))
    value = match["quoted"] or match["single"] or match["bare"] or ""
    return f" {written(value)} " if written and value else match[0]
