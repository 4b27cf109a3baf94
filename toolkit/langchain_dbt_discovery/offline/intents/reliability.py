"""How reliable jobs are, how long they wait, how fresh data is, and how healthy models are."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent

__all__ = ["RELIABILITY"]

_RELIABILITY = "dbt_job_reliability"
_QUEUE = "dbt_queue_times"
_FRESHNESS = "dbt_source_freshness"
_HEALTH = "dbt_model_health"
_A_MONTH = {"period": "last_30_days"}

RELIABILITY = Family(
    topics={
        "queue": (
            r"\bqueue(?:s|ing)?\b|\bqueuing\b|\b(?:long|longest|time|times|most|average|avg)\b.*\bqueued\b|\bwait(?:s|ed|ing)?\b"
            r"|\bcolli(?:de|des|ding|sions?)\b|\boverlap(?:s|ped|ping)?\b|\bover ?schedul\w+"
            r"|\bschedul\w+ (?:conflicts?|clash\w*)"
        ),
        "reliability": (
            r"\breliab\w+|\b(?:success|failure|error) rates?\b|\buptime\b|\b(?:un)?stable\b"
            r"|\bmost (?:often|frequently|failures)\b"
            r"|\bhow often\b.*\b(?:fail\w*|br[eo]\w+|succeed\w*|error\w*)"
            r"|\b(?:fail\w*|broke|break\w*|error\w*) (?:the )?most\b"
            r"|\b(?:fail\w*|break\w*) (?:more )?(?:often|frequently)\b|\brecover(?:y|s|ed|ing)?\b|\bmttr\b"
            r"|\b(?:works?|working|green|fixed|succeeds?) again\b|\b(?:broken|down|red) for\b"
        ),
        "health": (
            r"\b(?:un)?health(?:y|ier|iest)?\b|\bscore\b|\bup to date\b|\bneed to (?:re ?)?(?:run|build)\b"
            r"|\btrust\b|\brely on\b"
            r"|\bwrong with\b.*\bmodels?\b|\bmodels?\b.*\bwrong\b"
        ),
        "freshness": (
            r"\b(?:fresh|fresher|freshness|stale|staler|stalest|outdated|up to date)\b|\b(?:last|latest) refreshed\b"
            r"|\bmissing\b.*\bdata\b|\bdata\b.*\b(?:missing|late|old)\b|\b(?:old|late) data\b|\bsources?\b"
        ),
    },
    intents=(
        Intent(_QUEUE, "queue"),
        Intent("dbt_failing_models", "reliability", ("model",), _A_MONTH),
        Intent("dbt_failing_tests", "reliability", ("test",), _A_MONTH),
        Intent(_RELIABILITY, "reliability", ("job", "run", "project", "")),
        Intent(_HEALTH, "health", ("model",)),
        Intent(_HEALTH, "health", needs=("models",)),
        Intent(_RELIABILITY, "health", needs=("jobs",)),
        Intent(_FRESHNESS, "freshness"),
    ),
    choices=(
        Choice("reliability", "order_by", r"\b(?:success|failure|error) rates?\b|\breliab\w+", "success_rate"),
        Choice(
            "reliability", "order_by", r"\brecover\w*|\bmttr\b|\b(?:works?|working|green|fixed) again\b", "recovery"
        ),
        Choice("health", "verdict", r"\bunhealthy\b", ["failing", "warning"]),
        Choice("health", "verdict", r"(?<=which models are )healthy\b", ["healthy"]),
        Choice("freshness", "status", r"\b(?:stale|outdated|late)\b", ["warn", "error"]),
        Choice("queue", "order_by", r"\b(?:max|maximum|single|at worst)\b", "max"),
        Choice("queue", "", r"\bover ?scheduled\b"),
        Choice("freshness", "", r"\b(?:up|down)stream\b"),
        Choice("freshness", "", r"\bin (?:our|the) reporting\b"),
        Choice("freshness", "", r"\b(?:that )?(?:a|my|our|the) models? uses?\b"),
    ),
    abilities={
        _FRESHNESS: "how fresh the sources are (“Which sources are stale?”)",
        _HEALTH: "how healthy models are (“Which models are unhealthy, and why?”)",
        _RELIABILITY: "how reliable jobs are (“Which jobs failed most in the last 30 days?”)",
        _QUEUE: "how long jobs wait (“Which jobs wait longest, and which schedules collide?”)",
    },
    absent={
        "queue": "I have no report about queue times here. The longest-running jobs show the average time queued"
        " beside the rest.",
        "reliability": "I have no report about reliability here. Ask what failed in a period.",
        "freshness": "I cannot tell here how fresh data is. Ask what failed, to see whether a run is to blame.",
    },
)
