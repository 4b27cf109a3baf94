"""Words that ask no report anything: what is said to them, and what vague ones are taken for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from langchain_dbt_discovery.offline.phrase import normal

__all__ = ["Reply", "meant", "small_talk"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to small talk.

    Attributes:
        sentence: The reply; empty where what can be asked is all there is to say.
        abilities: Whether some of what can be asked follows.
        whole: Whether all of it does.
    """

    sentence: str
    abilities: bool = True
    whole: bool = False


_GREETING = (
    r"(?:hi|hello|hey|hiya|howdy|hallo|moin|servus|(?:good )?(?:morning|afternoon|evening)|good day"
    r"|guten (?:tag|morgen))"
    r"(?: (?:there|all|team|everyone|everybody|folks|again|bot|you|together))*"
)
_THANKS = (
    r"(?:(?:many|ok|okay|great|perfect|cool|nice|super|alright|and|yes|no|,|so|wow) )*"
    r"(?:thanks?|thank you|thx|cheers|ty|danke)"
)
_KIND = (
    r"(?:great|nice|cool|perfect|super|awesome|excellent|wonderful|amazing|good job|well done|very good|very helpful)"
)
_AFTER_THANKS = (
    r"(?:(?:a lot|a million|so|very|much|you|thanks?|again|for (?:that|the|your) ?(?:help|answer|info)?"
    r"|for now|that|this"
    r"|is|was|all|it|helps?|helped|helpful|great|job|work|got it|bye|goodbye|mate|man|and|i|need|needed|what|have|good"
    r"|really|enough|see you|cool|nice|perfect|,) ?)*"
)
_AGREED = (
    r"(?:(?:ok|okay|k|yes|yep|yeah|no|nope|sure|fine|alright|all right|right|got it|understood|i see|never mind"
    r"|nevermind|forget it|forget that|sorry|my bad|oops|bye|goodbye|see you|later|good night|hm+|aha|cool|good|please"
    r"|that is (?:all|it|fine|ok|okay|good)|nothing|not now|great|nice|for now|then|,) ?)+"
)
_DOUBT = (
    r"(?:(?:but|and|so|hm+|no|,) )*(?:(?:are|r) you (?:really |quite |absolutely )?(?:sure|certain|serious)"
    r"|is (?:that|this|it) (?:really |actually )?(?:right|true|correct|accurate|reliable)"
    r"|(?:you are|that is|this is|that was|this (?:can|must)|that (?:can|must))(?: not)?(?: be)?"
    r" (?:wrong|right|not right|incorrect|nonsense|rubbish|not true|not correct|false)"
    r"|(?:can|should) i (?:trust|believe) (?:you|that|this|it|the (?:numbers|figures))"
    r"|i do not believe (?:you|that|it))"
    r"(?: (?:about|of) (?:that|this|it))?"
)
_WHO = (
    r"(?:who|what) are you|are you (?:an? )?(?:ai|bot|robot|human|llm|language model|person|real|chatgpt|gpt|machine)"
    r"|what is your name|which model are you|who (?:made|built|wrote|created) you"
)
_HELP = (
    r"help(?: me)?(?: please)?|\?+|commands?|menu|options|examples?|(?:show|give)(?: me)? (?:some )?(?:examples?|help)"
    r"|(?:can|could|would) you help(?: me)?"
    r"|(?:so )?what (?:all |else |exactly |kinds? of (?:things|questions) |questions |things |sort of things )*"
    r"(?:can|could|do|may) (?:you|i|we|one) (?:all |actually |be able to )*"
    r"(?:do|ask|say|tell|answer|know|offer|query|look up|find out|help with|help me with|show)"
    r"(?: (?:you|me|us|here|for me|for us|with this|with it|about|with|exactly))*"
    r"|how (?:can|could|do|does|should) (?:you|i|we|this|it|that) (?:help|work|use|start|function)"
    r"(?: (?:me|us|you|this|it|here))*"
    r"|how (?:do|does) (?:you|this) work|what is this(?: (?:here|thing|tool|chat))?"
)
_WHAT_ELSE = (
    r"(?:and )?(?:what|anything) else(?: (?:can|could|do) (?:you|i|we) \w+)?|(?:sorry )?(?:what|huh|pardon|how so)"
)
_SAID: tuple[tuple[str, Reply], ...] = (
    (rf"{_GREETING}[ ,\w]{{0,12}}", Reply("Hello.")),
    (r"(?:and )?how (?:are|is) (?:you|it going)\b[ ,\w]{0,12}", Reply("All is well here.")),
    (rf"{_THANKS}(?:[ ,]+{_AFTER_THANKS})?|{_KIND}(?:[ ,]+{_AFTER_THANKS})?", Reply("You are welcome.")),
    (_AGREED, Reply("All right.")),
    (
        _DOUBT,
        Reply(
            "Every figure I give is the report's own, which stands beside the answer; “How I read it” says what was"
            " counted. If you meant something else, say what, and I look again.",
            abilities=False,
        ),
    ),
    (
        _WHO,
        Reply(
            "I am the chat of dbt Discovery that works by rules: I look things up in a dbt account and write nothing."
        ),
    ),
    (
        r"what (?:can (?:you|i) not|can ?not (?:you|i)) (?:do|answer|ask|see|tell)"
        r"|what (?:are your limits?|do you not know)",
        Reply("I cannot start, stop or change anything, send messages, look into tables, or tell costs in money."),
    ),
    (f"{_HELP}|{_WHAT_ELSE}", Reply("", whole=True)),
)
"""What people say that asks for nothing, and what is said to it."""
_GREETED = re.compile(rf"^{_GREETING}(?: ,)? (?=\S)")
_OVERVIEW = re.compile(
    r"(?:(?:and|so|ok|please|now|tell me|show me|,) )*(?:"
    r"(?:what|where|which (?:thing|things|ones?|problems?|issues?)) (?:should|do|must|shall|could|can"
    r"|would|to|need|needs)"
    r"(?: (?:i|we|you|one|have|need|to|best|most|suggest|recommend))*"
    r" (?:fix|start|begin|look|look at|check|worry|worry about|focus|focus on|prioriti[sz]e|tackle|care about|attend to"
    r"|work on)(?: (?:first|at|today|now|with|next|about|on|right now|most|this morning|urgently|please|,))*"
    r"|(?:what|which \w+|anything|something|does anything)(?: that)? (?:needs?|wants?|requires?|deserves?)"
    r"(?: (?:my|our|some|any|most|urgent))* (?:attention|care|fixing|work|a look|help)(?: (?:first|today|now|most))*"
    r"|(?:is there |are there )?(?:anything|something|things|any problems?|any issues?)(?: (?:that|which))?"
    r" (?:i|we) (?:should|need to|have to|must)(?: \w+){1,3}"
    r"|how (?:are we doing|are things|is everything|does it look|do things look|does everything look)"
    r"(?: (?:today|overall|right now|now|in general|this morning))*"
    r"|(?:what is the|give me an?|show me an?) (?:overall )?(?:overview|summary|situation"
    r"|state of (?:things|affairs|play))"
    r")"
)
_UNHEALTHY = "which models are unhealthy"


def small_talk(question: str) -> Reply | None:
    """What is said to words that ask for nothing; None for a question."""
    words = _without_greeting(normal(question))
    return next((reply for pattern, reply in _SAID if re.fullmatch(pattern, words)), None)


def meant(question: str) -> str:
    """The question that vague words are taken for, without a greeting: `what should I fix first?` asks for the health.

    Any other question stays what it is.
    """
    return _UNHEALTHY if _OVERVIEW.fullmatch(_without_greeting(normal(question))) else question


def _without_greeting(words: str) -> str:
    return words if re.fullmatch(_GREETING, words) else _GREETED.sub("", words, count=1)
