"""The forms in which it is told what people ask: topics, intents, fixed words, abilities, limitations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

__all__ = ["Choice", "Family", "Intent", "Limitation"]


@dataclass(frozen=True, slots=True)
class Intent:
    """A topic about a subject, and the tool that answers it.

    Attributes:
        tool: The tool's name.
        topic: A topic of some family.
        subjects: Keys of `SUBJECTS`, `""` for a question that names none; empty for whatever it is about.
        arguments: What the tool is given unless the question says otherwise.
        needs: What the question has to say besides, as arguments: `jobs`, `models`, `run_id`, …; `one job` for one.
    """

    tool: str
    topic: str
    subjects: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Fixed words that stand for an argument, in questions about a topic.

    Attributes:
        topic: The topic.
        field: The argument; empty for words that say nothing beside the topic.
        pattern: How the words show.
        value: What they stand for; a function makes it of the pattern's first group.
        only_if: How the question has to be besides.
    """

    topic: str
    field: str
    pattern: str
    value: Any = None
    only_if: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Reports of one kind, and how people ask for them.

    Attributes:
        topics: How each topic shows in a question.
        intents: Which tool answers which topic about which subject.
        choices: Fixed words and the arguments that they stand for.
        abilities: What each tool gives, for people.
        absent: What people are told who ask for a topic while no tool is bound that answers it.
    """

    topics: Mapping[str, str]
    intents: tuple[Intent, ...]
    choices: tuple[Choice, ...] = ()
    abilities: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    absent: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Limitation:
    """Something that people ask for and no tool gives.

    Attributes:
        pattern: How they ask.
        sentence: What they are told.
    """

    pattern: str
    sentence: str
