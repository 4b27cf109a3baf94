"""What depends on what, what makes a run long, and what differs between two runs."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent
from langchain_dbt_discovery.offline.numbers import NUMBER, whole

__all__ = ["GRAPH"]

_LINEAGE = "dbt_lineage"
_COMPARE = "dbt_compare_runs"
_PATH = "dbt_critical_path"

_IF_CHANGED = (
    r"if (?:i|we|you|someone|somebody|they)\b.{0,20}\b(?:chang\w*|drop\w*|remov\w*|renam\w*|delet\w*|modif\w*"
    r"|touch\w*|alter\w*"
    r"|refactor\w*|break\w*|edit\w*|kill\w*)"
)
_IF_IT = (
    r"(?:if|when|once) (?:the )?(?:model |source )?\|\*\| (?:breaks?|fails?|broke|failed|chang\w+|disappears?|goes|went"
    r"|(?:is|was|gets|got|were) \w+)"
)
_MADE = r"(?:derived|made|built|fed|computed|calculated)"
_FROM = r"where (?:does|do|is|are)\b.*\b(?:come|comes|coming|get|gets|pull|pulls|take|takes|read|reads|got)\b.*\bfrom"
_USE = (
    r"(?:uses?|using|consum(?:es?|ing|ers?)|referenc(?:es?|ing|ed)|reads? from|rel(?:y|ies) on"
    r"|hang(?:s|ing)? (?:off|on|from)|draws? (?:on|from)|taps? into|feeds? off|quer(?:y|ies|ying))"
)


_TRUST = (
    r"\b(?:can|could|may|should|must) (?:i|we|you|one|people|they|everybody) (?:\w+ )?(?:use|rely on|count on"
    r"|depend on)\b"
    r"|\b(?:safe|ok|okay|fine|ready) (?:to|for)\b|^(?:can|could|may|should) (?:\w+ ){1,2}(?:use|rely on)\b"
    r"|\brelied (?:up)?on\b"
)


def _share(percent: str) -> float:
    return int(percent) / 100


GRAPH = Family(
    topics={
        "comparison": (
            r"\b(?:compar\w+"
            r"|diff\w*|changed?|changes|new)\b.*\b(?:(?:last|latest|previous|two|recent) (?:successful |good "
            r"|green )?runs?|run #?\d{2,})\b"
            r"|\b(?:diff\w*|compar\w+|chang\w+)\b.*\b(?:last|latest|newest|current)\b.*"
            r"\b(?:one|run|build) (?:before|previous)\b|\b(?:diff\w*|compar\w+)\b.*\b(?:previous|prior|last"
            r"|preceding) (?:good |successful |green |clean |failed |passing )?(?:one|run|build)\b"
            r"|\b(?:compar\w+|diff\w*) (?:between )?(?:run )?#?\d{6,}\b|\b\d{6,} (?:vs|versus|against|and|with"
            r"|to) (?:run )?\d{6,}\b"
            r"|\b(?:latest|last|newest)\b.*\bthan (?:in |for )?(?:the )?(?:one|run|build) before\b"
            r"|\b(?:latest|last|newest|current)(?: run| one| build)? (?:vs|versus|against|compared (?:to"
            r"|with)) (?:the )?(?:previous|prior|last|one before)\b"
            r"|\bruns?\b.*\b(?:compared?|differ\w*)\b|\bnewly (?:fail\w*|broken)\b"
            r"|\b(?:slow|fast|long|quick|short|differ|chang|diff|new)\w*\b.*\bbetween (?:the )?(?:runs? )?\d{6,} and\b"
            r"|\b(?:slower|faster|longer|different|other)\b.*\bbetween\b.*\b(?:last|latest|two|recent) (?:\w+ )?runs\b"
            r"|\b(?:compar\w+|diff\w*|chang\w+|new)\b.*\brun (?:id )?#?\d{6,}"
            r"|\b(?:another|different|other) (?:status|outcome|result)\w*\b.*\brun\b"
            r"|\b(?:chang\w+|differ\w*) (?:their |its )?(?:status|outcome)\b"
            r"|\b(?:run|build|one) \d{6,}.*\b(?:than|vs\.?|versus|against|compared)\b.*\b(?:run|one"
            r"|build)?\s?(?:before|previous|earlier)\b"
            r"|\b(?:last|latest|newest|most recent) (?:\w+ )?(?:run|build|one)\b.*\b(?:than|vs\.?|versus|against"
            r"|compared (?:to|with))\b"
            r".*\b(?:before|previous|prior|preceding|successful|good|green)\b"
            r"|\b(?:differ\w*|chang\w+|diff|slower|faster|new)\b.*\b(?:(?:last|latest|most recent|newest) two"
            r"|two (?:last|latest|most recent|newest))\b|\b(?:newly|new) (?:broke\w*|fail\w*)|\b(?:broke\w*"
            r"|fail\w*) newly\b"
            r"|\bdiff\b.*\d{6,}|\b(?:added|gone|fixed|newly broken)\b.*\b(?:last|latest|newest"
            r"|most recent) (?:\w+ )?run\b"
            r"|\bsince the (?:last|latest) (?:good |successful |green )?(?:run|build)\b.*\b(?:differ\w*|chang\w*|new)\b"
            r"|\bnew (?:failures|errors) since\b|^run #?\d{2,} (?:vs|versus|against)\b"
        ),
        "critical path": (
            r"\bcritical path\b|\b(?:longest|bottleneck|dependency) (?:\w+ )?(?:path|chain)\b"
            r"|^(?!.*\b(?:models?|queue)\b).*\bbottlenecks?\b|\bchain of models\b|\btune\b|\b(?:end|finish|done"
            r"|be ready)s? (?:sooner|earlier)\b"
            r"|\bspeed(?:ing)? up\b|\bspeedup\b|\bhold(?:s"
            r"|ing)? up\b|\bheld up\b|\bslowest (?:path|chain)\b|\bgating\b|\boptimi[sz]e\b"
            r"|\btime (?:(?:is|was|being|gets?|got) )*(?:lost|wasted)\b(?!.*\b(?:queu|wait))"
            r"|\bwhere (?:does|did|do|is|has) (?:all )?(?:the |its |our )?(?:run ?)?time (?:go|gone|lost|wasted)\b"
            r"|\bmake\b.*\b(?:faster|quicker|shorter)\b|\b(?:lose|loses|losing|waste|wastes) (?:its |the "
            r"|most )*time\b"
        ),
        "lineage": (
            r"^(?:from|of|out of) (?:which|what)\b(?!.*\b(?:fresh|stale|late)\w*\b).*\b(?:made|built|derived|fed"
            r"|calculated|computed"
            rf"|composed|constructed|comes?|filled)\b|^(?!.*(?:{_TRUST}))"
            r"(?!(?:which|what|list|any|how many) jobs?\b)(?!.*\b(?:fresh|freshest|freshness|stale|stalest"
            r"|outdated|up to date|data feeds?|late|tests|refreshed|loaded"
            r"|old)\b).*(?:\b(?:lineage|upstream|downstream|depend(?:s|ing|ent|ents|ency|encies)?|feeds?|fed"
            r"|parents?|children|ancestors?"
            r"|descendants?|dashboards?|impact(?:s|ed)?|affect(?:s|ed)?)\b|\b(?:will|would|might|could) break\b"
            r"|\bbreaks? if\b|\bblast radius\b|\bdata flow\b|\bprovenance\b"
            rf"|\b{_IF_CHANGED}\b|\bwhen (?:i|we) (?:change|drop|remove|rename)\b|\bused (?:by|in)\b"
            rf"|\bwhere is\b.*\bused$"
            rf"|\b{_FROM}\b|\b{_USE}\b|\bbuil(?:t|ds) on\b|\bsits? on\b"
            r"|\bcomes? from\b|\b(?:derived|made|built|fed|computed|calculated) (?:from|of|out of)\b|\bgoes? into\b)"
        ),
    },
    intents=(
        Intent(_COMPARE, "comparison"),
        Intent(_PATH, "critical path", needs=("jobs",)),
        Intent(_PATH, "critical path", needs=("run_id",)),
        Intent("dbt_slowest_models", "critical path", needs=("models",)),
        Intent("dbt_slowest_models", "critical path", ("model",)),
        Intent(_PATH, "critical path"),
        Intent(_LINEAGE, "lineage"),
    ),
    choices=(
        Choice("comparison", "base_run_id", r"(?<=\d{6} )(?:run )?#?(\d{6,})\b", str),
        Choice(
            "comparison",
            "base_run_id",
            r"\b(?:between|from) (?:the )?(?:runs? (?:id )?)?#?(\d{2,})(?= (?:and|to|until)\b)",
            str,
        ),
        Choice("comparison", "run_id", r"(?<=\| )(?:and|to|until) (?:the )?(?:run (?:id )?)?#?(\d{6,})\b", str),
        Choice("comparison", "run_id", r"\b(?:run (?:id )?#?)?(\d{2,})(?= (?:with|to|and|against|vs|versus)\b)", str),
        Choice(
            "comparison",
            "base_run_id",
            r"\b(?:with|to|and|against|vs|from"
            r"|versus) (?:run )?(?:id )?#?(\d{2,})\b",
            str,
        ),
        Choice(
            "comparison",
            "min_change",
            r"\b(?:by )?(?:at least |more than |over )?(\d{1,3}) ?(?:%"
            r"|percent\b)",
            _share,
        ),
        Choice("comparison", "min_change", r"\bby (?:at least )?(?:a )?half(?: at least)?\b", 0.5),
        Choice(
            "comparison",
            "order_by",
            r"\b(?:biggest|largest|greatest) (?:time "
            r"|run ?time )?differences?(?: first)?\b",
            "difference",
        ),
        Choice(
            "comparison",
            "order_by",
            r"\b(?:by|of) (?:the )?(?:absolute )?(?:difference|change|delta)s?\b|\bby (?:the )?seconds\b",
            "difference",
        ),
        Choice("critical path", "", r"\b(?:faster|quicker|shorter)\b"),
        Choice("lineage", "", r"\b(?:at|on) (?:a |the )?model level\b"),
        Choice(
            "lineage",
            "depth",
            rf"\b(?:within |up to |at most )?({NUMBER}) (?:levels?|steps?"
            rf"|hops?)(?: deep)?\b",
            whole,
        ),
        Choice("lineage", "depth", rf"\bdepth(?: of| is|:|=)? ?({NUMBER})\b", whole),
        Choice("lineage", "depth", r"\b(?:directly|direct|immediate|immediately)\b", 1),
        Choice("lineage", "direction", r"(?<=\| )up(?:wards?)?\b|\bupwards?\b", "upstream"),
        Choice("lineage", "direction", r"(?<=\| )down(?:wards?)?\b|\bdownwards?\b", "downstream"),
        Choice(
            "lineage",
            "direction",
            r"\bdownstream(?: of)?\b|\b(?:will|would|might|could) break\b|\bbreaks? if\b|\bblast radius\b"
            rf"|\b{_IF_CHANGED}\b|\bwhen (?:i|we) (?:change|drop|remove|rename)\b|\b(?:gets? )?hurt\b|\b{_IF_IT}\b",
            "downstream",
        ),
        Choice("lineage", "direction", r"\bupstream(?: of)?\b|\bcomes? from\b|\bgoes? into\b", "upstream"),
        Choice("lineage", "direction", rf"\b{_MADE} (?:from|of|out of|by)(?= (?:the )?\|\*\|)", "downstream"),
        Choice(
            "lineage",
            "direction",
            rf"\b{_MADE} (?:from|of|out of|by)\b|\b(?:is|are|get|gets"
            rf"|being) fed\b",
            "upstream",
        ),
        Choice("lineage", "direction", rf"\b{_FROM}\b", "upstream"),
        Choice("lineage", "direction", r"^from (?:which|what|where)\b", "upstream"),
        Choice("lineage", "direction", rf"\b(?:do|does|did)\b(?=.*\b{_USE})", "upstream"),
        Choice("lineage", "direction", rf"\bused (?:by|in)(?= (?:the )?\|\*\|)|(?<=\|\*\| ){_USE}\b", "upstream"),
        Choice(
            "lineage", "direction", rf"\b{_USE}\b|\bused\b|\b(?:builds?|built|sits?) on(?: top of)?\b", "downstream"
        ),
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
        Choice("lineage", "resource_type", r"\b(seeds|snapshots|metrics)\b", lambda word: [word.removesuffix("s")]),
        Choice("lineage", "resource_type", r"\bsources\b|\bwhich source\b", ["source"]),
        Choice(
            "lineage",
            "resource_type",
            r"\b(?:which|what|list|any|all|many) (?:dashboards?|exposures?)\b"
            r"|\b(?:dashboards|exposures)\b",
            ["exposure"],
        ),
        Choice("lineage", "resource_type", r"\bmodels(?! of\b)\b", ["model"]),
    ),
    abilities={
        _LINEAGE: "what a model is made from and what depends on it (“What is downstream of …?”)",
        _PATH: "the critical path of a run (“What is the critical path of the … job?”)",
        _COMPARE: "what differs between runs (“What changed since the last run of …?”)",
    },
    absent={
        "comparison": "I cannot compare runs here.",
        "critical path": "I cannot follow the path of a run through its models here.",
        "lineage": "I cannot follow dependencies between models here.",
    },
)
