"""Going back to before the last turn of a thread, so that its question can be asked again or in other words.

What is remembered of earlier turns is cut down with each turn, so that taking the last one out would not bring back
what was there before it. A thread therefore keeps, beside its messages, those that it had before its last turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage
from langchain_core.messages.modifier import RemoveMessage
from langgraph.graph.message import REMOVE_ALL_MESSAGES

__all__ = ["bookmark", "restored", "rewound"]


def bookmark(messages: Sequence[AnyMessage], question_id: str, forgotten: int) -> dict[str, Any]:
    """The change of a thread's state by which its last turn can be taken back.

    Args:
        messages: Those of the thread, before the last turn cuts down what is remembered of the others.
        question_id: The id of the message that begins the last turn.
        forgotten: How many turns of the thread were forgotten by then.
    """
    place = _place(messages, question_id)
    if place is None:
        return {}
    return {"before": {"question": question_id, "messages": list(messages[:place]), "forgotten": forgotten}}


def rewound(state: Mapping[str, Any], question_id: str | None, question: str) -> dict[str, Any] | None:
    """The change of a thread's state that takes it back to before its last turn; None if it holds no such turn.

    Args:
        state: The thread's state.
        question_id: The id of the message that begins the turn; None where that is not known.
        question: The words of that message, by which it is then known.
    """
    messages: list[AnyMessage] = list(state.get("messages", ()))
    asked = [message for message in messages if isinstance(message, HumanMessage)]
    if question_id is None and asked and asked[-1].text == question:
        question_id = asked[-1].id
    place = _place(messages, question_id)
    if place is None:
        return None
    now = state.get("forgotten", 0)
    before = state.get("before") or {}
    if before.get("question") != question_id:  # an earlier release marked nothing
        before = {"messages": messages[:place], "forgotten": now}
    return {**_change(before, now), "before": None}


def restored(state: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, Any]:
    """The change of a thread's state that makes it an earlier one again."""
    return {**_change(earlier, state.get("forgotten", 0)), "before": earlier.get("before")}


def _change(earlier: Mapping[str, Any], forgotten: int) -> dict[str, Any]:
    """The change to earlier messages; how many turns are forgotten is told by how many more or fewer they are."""
    removed = RemoveMessage(id=REMOVE_ALL_MESSAGES)
    return {
        "messages": [removed, *earlier.get("messages", ())],
        "forgotten": earlier.get("forgotten", 0) - forgotten,
    }


def _place(messages: Sequence[AnyMessage], question_id: str | None) -> int | None:
    """Where a message stands, if it does."""
    return next((at for at, message in enumerate(messages) if question_id and message.id == question_id), None)
