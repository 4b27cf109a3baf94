"""What went wrong with a chat model, said to the person who asked."""

from __future__ import annotations

from dbt_discovery import DbtDiscoveryError

from dbt_discovery_web.turn_events import Withdrawn

__all__ = ["explain", "unusable"]

_CHECK_KEY = "check its key (OPENAI_API_KEY) and its name (DBT_DISCOVERY_CHAT_MODEL)"


def explain(error: Exception, model: str, time_limit: float) -> str:
    """One sentence for an error that ended a turn.

    Providers' libraries have their own exceptions, which this package does not import: most carry the HTTP status as
    `status_code`, and connection and timeout errors say so in their class's name. Their messages may hold parts of a
    key, so they are not repeated.
    """
    kinds = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(error, "status_code", None)
    if isinstance(error, DbtDiscoveryError):
        return str(error)
    if isinstance(error, Withdrawn):
        return "Who asked went away before the answer was there, so it was stopped. Ask again."
    if isinstance(error, TimeoutError) and status is None:
        return f"The answer took longer than {time_limit:.0f} seconds, so it was stopped. Ask for less, or ask again."
    if status in (401, 403):
        return f"The chat model {model} refused the request: {_CHECK_KEY}."
    if status == 404:
        return f"The chat model {model} is not known to its provider: {_CHECK_KEY}."
    if status == 429:
        return f"The chat model {model} is over its limit of requests or credit. Wait a little, then ask again."
    if isinstance(status, int) and status >= 500:
        return f"The chat model {model} has a fault on its side (HTTP {status}). Ask again in a little while."
    if any("Timeout" in kind for kind in kinds):
        return f"The chat model {model} did not answer in time. Ask again in a little while."
    if any("Connect" in kind or kind == "ConnectionError" for kind in kinds):
        return f"The chat model {model} could not be reached. Check the network and OPENAI_BASE_URL, then ask again."
    if any("Recursion" in kind or "LimitExceeded" in kind for kind in kinds):
        return f"The chat model {model} kept asking for more without coming to an answer. Try a simpler question."
    return unusable(model)


def unusable(model: str) -> str:
    """One sentence for a model that said nothing, or nothing that can be read."""
    return f"The chat model {model} did not give a usable answer. Ask again, or put the question in other words."
