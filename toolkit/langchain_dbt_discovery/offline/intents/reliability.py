"""How reliable jobs are, how long they wait, how fresh data is, and how healthy models are."""

from __future__ import annotations

import re

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent
from langchain_dbt_discovery.offline.intents.words import CANCELLED_TOO

__all__ = ["RELIABILITY"]

_RELIABILITY = "dbt_job_reliability"
_QUEUE = "dbt_queue_times"
_FRESHNESS = "dbt_source_freshness"
_HEALTH = "dbt_model_health"
_WHICH = r"\b(?:which|what|how many|list|show|only)\b"
_SAFE = (
    r"\b(?:can|could|may|should|must|do) (?:i|we|you|one|people|they|everybody) "
    r"(?:still |already |safely |really |fully |now |just )*(?:trust|believe|use|rely on|count on|depend on)\b"
    r"|\b(?:safe|ok|okay|fine|ready) (?:to|for)\b|^(?:can|could|may|should) (?:\w+ ){1,2}(?:use|trust|rely on)\b"
    r"|\b(?:to be )?(?:trusted|relied (?:up)?on|counted on)\b|\bgood enough (?:to|for)\b"
    r"|\b(?:look|looks|looking) (?:good|ok|okay|fine|healthy|right|alright|bad|wrong|weird)(?! in\b)"
)
"""Whether something may be relied on, however it is said."""
_LATE = (
    r"(?<!how )\b(?:stale|outdated|out of date|late|overdue|too old|behind(?= schedule\b|$)|delayed"
    r"|not (?:\w+ ){0,2}?(?:fresh|up to date|current))\b"
)
_A_MONTH = {"period": "last_30_days"}


_VERDICT = r"(?:failing|warning|unknown|healthy)"


def _verdicts(words: str) -> list[str]:
    return re.findall(_VERDICT, words)


