"""Findings: what was looked at, how it is, why, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dbt_discovery import DbtDiscoveryError
from dbt_discovery.services.hosts import Endpoints
from dbt_discovery.words import count

__all__ = ["Check", "Diagnosis", "Group", "Status"]

_ADDRESSES = ("host", "admin", "discovery")
_OTHERWISE = "Try again; if it stays so, DBT_DISCOVERY_LOG_LEVEL=DEBUG tells more."


class Status(StrEnum):
    """How a thing is: as it should be, working with something to know, not working, or not looked at."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What it is; no two checks of a diagnosis share it.
        group: What it belongs to.
        status: How it is.
        detail: What was found.
        advice: What to do next; empty where nothing is to be done.
        error: The error behind it, if it was one.
    """

    name: str
    group: str
    status: Status
    detail: str
    advice: str = ""
    error: DbtDiscoveryError | None = None

    def to_json(self) -> dict[str, Any]:
        """The check as plain JSON values; `ok` means that it was looked at and works."""
        return {
            "name": self.name,
            "group": self.group,
            "status": self.status.value,
            "ok": self.status in (Status.OK, Status.WARNING),
            "detail": self.detail,
            "advice": self.advice,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """What several checks belong to; makes them."""

    name: str

    def ok(self, name: str, detail: str) -> Check:
        """A check of something that is as it should be."""
        return Check(name, self.name, Status.OK, detail)

    def warning(self, name: str, detail: str, advice: str, error: DbtDiscoveryError | None = None) -> Check:
        """A check of something that works, with something to know."""
        return Check(name, self.name, Status.WARNING, detail, advice, error)

    def skipped(self, name: str, detail: str) -> Check:
        """A check that could not be made; the detail says why."""
        return Check(name, self.name, Status.SKIPPED, detail)

    def fault(self, name: str, error: DbtDiscoveryError, advice: str | None = None) -> Check:
        """A check of something that does not work, in the words of its error.

        An error says what happened in its first sentence and what to do in the rest; `advice` is said instead of that
        where the doctor knows better, and something to begin with where neither knows anything.
        """
        detail, rest = _parted(str(error))
        return Check(name, self.name, Status.FAULT, detail, advice or rest or _OTHERWISE, error)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that was found.

    Attributes:
        settings: Every setting by its variable's name; secrets only as set or not.
        given: The variables that are set.
        addresses: Where the account's two APIs are; None when the settings do not say, and for the built-in sandbox.
        checks: What was looked at, causes before what they cause.
    """

    settings: Mapping[str, str]
    given: frozenset[str]
    addresses: Endpoints | None
    checks: tuple[Check, ...]

    @property
    def faults(self) -> tuple[Check, ...]:
        """What does not work; the first is where to start."""
        return self._having(Status.FAULT)

    @property
    def summary(self) -> str:
        """The diagnosis in one line."""
        warned = self._having(Status.WARNING)
        warnings = count(len(warned), "warning") if warned else ""
        if not self.faults:
            return f"Everything works, with {warnings}." if warned else "Everything works."
        names = ", ".join(map(_title, self.faults))
        also = f", and {warnings}" if warned else ""
        start = f"; start with {_title(self.faults[0])}" if len(self.faults) > 1 else ""
        return f"{count(len(self.faults), 'fault')}: {names}{also}{start}."

    def to_json(self) -> dict[str, Any]:
        """The diagnosis as plain JSON values."""
        return {
            "ok": not self.faults,
            "summary": self.summary,
            "settings": dict(self.settings),
            "addresses": {name: getattr(self.addresses, name) for name in _ADDRESSES} if self.addresses else None,
            "checks": [check.to_json() for check in self.checks],
        }

    def _having(self, status: Status) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status is status)


def _title(check: Check) -> str:
    """A check's name where nothing around tells what it is; that of an environment is its id."""
    return f"environment {check.name}" if check.name.isdigit() else check.name


def _parted(message: str) -> tuple[str, str]:
    """The first sentence of a message, and the rest; a full stop inside quotation marks ends no sentence."""
    quoted = 0
    for place, character in enumerate(message):
        quoted += (character == "“") - (character == "”")
        follows = message[place + 1 : place + 3]
        if character == "." and not quoted and follows[:1] == " " and follows[1:].isupper():
            return message[: place + 1], message[place + 2 :]
    return message, ""
