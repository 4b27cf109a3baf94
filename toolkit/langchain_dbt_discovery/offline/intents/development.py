"""How run times develop, change and stand out."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent

__all__ = ["DEVELOPMENT"]

_TREND = "dbt_runtime_trend"
_CHANGES = "dbt_runtime_changes"
_ANOMALIES = "dbt_runtime_anomalies"

_MORE = r"(?:slower|faster|longer|quicker)"
_AMOUNT = r"(?: than (?:an?|half|one|two|three|four|five|ten|fifteen|twenty|thirty|\d|\.)| running)"
_BECOME = r"(?:get|gets|getting|got|gotten|become|becomes|became|becoming)"
_MEASURED = r"(?:run ?times?|durations?|average|median|p95|long|took|takes?|slow)"
_COMPARED = r"(?:than|with|to|vs\.?|versus|against)"

DEVELOPMENT = Family(
    topics={
        "anomaly": (
            r"\banomal\w*|\bunusual\w*|\boutliers?\b|\bsudden\w*|\babnormal\w*|\bspikes?\b"
            r"|\bsince when\b(?!.*\b(?:fail\w*|broken?|red|down|error\w*|stale|late)\b)"
            r"|\b(?:any\w*|some\w*) (?:odd|funny|fishy|off)\b|\bstrange\w*|\bweird\w*|\bsuspicious\w*|\bodd(?:ly"
            r"|ities)\b|\berratic\w*|\bunexpected\w*"
            r"|\bsurprising\w*|\bodd ones\b"
            r"|\bthan (?:usual|normal)\b|\bout of the ordinary\b|\bodd (?:runs?|durations?|times?)\b"
            r"|\bchange points?\b"
        ),
        "why slower": rf"^why\b.*\b{_MORE}\b",
        "trend": (
            r"\bincreasingly (?:slow|long|fast|quick)er\b|\btrends?\b|\b(?:plot|chart|graph|curve)\b|\bgrow(?:s|n"
            r"|ing)\b|\b(?:creep|climb|ris)ing\b|\bgoing up\b"
            rf"|^(?:has|have) (?!.*\b(?:compar\w+|than)\b)(?:the )?\|\*\|.*\b{_BECOME} (?:\w+ )?{_MORE}\b"
            r"|\bover time\b|\bdevelop(?:s|ed|ing|ment|ments)?\b|\bevol(?:ve|ved|ves|ving|ution)\b"
            r"|\b(?:increas|decreas)(?:e|es|ed|ing)\b|\b(?:day by day|week by week|hour by hour|from day to day)\b"
            r"|\b(?:daily|weekly|hourly) (?:run ?times?|durations?|average|median|trend|development)\b"
            rf"|^(?:is|are) (?!.*\bwhich\b).*\b(?:getting|becoming) (?:{_MORE}|worse|better)\b"
            rf"|\b{_MEASURED}\b.*\b(?:per|each|every|by) (?:day|week|hour)\b"
        ),
        "change": (
            rf"\b{_BECOME} (?:\w+ )?{_MORE}\b|\bimprov(?:e|ed|es|ement|ements)\b|\bchang\w+ (?:in |their "
            rf"|its )?(?:speed|pace|run ?times?)\b|\bregress(?:ed|ion|ions)?\b"
            rf"|\b(?:sped up|slowed down|slow downs?|slowdowns?)\b"
            rf"|(?<!or )(?<!and )\b{_MORE}\b(?!{_AMOUNT})(?=.*\b(?:than (?!\d)"
            rf"|this (?:week|month)|since|nowadays|lately)\b)"
            rf"|\b{_MORE} (?:last|this|in the last|over the last) (?:week|month|\d+ days)\b"
            r"|\bwhat (?:has |have |is |are )?(?:been )?chang(?:ed|es)\b|\bhow (?:has|have|did)\b.*\bchanged?\b"
            r"|\bchanges? (?:in|of) (?:the )?(?:run ?times?|durations?)\b|\b(?:run ?time|duration) changes?\b"
            r"|\bcompar(?:e|ed|ing|ison)\b|\bchang\w+ (?:the )?(?:most|least|a lot|much)\b"
            r"|\b(?:slower|longer) or (?:faster|quicker|shorter)\b|\b(?:faster|quicker|shorter) or (?:slower|longer)\b"
        ),
    },
    intents=(
        Intent(_ANOMALIES, "anomaly", ("model",), {"of": "models"}),
        Intent(_ANOMALIES, "anomaly", ("both", "job", "run", "project", "source", "")),
        Intent(_CHANGES, "why slower", ("model", "job", "run", "")),
        Intent(_TREND, "trend", needs=("models",)),
        Intent(_TREND, "trend", needs=("jobs",)),
        Intent(_TREND, "trend", ("job", "run", "project", "")),
        Intent(_CHANGES, "trend", ("model",)),
        Intent(_CHANGES, "change", ("model",)),
        Intent(_CHANGES, "change", ("job", "run", "project"), {"of": "jobs"}),
        Intent(_CHANGES, "change", needs=("jobs",), arguments={"of": "jobs"}),
        Intent(_CHANGES, "change", ("",)),
    ),
    choices=(
        Choice("anomaly", "sensitivity", r"\b(low|normal|high) sensitivity\b", str),
        Choice("anomaly", "sensitivity", r"\bsensitivity(?: is| of| to|:|=)? (low|normal|high)\b", str),
        Choice(
            "anomaly",
            "sensitivity",
            r"\b(?:only |just )?(?:the )?(?:really |very |most )?(?:clear(?:est)?|obvious|drastic|extreme"
            r"|glaring|strong(?:est)?)"
            r"(?: ones| cases)?\b",
            "low",
        ),
        Choice(
            "anomaly",
            "sensitivity",
            r"\b(?:even )?(?:the )?(?:small(?:est)?|slight(?:est)?|subtle|minor"
            r"|tiny)(?: ones)?\b",
            "high",
        ),
        Choice("trend", "by", r"\b(?:(?:per|each|every|by) week|weekly|week by week|from week to week)\b", "week"),
        Choice("trend", "by", r"\b(?:(?:per|each|every|by) hour|hourly|hour by hour|from hour to hour)\b", "hour"),
        Choice("trend", "by", r"\b(?:(?:per|each|every|by) day|daily|day by day|from day to day)\b", "day"),
        *(
            Choice(
                topic,
                "",
                rf"\b{_COMPARED} (?:the |in the |it was )?(?:(?:\w+ )?(?:days?|weeks?|months?) ago\b"
                r"|(?:last|previous|prior|past) (?:week|month|day|one)s?"
                r"|(?:\d+ )?(?:week|month|day)s? before(?: that| last)?|last|before)\b",
            )
            for topic in ("change", "why slower", "trend")
        ),
        *(
            Choice(
                topic,
                "direction",
                r"\b(?:(?:slower|longer|up) or (?:faster|quicker|shorter|down)|(?:faster|quicker|shorter|down) or"
                r" (?:slower|longer|up))\b|\b(?:either|both|any) (?:way|ways|directions?)\b",
                "both",
            )
            for topic in ("change", "why slower")
        ),
        *(
            Choice(topic, "direction", r"\b(?:faster|quicker|shorter|sped up|improve[ds]?)\b", "faster")
            for topic in ("change", "why slower")
        ),
        Choice(
            "change",
            "direction",
            r"\bchang(?:e|ed|es)\b|\bcompar(?:e|ed|ing|ison)\b",
            "both",
            only_if=r"^(?!.*\b(?:slower|regress\w*|degrad\w*|slowed|slowdowns?)\b)",
        ),
        Choice(
            "change",
            "order_by",
            r"\b(?:by |in )?(?:percent(?:ages?)?|ratio|per ?cent|%|in relative terms"
            r"|relative(?:ly)?(?: change)?)\b",
            "ratio",
        ),
    ),
    abilities={
        _CHANGES: "what became slower (“Which models are slower this week than last?”)",
        _TREND: "how run times develop (“What is the daily trend of … this month?”)",
        _ANOMALIES: "runs that stand out (“Were there any unusual run times last week?”)",
    },
    absent={
        "anomaly": "I cannot tell here which run times are unusual.",
        "why slower": "I cannot compare periods here. Ask for one period, then for the one before.",
        "trend": "I cannot see trends here. Ask for one period, then for the one before.",
        "change": "I cannot compare periods here. Ask for one period, then for the one before.",
    },
)
