"""What is asked for and not there."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Limitation

__all__ = ["LIMITATIONS"]

_PLEASE = (
    r"^(?:[^\w|]+|please |pls |plz |kindly |hey |hi |ok |so |can you |could you |would you |can we |could we "
    r"|i want you to |i need you to |then |just |go |now |and )*"
)

_DEED = (
    r"(?:broke|break|chang\w+|start\w*|trigger\w*|kick\w*|r[au]n|deploy\w*|commit\w*|merg\w+|push\w*|edit\w*"
    r"|cancel\w*|stop\w*|delet\w+|caus\w+|approv\w+|modif\w+|touch\w*|add\w*|remov\w+|dropp?\w*|fix\w*"
    r"|introduc\w+|renam\w+|paus\w+|disabl\w+|schedul\w+|configur\w+|set up|updat\w+|ask\w*|log\w*|open\w*)"
)
"""What people do, and no record tells of whom."""

LIMITATIONS: tuple[Limitation, ...] = (
    Limitation(
        r"\bcosts?\b|\bcostly\b|\bmoney\b|\bdollars?\b|\beuros?\b|[$€£] ?\d|\d ?[$€£]|\b(?:many|much|in) [$€£]"
        r"|\bbilled\b"
        r"|\bbilling (?:costs?|metrics?|report)\b|^(?!.*\btime\b).*\bspend on\b|\bcredits?\b|\bcheap\w*\b"
        r"|\bbudget of\b(?! (?:\d|an?\b|half|one|two|three|four|five|ten|fifteen|twenty|thirty|forty))"
        r"|\bpric(?:e|es|ing)\b|\bbill\b(?! is)|\binvoice from\b|\busd\b|\beur\b|\bcharged? (?:us"
        r"|me)\b",
        "I cannot tell what anything costs in money: dbt Cloud's APIs report time, not prices.",
    ),
    Limitation(
        r"\b(?:our|the|my) (?:\w+ )?(?:plan|subscription|quota|seats?|licen[cs]es?)\b(?! to\b)"
        r"|\bused up\b(?!.*\btime\b)|\bquotas?\b",
        "I cannot tell what your plan allows or what of it is used: dbt Cloud's APIs report runs, not the plan.",
    ),
    Limitation(
        r"^(?!.*\b(?:if|when) (?:i|we)\b).*(?:\bcolumns? (?:names? )?(?:of|in|does|do|types?)\b|\b(?:which|what"
        r"|how many|list|show)(?: me)?(?: the| all)* columns?\b)",
        "I cannot list a model's columns: dbt Cloud knows them only of models that a documentation run has seen.",
    ),
    Limitation(
        r"^select\b.*\bfrom\b|\b(?:first|top|some|sample|example|last|few|show(?: me)?|see|give(?: me)?"
        r"|\d+)(?: the| all| some)? (?:\w+ )?rows"
        r"(?: of| from| in)\b|\b(?:contents?|preview|sample) (?:of|from)\b|\bsample data\b|\bdata (?:in"
        r"|inside) (?:the )?table\b"
        r"|\bhow many (?:customers|users|orders|invoices|payments|sales)\b(?!.*\b(?:models?|jobs?|tests?)\b)"
        r"|\bvalues? (?:in|of) (?:the )?column\b"
        r"|\b(?:what|how much) (?:was|is|were) (?:the |our )?(?:total )?(?:revenue|sales|turnover|profit|mrr"
        r"|arr|churn rate)\b",
        "I cannot see what is in the tables: dbt Cloud knows runs and models, not the rows they hold.",
    ),
    Limitation(
        rf"{_PLEASE}(?:alert|notify|remind|email|e-mail|mail|message|ping|page|subscribe|slack)\b|\b(?:send"
        rf"|post|forward) (?:me|us|it|this|that|them|those|these|an?)\b"
        r"|\b(?:alert|notify|email|warn|ping) (?:me|us)\b|\btell (?:me|us) (?:whenever|as soon as|every time)\b",
        "I only answer when asked: I cannot send messages or watch over anything.",
    ),
    Limitation(
        rf"{_PLEASE}(?:export|download|dump|save(?=.* (?:as|to|in)\b))\b(?! (?:jobs?|runs?|builds?|times?)$)",
        "I cannot write files or send them: every answer's rows stand beside it.",
    ),
    Limitation(
        rf"{_PLEASE}(?:write|generate|draft|compose|code|refactor|translate|rewrite|implement)\b(?! (?:of|for)\b)"
        r"|\bwrite (?:me |us )?(?:an? |some |the )?(?:\w+ )?(?:sql|query|python|code|macro|model|test|script"
        r"|poem|email|story|essay|regex)\b",
        "I only read: I cannot write queries or code.",
    ),
    Limitation(
        rf"{_PLEASE}(?:re-?run|run|start|trigger"
        r"|kick off|launch|execute|retry|restart|resume"
        r"|stop|cancel|abort|kill|delete|remove|pause|disable|enable|deploy|create|edit|change|turn off|turn on"
        r"|switch off|switch on"
        r"|move|shift|postpone|put|push|swap|migrate|bring forward"
        r"|add|set up|set|rename|drop|merge|approve|assign|archive|mute|snooze|rollback|roll back|revert"
        r"|upgrade|update|schedule|reschedule|fix"
        r"|rebuild|build|refresh|unblock)\b(?! (?:times?|durations?|of|#?\d+|history|collisions?|conflicts?|lists?"
        r"|overview|log|report|summary|id|ids"
        r"|jobs?$|jobs? (?:only|last|this|in)|details|status|rates?|runs?|by|yesterday|failures?|errors?)\b)"
        r"|(?<!need to )(?<!have to )(?<!should i )(?<!every )(?<!each )(?<!any )(?<!the )(?<!last )(?<!latest )"
        r"(?<!one )(?<!which )(?<!first )(?<!single )(?<!ed )(?<!this )(?<!a )"
        r"\b(?:run|start|trigger|retry|fix|restart|rerun|re-run|cancel|stop|kill|pause|delete) (?:it|them|this|that)\b"
        rf"|{_PLEASE}(?:make|let|have|get) (?:sure )?(?:that )?(?:(?!that\b|which\b)\S+ ){{1,5}}?"
        r"(?:to )?(?:runs?|starts?)\b"
        r"|\b(?:want|like) (?:(?!that\b|which\b)\S+ ){1,5}?to (?:run|start) "
        r"(?:every|each|at|hourly|daily|weekly|twice|once|earlier|later|before|after|on|less|more)\b"
        rf"|{_PLEASE}(?:increase|decrease|raise|lower|reduce|double|halve)"
        r" (?:\S+ ){0,3}?(?:frequency|schedule|timeouts?|threads?|priority|interval|slots?)\b"
        rf"|{_PLEASE}(?:make|turn) (?:\S+ ){{1,6}}?(?:(?:run |go )?(?:hourly|daily|nightly|weekly|monthly)"
        r"|every (?:\S+ )?(?:minutes?|hours?|days?|weeks?|night|morning)|(?:less|more) often"
        r"|(?:off|on)(?: (?:for|until|from|during|over|at|now|again)\b.*)?)$"
        rf"|{_PLEASE}(?:switch|move|shift|bump|increase|raise|lower|reduce|decrease|extend|convert|push|postpone"
        r"|delay|bring forward|swap|shorten|lengthen)\b"
        r"(?! (?:on|to|over|from)\b| (?:the )?(?:limit|period|window|range|time ?frame|number|list|view|threshold"
        r"|sort\w*|order|focus|dates?|sensitivity|depth)\b)(?=.* (?:to|from|by|at|on|into|every|back|until|forward)\b)"
        r"|\b(?:re-?run|retry|kick off|restart) (?:the|my|all|a)\b",
        "I only read: I cannot start, stop or change jobs. You can do that in dbt Cloud.",
    ),
    Limitation(
        r"\bwill\b(?! you\b| break\b| be (?:affected|impacted|broken|hit)\b|.*\bnext\b(?! (?:day|night|week"
        r"|weekend|month|quarter|year)\b))|\bgoing to\b"
        r"|\bforecast\w*\b|\bpredict\w*\b|\bexpect(?:ed)? to\b|\btomorrow\b"
        r"|\b(?:next|coming) (?:day|night|week|weekend|month|quarter|year)\b",
        "I cannot tell what is to come: I only know what has happened. Ask how long it took so far.",
    ),
    Limitation(
        r"^(?!.*\b(?:if|when) (?:i|we)\b).*\bwho(?: all| else| exactly)? (?:(?:has|have|had|did|was|is|were|just"
        rf"|last|recently) )*{_DEED}\b"
        r"|^who\b(?! (?:is|are|can|do) (?:the |our )?(?:responsible|owners?|contacts?|in charge|i|we)\b| own\w*"
        r"| (?:do|can|could|should|would|must) (?:i|we)\b"
        r"| (?:(?:has|have|had) )?(?:wrote|written|built|made|created|developed|designed|maintained|owned)\b"
        r"| (?:maintains?|looks? after|takes? care of|uses?|consumes?|depends?|gets?|reads?|references?|needs?)\b)"
        r"|^whose\b(?! (?:model|table|job)\b)|\bto blame\b|\bfault is\b",
        "I cannot tell who did something: dbt's run records name jobs, models and errors, not people.",
    ),
    Limitation(
        r"\b(?:did|do|does|have|has|were|was|are) not (?:yet |ever |been |even )*"
        r"(?:r[au]n|start|started|built|running)\b|\bnever (?:been )?(?:run|ran|started|built)\b"
        r"|\bwithout (?:any |a )?runs?\b",
        "I cannot list what did not run. The list of jobs shows when each ran last.",
    ),
    Limitation(
        r"^(?!.*\bjobs?\b.*\b(?:never|(?:have|has|had) not) (?:\w+ )?(?:fail|br[eo]|error)).*"
        r"(?:\b(?:not|never) (?:an? )?(?:tagged|materiali[sz]ed|incremental|views?|tables?|failing|scheduled)\b"
        r"|\b(?:not|never) (?:yet |ever |been |currently )*(?:fail(?:ed)?|errored|br[eo]ken?|skipped|cancell?ed)\b"
        r"|\b(?:with|have|has|had) no (?:errors|failures)\b"
        r"|\buntagged\b|\b(?:without|no|missing) (?:the |an? |any )?tags?\b)",
        "I can filter by what something is, not by what it is not, other than leaving out whole projects.",
    ),
    Limitation(
        r"\b(?:fastest|quickest|shortest)\b",
        "I rank from the slowest down. Ask for those under a runtime instead, such as “models that take less than a"
        " minute”.",
    ),
)
"""What no tool gives; the first that shows is said."""
