"""What a question is about, what ties it to the one before, and openings that ask for nothing."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ABOUT", "IDIOMS", "MARKERS", "SMALL_TALK", "SUBJECTS"]

SUBJECTS: Mapping[str, str] = {
    "both": r"\b(?:models? (?:and|or) (?:the )?tests?|tests? (?:and|or) (?:the )?models?|nodes)\b",
    "model": r"\b(?:models?|tables?|views?|snapshots?|seeds?|nodes?|incrementals?)\b",
    "job": r"\b(?:jobs?|pipelines?|dags?|loads?|workflows?)\b",
    "run": r"\b(?:runs|executions?|invocations?|builds?)\b|\b(?:single|last|longest|slowest|each"
    r"|the|a|an|any|which) run\b",
    "test": r"\btests?\b",
    "project": r"\bprojects?\b",
    "source": r"\bsources?\b",
}
"""How a subject shows; the one named first is it, and the first here of those that begin at the same word."""

IDIOMS: Mapping[str, str] = {
    r"\b(?:(?:which |that )?(?:have|has|having|with) (?:no|zero)|without(?: any| a)?|missing) tests?\b": "untested",
    r"\bnot tested\b": "untested",
}
"""Phrases that are read as another, before anything else is."""

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
    r"(?:[ ,]+(?:a lot|so|very|much|you|thanks?|again|for (?:that|the help|your help)|that is (?:all|great|it)|all|good"
    r"|great|job|work|got it|bye|mate|man|helpful|and goodbye))*$": "You are welcome.",
    r"^(?:help|what can you do|who are you|what are you|how do you work|\?)\b": "",
}
"""Openings that ask for nothing, and the reply before the list of what can be asked."""

MARKERS = (
    r"^(?:(?:ok|okay|so|thanks?|thank you|great|nice|cool|perfect|hm+|yes|no|please|,) )*"
    r"(?:and|but|now|then|what about|how about|only|just|same|also|instead|rather|except|without|excluding|by)\b"
    r"|\b(?:instead|too|as well|the same|those|them|these|(?<!are )(?<!is )there)$"
    r"|\b(?:of|among|from) (?:those|them|these)\b"
)
"""Words that tie a question to the one before."""
