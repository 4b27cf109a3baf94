"""How hard one API may be pressed: requests at a time, and silence after it asked for some."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from dbt_discovery.exceptions import RateLimited

__all__ = ["ApiLimits", "retry_after"]

COOLDOWN = timedelta(minutes=5)
"""What dbt Cloud enforces after a 429 that does not say how long (quirk 4)."""
SHORT_WAIT = timedelta(seconds=30)
"""A wait up to this long is waited for once, instead of being handed to the caller."""


def utc_now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


class ApiLimits:
    """One API's limits, shared by every caller of an account.

    Args:
        name: The API, for people.
        concurrency: Requests under way at once.
        clock: The moment it really is: a fixed clock for reports must not make a silence last for ever.
    """

    def __init__(self, name: str, concurrency: int, clock: Callable[[], datetime] = utc_now) -> None:
        self.name = name
        self.slots = asyncio.Semaphore(concurrency)
        self._clock = clock
        self._cooling_until: datetime | None = None

    def check(self) -> None:
        """Lets nobody through while the API cools down.

        Raises:
            RateLimited: It still does; the error says until when.
        """
        if self._cooling_until and self._clock() < self._cooling_until:
            raise self._error(self._cooling_until)
        self._cooling_until = None

    def cool_down(self, wait: timedelta | None) -> RateLimited:
        """Starts the silence that a 429 asks for, and gives the error to raise."""
        self._cooling_until = self._clock() + (wait or COOLDOWN)
        return self._error(self._cooling_until)

    def _error(self, until: datetime) -> RateLimited:
        return RateLimited(
            f"dbt Cloud's {self.name} limits requests and asks to wait until {until:%H:%M:%S %Z}. Ask again then; "
            "answers already known are still given.",
            until,
        )


def retry_after(response: httpx.Response) -> timedelta | None:
    """The wait that a 429 asks for, whether in seconds or as a date; None when it does not say."""
    value = response.headers.get("Retry-After") or response.headers.get("x-rate-limit-retry-after-seconds")
    if not value:
        return None
    try:
        return max(timedelta(), timedelta(seconds=float(value)))
    except (ValueError, OverflowError):
        pass
    try:
        return max(timedelta(), parsedate_to_datetime(value) - utc_now())
    except (ValueError, TypeError):
        return None
