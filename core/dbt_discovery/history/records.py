"""What goes into the run store and comes out, beside runs and results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b

from dbt_discovery.models.records import RunRecord

__all__ = ["Origin", "StoreLost", "StoredDay", "StoredSource", "day_among"]


class StoreLost(Exception):
    """A database failed in the middle of a question, and another takes its place: the question has to begin again."""


@dataclass(frozen=True, slots=True)
class StoredDay:
    """A UTC day whose runs are in the store.

    Attributes:
        day: The day in which they were created.
        final: Whether nothing of it can change any more.
        complete: Whether none is missing.
        as_of: When they were asked for, by the clock that reports go by.
        asked_at: The same in seconds since 1970 by the real clock.
    """

    day: date
    final: bool
    complete: bool
    as_of: datetime
    asked_at: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose runs these are.

    Attributes:
        fingerprint: What tells it from others: a digest of host, account and token, and of a sandbox's world.
        label: The account, for people.
        host: The host that it is reached at.
        account_id: The account's id.
    """

    fingerprint: str
    label: str
    host: str
    account_id: str

    @property
    def source_id(self) -> int:
        """The number that stands for the fingerprint in the store: 63 bits, as databases have them."""
        return int.from_bytes(blake2b(self.fingerprint.encode(), digest_size=8).digest()) >> 1


@dataclass(frozen=True, slots=True)
class StoredSource:
    """What the store has of one source.

    Attributes:
        label: The account, for people.
        host: The host that it is reached at.
        account_id: The account's id.
        mine: Whether it is the account that asks, with the token that it has now.
        days: UTC days whose runs are stored.
        open_days: Those of them that may still change.
        first_day: The first of them.
        last_day: The last of them.
        runs: Runs.
        results: Runs whose models' results are stored too.
        asked_at: When dbt Cloud was last asked for runs.
    """

    label: str
    host: str
    account_id: str
    mine: bool
    days: int
    open_days: int
    first_day: date | None
    last_day: date | None
    runs: int
    results: int
    asked_at: datetime | None


def day_among(days: Sequence[date], run: RunRecord) -> date:
    """The day to which a run belongs that came with the runs of some days, given in order.

    It is the UTC day in which the run was created. A run that does not tell its creation, by which dbt Cloud placed it
    all the same, may seem to be of another day: it belongs to the nearest.
    """
    return min(max(run.created_at.date(), days[0]), days[-1])
