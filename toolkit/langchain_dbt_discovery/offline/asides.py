"""What stands around a question and is none: markup, links, orders to the model, what others are made to say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from langchain_dbt_discovery.offline.explained import is_explained

__all__ = ["Heard", "hear"]

_LONGEST = 4000
"""How much of a message is searched; a question is read in part only, anyhow."""
_TAGS = (
    r"a|b|i|p|br|div|span|img|image|svg|iframe|script|style|link|meta|form|input|button|table|html|body|head|object"
    r"|embed|video|audio|system|assistant|user|human|instructions?|prompt|context|tool_\w+|tool|function_\w+|result"
)
_MARKUP = (
    r"<(?P<raw>script|style)\b[^>]*>.*?</(?P=raw)\s*>",
    rf"<(?:{_TAGS})(?:\s[^<>]*)?/?>|</[\w:-]+\s*>|<\|[^|<>]*\|>|<!--.*?-->",
    r"!\[[^\]]*\]\([^)]*\)?",
    r"\[\s*/?\s*(?:inst|sys|system)\s*\]|<</?sys>>|#{3,}\s*(?:system|instructions?|user|assistant)\b:?",
)
_LINK = (r"\[(?P<shown>[^\]]*)\]\([^)]*\)", r"\bhttps?://\S+|\b(?:javascript|data):\S+")
_SPOKEN = (
    r"(?:^|(?<=[\s.!?]))(?:assistant|system|developer|tool|ai|bot)\s*:.*?(?=(?:^|\s)(?:user|human|question)\s*:|\n|$)"
)
_SPEAKER = r"(?:^|(?<=\s))(?:user|human|question)\s*:\s*"
_RULES = r"(?:instructions?|prompts?|rules|guidelines|messages|directions|orders|training|restrictions|limits)"
_NUMBERS = r"(?:number|figure|value|result|row|percentage|runtime|count)s?"
_REPLIES = (
    r"(?:each|every|all|your|the|any)(?: of)?(?: your| the| next| following)*"
    r" (?:answers?|repl(?:y|ies)|responses?|messages?|sentences?|outputs?)\b"
)
_ORDER = re.compile(
    rf"\b(?:ignore|disregard|forget|override|bypass|skip)\b[^,]*?\b{_RULES}\b"
    r"|^(?:also )?(?:and )?(?:only |just |always |you (?:must|will|should) )?(?:only |just |always )?"
    r"(?:answer|reply|respond)(?: only| just| always)?(?: with| in| as| using| like)\b"
    r"|\b(?:you are|you're|act|behave|pretend)(?: now)?(?: to be)? (?:as )?(?:dan\b|an? (?:\w+ )?(?:ai|assistant|pirate"
    r"|model|bot)\b|unrestricted|jailbroken)"
    r"|\bif you(?:'re| are) an? (?:\w+ )*(?:language model|llm|ai|assistant|bot|chatbot)\b"
    r"|\bfrom now on\b(?=.*\b(?:you|each|every|all|only|answer|reply|respond|begin|end|start|speak|talk|say|write"
    r"|use)\b)"
    rf"|^from now on\b|\b(?:begin|start|end|finish|prefix|preface|sign|open|close|conclude|append to) {_REPLIES}"
    rf"|\b(?:add|append|include|put|write|print|say|insert|use)\b.*\b(?:in|to|at|of|before|after|with) {_REPLIES}"
    r"|^(?:\w+ ){0,2}(?:override|jailbreak|mode (?:enabled|activated|on))\b"
    r"|\b(?:when|whenever|if) you (?:answer|reply|respond)\b|^(?:and )?(?:say|claim|pretend) that\b"
    rf"|\b(?:add|multiply|double|increase|inflate|round up)\b.*\b(?:every|each|all|the) (?:of )?(?:the )?{_NUMBERS}\b",
    re.IGNORECASE,
)
_TO_THE_QUESTION = re.compile(
    rf"^.*?(?:\b{_RULES}\b|[\"“”'’](?=[ ,;:]))(?:\s*(?:,|:|and|then|but|instead))*\s*", re.IGNORECASE
)
_PREAMBLE = re.compile(
    r"(?:hi|hello|hey|i|we)\b(?:'m| am|'re| are| was| were)? (?:just )?(?:re)?(?:work|prepar|plann|writ|build|do|think"
    r"|wonder|try|trying|new\b|curious|sett|look(?:ing)? (?:into|to)|schedul|review|collect)\w*\b[^?]*",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:i |we )?need|quick(?: one| question)?|(?:a )?question|context|background|fyi|for (?:my|our|the|a)\b)"
    r"[^:?,]{0,60}(?::|\s[-–—])\s+|^quick(?: one| question),\s+"
    r"|^(?:i|we)(?:'ve|'m|'re| have| had| got| am| are| was| were) (?!\w+ing to know)[^:?]{0,80}:\s+",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_PASTED = re.compile(
    r"\s+at \S+\(|\s*+(?:Traceback \(|File \"|raise \w"
    r"|(?:\w+\.)*\w*(?:Error|Exception|Warning)\b\s*[:(]|[\^~]|[$>%]\s+#"
    r"|[$>%#]\s*$|#+ |at [\w.$]+\("
    r"|\[?\d{2}:\d{2}:\d{2}\b|\[?\d{4}-\d\d-\d\d[T ]\d\d:|\[?(?:INFO|ERROR|WARN(?:ING)?|DEBUG|TRACE|FATAL)\b[\]:| ]"
    r"|[-=*_]{4,}\s*$)"
)
"""How lines begin that were pasted from a log or a program."""
_BULLET = re.compile(r"(\S)[ \t]*\n\s*(?:[-*•]|\(?[1-9a-d][.)])\s+")
_FEWEST, _WIDEST = 6, 8
_WORDS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message without what is no part of its question.

    Attributes:
        text: The question.
        left_out: What kinds of things were taken out, in words; never the words themselves.
    """

    text: str
    left_out: tuple[str, ...] = ()

    @property
    def remark(self) -> str:
        """What to tell the person; empty if nothing was left out."""
        return f"I left out {' and '.join(self.left_out)}: only the question counts" if self.left_out else ""


