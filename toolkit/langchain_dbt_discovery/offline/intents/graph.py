"""What depends on what, what makes a run long, and what differs between two runs."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent
from langchain_dbt_discovery.offline.numbers import NUMBER, whole

__all__ = ["GRAPH"]

_LINEAGE = "dbt_lineage"
_COMPARE = "dbt_compare_runs"
_PATH = "dbt_critical_path"

GRAPH = Family(
    topics={
        "comparison": (
            r"\b(?:compar\w+"
            r"|diff\w*|changed?|changes|new)\b.*\b(?:(?:last|latest|previous|two|recent) runs?|run #?\d{2,})\b"
            r"|\bruns?\b.*\b(?:compared?|differ\w*)\b|\bnewly (?:fail\w*|broken)\b"
            r"|^run #?\d{2,} (?:vs|versus|against)\b"
        ),
        "critical path": (
            r"\bcritical path\b|\blongest (?:path|chain)\b|\bspeed(?:ing)? up\b|\bspeedup\b|\boptimi[sz]e\b"
            r"|\bmake\b.*\b(?:faster|quicker|shorter)\b|\b(?:lose|loses|losing|waste|wastes) (?:its |the |most )*time\b"
        ),
        "lineage": (
            r"^(?!.*\b(?:fresh|freshness|stale|stalest|outdated|tests)\b).*(?:\b(?:lineage|upstream|downstream|depend(?:s|ing|ent|ents|ency|encies)?|feeds?|fed|parents?|children|ancestors?"
            r"|descendants?|dashboards?|impact(?:s|ed)?|affect(?:s|ed)?)\b|\b(?:will|would) break\b|\bbreaks? if\b"
            r"|\bcomes? from\b|\b(?:derived|made|built) (?:from|of|out of)\b)"
        ),
    },
    intents=(
        Intent(_COMPARE, "comparison"),
        Intent(_PATH, "critical path", needs=("jobs",)),
        Intent("dbt_slowest_models", "critical path", needs=("models",)),
        Intent("dbt_slowest_models", "critical path", ("model",)),
        Intent(_PATH, "critical path"),
        Intent(_LINEAGE, "lineage"),
    ),
    choices=(
        Choice("comparison", "run_id", r"\brun (?:id )?#?(\d{2,})(?= (?:with|to|and|against|vs|versus)\b)", str),
        Choice("comparison", "base_run_id", r"\b(?:with|to|and|against|vs|versus) (?:run )?(?:id )?#?(\d{2,})\b", str),
        Choice("comparison", "order_by", r"\bby (?:the )?(?:difference|change)\b", "difference"),
        Choice("critical path", "", r"\b(?:faster|quicker|shorter)\b"),
        Choice("lineage", "", r"\b(?:at|on) (?:a |the )?model level\b"),
        Choice(
            "lineage", "depth", rf"\b(?:within |up to |at most )?({NUMBER}) (?:levels?|steps?|hops?)(?: deep)?\b", whole
        ),
        Choice("lineage", "depth", r"\b(?:directly|direct|immediate|immediately)\b", 1),
        Choice("lineage", "direction", r"\bdownstream(?: of)?\b|\b(?:will|would) break\b|\bbreaks? if\b", "downstream"),
        Choice("lineage", "direction", r"\bupstream(?: of)?\b|\bcomes? from\b", "upstream"),
        Choice("lineage", "direction", r"\b(?:derived|made|built) (?:from|of|out of)(?= \|\*\|)", "downstream"),
        Choice("lineage", "direction", r"\b(?:derived|made|built) (?:from|of|out of)\b", "upstream"),
        Choice("lineage", "direction", r"\b(?:do|does)\b(?=.*\bdepend(?:s)? (?:up)?on\b)", "upstream"),
        Choice("lineage", "direction", r"\b(?:do|does)\b(?=.*\bfeeds?\b)", "downstream"),
        Choice("lineage", "direction", r"\bdepend(?:s|ing|ent)? (?:up)?on\b", "downstream"),
        Choice("lineage", "direction", r"\b(?:parents?|ancestors?|dependencies|feeds?)\b", "upstream"),
        Choice(
            "lineage",
            "direction",
            r"\b(?:children|descendants?|dependents?|impact(?:s|ed)?|affect(?:s|ed)?|fed)\b",
            "downstream",
        ),
        Choice("lineage", "resource_type", r"\bsources\b", ["source"]),
        Choice("lineage", "resource_type", r"\b(?:dashboards|exposures?)\b", ["exposure"]),
        Choice("lineage", "resource_type", r"\bmodels(?! of\b)\b", ["model"]),
    ),
    abilities={
        _LINEAGE: "what a model is made from and what depends on it (“What is downstream of …?”)",
        _PATH: "the critical path of a run (“What is the critical path of the … job?”)",
        _COMPARE: "what differs between two runs (“What changed since the last run of …?”)",
    },
    absent={
        "comparison": "I cannot compare two runs here.",
        "critical path": "I cannot follow the path of a run through its models here.",
        "lineage": "I cannot follow dependencies between models here.",
    },
)
