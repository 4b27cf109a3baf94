"""What people ask, as data: the topics and subjects of a question, and the tool for each pair.

A new report gets its rows here; no code changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

__all__ = ["ABILITIES", "INTENTS", "LIMITATIONS", "MARKERS", "SMALL_TALK", "SUBJECTS", "TOPICS", "Intent", "Limitation"]


@dataclass(frozen=True, slots=True)
class Intent:
    """A topic about a subject, and the tool that answers it.

    Attributes:
        tool: The tool's name.
        topic: A key of `TOPICS`.
        subjects: Keys of `SUBJECTS`; `""` for a question that names none.
        arguments: What the tool is given unless the question says otherwise.
        needs: A name that has to be in the question: `jobs`, `models`, …; empty for none.
    """

    tool: str
    topic: str
    subjects: tuple[str, ...]
    arguments: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Limitation:
    """Something that people ask for and no tool gives.

    Attributes:
        pattern: How they ask.
        sentence: What they are told.
        unless: A tool that would give it; the limitation holds while that is not bound.
    """

    pattern: str
    sentence: str
    unless: str = ""


TOPICS: Mapping[str, str] = {
    "cause": r"^why(?: is that| so| though)?$|\bwhy\b.*\b(?:slow|slower|long|longer)\b"
    r"|\b(?:spen[dt]s?|spending) (?:its |the |most )*time\b",
    "when": (
        r"^(?:and |so |ok )?(?:when|at what time|what time)\b(?!.*\b(?:fail|error|br[eo]ke?|slow|long))|\bschedules?\b"
    ),
    "outcome": (
        r"^(?:(?:and|so|ok|please|can you|could you|tell me|show me) )*(?:which|what|list|show|how many|are|give)\b"
        r"(?!.*\b(?:not|no|fail\w*|longest|long|slow\w*|took|takes?)\b).*"
        r"\b(?:succeeded|successful|successfully|passed|completed|cancell?ed)\b"
    ),
    "state": (
        r"^(?:(?:and|so|ok) )*(?:which|what|list|show|how many|are|is)\b.*(?<!longest )(?<!long )\b(?:running|queued)\b"
    ),
    "failing": (
        r"\b(?:failing|erroring|broken|unhealthy|in (?:an )?error)\b|\b(?:are|is) (?:currently )?failed\b"
        r"|^(?=.*\b(?:(?:right|errors?) now|currently|at the moment|at present|now$)).*\b(?:errors?|errored|fail\w*)\b"
    ),
    "failure": (
        r"\b(?:fail\w*|errors?|errored|broke|breaks?|breaking|crash\w*|wrong|issues?|problems?|unsuccessful\w*"
        r"|went bad|timed out|timeouts?|succeed\w*|successful\w*|finish(?:ed)?|completed?|blocked"
        r"|what happened|did .* pass"
        r"|(?:ran|run|went|go) (?:ok|okay|fine|well))\b|^did .*\brun\b"
        r"|\b(?:everything|all|anything|things|we|jobs?|runs?|pipelines?)\b.*"
        r"\b(?:green|red|ok|okay|fine|all ?right|healthy|in order|down)\b"
    ),
    "speed": (
        r"\b(?:slow\w*|long|longer|longest|duration|durations|runtimes?|run times?|took|takes?"
        r"|taking|heav\w+|performance"
        r"|worst|bottlenecks?|rank\w*|average|p95|expensive|fast\w*|quick\w*|time)\b"
    ),
    "list": (
        r"\b(?:list|show|display|give|get|which|what|how many|count|number of|there|have|exist|tell me|find|names?"
        r"|all|status|overview)\b"
    ),
}
"""How a topic shows in a question; the first that shows is it."""

SUBJECTS: Mapping[str, str] = {
    "model": r"\b(?:models?|tables?|views?|snapshots?|seeds?|nodes?|incrementals?)\b",
    "job": r"\b(?:jobs?|pipelines?|dags?|loads?|workflows?)\b",
    "run": r"\b(?:runs|executions?|invocations?|builds?)\b|\b(?:single|last|longest|slowest|each"
    r"|the|a|an|any|which) run\b",
    "test": r"\btests?\b",
    "project": r"\bprojects?\b",
    "source": r"\bsources?\b",
}

INTENTS: tuple[Intent, ...] = (
    Intent("dbt_slowest_models", "cause", ("job", "run", ""), needs="jobs"),
    Intent("dbt_slowest_models", "cause", ("model",)),
    Intent("dbt_longest_running_jobs", "cause", ("job", "run", "")),
    Intent("dbt_list_models", "failing", ("model",), {"model_status": ["error"]}),
    Intent("dbt_failed_runs", "failing", ("job", "run", "test", "project", "")),
    Intent("dbt_failed_runs", "failure", ("job", "run", "model", "test", "project", "")),
    Intent("dbt_longest_running_jobs", "speed", ("run",), {"order_by": "max"}),
    Intent("dbt_slowest_models", "speed", ("model",)),
    Intent("dbt_longest_running_jobs", "speed", ("job", "project", "")),
    Intent("dbt_slowest_models", "list", ("model",), needs="jobs"),
    Intent("dbt_list_models", "list", ("model",)),
    Intent("dbt_list_jobs", "list", ("job",)),
    Intent("dbt_list_models", "when", ("model",)),
    Intent("dbt_list_jobs", "when", ("job", "run", "project", "")),
    Intent("dbt_list_jobs", "state", ("job", "run", "project", "")),
    Intent("dbt_list_models", "outcome", ("model",)),
    Intent("dbt_longest_running_jobs", "outcome", ("job", "run", "project", "")),
)
"""The first whose tool is bound, and whose topic, subject and needs fit, answers."""

ABILITIES: Mapping[str, str] = {
    "dbt_longest_running_jobs": "the longest-running jobs (“What were the longest-running jobs last week?”)",
    "dbt_slowest_models": "the slowest models (“What are the five slowest models of marketing?”)",
    "dbt_failed_runs": "failed runs and their errors (“What failed last night?”)",
    "dbt_list_jobs": "the jobs there are (“Show me the jobs in finance”)",
    "dbt_list_models": "the models there are (“Which models are tagged pii?”)",
}
"""What each tool gives, for people."""

LIMITATIONS: tuple[Limitation, ...] = (
    Limitation(
        r"\bcosts?\b|\bcostly\b|\bmoney\b|\bdollars?\b|\beuros?\b|[$€£]|\bbilled\b"
        r"|\bbilling (?:costs?|metrics?|report)\b|^(?!.*\btime\b).*\bspend on\b|\bcredits?\b|\bcheap\w*\b"
        r"|\bbudget of\b|\bprice\b",
        "I cannot tell what anything costs in money: dbt Cloud's APIs report time, not prices.",
    ),
    Limitation(
        r"^(?:please |can you |could you |would you |then |just )*(?:re-?run|run|start|trigger"
        r"|kick off|launch|execute|retry|restart"
        r"|stop|cancel|abort|kill|delete|remove|pause|disable|enable|deploy|create|edit|change"
        r"|update|schedule|fix)\b(?! (?:times?|durations?|of)\b)"
        r"|\b(?:run|start|trigger|retry) (?:it|them|this|that)\b|\b(?:re-?run|retry|kick off"
        r"|restart) (?:the|my|all|a)\b",
        "I only read: I cannot start, stop or change jobs. You can do that in dbt Cloud.",
    ),
    Limitation(
        r"\bfresh\w*\b|\bstale\b|\bup to date\b|\boutdated\b|\bmissing\b.*\bdata\b"
        r"|\bdata\b.*\bmissing\b|\blast refreshed\b|\bsources?\b",
        "I cannot tell yet how fresh data is. Ask what failed, to see whether a run is to blame.",
        unless="dbt_source_freshness",
    ),
    Limitation(
        r"\btest coverage\b|\buntested\b|\bflaky\b|\btests exist\b|\bslowest tests?\b|\btests? (?:take|are there)\b",
        "I have no report about tests yet. Failed runs name the tests that failed in them.",
        unless="dbt_failing_tests",
    ),
    Limitation(
        r"\blineage\b|\bdepend\w*\b|\bupstream\b|\bdownstream\b|\bwill break\b|\bcome from\b"
        r"|\bdashboards?\b|\bcritical path\b|\bimpact\b",
        "I cannot follow dependencies between models yet.",
        unless="dbt_lineage",
    ),
    Limitation(
        r"\bowners?\b|\bowns\b|\bresponsible\b|\bwho (?:is|wrote|built|changed)\b|\bcontact\b"
        r"|\bsql\b|\bcode of\b|\bdescription\b"
        r"|\bdocument\w*\b|\bcolumns?\b",
        "I cannot show a model's owner, code or documentation yet.",
        unless="dbt_model_details",
    ),
    Limitation(
        r"\b(?:what|has|have|how)\b.*\bchang(?:ed|es)\b|\btrends?\b|\bover time\b|\bcompar\w+\b"
        r"|\b(?:got|gotten|become|became)\b.*\b(?:slow|fast|long)er\b|\bincreas\w+\b|\bgetting (?:slow|fast)\w*\b"
        r"|\bregress\w*\b|\banomal\w*\b|\bneed to run\b",
        "I cannot compare periods or see trends yet. Ask for one period, then for the one before.",
        unless="dbt_runtime_changes",
    ),
    Limitation(
        r"^(?!.*\b(?:everything|all|anything|jobs?|runs?|pipelines?)\b).*\bhealth\w*\b|\bhealth of\b|\bscore\b",
        "I have no verdict on a model's health yet. Ask what failed, or which models are slowest.",
        unless="dbt_model_health",
    ),
    Limitation(
        r"\breliab\w*\b|\bsuccess rates?\b|\buptime\b|\bhow often\b",
        "I have no report about reliability yet. Ask what failed in a period.",
        unless="dbt_job_reliability",
    ),
    Limitation(
        r"\bqueue\w*\b|\bwait\w* for (?:a )?slot\b",
        "I have no report about queue times yet. The longest-running jobs show the average"
        " time queued beside the rest.",
        unless="dbt_queue_times",
    ),
    Limitation(
        r"\bwill\b(?! you\b)|\bgoing to\b|\bforecast\w*\b|\bpredict\w*\b|\bexpect(?:ed)? to\b|\btomorrow\b"
        r"|\b(?:next|coming) (?:day|night|week|weekend|month|quarter|year)\b",
        "I cannot tell what is to come: I only know what has happened. Ask how long it took so far.",
    ),
    Limitation(
        r"\bwho\b|\bwhose\b",
        "I cannot tell who did something: dbt's run records name jobs, models and errors, not people.",
    ),
    Limitation(
        r"\b(?:did|do|does|have|has|were|was|are) not (?:yet |ever |been |even )*"
        r"(?:r[au]n|start|started|built|running)\b|\bnever (?:been )?(?:run|ran|started|built)\b"
        r"|\bwithout (?:any |a )?runs?\b",
        "I cannot list what did not run. The list of jobs shows when each ran last.",
    ),
    Limitation(
        r"\b(?:not|never) (?:an? )?(?:tagged|materiali[sz]ed|incremental|views?|tables?|failing|scheduled)\b"
        r"|\b(?:not|never) (?:yet |ever |been |currently )*(?:fail(?:ed)?|errored|br[eo]ken?|skipped|cancell?ed)\b"
        r"|\b(?:with|have|has|had) no (?:errors|failures)\b"
        r"|\buntagged\b|\b(?:without|no|missing) (?:the |an? |any )?tags?\b",
        "I can filter by what something is, not by what it is not, other than leaving out whole projects.",
    ),
    Limitation(
        r"\b(?:fastest|quickest|shortest)\b",
        "I rank from the slowest down. Ask for those under a runtime instead, such as “models under 2 seconds”.",
    ),
)
"""What is asked for and not there; the first that shows is said."""

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
