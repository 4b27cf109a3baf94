"""What people say around a question: greetings, occasions, what it is for, and orders how to answer."""

from __future__ import annotations

import re
from datetime import date

from langchain_dbt_discovery.offline.filters import read_filters, read_order
from langchain_dbt_discovery.offline.intents import CHOICES, LIMITATIONS, SUBJECTS, TOPICS
from langchain_dbt_discovery.offline.numbers import read_limit, read_runtime_bounds
from langchain_dbt_discovery.offline.periods import read_period
from langchain_dbt_discovery.offline.phrase import Phrase, brief, normal
from langchain_dbt_discovery.offline.pointing import read_pointer
from langchain_dbt_discovery.offline.spelling import mend
from langchain_dbt_discovery.offline.stopwords import COMMON, STOPWORDS
from langchain_dbt_discovery.offline.vocabulary import Lexicon, words_of

__all__ = ["without_chatter"]

_LONGEST = 4000
"""How much of a message is read for the question in it."""
_MARKS = (
    (r"\$?\{{1,2}[^{}]*\}{1,2}|\[\[[^\]]*\]\]", " "),
    (r"(?<![\w*])(\*{1,3}|_{2,3})(?=\S)([^*\n]+?)\1(?![\w*])", r"\2"),
    (r"""^\s*["“'](\w+(?: \w+){2,}[?.!]*)["”']\s*$""", r"\1"),
)
"""Placeholders, emphasis, and quotation marks around a whole question, none of which says anything."""
_OCCASION = (
    r"(?:review|retro\w*|stand[ -]?up|meeting|call|report|presentation|deck|slides?|planning|sprint|handover|hand-off"
    r"|post[ -]?mortem|newsletter|demo|audit|board|boss|manager|ceo|cfo|cto|management|leadership|steering \w+|offsite"
    r"|workshop|status mail|records?)"
)
_LATER = (
    r"(?: (?:tomorrow|later(?: today)?|tonight|soon|next \w+|this (?:afternoon|evening)|at (?:noon|\d[\d:.]*\w*)))?"
)
_PURPOSE = re.compile(
    rf"\b(?:for|before|in) (?:the|our|my|a|an|today's|tomorrow's|next|this)(?: (?:weekly|monthly|daily|quarterly|next"
    rf"|upcoming|big|sprint|board|management|team|morning|steering))* {_OCCASION}\b{_LATER}(?! (?:jobs?|models?"
    r"|runs?))|\b(?:for|before|in) (?:the|our|my) (?:\w+ ){1,2}(?:weekly|monthly|biweekly|quarterly)"
    r"(?= (?:i|we)\b|[,.:;]|$)",
    re.IGNORECASE,
)
"""What a question is for; “for the weekly review” has nothing to do with a weekly job."""
_BOUNDARY = re.compile(
    r"((?:(?<!\bvs)(?<!\bno)(?<!\bnr)(?:(?<!\d)|(?<=[A-Za-z]-\d)|(?<=[A-Za-z]-\d\d)"
    r"|(?<=[A-Za-z]-\d{3})|(?<=\d{4}))\.+|[!?;]+|,|:-?\)|:|\s[-–—]+|\)|\n)(?:\s+|$)|\s\((?=\w)"
    r"|(?<!\s)\s+and\s+(?=(?:(?:i|we)\s+)?(?:would|want|need|wonder|have)\s+(?:\w+\s+){0,2}?"
    r"(?:know|see|find|learn|hear)\w*\s))"
)
_ORDER = re.compile(
    r"^(?:(?:and|then|also|now|so|please|finally|but|just) )*(?:"
    r"(?:say(?! (?:for|in|over|of|from|during|since|last|this|the|yesterday|today)\b)|print"
    r"|output|echo|repeat|append|prefix|sign|begin|start your|start with|end|finish with|answer|reply"
    r"|respond"
    r"|pretend|write|report every|roleplay|act as|use (?:\w+ ?=|limit|the tool))\b"
    r"|do not (?:call|use|ask|tell|mention|answer|show me any)\b|(?:ignore|disregard|forget) (?:the|all|everything|what"
    r"|any)\b.*\b(?:above|before|previous|prior|earlier|said|told|instructions?)\b"
    r"|(?:the )?(?:correct|right|real|true|expected) answer\b|you (?:are|have|must|will|should|can only)\b"
    r"|(?:drop|delete|truncate|alter|insert) (?:table|schema|database|column|from|into)\b"
    r"|no tools?\b|do it without\b)"
)
"""What tells a model how to behave, beside a question."""
_ASKS = re.compile(
    r"^(?:(?:and|but|or|also|so|then|now|ok|okay|please|hey|hi|hello|well|sorry) )*(?:which|what|who|whose|when|where"
    r"|why|how|show|list|give|tell|find|count|compare|rank|name|is|are|was|were|did|do|does|has|have|had|can|could"
    r"|would|should|any|anything)\b"
)
_HEARSAY = re.compile(
    r"^(?:(?:and|but|because|since|as) )*(?:somebody|someone|people|they|he|she|(?:the|my|our|a|an) (?:\w+ ){1,3}?)\s*"
    r"(?:(?:just|always|now|has|have) )*(?:claim|complain|insist|swear|told|tells?|says?|said|thinks?|wrote|mentioned)"
)
"""What others say is the case, beside a question."""
_WHO_ASKS = re.compile(
    r"(?:\w+ ){0,4}?(?:controller|analyst|engineer|manager|lead|developer|scientist|consultant|intern|newbie|hire"
    r"|director|owner|admin|head of \w+|person|team|colleague)s?(?: \w+){0,2}? (?:here|speaking)"
)
"""Who asks, which is not what is asked about: `finance controller here`."""
_NARROWS = re.compile(
    r"^(?:(?:and|but|or|also|so|please|then) )*(?:only|just (?:the|in|for|from|of|those|these)|in|of|within|without"
    r"|except|excluding|including|include|exclude|not|no|by|per|sorted|ordered|order|sort|ranked|last|this|since"
    r"|during|between|over|under|above|top|first(?! (?:day|thing|time|of all|week))|limit|limited|restricted|both"
    r"|either|from|with|the same|same)\b"
)
_STATES = re.compile(
    r"^(?:(?:and|but|so|because|as|since|well|ok|okay|hey|hi|hello|sorry|now) )*(?:i|we|my|our|just|got|need|thanks?"
    r"|thank|thx|sorry|good|hi|hello|hey|dear|the|they|he|she|it|this|that|there|somebody|someone|people|customers?"
    r"|users?|on call|asking|as|before|because|fyi|context|background|quick|urgent|first|happy|morning|new|long|board"
    r"|management|stand)\b"
)
_MODEL_NAME = re.compile(r"\b[A-Za-z]\w*_\w+\b")
"""Words that can only be a name."""
_TO_COME = (
    r"\b(?:tomorrow|tonight|later|soon|next \w+|at (?:noon|\d[\d:.]*(?: ?[ap]m)?)|in \S+ (?:min\w*|hours?|days?)"
    r"|in \d+|first day|one day|every day|all day|my day|this time)\b"
)
"""Times that are not what a question about what has happened is narrowed to."""
_TOPICS = tuple(re.compile(pattern) for topic, pattern in TOPICS.items() if topic not in ("list", "when", "projects"))
_SUBJECTS = tuple(re.compile(pattern) for pattern in SUBJECTS.values())
_CHOICES = tuple(re.compile(choice.pattern) for choice in CHOICES if choice.field)
_QUOTED = re.compile(r"[\"“„][^\"“”„\n]*[\"“”]")
_REPEATED = re.compile(r"(?<!\S)(\S+)(?:\s+\1){2,}(?!\S)")


