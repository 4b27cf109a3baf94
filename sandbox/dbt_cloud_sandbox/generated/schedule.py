"""A job's timetable: hours and minutes on some weekdays, in UTC."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

DAY_HOURS = 24
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job starts; ``weekdays`` counts from Monday as 0, as Python does.

    It starts at ``minute`` of each of the hours, and with ``times`` above one as often an hour, in even distances.
    """

    hours: tuple[int, ...]
    minute: int
    weekdays: tuple[int, ...] = EVERY_DAY
    times: int = 1

    @property
    def a_day(self) -> int:
        """How many slots a day has, if it has any."""
        return len(self.hours) * self.times

    @property
    def minutes(self) -> tuple[int, ...]:
        """The minutes of an hour, in order."""
        return tuple(sorted((self.minute + turn * 60 // self.times) % 60 for turn in range(self.times)))

    def slots(self, day: date) -> tuple[datetime, ...]:
        """The scheduled instants of one UTC day, in order."""
        return _slots(self, day)

    def next_after(self, moment: datetime) -> datetime:
        """The first slot later than the moment."""
        day = moment.date()
        while not (slots := self.slots(day)) or slots[-1] <= moment:
            day += timedelta(days=1)
        return slots[bisect_right(slots, moment)]

    @property
    def cron(self) -> str:
        """The timetable as cron says it, with Sunday as 0."""
        hours = "*" if len(self.hours) == DAY_HOURS else ",".join(map(str, self.hours))
        minutes = ",".join(map(str, self.minutes))
        weekdays = "*" if self.weekdays == EVERY_DAY else ",".join(str((day + 1) % 7) for day in self.weekdays)
        return f"{minutes} {hours} * * {weekdays}"

    @property
    def humanized(self) -> str:
        """The timetable in English."""
        if len(self.hours) == DAY_HOURS or self.times > 1:
            at = f"At {', '.join(map(str, self.minutes))} minutes past the hour"
            if len(self.hours) < DAY_HOURS:
                at += ", at " + ", ".join(f"{hour:02}" for hour in self.hours)
        else:
            at = "At " + ", ".join(f"{hour:02}:{self.minute:02}" for hour in self.hours)
        if self.weekdays == EVERY_DAY:
            return at
        return f"{at}, only on " + ", ".join(WEEKDAY_NAMES[day] for day in self.weekdays)


@lru_cache(maxsize=2048)
def _slots(schedule: Schedule, day: date) -> tuple[datetime, ...]:
    if day.weekday() not in schedule.weekdays:
        return ()
    return tuple(
        datetime.combine(day, time(hour, minute), UTC) for hour in schedule.hours for minute in schedule.minutes
    )
