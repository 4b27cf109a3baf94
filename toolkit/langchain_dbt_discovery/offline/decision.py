"""What to do about a question: call a tool, or say something."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from langchain_dbt_discovery.offline.asking import ask_back, choice_of
from langchain_dbt_discovery.offline.call import Call, choose_intent
from langchain_dbt_discovery.offline.calling import Saying, Settled, call_of
from langchain_dbt_discovery.offline.columns import asked_column
from langchain_dbt_discovery.offline.draft import Draft, phrases, read_draft
from langchain_dbt_discovery.offline.followup import follow_up, topics_of
from langchain_dbt_discovery.offline.intents import (
    ABILITIES,
    ABOUT,
    INTENTS,
    LIMITATIONS,
    SPECIAL,
    TOPICS,
    Intent,
)
from langchain_dbt_discovery.offline.named import (
    Named,
    Question,
    named_arguments,
    not_left_out,
    read_names,
    set_aside,
    told,
)
from langchain_dbt_discovery.offline.pointing import pointing_plainly
from langchain_dbt_discovery.offline.schema import ToolSchema
from langchain_dbt_discovery.offline.stopwords import TOPIC_WORDS
from langchain_dbt_discovery.offline.subject import ask_for_one, asked_for_one, spread, takes
from langchain_dbt_discovery.offline.talk import small_talk
from langchain_dbt_discovery.offline.thread import Turn
from langchain_dbt_discovery.offline.unnamed import unknown_tag, unnamed_job
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = ["Setting", "decide", "settle", "turned_to"]

_MOST_ABILITIES = 4
_SLOWEST, _ONE_RUN = "dbt_slowest_models", "dbt_run_details"
_WHAT_IS_SLOW = (
    r"\bslow\w*\b|\bwhat (?:took|takes|made|makes|ate|was)\b.*\b(?:long|time|slow)\b|\bbottlenecks?\b|\bmost time\b"
)
_RANKED = {"period", "min_runtime", "max_runtime", "last_n_runs"}


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything beside the conversation that a decision rests on.

    Attributes:
        tools: The bound tools by name.
        lexicon: The names that questions may use.
        now: The moment it is, in the zone where days begin.
    """

    tools: Mapping[str, ToolSchema]
    lexicon: Lexicon
    now: datetime


def settle(turns: Sequence[Turn], setting: Setting, settled: Settled | None = None) -> tuple[list[Turn], Settled] | str:
    """The conversation with a reply to a question back read as the question that was asked; or another question back.

    Args:
        turns: The conversation up to the reply.
        setting: The tools, the names and the clock.
        settled: What words are known to mean already.
    """
    *earlier, current = turns
    known = dict(settled or {})
    if not earlier:
        return list(turns), known
    if choice := choice_of(earlier[-1].answer, current.question):
        asked = choice.question
        if len(asked.candidates) > 1 and not choice.everything and asked.said not in known:
            return ask_back(asked)
        original = replace(current, question=earlier[-1].question)
        return settle([*earlier[:-1], original], setting, {asked.said: asked.candidates, **known})
    if name := asked_for_one(earlier[-1].answer, current.question):
        draft = _draft(current.question, setting, _with_calls(earlier))
        if not draft.turns and draft.names:
            original = replace(current, question=f"{earlier[-1].question} {name}")
            return settle([*earlier[:-1], original], setting, known)
    return list(turns), known


