"""What to do about a question: call a tool, or say something."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from langchain_dbt_discovery.offline.asking import ask_back, choice_of
from langchain_dbt_discovery.offline.call import (
    Call,
    Named,
    Question,
    choose_intent,
    named_arguments,
    narrowed,
    not_left_out,
    read_names,
)
from langchain_dbt_discovery.offline.draft import Draft, phrases, read_draft
from langchain_dbt_discovery.offline.followup import follow_up
from langchain_dbt_discovery.offline.intents import ABILITIES, LIMITATIONS, SMALL_TALK
from langchain_dbt_discovery.offline.phrase import normal
from langchain_dbt_discovery.offline.schema import ToolSchema
from langchain_dbt_discovery.offline.thread import Turn
from langchain_dbt_discovery.offline.unnamed import unnamed_job
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = ["Setting", "decide"]

Settled = Mapping[str, Sequence[str]]
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


def decide(turns: Sequence[Turn], setting: Setting, settled: Settled | None = None) -> Call | str:
    """The call that answers the last turn's question, or else the reply to it.

    Args:
        turns: The conversation up to the question.
        setting: The tools, the names and the clock.
        settled: What words of the question mean, as the person said when asked back.
    """
    *earlier, current = turns
    if earlier and (choice := choice_of(earlier[-1].answer, current.question)):
        asked, known = choice.question, settled or {}
        if len(asked.candidates) > 1 and not choice.everything and asked.said not in known:
            return ask_back(asked)
        original = replace(current, question=earlier[-1].question)
        return decide([*earlier[:-1], original], setting, {asked.said: asked.candidates, **known})
    for opening, reply in SMALL_TALK.items():
        if re.search(opening, normal(current.question)):
            return _abilities(setting.tools, reply)
    previous = next((turn for turn in reversed(earlier) if turn.calls), None)
    draft = read_draft(current.question, setting.lexicon, setting.now.date(), within_thread=previous is not None)
    for limitation in LIMITATIONS:
        if limitation.unless not in setting.tools and re.search(limitation.pattern, draft.asked):
            return _abilities(setting.tools, limitation.sentence)
    if refusal := unnamed_job(draft, setting.lexicon):
        return refusal
    if previous and _depends(draft):
        decision = follow_up(draft, previous, setting.tools, setting.now, settled or {})
    else:
        decision = _fresh(draft, setting.tools, settled or {})
    if decision is None:
        return _abilities(setting.tools, _not_understood(draft))
    return ask_back(decision) if isinstance(decision, Question) else decision


def _depends(draft: Draft) -> bool:
    """Whether a question only makes sense, or makes more, with the one before."""
    if draft.shift or draft.same_period or draft.points or draft.follows:
        return draft.says_something or draft.turns
    return draft.says_something and not draft.turns and not draft.whole


def _fresh(draft: Draft, tools: Mapping[str, ToolSchema], settled: Settled) -> Call | Question | str | None:
    named = read_names(draft.mentions, draft.subject, settled)
    if (
        draft.points
        and not (draft.mentions or draft.subject)
        and (draft.points.plain or draft.topic in ("speed", "cause"))
    ):
        return f"I do not know what “{draft.points.said}” is. Name a job or a model."
    topic, subject = draft.topic, draft.subject or _subject_of(named)
    known = any(mention.entries for mention in draft.mentions)
    if not subject and not known and (draft.unknown or topic in ("", "list")):
        return None
    if topic in ("", "list") and _RANKED & set(draft.fields):
        topic = "speed"  # lists are of now and by name; what ran when, and how long, is in the rankings
    intent = choose_intent(topic or "list", subject, {*named.arguments, *draft.fields}, tools)
    if intent is None:
        return None
    if refusal := not_left_out(draft, named):
        return refusal
    if named.unclear:
        return named.unclear
    tool = tools[intent.tool]
    return narrowed(tool, named_arguments(draft, named), draft, named, intent.arguments)


def _subject_of(named: Named) -> str:
    """What a question is about that says only a name."""
    kinds = {*named.arguments, *((named.unclear.kind,) if named.unclear else ())}
    return "job" if "jobs" in kinds else "model" if kinds & {"models", "tags"} else ""


def _not_understood(draft: Draft) -> str:
    if draft.subject and not draft.unknown:
        return f"I have no report here that answers this about {draft.subject}s."
    if draft.unknown:
        return f"I did not understand {phrases(draft.unknown[:5])}: I only know a dbt account's jobs, runs and models."
    return "I did not understand that."


def _abilities(tools: Mapping[str, ToolSchema], opening: str) -> str:
    """What can be asked, after a sentence."""
    offered = [text for tool, text in ABILITIES.items() if tool in tools]
    if not offered:
        return f"{opening} No report is at hand here, so there is nothing I can look up.".strip()
    lines = "\n".join(f"- {text}" for text in offered)
    return f"{opening}\n\nYou can ask me for:\n{lines}".strip()
