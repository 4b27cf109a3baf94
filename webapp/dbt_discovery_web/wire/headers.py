"""Headers as ASGI has them: pairs of bytes, names in small letters."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["UNCHANGED", "RawHeaders", "field_of", "varying"]

RawHeaders = list[tuple[bytes, bytes]]

UNCHANGED = 304
"""The status of the word that a client has an answer already. It tells nothing of the answer but what keeps it."""


def field_of(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    """A header's value; those of a header that is there more than once as one; empty where it is not there."""
    return b", ".join([value for each, value in headers if each == name])


def varying(headers: RawHeaders) -> RawHeaders:
    """Headers which say besides that there are other codings."""
    others = field_of(headers, b"vary")
    vary = others + b", Accept-Encoding" if others else b"Accept-Encoding"
    return [*(each for each in headers if each[0] != b"vary"), (b"vary", vary)]
