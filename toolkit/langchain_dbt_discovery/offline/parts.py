"""The questions that a sentence asks side by side, and two things to be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from langchain_dbt_discovery.offline.nested import KIND, SUPERLATIVE
from langchain_dbt_discovery.offline.numbers import NUMBER

__all__ = [
    "MOST_PARTS",
    "Comparison",
    "Shared",
    "asked_and_wished",
    "beside",
    "compared",
    "listed",
    "shared_place",
    "split",
]

MOST_PARTS = 3
_SUBJECT = (
    r"(?:the|it|its|they|their|there|everything|all|any|anything|our|my|that|this|we|these|those|i|each|every|you|me"
    rf"|us|<\d+>|\w+_\w+|(?:{KIND}|project|tag|failure|error)s?)\b"
)
_OPENING = (
    r"(?:(?:what|which|who|whose|when|where|why|how|show|list|give|tell|name|find"
    r"|say(?= (?:what|which|who|how|when)))\b"
    r"(?= \S)(?! (?:you|i)\b)"
    rf"|(?:is|are|was|were|does|do|did|has|have|can|could) {_SUBJECT}"
    r"|(?:everything|anything|all)(?: that is| which is)? (?:up|down)stream\b|(?:its|the) (?:up|down)stream\b)"
)
"""How a question of its own begins; one after `is` needs a subject, or it is `models which failed and are tables`."""
_AND = r"(?:\s*,)?\s+(?:and|&|but|plus|also|then|as well as)(?: also| then| finally)?\s+(?:,\s*)?|\s*,\s*"
_BETWEEN = re.compile(rf"(?:{_AND})(?:please |can you |could you )?(?={_OPENING})")
_RELATIVE = re.compile(r"\b(?:which|that|who)\b.*")
_OF_THE_SAME = re.compile(
    r"(?:which|what) (?:are|is|were|was|have|has|had|did|do|does|took|take|ran|run|failed|fail)\b"
)
_NO_MORE = re.compile(r"(?:why|how|when|where) (?:is |was |did )?(?:that|so|often|long|much)?")
_RANKED = rf"(?:(?:top )?(?:{NUMBER} )?(?:{SUPERLATIVE}|failing|failed|flaky|stale|unhealthy|untested))"
_THEN = re.compile(
    r"(?:\s*,)?\s+(?:and then|then|plus|as well as)\s+(?:,\s*)?(?:the )?|\s*[+&]\s*"
    r"|(?:\s*,)?\s+and also\s+(?:the )?|\s*,\s*(?:also|moreover|in addition|additionally)\s+(?:,\s*)?(?:the )?"
    rf"|(?:\s*,)?\s+and (?=(?:the |its |their |our |my )?(?:{_RANKED} (?:\S+ )?(?:{KIND})s?"
    r"|(?:success|failure) rates?|owners?|lineage"
    r"|critical path|health|trends?|sql|(?:test )?coverage|freshness|queue times?|failures|next run)\b)"
)
_SIDE_BY_SIDE = re.compile(
    rf"^(?P<lead>.*?)(?P<rank>(?:{_RANKED}) (?:\S+ ){{0,2}}?(?:{KIND})s?)(?P<tail> (?!and\b).*?|)"
    rf"(?:\s*,)? (?:and|as well as|plus) (?:the |our |my )?"
    rf"(?P<other>{_RANKED} (?:\S+ ){{0,2}}?(?:{KIND})s?)(?P<rest>\b.*)$"
)
_SAME_RANK = re.compile(
    rf"^(?P<lead>.*?)\b(?P<rank>{SUPERLATIVE}) (?P<one>(?:{KIND})s) and (?P<other>(?:{KIND})s)\b(?P<rest>.*)$"
)
_SAME_LIST = re.compile(
    rf"^(?P<lead>(?:(?:how many|list|show|count|give|name|me|all|of|the|our|what|which) )+)(?P<one>(?:{KIND}|project)s)"
    rf" and (?:the |our |how many )?(?P<other>(?:{KIND}|project)s)\b(?P<rest>.*)$"
)
_TESTED_MODELS = {"models", "tests"}
_SAME_FATE = re.compile(
    r"^(?P<lead>.*?)\b(?P<one>models|tests|jobs) (?:and|or) (?:the |which )?(?P<other>tests|models|jobs)"
    r"(?P<rest>(?: \w+)*? (?:fail\w*|broke\w*|errored|are failing|are broken)\b.*)$"
)
_OF_A_RUN = re.compile(r"(?:(?:the|our|my|job) )*run #?\d{6,}(?: \w+){1,5}")
_A_RUN = re.compile(r"(?:(?:for|in|of|about|on|regarding|the|my|our) )*(?:run )?(?:id )?#?\d{6,}")
_PER_PROJECT = re.compile(r"how many (?:models|jobs)\b.*\b(?:each|every|they|them|per project)\b")
_HOW_LONG = re.compile(
    r"how long (?:(?:did|does|has|was|it|they|that|each|step|of them) )*(?:needed|need|took|takes?|ran|run|lasted|last)"
)
_ITEM = re.compile(r"(?:^|(?<=[\s,;.?!:]))(?:\(?[1-9a-d]\)|[1-9]\.(?=\s+[A-Za-z]))\s*|(?:^|\n)\s*[-*•]\s+")
_STILL = re.compile(
    r"how long (?:did|do|does|have|has) (?:they|it|each|these|those|that) (?:each )?last(?:ed)?\b.*"
    rf"|(?:show|list|give|tell|name)(?: me| us)? (?:the |only |just )*(?:\w+ )?{SUPERLATIVE}(?: ones?| first)?"
)
"""What goes on asking the same: `how many outages were there and how long did they last`."""
_WISH = re.compile(
    r"(?:\s*,)?\s+(?:(?:and|then|,|also|please|afterwards)\s+)*(?:if [^,]+,\s+(?:then |please )*)?"
    r"(?P<wish>(?:re-?run|rerun|run|start|launch|execute|resume|restart|retry|stop|cancel|delete|disable|pause|fix"
    r"|trigger|kick off|drop|rebuild|email|e-mail|mail|send|forward|post|export|download|save)"
    r" (?:(?:it|them|this|that|those|these)\b|(?:the|all|every|each) (?:\w+ )?(?:one|job|run|model)s?\b)[^|]*)$"
)
"""Something to be done, after a question."""
_MEASURES = (
    (r"\b(?:un)?reliab\w+|\bfail\w*|\bstable\b|\bsuccess\b", "success rate"),
    (r"\b(?:un)?health\w*", "health"),
    (r"\bqueu\w*|\bwait\w*", "queue time"),
    (r"\btrends?\b|\bover time\b", "trend"),
    (r"\bcoverage\b|\btest\w*", "test coverage"),
    (r"\bfresh\w*|\bstale\w*", "freshness"),
)
_BETTER = r"(?:(?:more|less) \w+|\w+er|better|worse|fails? more(?: often)?|takes? (?:longer|more time)|waits? longer)"
_A_NAME = r"(?:(?:the |our |project |job |model )*(?:<\d+>|[\w.]+)(?: (?:project|job|model))?)"
_VERSUS = r"(?:vs\.?|versus|against|compared (?:to|with))"
_A_TURN = re.compile(r"(?:the |our |its )*(?:latest|last|newest|current|previous|prior|preceding|one before|other)\b")
_OF_THEM = (
    r"(?:(?:projects?|jobs?|models?|runs?|builds?|pipelines?|tests?) )*(?:run ?times?|runtimes?|durations?"
    r"|speeds?|times?"
    r"|performance|reliability|success rates?|failures?|failure rates?|queue times?|health|test coverage|coverage"
    r"|freshness|trends?|jobs|models|runs)\b"
)
_COMPARED = (
    re.compile(
        rf"^(?P<ask>.*?\b)?compare(?: the)? (?P<one><\d+>|[\w.]+) (?:and|with|to|{_VERSUS}) (?P<two><\d+>|[\w.]+)"
        rf" (?P<what>{_OF_THEM})(?P<rest>(?: (?:by|in|for|over|on|last|this|since|yesterday|today)\b.*|))$"
    ),
    re.compile(
        rf"^(?P<ask>.*?\b)?compare(?: the)?(?P<what>(?: \w+){{0,3}}? (?:of|for|between))? ?(?P<one>{_A_NAME})"
        rf" (?:and|with|to|{_VERSUS}) (?P<two>{_A_NAME})(?P<rest>(?: (?:by|in|for|over|on|last|this|since)\b.*|))$"
    ),
    re.compile(
        rf"^(?P<ask>.*\b)?differences? (?P<what>(?:in (?:\w+ )+)?)between (?P<one>{_A_NAME}) and (?P<two>{_A_NAME})"
        r"(?P<rest>.*)$"
    ),
    re.compile(rf"^(?P<what>(?:\w+ )*?)(?P<one>{_A_NAME}) {_VERSUS} (?P<two>{_A_NAME})(?P<rest>.*)$"),
    re.compile(
        rf"^(?:is|are|was|were|does|do|did|has) (?P<one>{_A_NAME}) (?P<what>(?:\w+ )*?{_BETTER}) than "
        rf"(?P<two>{_A_NAME})(?P<rest>.*)$"
    ),
    re.compile(
        rf"^(?:which|what|who)(?: \w+)? (?:is|are|was|were|has|did) (?P<what>(?:the )?{_BETTER})(?P<rest>.*?) ?,? "
        rf"(?P<one>{_A_NAME}) or (?P<two>{_A_NAME})$"
    ),
    re.compile(
        rf"^(?:which|what|who) (?P<what>{_BETTER}|fails? more)(?P<rest>.*?) ?,? "
        rf"(?P<one>{_A_NAME}) or (?P<two>{_A_NAME})$"
    ),
)


@dataclass(frozen=True, slots=True)
class Shared:
    """A place or a time that is said of all parts, before or after them.

    Attributes:
        words: The words that say it.
        rest: The text without them.
    """

    words: str
    rest: str


def shared_place(text: str) -> Shared | None:
    """What stands alone before or after several questions: `in finance: …`, `…, both in growth`."""
    for pattern in _SHARED:
        if match := pattern.match(text):
            return Shared(match["said"].strip(), match["rest"].strip(" ,"))
    return None


def listed(text: str) -> list[str]:
    """The questions of a list as it was written: numbered, with dashes or semicolons; any other text is one."""
    pieces = [piece for line in _ITEM.split(text) for piece in re.split(r"\s*;\s+|\n\s*\n", line)]
    return [piece.strip(" \n,.") for piece in pieces if re.search(r"[^\W\d_]{2,}", piece)]


def split(text: str) -> list[str]:
    """The questions that the text may ask, in order; one alone where it asks one. `text` is covered."""
    found: list[str] = []
    start = 0
    for match in _BETWEEN.finditer(text):
        left, right = text[start : match.start()], text[match.end() :]
        if _OF_THE_SAME.match(right) and _RELATIVE.search(left.partition(" ")[2]):
            continue  # “models which failed and which have no tests”
        if len(right.split()) < 2 or _NO_MORE.fullmatch(right) or _STILL.fullmatch(right):
            continue  # “what failed and why”
        if re.match(r"(?:averaged?|measured|based|judg\w+|taking|looking|counting|ranked|sorted)\b", left):
            continue  # “averaged over their last 5 runs, what are the slowest models”
        if re.fullmatch(r"(?:and |so )*(?:on|in|by) (?:the )?(?:average|mean|median|total|short|general)", left):
            continue  # “on average, how long does it take”
        if _A_RUN.fullmatch(left.strip(" ,:")):
            continue  # “for run 123456, what was the issue”
        if _PER_PROJECT.match(right) and re.search(r"\bprojects\b", left):
            continue  # “which projects are there, and how many models does each one hold”
        if re.search(r"\brun #?\d{6,}", left) and _HOW_LONG.fullmatch(right):
            continue  # “which steps had run 123456 and how long did it take”
        if _OF_A_RUN.fullmatch(left) and re.search(r"\b(?:it|that|this)\b", right):
            continue  # “run 123456 took ages: which models explain that”
        if not match[0].strip(" ,") and not re.search(_SUBJECT, right) and not right.startswith("what "):
            continue  # “run 1234: how long queued, how long running”
        found.append(left)
        start = match.end()
    found.append(text[start:])
    return [part for each in found for part in _side_by_side(each.strip(" ,"))]


_WHERE = r"(?:in|for|of|from|within|about|regarding)(?: (?:the|our|my))? (?!which\b|what\b|all\b|each\b|both\b)"
_HERE = rf"(?:{_WHERE}[\w.<>-]+(?: project| (?:and|or) [\w.<>-]+)?)"
_WHEN = r"(?:(?:for|in|over|on|during|since) )?(?:last|this|past|yesterday|today)(?: [\w-]+){0,3}"
_SHARED = (
    re.compile(rf"^(?P<said>{_HERE}|{_WHEN}) ?[:,] (?P<rest>.+)$"),
    re.compile(rf"^(?P<rest>.+?)(?: ,)? (?:both|each|all)(?: of (?:them|these|those))? (?P<said>{_HERE}|{_WHEN})$"),
    re.compile(rf"^(?P<rest>.+?) , (?P<said>{_HERE})$"),
)


def _side_by_side(text: str) -> Iterable[str]:
    """`slowest jobs and slowest models last week` as two, each with what is said of both."""
    if match := _SIDE_BY_SIDE.match(text):
        lead, tail, rest = match["lead"], match["tail"], match["rest"]
        return (f"{lead}{match['rank']}{tail or rest}", f"{match['other']}{rest or tail}")
    if match := _SAME_RANK.match(text):
        return tuple(f"{match['lead']}{match['rank']} {kind}{match['rest']}" for kind in (match["one"], match["other"]))
    if (match := _SAME_FATE.match(text)) and match["one"] != match["other"]:
        return tuple(f"{match['lead']}{kind}{match['rest']}" for kind in (match["one"], match["other"]))
    of_each = (match := _SAME_LIST.match(text)) and re.search(r"\b(?:they|each|them|their|per)\b", match["rest"])
    if match and not of_each and {match["one"], match["other"]} != _TESTED_MODELS:
        return tuple(f"{match['lead']}{kind}{match['rest']}" for kind in (match["one"], match["other"]))
    return (text,)


def asked_and_wished(text: str) -> tuple[str, str] | None:
    """A question and what is to be done besides: `how healthy is <0> , if tests fail , run them again`."""
    match = _WISH.search(text)
    if match is None or len(text[: match.start()].split()) < 2:
        return None
    return text[: match.start()].strip(" ,"), match["wish"]


def beside(text: str) -> Iterable[tuple[str, str]]:
    """The text as two noun phrases that may each be a question: `test coverage of finance, then the flaky tests`."""
    for match in _THEN.finditer(text):
        yield text[: match.start()].strip(" ,"), text[match.end() :].strip(" ,")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two things to be compared.

    Attributes:
        names: Their names, covered.
        measure: What of them; empty for how long they take.
        rest: What else is said.
        ranked: `jobs` or `models`, where it is theirs that take long.
    """

    names: tuple[str, str]
    measure: str
    rest: str
    ranked: str = ""

    def about(self, names: str) -> str:
        """The question about one of the names, or about both."""
        taken = f"longest {self.ranked} of {names}" if self.ranked else f"how long does {names} take"
        asked = f"{self.measure} of {names}" if self.measure else taken
        return f"{asked} {self.rest}".strip()


def compared(text: str) -> Comparison | None:
    """The things that the text compares, in words: `is <0> slower than <1> this month`; None if it compares none."""
    for pattern in _COMPARED:
        if match := pattern.match(text):
            said = match.groupdict()
            if _A_TURN.match(said["one"]) or _A_TURN.match(said["two"]):
                return None  # “the latest run vs the previous one” are runs of one job
            rest = said["rest"].strip()
            words = f"{said.get('what') or ''} {rest}"
            measure, shown = next(
                ((measure, shows) for shows, measure in _MEASURES if re.search(shows, words)), ("", "")
            )
            rest = re.sub(rf"(?:(?:by|in|on) (?:the |their )?)?{shown}(?: rates?)?", "", rest) if shown else rest
            kind = re.search(r"\b(job|model)s?\b", said.get("what") or "")
            return Comparison((said["one"], said["two"]), measure, rest.strip(), f"{kind[1]}s" if kind else "")
    return None
