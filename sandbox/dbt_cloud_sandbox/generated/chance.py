"""Randomness that depends on names only: the same key gives the same numbers on every machine and Python."""

from __future__ import annotations

import hashlib
import random


def digest(*key: object) -> bytes:
    """Twenty bytes that stand for the key."""
    return hashlib.blake2b("\x1f".join(map(str, key)).encode(), digest_size=20).digest()


def chance(*key: object) -> random.Random:
    """A source of random numbers that belongs to the key."""
    return random.Random(int.from_bytes(digest(*key)[:8], "big"))


def sha(*key: object) -> str:
    """Forty hex digits that look like a git commit."""
    return digest(*key).hex()