def without_chatter(message: str, lexicon: Lexicon, today: date) -> str:
    """The message without the clauses that ask for nothing and narrow nothing; the whole where it asks nothing else.

    A clause goes only if it has no name, no period, no filter and no topic in it: whatever may be meant to narrow the
    question stays, and is told where it is not understood.

    Args:
        message: What the person wrote.
        lexicon: The names that questions may use.
        today: The day that it is where days begin.
    """
    text = (message if len(message) <= _LONGEST else brief(message)).replace("\0", " ")
    for pattern, plain in _MARKS:
        text = re.sub(pattern, plain, text)
    text = _REPEATED.sub(" ", _PURPOSE.sub("", text))
    if not words_of(text):
        return message
    clauses, ends = _clauses(text)
    read = [_read(clause, lexicon) for clause in clauses]
    if not any(_is_question(each) for each in read):
        return text.strip()
    ordered = [
        False,
        *(end.strip() == ":" and _ORDER.match(each) is not None for end, each in zip(ends, read, strict=True)),
    ]
    kept = [
        clause + end
        for clause, end, each, word in zip(clauses, ends, read, ordered, strict=False)
        if each
        and not (word and not _is_question(each))
        and not _is_chatter(each, lexicon, today, hearsay=sum(map(_is_whole, read)) > _is_whole(each))
    ]
    if not kept:
        return text.strip()
    gone = " ".join(clause for clause, each in zip(clauses, read, strict=True) if _HEARSAY.match(each))
    return _with_its_name("".join(kept).strip(), gone)