def decide(turns: Sequence[Turn], setting: Setting, settled: Settled | None = None) -> Call | str:
    """The call that answers the last turn's question, or else the reply to it.

    Args:
        turns: The conversation up to the question.
        setting: The tools, the names and the clock.
        settled: What words of the question mean, as the person said when asked back.
    """
    *earlier, current = turns
    if reply := small_talk(current.question):
        most = len(ABILITIES) if reply.whole else _MOST_ABILITIES
        return _abilities(setting.tools, reply.sentence, "", most=most) if reply.abilities else reply.sentence
    previous = _with_calls(earlier)
    if previous and asked_column(current.question, previous.artifact):
        last = previous.calls[-1]
        return Call(str(last["name"]), dict(last["args"]))  # the answer says what the column holds
    draft = _draft(current.question, setting, previous)
    for limitation in LIMITATIONS:
        if re.search(limitation.pattern, draft.asked):
            return _abilities(setting.tools, f"{limitation.sentence}{_nor_known(draft)}", draft.asked)
    if refusal := unnamed_job(draft, setting.lexicon) or unknown_tag(draft, setting.lexicon):
        return refusal
    if previous and _depends(draft):
        decision = follow_up(draft, previous, setting.tools, setting.lexicon, setting.now, settled or {})
        if isinstance(decision, Call) and decision.caveats and not _leans(draft):
            alone = _fresh(draft, setting, None, settled or {})
            better = isinstance(alone, Call) and (not alone.caveats or alone.lost < decision.lost)
            decision = alone if better else decision
    else:
        decision = _fresh(draft, setting, previous, settled or {})
    if decision is None:
        return _abilities(setting.tools, _not_understood(draft), draft.asked)
    return ask_back(decision) if isinstance(decision, Question) else decision


def _nor_known(draft: Draft) -> str:
    """What is said besides of names that look like names and are none."""
    said = [mention.said for mention in draft.mentions if not mention.entries and "_" in mention.said]
    return f" Nor do I know {phrases(said)}." if said else ""


def turned_to(question: str, setting: Setting, previous: Turn) -> set[str]:
    """What a question changes of the one before, as arguments; nothing where it asks something of its own."""
    draft = _draft(question, setting, previous)
    if draft.turns or draft.subject or draft.points or draft.orders or draft.unknown or not _depends(draft):
        return set()
    named = read_names(draft.mentions, draft.subject, {})
    changed = {*named.arguments, *draft.fields, *(["projects"] if named.left_out else [])}
    return changed | ({"environment"} if named.environment else set()) | ({"period"} if draft.shift else set())


def _with_calls(turns: Sequence[Turn]) -> Turn | None:
    return next((turn for turn in reversed(turns) if turn.calls), None)


def _depends(draft: Draft) -> bool:
    """Whether a question only makes sense, or makes more, with the one before."""
    if _leans(draft):
        return draft.says_something or draft.turns
    return draft.says_something and not draft.turns and not draft.whole


def _leans(draft: Draft) -> bool:
    """Whether a word of the question points at the one before."""
    return bool(draft.shift or draft.same_period or draft.points or draft.follows)


def _draft(question: str, setting: Setting, previous: Turn | None) -> Draft:
    before = topics_of(str(previous.calls[-1]["name"])) if previous else ()
    if previous:
        question = pointing_plainly(question)
    return read_draft(question, setting.lexicon, setting.now.date(), within_thread=previous is not None, before=before)


def _fresh(draft: Draft, setting: Setting, previous: Turn | None, settled: Settled) -> Call | Question | str | None:
    named = read_names(draft.mentions, draft.subject, settled)
    pointed = draft.points if draft.points and not draft.mentions else None
    subject = draft.subject or (pointed.kind if pointed else "") or _subject_of(named)
    said = told(named.arguments, draft.fields)
    intent = choose_intent(_topics(draft, subject), subject, said, setting.tools, draft.mentions)
    if "run_id" in draft.fields and not (isinstance(intent, Intent) and "run_id" in setting.tools[intent.tool].fields):
        intent = _of_that_run(draft, setting) or intent
    if isinstance(intent, str):
        return _abilities(setting.tools, intent, draft.asked)
    if pointed and (asked := _unknown_pointer(draft, intent, setting)):
        return asked
    known = "run_id" in draft.fields or any(mention.entries for mention in draft.mentions)
    nameable = intent and intent.tool in ABOUT and len(draft.unknown) < 2
    if not subject and not known and not nameable and (draft.unknown or draft.topic in ("", "list")):
        return None
    if intent is None:
        return None
    if refusal := not_left_out(draft, named):
        return refusal
    if named.unclear:
        return named.unclear
    set_aside(named, draft, intent.tool)
    arguments = named_arguments(draft, named) | draft.chosen.get(intent.topic, {})
    before = spread(previous.calls[-1]["args"]) if previous else {}
    saying = Saying(draft, named, arguments, before, settled)
    return call_of(setting.tools[intent.tool], saying, intent.arguments, setting.lexicon)


