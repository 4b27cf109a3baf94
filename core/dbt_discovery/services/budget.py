"""Budgets: how many requests an API takes from this process in a minute, and its silence after a 429.

Accounts on the same address share one budget, although each may live on a loop and a thread of its own.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock, RLock
from weakref import WeakKeyDictionary

import httpx

__all__ = ["MINUTE", "RequestBudget", "budget_of"]

MINUTE = timedelta(minutes=1)


class RequestBudget:
    """So many requests in any one minute, and none while the API cools down.

    It may be used from any thread: it holds a lock and nothing of asyncio. Nobody waits in here: whoever asks is told
    how long to wait, and asks again with the same ticket. Moments are passed in.

    Args:
        per_minute: Most requests in a minute while nobody holds the budget.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._holders: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._lock = RLock()
        self._sent: deque[datetime] = deque()
        self._waiting: dict[object, None] = {}
        self._silent_until: datetime | None = None

    @property
    def per_minute(self) -> int:
        """Most requests in a minute: the smallest number that one of its living holders was given."""
        with self._lock:
            return min(self._holders.values(), default=self._per_minute)

    def hold(self, holder: object, per_minute: int) -> None:
        """Takes down the number that one of those who share the budget was given: it counts while the holder lives."""
        with self._lock:
            self._holders[holder] = per_minute

    def enter(self, ticket: object, now: datetime) -> timedelta:
        """How long the holder of a ticket has to wait; no time once its request may go, which then counts as sent.

        Tickets are served in the order in which they were first shown. One that is given up has to be taken back with
        `leave`, so that those behind it move up.
        """
        with self._lock:
            self._waiting.setdefault(ticket)
            self._forget_before(now - MINUTE, now)
            ahead = list(self._waiting).index(ticket)
            blocking = len(self._sent) + ahead - self.per_minute
            if blocking < 0:
                del self._waiting[ticket]
                self._sent.append(now)
                return timedelta()
            return self._sent[blocking] + MINUTE - now if blocking < len(self._sent) else MINUTE

    def leave(self, ticket: object) -> None:
        """Gives up a ticket's place in the line, if it still has one."""
        with self._lock:
            self._waiting.pop(ticket, None)

    def silence(self, until: datetime) -> datetime:
        """Lets the API rest until a moment, or until a later one that was asked for before; gives that moment."""
        with self._lock:
            self._silent_until = max(until, self._silent_until or until)
            return self._silent_until

    def silent_until(self, now: datetime) -> datetime | None:
        """The moment until which the API is to be left alone; None when it may be asked."""
        with self._lock:
            if self._silent_until and now >= self._silent_until:
                self._silent_until = None
            return self._silent_until

    def _forget_before(self, past: datetime, now: datetime) -> None:
        if self._sent and self._sent[-1] > now + MINUTE:  # the machine's clock was set back
            self._sent.clear()
        while self._sent and self._sent[0] <= past:
            self._sent.popleft()


_lock = Lock()
_by_address: dict[str, RequestBudget] = {}
_by_transport: WeakKeyDictionary[httpx.AsyncBaseTransport, dict[str, RequestBudget]] = WeakKeyDictionary()


def budget_of(
    holder: object, address: str, per_minute: int, transport: httpx.AsyncBaseTransport | None = None
) -> RequestBudget:
    """The budget of the API at an address, the same for all of this process.

    It outlives the accounts that use it: a new account must not break the silence that an older one was asked for. A
    transport of one's own leads elsewhere, whatever the address says, so it has budgets of its own.

    Args:
        holder: Whose number counts for as long as it lives; it is not kept alive.
        address: Where the API lives.
        per_minute: The holder's number.
        transport: Takes the place of the network.
    """
    with _lock:
        budgets = _by_address if transport is None else _by_transport.setdefault(transport, {})
        budget = budgets.setdefault(address, RequestBudget(per_minute))
    budget.hold(holder, per_minute)
    return budget
