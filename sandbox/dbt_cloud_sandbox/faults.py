"""Faults on demand: what goes wrong between a client and dbt Cloud."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
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
        pagination_cursors: False answers as deployments do whose schema has no ``paginationCursor`` (quirk 2).
        capped_job_lists: True gives at most 100 rows of a job's list asked without ``first``, and says nothing of it,
            as dbt Cloud has announced (quirk 2).
        complexity_limit: The most complex operation that is answered; the sandbox's own limit when None.
        bare_complexity: True refuses too complex an operation with a bare 400, without a JSON body.
        results_kept: How long the Discovery API keeps what runs did to nodes, in whole UTC days: a job's run that ended
            before is null, and models have no history of it (quirk 3: two months). For ever when None.
    """

    def __init__(
        self,
        *faults: Fault,
        latency: float = 0.0,
        range_filters: bool = True,
        pagination_cursors: bool = True,
        capped_job_lists: bool = False,
        complexity_limit: int | None = None,
        bare_complexity: bool = False,
        results_kept: timedelta | None = None,
    ) -> None:
        self.latency = latency
        self.range_filters = range_filters
        self.pagination_cursors = pagination_cursors
        self.capped_job_lists = capped_job_lists
        self.complexity_limit = complexity_limit
        self.bare_complexity = bare_complexity
        self.results_kept = results_kept
        self._waiting: list[tuple[Fault, int]] = [(fault, fault.times) for fault in faults]

    @property
    def deployment(self) -> tuple[bool, bool, bool, int | None, bool, timedelta | None]:
        """What makes the deployment an odd one, and its answers others."""
        odd = (self.range_filters, self.pagination_cursors, self.capped_job_lists)
        return (*odd, self.complexity_limit, self.bare_complexity, self.results_kept)

    def oldest_results(self, now: datetime) -> datetime:
        """The moment from which on the Discovery API has results of runs."""
        if self.results_kept is None:
            return datetime.min.replace(tzinfo=UTC)
        return datetime.combine((now - self.results_kept).date(), time(), UTC)

    def add(self, fault: Fault) -> None:
        """Puts a fault behind those that wait."""
        self._waiting.append((fault, fault.times))

    def clear(self) -> None:
        """Takes away everything that waits, the latency, and all that makes the deployment an odd one."""
        vars(self).update(vars(Faults()))

    def take(self, api: Api) -> Fault | None:
        """The fault for the API's next answer, if one waits; it then waits once less."""
        for place, (fault, left) in enumerate(self._waiting):
            if fault.api in (None, api):
                self._waiting[place : place + 1] = [(fault, left - 1)] if left > 1 else []
                return fault
        return None
