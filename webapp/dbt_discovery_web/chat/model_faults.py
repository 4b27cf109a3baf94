"""What went wrong with a chat model, said to the person who asked."""

from __future__ import annotations

from dbt_discovery import DbtDiscoveryError

from dbt_discovery_web.chat.turn_events import Stopped, Withdrawn

__all__ = ["NoAnswer", "explain", "unusable"]

_CHECK_KEY = "check its key (OPENAI_API_KEY) and its name (DBT_DISCOVERY_CHAT_MODEL)"
_BROKEN_OFF = ("Connect", "Protocol", "ReadError", "WriteError", "NetworkError")
_UNUSABLE = "did not give a usable answer. Ask again, or put the question in other words."
_SENTENCES = {
    400: "did not accept the request: it may not be able to call tools, or the conversation may be too long for it. "
    "Begin a new conversation, or name another model (DBT_DISCOVERY_CHAT_MODEL).",
    401: f"refused the request: {_CHECK_KEY}.",
    404: f"is not known to its provider: {_CHECK_KEY}, and OPENAI_BASE_URL if it is set.",
    429: "is over its limit of requests or credit. Wait a little, then ask again.",
}
_SAME = {402: 429, 403: 401, 405: 404, 413: 400, 422: 400}
"""Statuses that say the same as another, near enough."""


class NoAnswer(Exception):
    """A chat model came to no answer, and no report was made on the way; the agent has said so."""


def explain(error: Exception, model: str, time_limit: float) -> str:
    """One sentence for an error that ended a turn.

    Providers' libraries have their own exceptions, which this package does not import: most carry the HTTP status as
    `status_code`, and connection and timeout errors say so in their class's name. Their messages may hold parts of a
    key, so they are not repeated.
    """
    if isinstance(error, DbtDiscoveryError):
        return str(error)
    if isinstance(error, Stopped):
        return "Stopped, as you asked."
    if isinstance(error, Withdrawn):
        return "Nobody waited for this answer any more, so it was stopped. Ask again."
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if type(error) is TimeoutError:
        return f"The answer took longer than {time_limit:.0f} seconds, so it was stopped. Ask for less, or ask again."
    return f"The chat model {model} {_fault(kinds, getattr(error, 'status_code', None))}"


def _fault(kinds: set[str], status: object) -> str:
    """What a chat model did, or could not do, by the names of its error's classes and the HTTP status."""
    if isinstance(status, int):
        status = _SAME.get(status, status)
        if status in _SENTENCES:
            return _SENTENCES[status]
        if status >= 500:
            return f"has a fault on its side (HTTP {status}). Ask again in a little while."
    if "NotImplementedError" in kinds:
        return "cannot call tools, so it cannot look anything up. Name another one (DBT_DISCOVERY_CHAT_MODEL)."
    if any("Timeout" in kind for kind in kinds):
        return "did not answer in time. Ask again in a little while."
    if any(word in kind for kind in kinds for word in _BROKEN_OFF):
        return "could not be reached, or broke off. Check the network and OPENAI_BASE_URL, then ask again."
    if any("Recursion" in kind or "LimitExceeded" in kind for kind in kinds):
        return "kept asking for more without coming to an answer. Try a simpler question."
    return _UNUSABLE


def unusable(model: str) -> str:
    """One sentence for a model that said nothing, or nothing that can be read."""
    return f"The chat model {model} {_UNUSABLE}"
