"""What is slow, what failed, and what there is of jobs, models, runs and projects."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent
from langchain_dbt_discovery.offline.intents.words import CANCELLED_TOO

__all__ = ["RANKINGS"]

_JOBS = "dbt_longest_running_jobs"
_MODELS = "dbt_slowest_models"
_FAILED = "dbt_failed_runs"
_FAILING = "dbt_failing_models"
_TESTS = "dbt_failing_tests"
_LIST_JOBS = "dbt_list_jobs"
_LIST_MODELS = "dbt_list_models"
_RUNS = "dbt_list_runs"
_ENDED = r"fail\w*|error\w*|ok|okay|fine|well|succe\w*|finish\w*|complet\w*|pass\w*|long\w*|slow\w*"

RANKINGS = Family(
    topics={
        "cause": r"^why(?: is that| so| though)?$|\bwhy\b.*\b(?:slow|slower|long|longer)\b|\b(?:slow|long)\b.*\bwhy$"
        r"|\bwhat (?:made|makes)\b.*\b(?:slow|slower|long|longer)\b"
        r"|\bwhat (?:is|was|are|takes|took|eats|ate)(?: up| so| too| the most| most| all the)* (?:slow|long|time)\b.*"
        r"\b(?:in|of|during|within|inside)\b"
        r"|\bbottlenecks?\b|\b(?:spen[dt]s?|spending|eat(?:s|ing)?|burn(?:s|ing)?) (?:up )?(?:its |the |most "
        r"|all |of )*(?:time|minutes|hours)\b",
        "when": (
            r"^(?:and |so |ok )?(?:when|at what time|what time)\b(?!.*\b(?:fail|error|br[eo]ke?|slow|long))"
            r"|^how often (?:does|do|is|are)\b(?!.*\b(?:fail|error|br[eo]ke?|succeed|queue|wait|flak|skip|late)\w*)"
            r"|\bschedules?\b|\bcron(?:s|tab)?\b|\btimetable\b"
        ),
        "outcome": (
            rf"^(?!.*(?:{CANCELLED_TOO}))(?!.*\b(?:queue|rates?|longest|slowest|average|how long|took)\b)"
            r".*\b(?:cancel|cancell?ed|cancell?ations?|cancel(?:l?ing|s))\b"
            r"|^(?:(?:and|so|ok|please|can you|could you|tell me|show me) )*(?:which|what|list|show|how many|are"
            r"|give)\b"
            r"(?!.*\b(?:not|no|fail\w*|longest|long|slow\w*|took|takes?)\b).*"
            r"\b(?:succeeded|successful|successfully|passed|completed|cancell?ed)\b"
        ),
        "state": (
            r"^(?:(?:and|so"
            r"|ok) )*(?:which|what|list|show|how many|are|is)\b.*(?<!longest )(?<!long )\b(?:running"
            r"|queued)\b(?! times?)"
            r"|(?<!longest )(?<!long )\b(?:running|queued|in progress|waiting)\b.*\b(?:now|currently|at the moment"
            r"|at present)\b"
            r"|\b(?:now|currently|at the moment) (?:\w+ )?(?:running|in progress)\b"
            r"|^(?:is |are )?(?:there )?(?:any\w*|some\w*|nothing|everything)(?: \w+)? (?:running|in progress"
            r"|queued|starting)\b"
            r"|^what (?:is|runs?) (?:\w+ )?in progress\b"
            r"|^(?!.*\bhow long\b).*\b(?:runs?|builds?|jobs?) (?:which |that )?(?:are |is )?(?:still |currently )?"
            r"(?:in progress|running|queued)$"
            r"|^(?:(?:the|all|any|our|currently) )*(?:running|queued) (?:jobs?|runs?|builds?)\b"
            r"|^(?:(?:anything|something|still|currently|jobs?|runs?|is) )*(?:running|queued)"
            r"(?: (?:right )?now| currently| at the moment)?$"
        ),
        "times run": (
            rf"^how (?:often|many times)\b(?!.*\b(?:{_ENDED}|br[eo]\w*|be|should|scheduled)\b)"
            r".*\b(?:did|has|have|was|were|had)\b.*\b(?:r[au]n|start\w*|execut\w*|go|gone|built|build|kicked off"
            r"|triggered)\b"
        ),
        "ran": rf"^(?:did|have|has)\b(?!.*\b(?:{_ENDED})\b).*\b(?:run|ran|start|started|built|executed)\b(?! times?)"
        r"|^(?:what|(?:everything|anything|all)(?: that| which)?) (?:ran|has run|was run)\b"
        rf"|^(?:which|what|list|show)\b(?!.*\b(?:{_ENDED}|most|when|last)\b).*"
        r"\b(?:started|launched|triggered|kicked off|executed)\b",
        "failing": (
            r"\b(?:failing|erroring|broken|unhealthy|in (?:an )?error)\b|\b(?:are|is) (?:currently )?failed\b"
            r"|^(?=.*\b(?:(?:right"
            r"|errors?) now|currently|at the moment|at present|now$)).*\b(?:errors?|errored|fail\w*)\b"
        ),
        "failure": (
            r"\b(?:no success\w*|without success|root causes?|trouble\w*|reasons? (?:for|why|of)"
            r"|fail\w*|errors?|errored|broke|breaks?|breaking|crash\w*|wrong|issues?|problems?|unsuccessful\w*"
            r"|went bad|time[sd]? ?out|timing out|timeouts?|bl[eo]wn? up|bl[eo]w\w* up|died?|dead|dying|choked?"
            r"|bombed|exploded?|went south"
            r"|\bfell over|fall over|screwed up|messed up|red\b(?!\w)|succeed\w*|successful\w*|finish(?:ed)?"
            r"|completed?|blocked"
            r"|what happened|(?:did|do|does|are|is) .* pass(?:es|ed|ing)?|(?:go|went|gone) through|made it"
            r"|(?:ran|run|went|go) (?:ok|okay|fine|well))\b|^did .*\brun\b"
            r"|\b(?:everything|all|anything|things|we|jobs?|runs?|pipelines?)\b.*"
            r"\b(?:green|red|ok|okay|fine|all ?right|healthy|in order|down)\b"
        ),
        "single runs": (r"\b(?:single|individual|separate) (?:job )?(?:runs|executions)\b"),
        "speed": (
            r"\b(?:slow\w*|long|longer|longest|duration|durations|runtimes?|run times?|took|takes?"
            r"|taking|heav\w+|performance"
            r"|worst|bottlenecks?|rank\w*|average|p95|expensive|fast\w*|quick\w*|time|hogs?|drags?|dragging|sluggish\w*"
            r"|lengthy|lengthiest|laggards?|crawl\w*|ate|consum\w+|hungr\w+|snail\w*)\b"
            r"|\b(?:most|many|more|fewest) (?:\w+ )?(?:minutes|hours|seconds|run ?time)\b"
        ),
        "projects": (
            r"^(?:(?:and|please"
            r"|can|could|you|show|give|tell|me|us|list|what|which|how many|count|all|the|our|are|do|there|of|is|a|with"
            r"|names?|exist\w*) )*projects\b|^what (?:do|have) (?:we|i|you|they) (?:have|got)\b.*\bprojects?\b"
            r"|^what (?:(?:all )?do (?:we|i|you) have|is there|have we got|is)"
            r"(?: (?:here|there|around|in (?:here|this account|the account|our account|my account)))+$"
            r"|\b(?:each|every|per|by|which) project\b|^how many (?:models|jobs)\b.*\bprojects\b"
        ),
        "list": (
            r"\b(?:list|show|display|give|get|which|what|how many|count|number of|there|have|exist|tell me|find"
            r"|names?|every|any"
            r"|all|status|overview)\b|\b(?:i|we) (?:need|want|require)\b"
        ),
    },
    intents=(
        Intent(_MODELS, "cause", needs=("run_id",)),
        Intent(_MODELS, "cause", ("job", "run", ""), needs=("jobs",)),
        Intent(_MODELS, "cause", ("model",)),
        Intent(_JOBS, "cause", ("job", "run", "")),
        Intent("dbt_list_projects", "projects"),
        Intent(_TESTS, "failing", ("test",)),
        Intent(_FAILING, "failing", ("model",)),
        Intent(_LIST_MODELS, "failing", ("model",), {"model_status": ["error"]}),
        Intent(_FAILED, "failing", ("both", "job", "run", "test", "project", "")),
        Intent(_TESTS, "failure", ("test",)),
        Intent(_FAILED, "failure", ("model",), needs=("models",)),
        Intent(_FAILING, "failure", ("model",)),
        Intent(_FAILED, "failure", ("both", "job", "run", "model", "test", "project", "")),
        Intent("dbt_slowest_tests", "speed", ("test",)),
        Intent("dbt_model_runs", "speed", ("model",), needs=("models", "last_n_runs")),
        Intent(_JOBS, "speed", ("run",), {"order_by": "max"}),
        Intent(_MODELS, "speed", ("model",)),
        Intent(_JOBS, "speed", ("job", "project", "")),
        Intent("dbt_model_runs", "list", ("run",), needs=("models",)),
        Intent(_RUNS, "list", ("run",)),
        Intent(_RUNS, "single runs", arguments={"order_by": "runtime"}),
        Intent("dbt_test_coverage", "list", ("test",)),
        Intent(_LIST_MODELS, "list", ("model",)),
        Intent(_LIST_JOBS, "list", ("job",)),
        Intent("dbt_model_details", "when", needs=("one model",)),
        Intent("dbt_job_details", "when", needs=("one job",)),
        Intent(_LIST_MODELS, "when", ("model",)),
        Intent(_LIST_JOBS, "when", ("job", "run", "project", "")),
        Intent(_RUNS, "state", ("job", "run", "project", "")),
        Intent(_LIST_JOBS, "state", ("job", "run", "project", "")),
        Intent("dbt_model_runs", "times run", needs=("models",)),
        Intent(_RUNS, "times run"),
        Intent("dbt_model_runs", "ran", needs=("models",)),
        Intent(_RUNS, "ran", ("job", "run", "project", "")),
        Intent(_LIST_MODELS, "outcome", ("model",)),
        Intent(_RUNS, "outcome", ("run",)),
        Intent(_JOBS, "outcome", ("job", "project", "")),
    ),
    choices=(
        Choice("projects", "order_by", r"\bmost jobs\b|\bby (?:the )?(?:number of |count of )?jobs\b", "jobs"),
        Choice("projects", "order_by", r"\bjobs\b(?=.*\b(?:biggest|largest|most|highest)(?: ones?)? first\b)", "jobs"),
        Choice(
            "projects",
            "order_by",
            r"\b(?:biggest|largest|most|highest)(?: ones?)?(?: (?:first|on top|at the top)|$)",
            "models",
        ),
        Choice("projects", "order_by", r"\bmost models\b|\bby (?:the )?(?:number of |count of )?models\b", "models"),
        Choice("failure", "cancelled_as_failed", CANCELLED_TOO, True),
        Choice("projects", "", r"\b(?:for each|for every|per|by) project\b"),
    ),
    abilities={
        _JOBS: "the longest-running jobs (“What were the longest-running jobs last week?”)",
        _MODELS: "the slowest models (“What are the five slowest models of marketing?”)",
        _FAILED: "failed runs and their errors (“What failed last night?”)",
        _FAILING: "failing models (“Which models are failing now?”)",
        _LIST_JOBS: "the jobs there are (“Show me the jobs in finance”)",
        _LIST_MODELS: "the models there are (“Which models are tagged pii?”)",
        _RUNS: "the runs there were (“Which runs were there yesterday?”)",
        "dbt_list_projects": "the projects there are (“Which projects do we have?”)",
    },
)
