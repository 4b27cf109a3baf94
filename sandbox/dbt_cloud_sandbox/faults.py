"""Faults on demand: what goes wrong between a client and dbt Cloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Api: TypeAlias = Literal["admin", "discovery"]
Kind: TypeAlias = Literal["status", "truncated", "invalid", "reset"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that spoils the next ``times`` answers of an API (of both when None).

    Attributes:
        kind: ``status`` answers with an error status, ``truncated`` cuts the JSON, ``invalid`` sends a page that is
            no JSON, ``reset`` drops the connection.
        status: The status of kind ``status``: 429 or 5xx.
        retry_after: Seconds for the ``Retry-After`` header; no header when None.
    """

    kind: Kind = "status"
    status: int = 503
    retry_after: float | None = None
    api: Api | None = None
    times: int = 1


class Faults:
    """The faults of one app. Give them when it is made, or change them while it runs.

    Args:
        faults: Faults that wait for the next answers, in order.
        latency: Seconds added to every answer.
        range_filters: False refuses ``created_at__range`` and ``finished_at__range``, as older deployments do.
    """

    def __init__(self, *faults: Fault, latency: float = 0.0, range_filters: bool = True) -> None:
        self.latency = latency
        self.range_filters = range_filters
        self._waiting: list[tuple[Fault, int]] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Puts a fault behind those that wait."""
        self._waiting.append((fault, fault.times))

    def clear(self) -> None:
        """Takes away everything that waits, the latency and the refusal of ranges."""
        self._waiting.clear()
        self.latency, self.range_filters = 0.0, True

    def take(self, api: Api) -> Fault | None:
        """The fault for the API's next answer, if one waits; it then waits once less."""
        for place, (fault, left) in enumerate(self._waiting):
            if fault.api in (None, api):
                self._waiting[place : place + 1] = [(fault, left - 1)] if left > 1 else []
                return fault
        return None
