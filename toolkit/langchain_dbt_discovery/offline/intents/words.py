"""What a question is about, and what ties it to the one before."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ABOUT", "CANCELLED_TOO", "IDIOMS", "IMPLIED", "MARKERS", "SUBJECTS"]

SUBJECTS: Mapping[str, str] = {
    "both": r"\b(?:models? (?:and|or) (?:the )?tests?|tests? (?:and|or) (?:the )?models?|nodes)\b",
    "model": r"\b(?:models?|tables\b|table\b(?! of\b| with\b)|views?|snapshots?|seeds?|nodes?|incrementals?)\b",
    "job": r"\b(?:jobs?|pipelines?|dags?|loads?|workflows?)\b|\bruns of (?:(?:our|the|my|all) )*jobs\b",
    "run": r"\b(?:runs|executions?|invocations?|builds?)\b|\b(?:single|last|longest|slowest|each|every"
    r"|the|a|an|any|which) run\b"
    r"|\brun (?:lists?|log|overview|history|report)\b",
    "test": r"\b(?:tests?|checks|assertions?)\b",
    "project": r"\bprojects?\b",
    "source": r"\b(?:sources?|data feeds?)\b|\bdata\b(?! (?:pipelines?|jobs?|engineer\w*|analyst\w*|scien\w+|teams?"
    r"|people|lead\w*|loads?|models?|quality|tests?|builds?|plat\w+|ware\w+|stack))",
}
"""How a subject shows; the one named first is it, and the first here of those that begin at the same word."""

CANCELLED_TOO = (
    r"\b(?:includ(?:e|es|ing)|count(?:s|ed|ing)?|plus|treat(?:ed|ing)?|consider(?:ed|ing)?|with)(?: the)?"
    r" cancell?(?:ed|ations?)\b(?: (?:ones?|runs?))?(?: (?:as|too|also|in))*(?: (?:fail(?:ed|ures?)))?"
    r"|(?<=fail)(?:ed|ures) (?:or|and|plus) cancell?(?:ed|ations)\b|\bcancell?ed (?:or|and|plus)(?= fail)"
    r"|\bcancell?(?:ed|ations)(?: (?:ones?|runs?))? (?:too|as well|also)\b"
    r"|\bcancell?(?:ed|ations)(?: (?:ones?|runs?))? (?:count(?:s|ed|ing)?(?: too)?|included|as fail(?:ed|ures?))\b"
    r"|\bcancell?(?:ed|ations)(?: (?:ones?|runs?))? (?:are|is|being|mean|=) (?:also |a |as )*fail(?:ed|ures?)\b"
)
"""Words for cancelled runs being counted as failed."""

IDIOMS: Mapping[str, str] = {
    r"\b(?:queu|qeue|quee|quue|qeueu|queueu|quque)\b": "queue",
    r"\bcrit(?:ical)?[ -]path\b": "critical path",
    r"\bwat\b": "what",
    r"\bwats\b": "what is",
    r"\bteh\b": "the",
    r"^(?:(?:hi|hello|hey|ok|okay|so|well|please|and|hm+|,) )*"
    r"(?:(?:can|could|would|will) you (?:please |kindly |maybe |quickly )*(?:tell|let|show) (?:me|us) (?:know )?"
    r"|(?:(?:i|we) )?(?:(?:would|just|also|really) )*(?:like|love|want|need|wonder\w*|appreciate|wish|curious)"
    r"(?: to)?(?: (?:know(?:ing)?|learn(?:ing)?|hear(?:ing)?|find(?:ing)? out|understand(?:ing)?|see(?:ing)?))? "
    r"|do you (?:happen to )?know |any idea )"
    r"(?=(?:when|which|what|how|who|whose|why|where)\b)": "",
    r"^(?:whether|if) (.{1,40}?) (is|are|was|were|has|have|did|does|can) (?=\w)": r"\2 \1 ",
    r"\b(?:success|failure|stability|reliability) wise\b": "reliability",
    r"\b(?:run ?time|time|speed|duration|performance) wise\b": "runtime",
    r"^what (?:all )?(?=(?:was|were|is|got|gets) skipped\b)": "which models ",
    r"\bdata quality (checks|tests)\b": r"\1",
    r"^who is (?=waiting|queu|running|stuck|in the queue)": "what is ",
    r"\b(?:waiting|stuck|sitting|held) in (?:the )?queue\b(?=.*\b(?:now|currently|at the moment)\b)": "queued",
    r"\bques?(?= times?\b)": "queue",
    r"\b(?:every|each) time (?:more )?(?=slow|long|fast)": "increasingly ",
    r"\b(?:more and more|increasingly) (slow|long|fast)(?:er)?\b": r"increasingly \1er",
    r"\b(slower|longer|faster) and \1\b": r"increasingly \1",
    r"\blabell?ed\b": "tagged",
    r"\blabels?\b": "tag",
    r"\bmore (slow|long|fast|quick)\b": r"\1er",
    r"\b(?:until|till?|up to|as of) (?:right )?now\b|\bup until now\b": "",
    r"\bover(?: the)? night\b": "overnight",
    r"\bruns? (?:no|nr|number|num)\.? ?#?(?=\d{2,})": "run ",
    r"\b(?:most recent|newest|latest|last) (\d+) (?=\w)": r"last \1 ",
    r"(?<!top )\b(\d+) (?:most recent|newest|latest|last) (?=(?:\w+ ){0,2}(?:runs|builds|executions)\b)": r"last \1 ",
    r"\b(last|latest|most recent) run (?:has |have )?ended (?:with|in) (?:an? )?(?:error|failure)\b": "is failing now",
    r"\b(whose|where the) (?:last|latest|most recent) runs? (?:has |have )?ended (?:with|in) (?:an? )?(?:error"
    r"|failure)s?\b"
    r"": "failing now",
    r"\bdid not (?:succeed|finish|complete|pass|work|make it|go through)\b": "failed",
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
    r"\b(?:nobody|no one|nothing) (?:ever |really )*tests\b": "untested",
    r"(?:^|(?<=, ))nothing (?:in|from|of) (?=\w|\|)": "except ",
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

MARKERS = (
    r"^as (?:an? )?|^compare(?: (?:it|them|that|this|those))? (?:with|to|against)\b"
    r"|^(?:(?:and|so|ok|,) )*(?:which|what) (?:models?|jobs?|tests?|runs?|projects?)(?: exactly| though)?$"
    r"|^(?:the )?(?:average|median|mean|avg|mean) (?:of|over)\b"
    r"|^(?:(?:ok|okay|so|thanks?|thank you|great|nice|cool|perfect|hm+|yes|no|please|,) )*"
    r"(?:and|but|now|then|what about|how about|only|just|same|also|instead|rather|except|without|excluding"
    r"|including|include|plus|by)\b"
    r"|\b(?:instead|too|as well|only|the same|those|them|these|they|(?<!are )(?<!is )there)$"
    r"|\b(?:of|among|from) (?:those|them|these)\b|^(?:(?:the|by|use|show|take) )*(?:\w+ ){1,3}(?:instead of"
    r"|rather than)\b"
    r"|^(?:(?:and|so|but|ok|,) )*(?:which|what) ones?\b"
    r"|^(?:(?:and|so|but|ok|,) )*which (?:is|are|was|were|has|have|had|took|takes|failed|fails?|ran|runs?)\b"
    r"|\b(?:they|their|them|those|these)\b(?! (?:days|weeks|months))"
)
"""Words that tie a question to the one before."""
