"""What a question is about, what ties it to the one before, and openings that ask for nothing."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ABOUT", "CANCELLED_TOO", "IDIOMS", "IMPLIED", "MARKERS", "SMALL_TALK", "SUBJECTS"]

SUBJECTS: Mapping[str, str] = {
    "both": r"\b(?:models? (?:and|or) (?:the )?tests?|tests? (?:and|or) (?:the )?models?|nodes)\b",
    "model": r"\b(?:models?|tables\b|table\b(?! of\b| with\b)|views?|snapshots?|seeds?|nodes?|incrementals?)\b",
    "job": r"\b(?:jobs?|pipelines?|dags?|loads?|workflows?)\b|\bruns of (?:(?:our|the|my|all) )*jobs\b",
    "run": r"\b(?:runs|executions?|invocations?|builds?)\b|\b(?:single|last|longest|slowest|each|every"
    r"|the|a|an|any|which) run\b",
    "test": r"\b(?:tests?|checks|assertions?)\b",
    "project": r"\bprojects?\b",
    "source": r"\b(?:sources?|data feeds?)\b|\bdata\b(?! (?:pipelines?|jobs?|loads?|models?|quality|tests?|builds?))",
}
"""How a subject shows; the one named first is it, and the first here of those that begin at the same word."""

CANCELLED_TOO = (
    r"\b(?:includ(?:e|es|ing)|count(?:s|ed|ing)?|plus|treat(?:ed|ing)?|consider(?:ed|ing)?|with)(?: the)?"
    r" cancell?(?:ed|ations?)\b(?: (?:ones?|runs?))?(?: (?:as|too|also|in))*(?: (?:fail(?:ed|ures?)))?"
    r"|(?<=fail)(?:ed|ures) (?:or|and|plus) cancell?(?:ed|ations)\b|\bcancell?ed (?:or|and|plus)(?= fail)"
    r"|\bcancell?(?:ed|ations)(?: (?:ones?|runs?))? (?:count(?:s|ed|ing)?(?: too)?|included|as fail(?:ed|ures?))\b"
    r"|\bcancell?(?:ed|ations)(?: (?:ones?|runs?))? (?:are|is|being|mean|=) (?:also |a |as )*fail(?:ed|ures?)\b"
)
"""Words for cancelled runs being counted as failed."""

IDIOMS: Mapping[str, str] = {
    r"\bwat\b": "what",
    r"\bwats\b": "what is",
    r"\bteh\b": "the",
    r"^what (?:all )?(?=(?:was|were|is|got|gets) skipped\b)": "which models ",
    r"\bdata quality (checks|tests)\b": r"\1",
    r"^who is (?=waiting|queu|running|stuck|in the queue)": "what is ",
    r"\b(?:waiting|stuck|sitting|held) in (?:the )?queue\b(?=.*\b(?:now|currently|at the moment)\b)": "queued",
    r"\bques?(?= times?\b)": "queue",
    r"\b(last|this)(week|month|night)\b": r"\1 \2",
    r"\blst(?= (?:weeks?|months?|nights?|\d+)\b)": "last",
    r"(?<!\bthe )(?<!\bthese )\b(last|this|previous) (week|month|night|weekend|quarter|year)s\b": r"\1 \2",
    r"\b(yesterday|today)s\b": r"\1",
    r"\b(?:rn|atm)\b": "right now",
    r"\b(?:yday|ystd|yest)\b": "yesterday",
    r"\bwks\b": "weeks",
    r"\b(?:whose|where the) (?:last|latest|most recent) runs? (?:has |have )?(?:failed|errored|broke)\b": "failing now",
    r"\b(?:btw|fyi|tbh|imo|imho|asap|ty|tia|ta)\b": "please",
    r"\b(?:with(?:out| no)|for no|has no) (?:(?:an?|any|the|our|single|apparent|obvious|good|clear|real|other|new) )*"
    r"(?:(?:code|sql|model|source) )?(?:changes?|changing|edits?|reasons?|commits?|touching|deploys?|deployments?)"
    r"(?: (?:to|of|in) (?:the |its |our )?(?:code|sql|models?)| anything| (?:the )?code)?\b": "",
    r"\b(?:(?:which |that )?(?:have|has|having|with) (?:no|zero)|without(?: any| a)?|lack(?:s|ing)?"
    r"|missing) (?:any |a |single )*(?:data )?tests?"
    r"(?: at all| whatsoever)?\b": "untested",
    r"\b(?:not|never) tested\b": "untested",
    r"\b(?:do|does|did) not have (?:any |a )?tests?(?: at all)?\b": "untested",
}
"""Phrases that are read as another, before anything else is."""

IMPLIED: Mapping[str, str] = {"freshness": "source", "flakiness": "test"}
"""The subject of a topic that needs none said."""

ABOUT: Mapping[str, tuple[str, ...]] = {
    "dbt_compare_runs": ("run_id", "jobs"),
    "dbt_critical_path": ("run_id", "jobs"),
    "dbt_job_details": ("jobs",),
    "dbt_lineage": ("models",),
    "dbt_model_details": ("models",),
    "dbt_model_runs": ("models",),
    "dbt_run_details": ("run_id", "jobs"),
}
"""What a tool has to be told one of, and what it is about."""

SMALL_TALK: Mapping[str, str] = {
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening)|howdy|hallo)\b[ ,\w]{0,12}$": "Hello.",
    r"^(?:(?:many |ok |great )?thanks?|thank you|thx|cheers|great|nice|cool|perfect|ok(?:ay)?)"
    r"(?:[ ,]+(?:a lot|so|very|much|you|thanks?|again|for (?:that|the help|your help)|that is (?:all|great|it)"
    r"|all|good"
    r"|great|job|work|got it|bye|mate|man|helpful|and goodbye))*$": "You are welcome.",
    r"^(?:and )?how (?:are|is) (?:you|it going|things)\b[ ,\w]{0,12}$": "All is well here.",
    r"^(?:help|what can you do|who are you|what are you|how do you work|\?)\b": "",
}
"""Openings that ask for nothing, and the reply before the list of what can be asked."""

MARKERS = (
    r"^as (?:an? )?|^compare(?: (?:it|them|that|this|those))? (?:with|to|against)\b"
    r"|^(?:(?:and|so|ok|,) )*(?:which|what) (?:models?|jobs?|tests?|runs?|projects?)(?: exactly| though)?$"
    r"|^(?:the )?(?:average|median|mean|avg|mean) (?:of|over)\b"
    r"|^(?:(?:ok|okay|so|thanks?|thank you|great|nice|cool|perfect|hm+|yes|no|please|,) )*"
    r"(?:and|but|now|then|what about|how about|only|just|same|also|instead|rather|except|without|excluding"
    r"|including|include|plus|by)\b"
    r"|\b(?:instead|too|as well|only|the same|those|them|these|they|(?<!are )(?<!is )there)$"
    r"|\b(?:of|among|from) (?:those|them|these)\b"
)
"""Words that tie a question to the one before."""
