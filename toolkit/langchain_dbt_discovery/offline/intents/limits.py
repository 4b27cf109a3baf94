"""What is asked for and not there."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Limitation

__all__ = ["LIMITATIONS"]

_PLEASE = r"^(?:please |can you |could you |would you |then |just )*"

LIMITATIONS: tuple[Limitation, ...] = (
    Limitation(
        r"\bcosts?\b|\bcostly\b|\bmoney\b|\bdollars?\b|\beuros?\b|[$€£]|\bbilled\b"
        r"|\bbilling (?:costs?|metrics?|report)\b|^(?!.*\btime\b).*\bspend on\b|\bcredits?\b|\bcheap\w*\b"
        r"|\bbudget of\b|\bprice\b",
        "I cannot tell what anything costs in money: dbt Cloud's APIs report time, not prices.",
    ),
    Limitation(
        r"\bcolumns (?:of|in|does|do)\b|\b(?:which|what) columns\b",
        "I cannot list a model's columns: dbt Cloud knows them only of models that a documentation run has seen.",
    ),
    Limitation(
        rf"{_PLEASE}(?:write|generate|draft|compose)\b",
        "I only read: I cannot write queries or code.",
    ),
    Limitation(
        rf"{_PLEASE}(?:re-?run|run|start|trigger"
        r"|kick off|launch|execute|retry|restart"
        r"|stop|cancel|abort|kill|delete|remove|pause|disable|enable|deploy|create|edit|change"
        r"|update|schedule|fix)\b(?! (?:times?|durations?|of|#?\d+|history|collisions?|conflicts?)\b)"
        r"|(?<!need to )(?<!have to )(?<!should i )\b(?:run|start|trigger|retry) (?:it|them|this|that)\b"
        r"|\b(?:re-?run|retry|kick off|restart) (?:the|my|all|a)\b",
        "I only read: I cannot start, stop or change jobs. You can do that in dbt Cloud.",
    ),
    Limitation(
        r"\bwill\b(?! you\b| break\b|.*\bnext\b(?! (?:day|night|week|weekend|month|quarter|year)\b))|\bgoing to\b"
        r"|\bforecast\w*\b|\bpredict\w*\b|\bexpect(?:ed)? to\b|\btomorrow\b"
        r"|\b(?:next|coming) (?:day|night|week|weekend|month|quarter|year)\b",
        "I cannot tell what is to come: I only know what has happened. Ask how long it took so far.",
    ),
    Limitation(
        r"\bwho\b(?! (?:is|are) (?:the |our )?(?:responsible|owners?|contacts?)\b| owns\b| (?:do|can|should) (?:i|we)"
        r" (?:contact|ask)\b)|\bwhose\b",
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
"""What no tool gives; the first that shows is said."""
