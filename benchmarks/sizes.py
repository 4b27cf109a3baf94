"""Sizes: how much is asked for, and when and how far away the sandbox is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["DAYS", "HISTORY", "LATENCY", "MEASUREMENTS", "NOW", "WEEK", "Sizes"]

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
"""The moment it is, for the sandbox and for every client: a Wednesday."""

LATENCY = 0.08
"""Seconds added to every answer, about what a request to dbt Cloud takes there and back."""

MEASUREMENTS = 3
"""How often a time is measured that a ratio is made of; the best counts, for other programs only ever add to one."""

WEEK = f"{NOW.date() - timedelta(days=7)}/{NOW.date() - timedelta(days=1)}"
"""The seven whole days before today, as reports take a period."""

DAYS = 90
"""Days of history of the large account."""

HISTORY = f"{NOW.date() - timedelta(days=DAYS)}/{NOW.date() - timedelta(days=1)}"
"""All of them, as reports take a period."""


@dataclass(frozen=True)
class Sizes:
    """How much there is of everything.

    Attributes:
        models: Models of the large account, all in one environment.
        stored_runs: Runs of the large account in its ninety days; the sandbox makes up to 2 % more.
        week_runs: Runs of the account whose history is a week; the sandbox makes up to 2 % more.
        callers: How many ask at the same time.
        refreshes: How often the small question is asked again.
    """

    models: int = 10_000
    stored_runs: int = 100_000
    week_runs: int = 9_900
    callers: int = 1_000
    refreshes: int = 1_000

    def tenth(self) -> Sizes:
        """A tenth of everything, for a quick look."""
        return Sizes(**{name: size // 10 for name, size in vars(self).items()})
