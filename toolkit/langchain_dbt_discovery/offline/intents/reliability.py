"""How reliable jobs are, how long they wait, how fresh data is, and how healthy models are."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent
from langchain_dbt_discovery.offline.intents.words import CANCELLED_TOO

__all__ = ["RELIABILITY"]

_RELIABILITY = "dbt_job_reliability"
_QUEUE = "dbt_queue_times"
_FRESHNESS = "dbt_source_freshness"
_HEALTH = "dbt_model_health"
_WHICH = r"\b(?:which|what|how many|list|show|only)\b"
_A_MONTH = {"period": "last_30_days"}


def _as_list(word: str) -> list[str]:
    return [word]


RELIABILITY = Family(
    topics={
        "queue": (
            r"\bqueue(?:s|ing)?\b|\bqueueing\b|\bqueuing\b|\b(?:long|longest|time|times|most|average|avg)\b.*\bqueued\b"
            r"|\bwait(?:s|ed|ing)?\b"
            r"|\bqueued\b.*\b(?:long|longest|most)\b|\bfrom starting\b|\bstart(?:s|ed|ing)? (?:too )?(?:late"
            r"|on time)\b|\bscheduled (?:too|more) (?:often|frequently)\b|\bcolli(?:de|des|ding|sions?)\b"
            r"|\boverlap(?:s|ped|ping)?\b"
            r"|\bover ?schedul\w+"
            r"|\bschedul\w+ (?:conflicts?|clash\w*)"
        ),
        "reliability": (
            r"\b(?:un)?reliab\w+|\b(?:success|failure|error) rates?\b|\buptime\b|\b(?:un)?stable\b"
            r"|\bmost (?:often|frequently|failures)\b|\bleast (?:often|frequently)\b|\btrack record\b"
            r"|\bjobs?\b.*\bby (?:the |their )?(?:number of |count of )?(?:failures|errors|failed runs)\b"
            r"|\bhow long (?:was|were|has|have|had)\b.*\b(?:broken|down|red)\b"
            r"|\b(?:un)?dependab\w+|\boutages?\b|\bdown ?times?\b"
            r"|\bfail\w*\b.*\bhow many times\b|\bhow many times\b.*\bfail\w*\b|\bhow often\b.*\b(?:fail\w*"
            r"|br[eo]\w+|succeed\w*|error\w*)"
            r"|\b(?:fail\w*|broke|break\w*|error\w*) (?:the )?most\b"
            r"|\b(?:fail\w*|break\w*) (?:more )?(?:often|frequently)\b|\brecover(?:y|s|ed|ing)?\b|\bmttr\b"
            r"|\b(?:never|jobs? (?:that |which )?(?:have|has|had) not) (?:fail|br[eo]|error)\w*"
            r"|\bfail\w* (?:again and again|over and over|all the time|repeatedly|constantly|regularly)\b"
            r"|\b(?:keeps?|always) (?:on )?(?:failing|breaking|erroring)\b"
            r"|\b(?:works?|working|green|fixed|succeeds?) again\b|\b(?:broken|down|red) for\b"
        ),
        "health": (
            r"^why\b.*\bskip\w*|\b(?:un)?health(?:y|ier|iest)?\b|\bverdicts?\b|\bmodels? with warnings?\b|\bscore\b"
            r"|^(?!.*\b(?:feeds|sources?)\b).*\bup to date\b|\bneed to (?:re ?)?(?:run|build)\b"
            r"|\bworr(?:y|ied|ying|ies)\b|\bconcern(?:s|ed|ing)?\b|\bat risk\b|\bin trouble\b|\bshaky\b"
            r"|\btrust(?:ed|worthy)?\b|\brely on\b|\bin (?:good|bad) shape\b|\btraffic lights?\b"
            r"|\b(?:overall |general )?(?:state|condition|shape) of (?:\w+ )*(?:models?|\|\*\|)"
            r"|\bmodels?\b.*\bwarn(?:ing|ings|s)?\b|\bwarn(?:ing|ings)? models?\b"
            r"|^(?:is|are) (?:the )?(?:model )?\|\*\| (?:\w+ ){0,2}(?:ok|okay|fine|good|alright|safe|usable)\b"
            r"|\bwrong with\b.*\bmodels?\b|\bmodels?\b.*\bwrong\b"
        ),
        "freshness": (
            r"\b(?:fresh|fresher|freshest|freshness|stale|staler|stalest|staleness|outdated|up to date)\b"
            r"|\b(?:last|latest|recently) (?:refreshed|loaded|ingested|arrived?|landed)\b"
            r"|\bhow (?:old|recent|current) (?:is|are)\b|\b(?:load(?:ed)?|arriv\w+|ingested|land(?:ed)?) late\b"
            r"|\bnew data\b|\bdata feeds?\b|\bfeeds (?:are|up to date|stale)\b|\bdata\b.*\b(?:arrive[sd]?"
            r"|landed|loaded)\b"
            r"|\bmissing\b.*\bdata\b|\bdata\b.*\b(?:missing|late|old|recent|current)\b"
            r"|\b(?:old|late) data\b|\bsources?\b"
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
        Intent(_HEALTH, "health", needs=("tags",)),
        Intent(_HEALTH, "health", ("project",)),
        Intent(_HEALTH, "health", needs=("projects",)),
        Intent(_FRESHNESS, "freshness"),
    ),
    choices=(
        Choice(
            "reliability",
            "order_by",
            r"\b(?:least|most|more|less) (?:reliable|dependable"
            r"|stable)\b",
            "success_rate",
        ),
        Choice(
            "reliability", "order_by", r"\brecover\w*|\bmttr\b|\b(?:works?|working|green|fixed) again\b", "recovery"
        ),
        Choice("health", "verdict", r"\b(?:unhealthy|not healthy|in (?:a )?bad health)\b", ["failing", "warning"]),
        Choice(
            "health", "verdict", r"\b(?:health|verdict)(?: is| of|:)? (failing|warning|unknown|healthy)\b", _as_list
        ),
        Choice("health", "verdict", r"\bhealthy\b(?! or\b)", ["healthy"], only_if=_WHICH),
        Choice("health", "verdict", r"\bwarnings?\b", ["warning"]),
        Choice("health", "verdict", r"\bunknown health\b|\bhealth\b.*\bunknown\b", ["unknown"]),
        Choice("freshness", "status", r"\b(?:never|not) (?:been )?checked\b|\bunknown\b|\bunchecked\b", ["unknown"]),
        Choice("freshness", "status", r"\b(?:stale|outdated|late|not fresh|overdue)\b", ["warn", "error"]),
        Choice("freshness", "status", r"\b(?:error(?:s|ed|ing)?|fail(?:s|ed|ing)?)\b", ["error"]),
        Choice("freshness", "status", r"\bwarn(?:s|ed|ing|ings)?\b", ["warn"]),
        Choice(
            "freshness",
            "status",
            r"\b(?:fresh|up to date)\b(?! or\b)|\bpass(?:ed|ing)?\b",
            ["pass"],
            only_if=_WHICH,
        ),
        Choice("reliability", "cancelled_as_failed", CANCELLED_TOO, True),
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
