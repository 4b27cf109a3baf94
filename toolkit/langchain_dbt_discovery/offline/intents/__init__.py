"""What people ask, as data: the topics and subjects of a question, and the tool for each pair.

A new report gets its rows in the family that it belongs to; no code changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from langchain_dbt_discovery.offline.intents.checks import CHECKS
from langchain_dbt_discovery.offline.intents.details import DETAILS
from langchain_dbt_discovery.offline.intents.development import DEVELOPMENT
from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent, Limitation
from langchain_dbt_discovery.offline.intents.graph import GRAPH
from langchain_dbt_discovery.offline.intents.limits import LIMITATIONS
from langchain_dbt_discovery.offline.intents.rankings import RANKINGS
from langchain_dbt_discovery.offline.intents.reliability import RELIABILITY
from langchain_dbt_discovery.offline.intents.words import ABOUT, IDIOMS, IMPLIED, MARKERS, SUBJECTS

__all__ = [
    "ABILITIES",
    "ABOUT",
    "ABSENT",
    "CHOICES",
    "IDIOMS",
    "IMPLIED",
    "INTENTS",
    "LIMITATIONS",
    "MARKERS",
    "SPECIAL",
    "SUBJECTS",
    "TOPICS",
    "Choice",
    "Intent",
    "Limitation",
]

_SPECIAL: tuple[Family, ...] = (GRAPH, CHECKS, RELIABILITY, DEVELOPMENT, DETAILS)
_FAMILIES = (*_SPECIAL, RANKINGS)

TOPICS: Mapping[str, str] = {topic: pattern for family in _FAMILIES for topic, pattern in family.topics.items()}
"""How a topic shows in a question; the first that shows, and that some intent has with the subject, is it."""

SPECIAL = frozenset(topic for family in _SPECIAL for topic in family.topics)
"""Topics of one report or two, in which words such as `failed` or `running` say nothing of how runs ended."""

INTENTS: tuple[Intent, ...] = tuple(intent for family in _FAMILIES for intent in family.intents)
"""The first whose tool is bound, and whose topic, subject and needs fit, answers."""

CHOICES: tuple[Choice, ...] = tuple(choice for family in _FAMILIES for choice in family.choices)
"""Fixed words for arguments; the first that shows gives an argument's value."""

ABSENT: Mapping[str, str] = {topic: said for family in _FAMILIES for topic, said in family.absent.items()}
"""What is said of a topic that no bound tool answers."""

ABILITIES: Mapping[str, str] = {
    tool: text for family in (RANKINGS, *_SPECIAL) for tool, text in family.abilities.items()
}
"""What each tool gives, for people; what is asked most comes first."""
