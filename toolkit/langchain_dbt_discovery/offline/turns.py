"""Turns of speech that say the same as a plainer question does: `who waited longest`, `what gets built when … runs`."""

from __future__ import annotations

import re

__all__ = ["in_usual_words"]

_PEOPLE = r"(?:any ?one|any ?body|some ?one|some ?body|us|me|them|him|her|you|people|(?:the|our|a) (?:team|human))"
_ITS_CODE = r"(?:the|our|any|a|to|in|on|it|its|them|code|models?|sql|anything|something|repo\w*|project|data)"
_JOB = r"(?:job|pipeline|run|load|build)"
_BROKEN = r"(?:breaks?|broke|fails?|failed|crash(?:es|ed)?|(?:goes|went|is|gets|turns) (?:red|down|broken)|dies|died)"
_HOW_LONG = r"how (?:long|fast|quick(?:ly)?|soon|much time)"
_RECOVERY = "time to recovery of jobs"
_TIMED = (
    r"(?:last|this|yesterday|today|tonight|overnight|at|on|in|between|since|over|during|right|now|the (?:most|longest))"
)
_OCCURS = (
    r"(?:runs?|ran|starts?|fires?|kicks? (?:in|off)|executes?|goes off|triggers?|completes?|finishes"
    r"|(?:is|gets) (?:run|triggered|started|kicked off|executed))"
)
_WHENEVER = r"(?:when|whenever|once|if|every time|each time|as soon as)"
_BUILT = r"(?:(?:re)?built|refreshed|updated|produced|materiali[sz]ed|created|populated|loaded|written|touched)"
_BUILDS = r"(?:(?:re)?build|refresh|update|produce|materiali[sz]e|create|populate|touch|write)"
_WHAT = r"(?:what(?: all| else| exactly)?|which (?:models|tables|views|things|ones)|everything(?: that)?)"
_THE_JOB = r"(?P<job>(?:the |our |my )?[^?,.]{2,60}?)"
_BY = r"(?:by|with|during|as part of) (?:every |each |a )?(?:run of )?"
_OF_THAT_JOB = r"which models are built by \g<job>"
_GREEN, _RED = r"(?:green|pass\w*|fine|ok)", r"(?:red|fail\w*|broken)"
_ONE_DAY = r"(?:one|some|a) (?:day|time|run)s?,? (?:and |but )?(?:then )?"
_THE_NEXT = r" (?:the )?(?:next|other|another)(?: (?:day|time|run))?"
_KEEPS_CHANGING = (
    r"(?:keeps?|are|always|constantly)(?: on)? (?:chang|alternat|switch|toggl|bounc|jump)ing (?:between|from)"
)
_DO_WE_HAVE = r"(?: (?:do|we|i|have|got|are|there|is|exist|in|here|the|our|this|account))*"
_IN_EACH = (
    r"(?: (?:are|is|there|do|does|we|they|each|every|have|has|it|exist|in|inside|of|them|one|project))+(?=[?.!,]|$)"
)

