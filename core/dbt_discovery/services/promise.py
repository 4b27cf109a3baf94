"""The promise of an API: the form that its answers have, and what it means when one has another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dbt_discovery.exceptions import UnexpectedResponse

__all__ = ["as_promised"]


@contextmanager
def as_promised(answer: str) -> Iterator[None]:
    """Reads a body that has to be as its API promises, named by `answer`. Nothing but reading belongs in here.

    Raises:
        UnexpectedResponse: The body cannot be read.
    """
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise UnexpectedResponse(
            f"dbt Cloud's answer to {answer} is not of the form its API promises ({error!r})."
        ) from error
