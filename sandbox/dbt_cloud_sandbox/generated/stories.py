"""When the stories of the generated world happen.

Stories are anchored on absolute dates, so that moving the clock never changes the past: time is cut into chapters of
four ISO weeks from Monday, 1 January 2024. In each chapter a project's regressed model slows down twelve days before
the chapter's change point and is fixed at it. The projects' chapters are shifted by nine days against each other, so
on any date at least one of them is in its slow twelve days.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dbt_cloud_sandbox.generated.blueprint import Stories

CHAPTER_ANCHOR = date(2024, 1, 1)
CHAPTER_DAYS = 28
REGRESSION_DAYS = 12
LATE_BY = timedelta(hours=18)


def chapter_day(day: date, phase: int) -> int:
    """How many days after its project's change point a date lies, 0 to 27."""
    return ((day - CHAPTER_ANCHOR).days - phase) % CHAPTER_DAYS


def is_regressed(stories: Stories, day: date) -> bool:
    """Whether the project's slow model is slow on that date."""
    return chapter_day(day, stories.regression_phase) >= CHAPTER_DAYS - REGRESSION_DAYS


def is_broken(stories: Stories, day: date) -> bool:
    """Whether the project's broken test fails on that date."""
    return chapter_day(day, stories.broken_phase) < stories.broken_days


def last_loaded(stories: Stories, source: str, at: datetime, jitter: float) -> datetime:
    """When a source's newest row was loaded, as seen at a moment.

    Stale sources stopped three days before the chapter began, late ones load once a day in the evening before, the
    others every two hours. ``jitter`` is between 0 and 1.
    """
    midnight = datetime(at.year, at.month, at.day, tzinfo=UTC)
    if source in stories.stale_sources:
        return midnight - timedelta(days=chapter_day(at.date(), stories.regression_phase) + 3, hours=-5)
    if source in stories.late_sources:
        return midnight - LATE_BY
    latest = midnight + timedelta(hours=at.hour - at.hour % 2, minutes=20 * jitter)
    return latest if latest <= at else latest - timedelta(hours=2)
