"""One model, job or run by itself."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent

__all__ = ["DETAILS"]

_MODEL = "dbt_model_details"
_JOB = "dbt_job_details"
_RUN = "dbt_run_details"
_ITS_RUNS = "dbt_model_runs"

_A_RUN = r"(?:last|latest|newest|most recent) (?:run|build)\b"
_OUTCOME = (
    r"\b(?:wrong|happen(?:s|ed)?|issues?|problems?|outcome|results?|details|errors?|fail\w*|go|went|steps?|succe\w*"
    r"|finish\w*|complet\w*|ok|okay|pass\w*)\b"
)

DETAILS = Family(
    topics={
        "one run": (
            r"^(?!.*\b(?:slow\w*|long\w*|take|took)\b).*\brun (?:id |number )?#?\d{2,}\b"
            rf"|{_OUTCOME}.*\b{_A_RUN}|\b{_A_RUN}.*{_OUTCOME}"
        ),
        "its runs": (
            r"\b(?:each|every|all|recent|latest|last|past|previous|single) (?:\w+ )?runs? of\b|\b(?:the |all )runs of\b"
            r"|\bhistory of\b|\brun history\b|^when\b.*\b(?:fail\w*|br[eo]ke?|error\w*)\b"
        ),
        "next run": (
            r"\b(?:next (?:run|start|execution)|runs? next|starts? next)\b|\bwhen (?:will|is|does)\b.*\bnext\b"
        ),
        "details": (
            r"\bwho (?:is|are) (?:the )?(?:responsible|owners?|contact)|\bowners?\b|\bowns\b|\bresponsible\b"
            r"|\bcontact\b"
            r"|\bsql\b|\b(?:source |raw |compiled )?code (?:of|for|behind)\b|\bdescri(?:be|ption|ptions)\b"
            r"|\bdocument(?:ed|ation)\b"
            r"|\bdetails? (?:of|about|for|on)\b"
            r"|\b(?:tell me|show me|know) (?:all |everything |more |something )?about\b"
            r"|\brows (?:of|in|does)\b|\bhow big\b|^what (?:is|are) (?:the |this |that )?(?:model |job )?\|\*\|$"
            r"|^what (?:do|does) (?!.*\bdepend).*\b(?:do|run|execute)$"
            r"|\b(?:steps|commands) (?:of|does|do)\b"
        ),
        "status": r"\bstatus of\b|^how (?:is|are) .*\bdoing\b",
    },
    intents=(
        Intent(_RUN, "one run", needs=("run_id",)),
        Intent(_RUN, "one run", ("job", "run", ""), needs=("jobs",)),
        Intent(_ITS_RUNS, "its runs", needs=("models",)),
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
        _MODEL: "one model whole (“Who is responsible for …?”, “Show me the SQL of …”)",
        _JOB: "one job whole (“What does the … job do, and when does it run next?”)",
        _RUN: "one run whole (“What happened in the last run of …?”)",
        _ITS_RUNS: "the runs of a model (“What is the average of the last 10 runs of …?”)",
    },
    absent={"details": "I cannot show the owner, code or documentation of a model, nor a job's details, here."},
)
