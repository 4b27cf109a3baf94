"""One model, job or run by itself."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent
from langchain_dbt_discovery.offline.numbers import NUMBER

__all__ = ["DETAILS"]

_MODEL = "dbt_model_details"
_JOB = "dbt_job_details"
_RUN = "dbt_run_details"
_RUNS = "dbt_list_runs"
_ITS_RUNS = "dbt_model_runs"

_A_RUN = r"(?:last|latest|newest|most recent) (?:run|build|execution|time)\b"
_OUTCOME = (
    r"\b(?:wrong|happen(?:s|ed)?|issues?|problems?|outcome|results?|details|errors?|fail\w*|go|went|steps?|succe\w*"
    r"|finish\w*|complet\w*|ok|okay|pass\w*)\b"
)

DETAILS = Family(
    topics={
        "one run": (
            r"^(?!.*\b(?:slow\w*|take|took)\b).*\brun (?:id |number )?#?\d{2,}\b"
            rf"|{_OUTCOME}.*\b{_A_RUN}|\b{_A_RUN}.*{_OUTCOME}|\bhow (?:did|was|is)\b.*\b{_A_RUN}"
            rf"|^(?:(?:show|give|tell|me|what|how|is|was|the|about|see|and|more|details?|of"
            rf"|on) )*{_A_RUN}(?: (?:of|for))?(?: the)? \|\*\|$"
        ),
        "my run": r"\bwhat (?:happened|went wrong) (?:with|to|in|during) (?:my|our|a) (?:\w+ )?run\b",
        "its runs": (
            r"\b(?:each|every|all|recent|latest|last|past|previous|single) (?:\w+ )?runs? of\b|\b(?:the |all )runs of\b"
            r"|^when\b.*\b(?:fail\w*|br[eo]ke?|error\w*)\b"
        ),
        "runs of a job": (
            r"^(?!.*\b(?:average|avg|mean|median|p95|longest|slowest|how long|typical\w*|rank\w*)\b).*"
            rf"\b(?:last|latest|past|previous|recent) (?:{NUMBER} )?runs of\b"
        ),
        "history": r"\bhistory of\b|\brun history\b",
        "next run": (
            r"\b(?:next (?:run|start|execution)|runs? next|starts? next)\b|\bwhen (?:will|is|does)\b.*\bnext\b"
        ),
        "details": (
            r"\bwho (?:is|are) (?:the )?(?:responsible|owners?|contact|in charge)"
            r"|\bwho (?:do|can|could|should|would|must) (?:i|we) (?:ask|talk|speak|contact|ping|write|turn"
            r"|reach|go|email|message)\b"
            r"|\bwho (?:maintains|looks after|takes care of|built|made|created|wrote)\b|\bmaintain(?:er|ers"
            r"|s)\b|\bwhose (?:model|table|job)\b|\bowners?\b|\bowns\b|\bresponsible\b"
            r"|\bcontact\b"
            r"|\bsql\b|\b(?:source |raw |compiled )?code (?:of|for|behind)\b|\bdescri(?:be|ption|ptions)\b"
            r"|\bdocument(?:ed|ation)\b"
            r"|\b(?:details?|info|information|metadata) (?:of|about|for|on)\b|\b(?:materiali[sz]ation"
            r"|description|tags|group|access|path|schema) of\b"
            r"|\bhow is\b.*\bmateriali[sz]ed\b|\bwh(?:at|ich) (?:kind of )?materiali[sz]ation\b|\bwhere (?:is"
            r"|does)\b.*\b(?:live|stored|defined)\b"
            r"|\b(?:tell me|show me|know) (?:all |everything |more |something )?about\b"
            r"|\bbytes\b|\brows (?:of|in|does|has|did)\b|\bhow big\b|^what (?:is|are) (?:the |this |that )?(?:model "
            r"|job )?\|\*\|$"
            r"|^what (?:do|does) (?!.*\bdepend).*\b(?:do|run|execute)$"
            r"|\b(?:steps|commands) (?:of|does|do|in)\b|^(?:(?:and|ok|show|me|just|more|the) )*details?$"
            r"|^(?:explain|describe)\b"
        ),
        "status": r"\bstatus of\b|^how (?:is|are) .*\bdoing\b",
    },
    intents=(
        Intent(_RUN, "one run", needs=("run_id",)),
        Intent(_RUN, "one run", ("job", "run", ""), needs=("jobs",)),
        Intent(_RUN, "my run"),
        Intent(_ITS_RUNS, "its runs", needs=("models",)),
        Intent(_RUNS, "runs of a job", needs=("jobs",)),
        Intent(_ITS_RUNS, "history", needs=("models",)),
        Intent(_RUNS, "history", needs=("jobs",)),
        Intent(_ITS_RUNS, "one run", needs=("models",)),
        Intent(_JOB, "next run", needs=("jobs",)),
        Intent("dbt_list_jobs", "next run"),
        Intent(_JOB, "status", needs=("jobs",)),
        Intent("dbt_model_health", "status", needs=("models",)),
        Intent(_JOB, "details", ("job",)),
        Intent(_MODEL, "details", ("model", "project", "source", "test"), needs=("models",)),
        Intent(_JOB, "details", needs=("jobs",)),
        Intent(_MODEL, "details"),
    ),
    choices=(
        Choice("its runs", "last_n_runs", r"\b(?:last|latest|ever)\b(?= (?:fail\w*|br[eo]ke?|error\w*)\b)", 20),
        Choice("details", "sql", r"\bsql\b|\b(?:source |raw |compiled )?code(?= (?:of|for|behind)\b)", True),
    ),
    abilities={
        _MODEL: "a model whole (“Who is responsible for …?”, “Show me the SQL of …”)",
        _JOB: "a job whole (“What does the … job do, and when does it run next?”)",
        _RUN: "a run whole (“What happened in the last run of …?”)",
        _ITS_RUNS: "the runs of a model (“What is the average of the last 10 runs of …?”)",
    },
    absent={"details": "I cannot show the owner, code or documentation of a model, nor a job's details, here."},
)
