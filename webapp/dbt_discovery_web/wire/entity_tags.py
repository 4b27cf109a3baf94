"""Entity tags: what tells an answer's bytes from others, so that nobody is sent what they have (RFC 9110, 8.8.3)."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

__all__ = ["digest_of", "entity_tag", "is_among"]

_DIGEST_BYTES = 12


def digest_of(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> str:
    """A digest of a body and of what its headers say about it: the same in every process, and after a restart."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for name, value in headers:
        digest.update(b"%b:%b\n" % (name, value))
    digest.update(b"\n")
    digest.update(body)
    return digest.hexdigest()


def entity_tag(digest: str, coding: str) -> bytes:
    """The tag of an answer in a coding. It is strong: each coding has one of its own, for its bytes are others."""
    return f'"{digest}.{coding}"'.encode() if coding else f'"{digest}"'.encode()


def is_among(tag: bytes, if_none_match: bytes) -> bool:
    """Whether a client has the bytes of a tag already, by its `If-None-Match` (compared weakly: RFC 9110, 13.1.2)."""
    if tag == if_none_match:
        return True
    named = [each.strip().removeprefix(b"W/") for each in if_none_match.split(b",")]
    return tag in named or named == [b"*"]
