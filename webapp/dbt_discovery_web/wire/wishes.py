"""Wishes: how a client wants its answer, by the headers of its request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from dbt_discovery_web.wire.codings import PLAIN, wanted_coding

__all__ = ["Wishes"]

_LONG = 200
"""Characters of `Accept-Encoding` that are read: the codings that there are fit into them many times over."""


@dataclass(slots=True)
class Wishes:
    """How a client wants its answer.

    Attributes:
        host: Whom it means to ask.
        accept: The forms that it takes, in its own words.
        coding: How the answer is to be compressed.
        known: The tags of the answers that it has; empty where it has none.
        request_id: How it calls the request itself.
    """

    host: str = ""
    accept: bytes = b""
    coding: str = PLAIN
    known: bytes = b""
    request_id: bytes = b""

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]]) -> Self:
        """The wishes of a request with these headers; one that is there more than once counts as one with all in it."""
        wishes, host, codings = cls(), b"", b""
        for name, value in headers:
            if name == b"host":
                host = _and(host, value)
            elif name == b"accept":
                wishes.accept = _and(wishes.accept, value)
            elif name == b"accept-encoding":
                codings = _and(codings, value)
            elif name == b"if-none-match":
                wishes.known = _and(wishes.known, value)
            elif name == b"x-request-id":
                wishes.request_id = _and(wishes.request_id, value)
        wishes.host = host.decode("latin-1")
        if codings:
            wishes.coding = wanted_coding(codings[:_LONG])
        return wishes


def _and(before: bytes, value: bytes) -> bytes:
    return before + b", " + value if before else value
