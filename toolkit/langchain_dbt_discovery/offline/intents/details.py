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
_NO_OUTCOME = (
    r"(?:slow\w*|longest|average|avg|median|p95|compar\w+|diff\w*|chang\w+|than|models?|tests?|critical|long|chain"
    r"|new\w*"
    r"|bottlenecks?|time|since|which|fresh\w*|queue\w*|wait\w*|between)"
)
"""What is asked of a run that is not how it went."""

DETAILS = Family(
    topics={
        "one run": (
            r"^(?!.*\b(?:slow\w*|take|took)\b).*\brun (?:id |number )?#?\d{2,}\b"
            rf"|^(?!.*\b{_NO_OUTCOME}\b).*\b{_A_RUN} (?:of|for) |^how long (?:did|was|has)(?: the)? (?:latest|last"
            r"|newest|most recent) "
            rf"(?:run of |build of |run |execution of )?(?:the )?\|\*\||{_OUTCOME}.*\b{_A_RUN}"
            r"|\bhappen\w* (?:in|with|to|during|on|at) (?:the |our |my )?(?:last|latest|newest|most recent) \|\*\|"
            rf"|\b{_A_RUN}.*{_OUTCOME}|\bhow (?:did|was|is)\b.*\b{_A_RUN}"
            r"|^(?:(?:show|give|tell|me|what|how|is|was|the|about|did|and|details?|of|on|please) )*"
            r"(?:last|latest|newest|most recent) (?:job )?\|\*\|(?: job)?(?: run| build| execution)?(?: (?:go|goes"
            r"|went|do|doing|ok|fine|end|look"
            r"|please))*$"
            rf"|^(?:(?:show|give|tell|me|what|how|is|was|the|about|see|and|more|details?|of"
            rf"|on) )*{_A_RUN}(?: (?:of|for))?(?: the)? \|\*\|$"
        ),
        "last success": (
            r"\b(?:last|latest|most recent|previous) (?:good|green|successful|succeeded) (?:run|build|execution)s?\b"
            r"|^when\b.*\b(?:last|recently) (?:successful|succeed\w*|green|ok|worked)\b|^when\b.*\b(?:succeed\w*"
            r"|worked) last\b"
        ),
        "my run": r"\bwhat (?:happened|went wrong) (?:with|to|in|during) (?:my|our|a) (?:\w+ )?run\b",
        "its runs": (
            r"\b(?:each|every|all|recent|latest|last|past|previous|single) (?:\w+ )?(?:run|build|execution)s? of\b"
            r"|^(?:(?:the|all|show|me|list|give|please|can|you|us) )*(?:run|build|execution)s (?:of|for)\b"
            r"|\b(?:in|for|during|of) (?:each|every) (?:single )?(?:run|build|execution)\b"
            r"|\b(?:each|every) time (?:that |when )?(?:it|they) (?:r[au]ns?|was built|is built|built|executed)\b"
            r"|^when\b.*\b(?:fail\w*|br[eo]ke?|error\w*)\b"
        ),
        "went": (
            r"^(?:did|was|were|has|have|how did|how was|how were|how has)\b"
            rf"(?!.*\b(?:(?!(?:(?<=on )|(?<=in ))time\b){_NO_OUTCOME}|fail\w*|last|latest)\b(?! night)).*\|\*\|.*"
            r"\b(?:go|went|gone|finish\w*|complete\w*|succe\w*|pass\w*|ok|okay|fine|well|through|make it|made it|green"
            r"|smoothly|alright|on time|in time)\b"
            r"|^how (?:was|is|were) (?:the |our |last night |yesterday |today |this morning )*\|\*\|"
            r"(?: (?:last night|yesterday|today|this morning|overnight|tonight))*$"
        ),
        "runs of a job": (
            r"^(?!.*\b(?:average|avg|mean|median|p95|longest|slowest|how long|typical\w*|rank\w*)\b).*"
            rf"\b(?:last|latest|past|previous|recent) (?:{NUMBER} )?runs of\b"
            r"|^how long (?:did|do|does|was|were) (?:each|every) (?:single )?(?:run|build|execution) of\b"
        ),
        "history": r"\bhistory of\b|\brun history\b",
        "next run": (
            r"\b(?:next (?:run|start|execution)|runs? next|starts? next)\b|\bwhen (?:will|is|does)\b.*\bnext\b"
        ),
        "details": (
            r"\bwho (?:is|are) (?:the )?(?:responsible|owners?|contact|in charge)"
            r"|\bwho (?:do|can|could|should|would|must) (?:i|we) (?:have to |need to )?(?:ask|talk|speak|contact|call"
            r"|ping|write|turn"
            r"|reach|go|email|message)\b"
            r"|\bwho (?:maintains|looks after|takes care of|(?:(?:has|have) )?(?:built|made|created|wrote|written"
            r"|developed|designed|maintained|owned))\b|\bmaintain(?:er|ers"
            r"|s)\b|\bwhose (?:model|table|job)\b|\bowners?\b|\bowns\b|\bresponsible\b(?! for (?:the |its |this "
            r"|that )?(?:\w+ )?(?:run ?time|duration|delay|failure|slow\w*|long|time)\b)"
            r"|\bcontact\b"
            r"|\bsql\b|\b(?:source |raw |compiled )?code (?:of|for|behind)\b|\bdescri(?:be|ption|ptions)\b"
            r"|\bdocument(?:ed|ation)\b"
            r"|\b(?:details?|info|information|metadata) (?:of|about|for|on)\b|\b(?:materiali[sz]ation"
            r"|description|tags|group|access|path|schema) of\b"
            r"|\bhow is\b.*\bmateriali[sz]ed\b|\bwh(?:at|ich) (?:kind of )?materiali[sz]ation\b|\bwhere (?:is"
            r"|does)\b.*\b(?:live|stored|defined)\b"
            r"|\b(?:tell me|show me|know) (?:all |everything |more |something )?about\b"
            r"|\brow ?counts?\b|\bnumber of rows\b|\bbytes\b|\brows (?:of|in|does|has|did)\b|\bhow big\b"
            r"|^what (?:is|are) (?:the |this |that )?(?:model "
            r"|job )?\|\*\|$"
            r"|^what (?:do|does) (?!.*\bdepend).*\b(?:do|run|execute)$"
            r"|^what (?:is|are) doing\b|^details?(?: (?:job|model|of|for|on|about))*(?= \|\*\|)|\|\*\| details?$"
            r"|\b(?:steps|commands) (?:of|does|do|in)\b|^(?:(?:and|ok|show|me|just|more|the) )*details?$"
            r"|^(?:explain|describe)\b|^(?:(?:the|show|me|give|all) )*(?:details?|infos?|information|facts) (?:of "
            r"|about |on |for )?\|\*\|$"
            r"|\b(?:what|which) (?:tags?|group|materiali[sz]ation|owner|package|schema|description) (?:does|do|has"
            r"|is)\b"
        ),
        "status": r"\bstatus of\b|\|\*\| status\b|^how (?:is|are) .*\bdoing\b",
        "doing": r"^how (?:is|are) .*\bdoing\b",
    },
    intents=(
        Intent(_RUN, "one run", needs=("run_id",)),
        Intent(_RUN, "one run", ("job", "run", ""), needs=("jobs",)),
        Intent(_ITS_RUNS, "last success", needs=("models",), arguments={"run_status": ["success"]}),
        Intent(_RUNS, "last success", arguments={"run_status": ["success"], "limit": 1}),
        Intent(_RUNS, "went", needs=("one job", "period")),
        Intent(_RUN, "went", needs=("one job",)),
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
        Intent("dbt_model_health", "doing", ("model",)),
        Intent("dbt_job_reliability", "doing", ("job",)),
        Intent(_JOB, "details", ("job",)),
        Intent(_MODEL, "details", ("model", "project", "source", "test"), needs=("models",)),
        Intent(_JOB, "details", needs=("jobs",)),
        Intent("dbt_list_projects", "details", ("project",)),
        Intent(_MODEL, "details", ("model", "job", "project", "source", "test", "")),
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