_TURNS: tuple[tuple[str, str], ...] = (
    # what is left out, and what only sounds so
    (rf"\bwithout {_PEOPLE} (?:even |ever |really |having |actually )*\w+(?:ing|ed)\b(?: {_ITS_CODE}\b)*", ""),
    (r"\bwithout (?:looking at|counting|considering|including|showing|listing|taking)\b", "except"),
    (r"\b(?:everywhere|anywhere|all over)(?: else)? (?:but|except|outside)(?: for)?(?: (?:in|of|from))?\b", "except"),
    (r"\b(all (?:\w+ ){1,2}?)but (?:the ones|those) (?=(?:in|of|from|for)\b)", r"\1except "),
    # things spoken of as if they were people
    (
        r"\bwho(?= (?:(?:has|have|had|is|was|were|always|usually|all) )*"
        r"(?:sat|sits?|sitting|wait\w*|queue[ds]?|queuing|stuck|stands?|stood|in (?:the )?queue|spen[dt]s?)\b)",
        "which jobs",
    ),
    (rf"\bwho(?: all| else)? (?=(?:failed|fails|broke|crashed|errored|ran)(?: {_TIMED}\b|\s*[?.!,]|\s*$))", "what "),
    (
        r"\bwho(?= (?:(?:has|have|is|was|are) )?(?:got|gets|getting|gotten|became|becoming|become)"
        r" (?:\w+ )?(?:slower|faster|longer|quicker|worse|better)\b)",
        "what",
    ),
    (r"\bwho (?:need(?:s|ed)|took|takes) (?=(?:the )?(?:longest|most time)\b)", "which jobs took "),
    (r"\bwho ha(?:s|ve|d) (?=the (?:worst|best|highest|lowest|most|fewest|longest|least)\b)", "which jobs have "),
    # how long until something that broke is well again
    (
        rf"\b(?:when|whenever|once|if|after|each time|every time) (?:(?:a|an|the|any|some|one of our|our|my) )?{_JOB}s?"
        rf" {_BROKEN}\s*,? (?:then )?{_HOW_LONG}\b[^?.,;]{{0,80}}?(?=[?.,;]|$| in | for | last | this | over )",
        f"{_RECOVERY} ",
    ),
    (
        rf"\b{_HOW_LONG}\b(?: (?:do|does|did|are|is|were|until|it|takes?|we|our|the))*(?: {_JOB}s?)? (?:stay(?:ed|s)?"
        rf" (?:broken|red|down|failed)|fix (?:broken|failed|failing|red)(?: {_JOB}s?)?)\b",
        _RECOVERY,
    ),
    (rf"\bhow long are (?:our |the )?{_JOB}s? (?:red|down|broken)\b(?: after (?:an? )?\w+)?", _RECOVERY),
    (
        r"\b(?:needs?|needed|takes?|took) (?:the )?(most time|longest|longer) to (?:come back|heal|repair"
        r"|(?:get|be) (?:back|fixed|green|well))(?: (?:after|from|again|to) \w+)?\b",
        r"took \1 to recover",
    ),
    (r"\btimes? (?:to|until|till) (?:the )?(?:repair|fix|restor)\w*\b(?: (?:by|per) (?:jobs?|pipeline)\b)?", _RECOVERY),
    (
        rf"\b{_HOW_LONG} (?:do|does|did) (?:(?:our|the|a|failed|failing|broken|red) )*{_JOB}s? (?:get|come|go|turn|be)"
        r" (?:back|fixed|green|well|healthy)(?: to (?:green|normal|life))?\b"
        r"|\btime (?:between|from) (?:an? |the )?(?:failures?|error) (?:and|to|until) (?:the )?(?:next|first|following)"
        r" (?:success\w*|green run|good run)\b(?: per job\b)?",
        _RECOVERY,
    ),
    # what a job builds
    (
        rf"\b{_WHAT}(?: do we)? (?:(?:is|are|gets?|got|was|were) )?(?:{_BUILT}|{_BUILDS})"
        rf" {_WHENEVER} (?:we (?:run|start|trigger) )?{_THE_JOB} {_OCCURS}\b",
        _OF_THAT_JOB,
    ),
    (rf"\b{_WHAT} (?:(?:is|are|gets?|got|was|were) {_BUILT}|do we {_BUILDS}) {_BY}", "which models are built by "),
    (
        rf"\b{_WHAT} (?:does|do|did) {_THE_JOB} {_BUILDS}(?: {_WHENEVER} it {_OCCURS})?(?=\s*(?:[?.!,]|$))",
        _OF_THAT_JOB,
    ),
    (
        rf"^(?:(?:please|list|show|give|me|us|tell) )*everything (?:that )?{_THE_JOB} {_BUILDS}s(?=\s*(?:[?.!,]|$))",
        _OF_THAT_JOB,
    ),
    (r"\bw(?:hat|hich) models (?:are |get )?(?:run|ran) (?:as )?(?:a )?part of\b", "which models are built by"),
    # tests that change their mind
    (
        rf"\b{_KEEPS_CHANGING} (?:{_GREEN} (?:and|to) {_RED}|{_RED} (?:and|to) {_GREEN})",
        "are flaky",
    ),
    (rf"\b{_GREEN} {_ONE_DAY}{_RED}{_THE_NEXT}|\b{_RED} {_ONE_DAY}{_GREEN}{_THE_NEXT}", "flaky"),
    (
        r"\b(?:are |that )?(?:pass\w*|green|succeed\w*) (?:on|after|with|in) (?:(?:a|the|another|second) )*"
        r"(?:re-?runs?|re-?try|retries|second (?:try|attempt|run|go))\b",
        "are flaky",
    ),
    (
        r"\btests (?:(?:that|which) )?(?:we|i|you|one|people) (?:can|could|should) ?(?:not|n['’]t)"
        r" (?:really )?(?:rely|count|depend) on\b|\btests (?:(?:that|which) )?(?:we|i|you|one|people) can['’]?t"
        r" (?:really )?(?:rely|count|depend) on\b|\brandom(?:ly)? (?:failing tests?|tests? failures?)\b",
        "flaky tests",
    ),
    (
        r"\btests? (?:that |which )?(?:randomly fail\w*|fail\w* (?:at random|randomly|by chance|for no reason))\b",
        "tests are flaky",
    ),
    # things counted for each thing
    (r"\bdbt (?=(?:cloud )?(?:projects?|models?|jobs?|tests|runs|sources)\b)", ""),
    (
        rf"(\bprojects{_DO_WE_HAVE}),? (?:and|with|plus) (?:how many|the (?:number|count) of|number of) (?:models|jobs)"
        rf"{_IN_EACH}",
        r"\1",
    ),
)
"""How people say it, and how it is usually said; one after the other, each wherever it shows."""
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in _TURNS)


def in_usual_words(text: str) -> str:
    """The question with such turns of speech said plainly; anything else as it is."""
    plain = text
    for pattern, words in _COMPILED:
        plain = pattern.sub(words, plain)
    return plain if plain.strip() else text
