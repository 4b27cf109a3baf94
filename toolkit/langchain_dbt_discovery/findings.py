"""What a turn has found so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from langchain_core.messages import BaseMessage, HumanMessage, ToolMessage

from langchain_dbt_discovery.text import clean

__all__ = ["findings_of", "this_turn"]

_LONGEST = 600


def this_turn(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The messages since a person's last one, without it."""
    asked = (place for place in range(len(messages), 0, -1) if isinstance(messages[place - 1], HumanMessage))
    return list(messages[next(asked, 0) :])


def findings_of(messages: Sequence[BaseMessage]) -> str:
    """What the turn's reports have found, each sentence once; empty where there is no report."""
    artifacts = (message.artifact for message in this_turn(messages) if isinstance(message, ToolMessage))
    found = (clean(str(each.get("finding") or ""), _LONGEST) for each in artifacts if isinstance(each, Mapping))
    return "\n\n".join(dict.fromkeys(filter(None, found)))
