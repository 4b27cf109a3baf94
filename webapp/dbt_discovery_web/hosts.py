"""Hosts: the names and addresses that a server answers to."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["Hosts"]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})
_REMEMBERED = 32
"""Hosts of which it is known whether they are answered to: most clients name the same one."""


class Hosts:
    """The loopback names, and those that were given.

    Args:
        names: Names and addresses beside the loopback ones. With `0.0.0.0` or `::` every address is answered to, though
            no further name.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = _LOOPBACK | {name.strip("[]").lower() for name in names}
        self.answers_to = lru_cache(maxsize=_REMEMBERED)(self._answers_to)

    def _answers_to(self, host: str) -> bool:
        """Whether a request for this host, as its header names it, is for this server."""
        name = _name(f"//{host}")
        return name in self._names or (bool(_EVERY_ADDRESS & self._names) and _is_address(name))


def _name(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
