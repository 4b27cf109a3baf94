"""Parts of an answer that may be missing without taking the rest with them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from dbt_discovery.exceptions import NotFound, UpstreamError
from dbt_discovery.provenance import Provenance

__all__ = ["part"]

T = TypeVar("T")
D = TypeVar("D")


async def part(inquiry: Provenance, name: str, asking: Awaitable[T], otherwise: D) -> T | D:
    """What is asked for; where dbt Cloud refuses it, `otherwise`, and the inquiry says that it is missing.

    Args:
        inquiry: The question.
        name: What is asked for, as the beginning of a sentence.
        asking: Asks for it.
        otherwise: What stands in for it.
    """
    try:
        return await asking
    except (UpstreamError, NotFound) as error:
        inquiry.lack(f"{name} could not be read: {error}")
        return otherwise