RELIABILITY = Family(
    topics={
        "queue": (
            r"\bqueue(?:s|ing)?\b|\bqueueing\b|\bqueuing\b|\b(?:long|longest|time|times|most|average|avg)\b.*\bqueued\b"
            r"|\bwait(?:s|ed|ing)?\b"
            r"|\bqueued\b.*\b(?:long|longest|most)\b|\bfrom starting\b|\bstart(?:s|ed|ing)? (?:too |so |that "
            r"|always |often )*(?:late"
            r"|on time)\b|\bscheduled (?:too|more) (?:often|frequently)\b|\bcolli(?:de|des|ding|sions?)\b"
            r"|\boverlap(?:s|ped|ping)?\b|\bin each other way\b|\bget in the way\b|\bclog(?:s|ged|ging)?\b"
            r"|\bjam(?:s|med|ming)?\b|\bcongest(?:s|ed|ion)?\b|\bbacklogs?\b"
            r"|\bover ?schedul\w+"
            r"|\bschedul\w+ (?:conflicts?|clash\w*)"
            r"|\b(?:step|tread|trip|bump|run|crash)\w* (?:on|over|into) (?:each others?|one anothers?)\b"
            r"|\b(?:block|delay|hinder|disturb|starv|slow)\w* (?:each others?|one another|other jobs)\b"
            r"|\b(?:fight|compet|contend)\w* (?:for|over|with)\b|\bcontention\b|\bsame (?:run )?slots?\b"
        ),
        "failing since": r"\bsince when\b.*\b(?:fail\w*|broken?|red|down|error\w*)\b"
        r"|\bhow long\b.*\b(?:been )?failing\b",
        "dependable": r"^(?:is|are) .*\b(?:reliable|dependable|trustworthy)$",
        "reliability": (
            r"\b(?:un)?reliab\w+|\b(?:success|failure|error) rates?\b|\buptime\b|\b(?:un)?stable\b"
            r"|\bmost (?:often|frequently|failures)\b|\bleast (?:often|frequently)\b|\btrack record\b"
            r"|\bjobs?\b.*\bby (?:the |their )?(?:number of |count of )?(?:failures|errors|failed runs)\b"
            r"|\bhow long (?:was|were|has|have|had)\b.*\b(?:broken|down|red)\b"
            r"|\b(?:un)?dependab\w+|\boutages?\b|\bdown ?times?\b"
            r"|\bfail\w*\b.*\b(?:\d+|two|three|four|five|six|ten|several|multiple|many) times\b"
            r"|\bfail\w* (?:more than |at least )?(?:once|twice)\b"
            r"|\bfail\w*\b.*\bhow many times\b|\bhow many times\b.*\bfail\w*\b|\bhow often\b.*\b(?:fail\w*"
            r"|br[eo]\w+|succeed\w*|error\w*)"
            r"|\b(?:fail\w*|broke|break\w*|error\w*) (?:the )?most\b"
            r"|\b(?:fail\w*|break\w*) (?:more )?(?:often|frequently)\b|\brecover(?:y|s|ed|ing)?\b|\bmttr\b"
            r"|\b(?:never|jobs? (?:that |which )?(?:have|has|had) not) (?:fail|br[eo]|error)\w*"
            r"|\bfail\w* (?:again and again|over and over|all the time|repeatedly|constantly|regularly)\b"
            r"|\b(?:keeps?|always) (?:on )?(?:failing|breaking|erroring)\b"
            r"|\b(?:percentage|percent|per cent|share|proportion|fraction|ratio|part|%) of (?:[\w|*]+ ){0,6}?"
            r"(?:fail\w*|succe\w*|pass\w*|cancel\w*|green|red|ok|okay|went through|complet\w*|finish\w*)\b"
            r"|\b(?:works?|worked|working|runs?|ran|green|fixed|succeeds?) again\b|\b(?:broken|down|red) for\b"
        ),
        "health": (
            rf"{_SAFE}|^why\b.*\b(?:skip|warn)\w*|\b(?:un)?health(?:y|ier|iest)?\b|\bverdicts?\b"
            r"|\bmodels? with warnings?\b|\bscore\b"
            r"|^(?!.*\b(?:feeds|sources?)\b).*\bup to date\b|\bneed to (?:re ?)?(?:run|build)\b"
            r"|\bworr(?:y|ied|ying|ies)\b|\bconcern(?:s|ed|ing)?\b|\bat risk\b|\bin trouble\b|\bshaky\b"
            r"|\btrust(?:ed|worthy)?\b|\brely on\b|\brelied (?:up)?on\b|\bcount on\b|\bin (?:good|bad) shape\b"
            r"|\btraffic lights?\b"
            r"|\b(?:overall |general )?(?:state|condition|shape) of (?:\w+ )*(?:models?|\|\*\|)"
            r"|\bmodels?\b.*\bwarn(?:ing|ings|s)?\b|\bwarn(?:ing|ings)? models?\b"
            r"|^(?:is|are) (?:the )?(?:model )?\|\*\| (?:\w+ ){0,2}(?:ok|okay|fine|good|alright|safe|usable)\b"
            r"|\bwrong with\b.*\bmodels?\b|\bmodels?\b.*\bwrong\b"
        ),
        "trouble": r"\b(?:wrong|off|up|problems?|issues?|trouble|the matter) with (?:the |our |my )?(?:model )?\|\*\|"
        r"|^(?:does|has|have|do) (?:the |model )*\|\*\| (?:have |got |any )*(?:problems?|issues?|trouble)\b",
        "freshness": (
            r"\b(?:fresh|fresher|freshest|freshness|stale|staler|stalest|staleness|outdated|up to date)\b"
            r"|\b(?:last|latest|recently) (?:refreshed|loaded|ingested|arrived?|landed)\b"
            r"|\bhow (?:old|recent|current) (?:is|are)\b|\b(?:load(?:ed)?|arriv\w+|ingested|land(?:ed)?) late\b"
            r"|\bnew data\b(?! (?:engineer|analyst|scientist|team|person|lead|colleague))|\bdata feeds?\b"
            r"|\bfeeds (?:are|up to date|stale)\b|\bdata\b.*\b(?:arrive[sd]?"
            r"|landed|loaded)\b"
            r"|\bmissing\b.*\bdata\b|\bdata\b.*\b(?:missing|late|old|recent|current)\b"
            r"|\b(?:old|late) data\b|\bsources?\b"
        ),
    },
    intents=(
        Intent(_QUEUE, "queue"),
        Intent(_RELIABILITY, "failing since", needs=("jobs",)),
        Intent(_HEALTH, "dependable", ("model",)),
        Intent("dbt_failing_models", "reliability", ("model",), _A_MONTH),
        Intent("dbt_failing_tests", "reliability", ("test",), _A_MONTH),
        Intent(_RELIABILITY, "reliability", ("job", "run", "project", "")),
        Intent(_HEALTH, "health", ("model",)),
        Intent(_HEALTH, "trouble", needs=("models",)),
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
            "reliability",
            "order_by",
            r"\brecover\w*|\bmttr\b|\b(?:works?|worked|working|runs?|ran|green|fixed) again\b",
            "recovery",
        ),
        Choice(
            "reliability",
            "order_by",
            r"\b(?:by |with )?(?:the )?(?:highest |worst |largest )?(?:failure|fail|error) rates?\b",
            "rate",
        ),
        Choice(
            "health",
            "verdict",
            r"\b(?:unhealthy|not healthy|in (?:a )?bad health)\b",
            ["failing", "warning"],
            only_if=rf"{_WHICH}|\bmodels\b|\bany\w*\b",
        ),
        Choice(
            "health",
            "verdict",
            rf"\b(?:health|verdict|status)s?(?: is| of|:|=)? ({_VERDICT}(?:(?: ,)?(?: or| and| ,)? {_VERDICT})*)\b",
            _verdicts,
        ),
        Choice(
            "health",
            "verdict",
            r"\b(?:bad|problematic|sick|red) (?:ones?|models?)\b",
            ["failing", "warning"],
        ),
        Choice("health", "verdict", r"\bhealthy\b(?! or\b)", ["healthy"], only_if=rf"{_WHICH}.*\bhealthy\b"),
        Choice("health", "verdict", r"\bwarnings?\b", ["warning"]),
        Choice("health", "verdict", r"\bunknown health\b|\bhealth\b.*\bunknown\b", ["unknown"]),
        Choice("freshness", "status", r"\b(?:never|not) (?:been )?checked\b|\bunknown\b|\bunchecked\b", ["unknown"]),
        Choice("freshness", "status", _LATE, ["warn", "error"]),
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
