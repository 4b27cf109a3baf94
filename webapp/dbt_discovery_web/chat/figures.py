"""Figures about the chat: how its turns ended, and what they took."""

from __future__ import annotations

from langchain_core.messages import AIMessage
from prometheus_client import CollectorRegistry, Counter, Histogram

from dbt_discovery_web.chat.turn import Turn
from dbt_discovery_web.chat.turn_events import Withdrawn

__all__ = ["ChatFigures"]

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)
"""What durations are counted up to: from an answer of the offline model to the time limit of a turn."""


class ChatFigures:
    """Counts turns under the name of the chat model; names of tools are no label, as a model may invent any.

    Args:
        registry: Where the figures are.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"dbt_discovery_chat_{name}", text, ("model", *labels), registry=registry)

        self._turns = counter("turns", "Questions that were put to the chat model, by how they ended.", "outcome")
        self._tokens = counter("tokens", "Tokens that the chat model read and wrote.", "direction")
        self._calls = counter("tool_calls", "Calls of tools that the chat model asked for.")
        self._withheld = counter("withheld_sentences", "Sentences whose figures were in no report.")
        self._seconds = Histogram(
            "dbt_discovery_chat_turn_duration_seconds",
            "Seconds until a question was answered.",
            ("model",),
            buckets=_SECONDS,
            registry=registry,
        )

    def count(self, model: str, turn: Turn, cause: Exception | None) -> None:
        """Counts a turn that has ended.

        Args:
            model: The chat model's name.
            turn: What came of the question.
            cause: Why there is no answer, if there is none.
        """
        used = turn.usage()
        self._turns.labels(model, _outcome(turn, cause)).inc()
        self._tokens.labels(model, "input").inc(used.input_tokens)
        self._tokens.labels(model, "output").inc(used.output_tokens)
        self._calls.labels(model).inc(len(turn.tool_calls()))
        self._withheld.labels(model).inc(
            sum(len(message.response_metadata.get("withheld", ())) for message in _replies(turn))
        )
        self._seconds.labels(model).observe(used.seconds)


def _outcome(turn: Turn, cause: Exception | None) -> str:
    if isinstance(cause, Withdrawn):
        return "withdrawn"
    if type(cause) is TimeoutError:
        return "timeout"
    if cause:
        return "model_error" if turn.model_failed else "failed"
    return "stopped" if any("stopped" in reply.response_metadata for reply in _replies(turn)) else "answered"


def _replies(turn: Turn) -> list[AIMessage]:
    return [message for message in turn.messages if isinstance(message, AIMessage)]