def _with_its_name(question: str, hearsay: str) -> str:
    """The question with a name in place of `it`: `a customer says fct_orders looks old, how fresh is it?`."""
    names = set(_MODEL_NAME.findall(hearsay))
    if len(names) != 1 or _MODEL_NAME.search(question):
        return question
    return re.sub(r"\bit\b", lambda _: names.pop(), question, count=1, flags=re.IGNORECASE)


def _clauses(text: str) -> tuple[list[str], list[str]]:
    """The clauses, and what ends each; what stands between quotation marks is not taken apart."""
    quoted = _QUOTED.findall(text)
    pieces = _BOUNDARY.split(_QUOTED.sub("\0", text))
    for at, piece in enumerate(pieces):
        while "\0" in piece:
            piece = piece.replace("\0", quoted.pop(0), 1)
        pieces[at] = piece
    return pieces[0::2], [*pieces[1::2], ""]


def _read(clause: str, lexicon: Lexicon) -> str:
    phrase = Phrase(clause)
    mend(phrase, lexicon)
    return phrase.text


def _is_question(clause: str) -> bool:
    """Whether a clause says what it wants to know."""
    if _ORDER.match(clause):
        return False
    return any(topic.search(clause) for topic in _TOPICS) or any(subject.search(clause) for subject in _SUBJECTS)


def _is_whole(clause: str) -> bool:
    """Whether a clause is a question by itself: about something, and of something."""
    about = any(subject.search(clause) for subject in _SUBJECTS)
    return about and not _ORDER.match(clause) and any(topic.search(clause) for topic in _TOPICS)


def _is_chatter(clause: str, lexicon: Lexicon, today: date, *, hearsay: bool) -> bool:
    if _ORDER.match(clause) or (hearsay and _HEARSAY.match(clause)):
        return True
    if _WHO_ASKS.fullmatch(clause):
        return True
    if (pointer := read_pointer(Phrase(clause))) and pointer.counted:
        return False
    if _names_something(clause, lexicon) or _ASKS.match(clause) or _NARROWS.match(clause):
        return False
    if not (_STATES.match(clause) or len(clause.split()) > 2):
        return False
    plain = re.sub(_TO_COME, " ", clause)
    if any(pattern.search(plain) for pattern in (*_TOPICS, *_SUBJECTS, *_CHOICES)):
        return False
    phrase = Phrase(plain)
    said = (
        read_period(phrase, today),
        read_runtime_bounds(phrase),
        read_filters(phrase),
        read_limit(phrase, 500),
        read_order(phrase),
        any(re.search(limitation.pattern, plain) for limitation in LIMITATIONS),
    )
    return not any(said)


def _names_something(clause: str, lexicon: Lexicon) -> bool:
    """Whether there is a word in it that may be a name, or a number that may be an id."""
    if re.search(r"\w_\w|\d{6,}|\w\.\w", clause):
        return True
    words = [word for word in normal(clause).split() if word not in STOPWORDS | COMMON]
    named = {word for entry in lexicon.entries if entry.kind != "models" for word in entry.words}
    return any(word in named or word in lexicon.by_text for word in words)
