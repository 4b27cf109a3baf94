"""Safety: the headers by which a browser takes no more from a response than it should."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["SAFETY", "safe"]

SAFETY = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    # Answers change with the account and pages with releases, so a browser asks before it uses what it kept; and what
    # they say is for no proxy to keep.
    (b"cache-control", b"private, no-cache"),
)
_NAMES = frozenset(name for name, _ in SAFETY)


def safe(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers with those of `SAFETY` that they lack."""
    own = list(headers)
    names = {name for name, _ in own}
    return [*own, *(SAFETY if names.isdisjoint(_NAMES) else (each for each in SAFETY if each[0] not in names))]