def hear(message: str) -> Heard:
    """The message's question; the whole message where nothing would be left of it."""
    message = _without_pasted(without_echo(message))
    text, left_out = _BULLET.sub(r"\1; ", message)[:_LONGEST], list[str]()
    for patterns, what in ((_MARKUP, "markup"), (_LINK, "a link")):
        for pattern in patterns:
            cut = re.sub(pattern, _shown, text, flags=re.IGNORECASE | re.DOTALL)
            if cut != text:
                text = cut
                left_out += [what] if what not in left_out else []
    spoken = re.sub(_SPOKEN, " ", text, flags=re.IGNORECASE | re.DOTALL)
    if spoken != text and _WORDS.search(spoken):
        text = re.sub(_SPEAKER, "", spoken, flags=re.IGNORECASE)
        left_out.append("words put into another's mouth")
    sentences = [sentence for sentence in _SENTENCE.split(text) if sentence.strip()]
    kept = [sentence for sentence in map(_without_order, sentences) if sentence]
    if kept and kept != sentences:
        sentences = kept
        left_out.append("an order about how to answer")
    if len(sentences) > 1 and (asking := [each for each in sentences if not _PREAMBLE.fullmatch(each.strip())]):
        sentences = asking
    text = _LEAD.sub("", " ".join(sentences).strip())
    if not _WORDS.search(text):
        return Heard(message)
    return Heard(text, tuple(left_out)) if left_out or len(message) <= _LONGEST else Heard(message)


def without_echo(text: str) -> str:
    """The text without words that are said over and over; once is enough of them, and of unheard ones none at all."""
    words = text.split()
    if len(words) < _FEWEST:
        return text
    kept: list[str] = []
    at = 0
    while at < len(words):
        width = next((width for width in range(1, _WIDEST + 1) if _repeats(words, at, width) > 2), 0)
        if not width:
            kept.append(words[at])
            at += 1
            continue
        echo = words[at : at + width]
        if any(is_explained(word.lower().strip(".,!?")) for word in echo):
            kept += echo
        at += width * _repeats(words, at, width)
    return " ".join(kept) if kept and len(kept) < len(words) else text


def _repeats(words: list[str], at: int, width: int) -> int:
    """How often the words at a place come one after the other."""
    times = 1
    while words[at : at + width] == words[at + times * width : at + (times + 1) * width]:
        times += 1
    return times


def _without_pasted(text: str) -> str:
    """The text without the lines of a log or a program; the whole where it has nothing else."""
    lines = text.splitlines()
    kept = [line for line in lines if not _PASTED.match(line)]
    return "\n".join(kept) if len(kept) < len(lines) and _WORDS.search(" ".join(kept)) else text


def _shown(match: re.Match[str]) -> str:
    """What a link shows, in its place."""
    return f" {match.groupdict().get('shown') or ''} "


def _without_order(sentence: str) -> str:
    """The sentence, or what it asks after telling the model how to behave."""
    if not _ORDER.search(sentence):
        return sentence
    rest = _TO_THE_QUESTION.sub("", sentence) if _TO_THE_QUESTION.match(sentence) else ""
    of_answers = _ORDER.search(rest) or re.search(_REPLIES, rest, re.IGNORECASE)
    return rest if len(rest.split()) > 2 and not of_answers else ""