def _of_that_run(draft: Draft, setting: Setting) -> Intent | None:
    """What is told of one run where the question's own report is of many: its models, if they are slow, or all."""
    slow = draft.subject == "model" or re.search(_WHAT_IS_SLOW, draft.asked)
    tool = _SLOWEST if slow else _ONE_RUN
    return next((intent for intent in INTENTS if intent.tool == tool and tool in setting.tools), None)


def _topics(draft: Draft, subject: str) -> tuple[str, ...]:
    """The topics that an intent is looked for with."""
    *special, general = draft.topics if draft.topic and draft.topics[-1] not in SPECIAL else (*draft.topics, "list")
    if general == "list" and _RANKED & set(draft.fields) and subject != "run":
        general = "speed"  # lists are of now and by name; what ran when, and how long, is in the rankings
    return (*special, general)


def _unknown_pointer(draft: Draft, intent: Intent | None, setting: Setting) -> str:
    """What is said of words that point at nothing; empty if they may stand for nothing much."""
    assert draft.points
    if intent and intent.tool in ABOUT:
        return ask_for_one(ABOUT[intent.tool], setting.lexicon)
    kind = draft.points.kind
    if intent and draft.points.plain and kind and takes(setting.tools[intent.tool], kind):
        return ask_for_one((f"{kind}s",), setting.lexicon)
    if not draft.subject and (draft.points.plain or draft.topic in ("speed", "cause", "health")):
        return f"I do not know what “{draft.points.said}” is. Name a job or a model."
    return ""


def _subject_of(named: Named) -> str:
    """What a question is about that says only a name."""
    kinds = {*named.arguments, *((named.unclear.kind,) if named.unclear else ())}
    return "job" if "jobs" in kinds else "model" if kinds & {"models", "tags"} else ""


def _not_understood(draft: Draft) -> str:
    if draft.subject and not draft.unknown:
        return f"I have no report here that answers this about {draft.subject}s."
    if not draft.orders_about and (unknown := [word for word in draft.unknown if re.fullmatch(r"[^\W\d]{1,30}", word)]):
        return f"I did not understand {phrases(unknown[:5])}: I only know a dbt account's jobs, runs and models."
    return "I did not understand that."


def _abilities(tools: Mapping[str, ToolSchema], opening: str, asked: str, *, most: int = _MOST_ABILITIES) -> str:
    """What can be asked, after a sentence: what is nearest to the words that were asked comes first."""
    offered = [tool for tool in ABILITIES if tool in tools]
    if not offered:
        return f"{opening} No report is at hand here, so there is nothing I can look up.".strip()
    nearest = sorted(offered, key=lambda tool: -_nearness(tool, asked)) if len(offered) > most else offered
    lines = "\n".join(f"- {ABILITIES[tool]}" for tool in nearest[:most])
    more = "" if len(offered) <= most else "\n\nSay “help” for everything."
    return f"{opening}\n\nYou can ask me for:\n{lines}{more}".strip()


def _nearness(tool: str, asked: str) -> int:
    """How near what a tool gives is to some words: words that both say, and topics that show and are its own."""
    said = set(re.findall(r"[a-z]{3,}", asked))
    own = {word for word in re.findall(r"[a-z]{3,}", ABILITIES[tool].lower()) if word in TOPIC_WORDS}
    alike = {word for word in said if {word, f"{word}s", word.removesuffix("s")} & own}
    topics = {intent.topic for intent in INTENTS if intent.tool == tool} - {"list"}
    return len(alike) + 2 * any(re.search(TOPICS[topic], asked) for topic in topics)
