"""A job's timetable: hours and a minute on some weekdays, in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job starts; ``weekdays`` counts from Monday as 0, as Python does."""

    hours: tuple[int, ...]
    minute: int
    weekdays: tuple[int, ...] = EVERY_DAY

    def slots(self, day: date) -> Iterator[datetime]:
        """The scheduled instants of one UTC day, in order."""
        if day.weekday() in self.weekdays:
            for hour in self.hours:
                yield datetime.combine(day, time(hour, self.minute), UTC)

    def next_after(self, moment: datetime) -> datetime:
        """The first slot later than the moment."""
        days = (moment.date() + timedelta(days=ahead) for ahead in range(8))
        return next(slot for day in days for slot in self.slots(day) if slot > moment)

    @property
    def cron(self) -> str:
        """The timetable as cron says it, with Sunday as 0."""
        hours = "*" if len(self.hours) == 24 else ",".join(map(str, self.hours))
        weekdays = "*" if self.weekdays == EVERY_DAY else ",".join(str((day + 1) % 7) for day in self.weekdays)
        return f"{self.minute} {hours} * * {weekdays}"

    @property
    def humanized(self) -> str:
        """The timetable in English."""
        if len(self.hours) == 24:
            at = f"At {self.minute} minutes past the hour"
        else:
            at = "At " + ", ".join(f"{hour:02}:{self.minute:02}" for hour in self.hours)
        if self.weekdays == EVERY_DAY:
            return at
        return f"{at}, only on " + ", ".join(WEEKDAY_NAMES[day] for day in self.weekdays)
