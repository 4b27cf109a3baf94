"""How hard one API may be pressed: requests at a time, requests a minute, and silence after it asked for some."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from dbt_discovery.exceptions import RateLimited
from dbt_discovery.services.budget import RequestBudget
from dbt_discovery.services.shared_budget import SharedBudget

__all__ = ["SHORT_WAIT", "ApiLimits", "retry_after", "utc_now"]

COOLDOWN = timedelta(minutes=5)
"""What dbt Cloud enforces after a 429 that does not say how long (quirk 4)."""
SHORT_WAIT = timedelta(seconds=30)
"""A silence of up to this long is waited out by whoever asks, instead of being handed to the caller."""
_LONGEST = timedelta(days=1)
"""Longest wait that is believed."""
_LOOK = timedelta(seconds=1)
"""How often whoever waits looks whether a place was given back, or the API asked for silence."""


def utc_now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


class ApiLimits:
    """One API's limits as one account meets them.

    Args:
        name: The API, for people.
        concurrency: Requests of this account under way at once.
        budget: Requests a minute and silence, shared with the other accounts of the process.
        clock: The moment it really is: a fixed clock for reports must not make a silence last for ever.
        address: Where the API lives.
        shared_budget: The same for several processes, if they share one.
    """

    def __init__(
        self,
        name: str,
        concurrency: int,
        budget: RequestBudget,
        clock: Callable[[], datetime] = utc_now,
        *,
        address: str = "",
        shared_budget: SharedBudget | None = None,
    ) -> None:
        self.name = name
        self.clock = clock
        self._budget = budget
        self._address = address
        self._shared = shared_budget
        self._slots = asyncio.Semaphore(concurrency)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """The time of one request, which begins when there is room for it.

        Raises:
            RateLimited: The API cools down, and not for a short time only; the error says until when.
        """
        async with self._slots:
            await self._room()
            if self._shared:
                await self._room_among_processes(self._shared)
            yield

    def cool_down(self, wait: timedelta | None) -> RateLimited:
        """Starts the silence that a 429 asks for, and gives the error for who does not wait it out."""
        return self._error(self._budget.silence(self.clock() + (COOLDOWN if wait is None else wait)))

    async def cool_down_everywhere(self, wait: timedelta | None) -> RateLimited:
        """The same for every process that shares the budget."""
        error = self.cool_down(wait)  # first of all, so that nobody here meets the same answer
        if self._shared:
            await self._shared.silence(self._address, error.retry_at - self.clock())
        return error

    async def _room(self) -> None:
        ticket = object()
        try:
            while True:
                now = self.clock()
                wait = self._silence(now) or self._budget.enter(ticket, now)
                if not wait:
                    return
                await asyncio.sleep(min(wait, _LOOK).total_seconds())
        finally:
            self._budget.leave(ticket)

    async def _room_among_processes(self, shared: SharedBudget) -> None:
        """Room in the budget of all processes. It is asked once for a request, and once more after each wait."""
        due = self.clock()
        while True:
            now = self.clock()
            wait = self._silence(now) or due - now
            if wait > timedelta():
                await asyncio.sleep(min(wait, _LOOK).total_seconds())
                continue
            room = await shared.enter(self._address, self._budget.per_minute)
            if room.silence:
                self._budget.silence(self.clock() + room.silence)
            elif not room.wait:
                return
            due = self.clock() + room.wait

    def _silence(self, now: datetime) -> timedelta:
        """What is left of a short silence; none where there is no silence.

        Raises:
            RateLimited: It is a long one.
        """
        until = self._budget.silent_until(now)
        if until and until - now > SHORT_WAIT:
            raise self._error(until)
        return until - now if until else timedelta()

    def _error(self, until: datetime) -> RateLimited:
        return RateLimited(
            f"dbt Cloud's {self.name} limits requests and asks to wait until {until:%H:%M:%S %Z}. Ask again then; "
            "answers already known are still given.",
            until,
            self._budget.per_minute,
        )


def retry_after(response: httpx.Response, now: datetime) -> timedelta | None:
    """The wait that a 429 asks for, whether in seconds or as a date; None when it does not say."""
    value = response.headers.get("Retry-After") or response.headers.get("x-rate-limit-retry-after-seconds")
    if not value:
        return None
    try:
        return min(max(timedelta(), timedelta(seconds=float(value))), _LONGEST)
    except (ValueError, OverflowError):
        pass
    try:
        return min(max(timedelta(), parsedate_to_datetime(value) - now), _LONGEST)
    except (ValueError, TypeError):
        return None
