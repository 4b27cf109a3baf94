"""Stretches of time in words; the clock stands at Wednesday, 18 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from langchain_dbt_discovery.offline.draft import read_draft
from langchain_dbt_discovery.offline.periods import read_period
from langchain_dbt_discovery.offline.phrase import Phrase
from langchain_dbt_discovery.offline.vocabulary import lexicon_of

WEDNESDAY = date(2026, 11, 18)

PERIODS = [
    # days, German style and otherwise
    ("on 9.11.", "2026-11-09"),
    ("on 9.11", "2026-11-09"),
    ("9.11.2026", "2026-11-09"),
    ("9.11. - 15.11.", "2026-11-09/2026-11-15"),
    ("9.-15.11.", "2026-11-09/2026-11-15"),
    ("vom 02.11. bis 06.11.2026", "2026-11-02/2026-11-06"),
    ("9. November", "2026-11-09"),
    ("the 9th of November", "2026-11-09"),
    ("Nov 9", "2026-11-09"),
    ("Nov 9-15", "2026-11-09/2026-11-15"),
    ("9 to 15 November", "2026-11-09/2026-11-15"),
    ("Dec 3", "2025-12-03"),
    ("on the 25th", "2026-10-25"),
    ("Sunday the 15th", "2026-11-15"),
    ("on 11/9", "2026-11-09"),
    ("on 25/10/2026", "2026-10-25"),
    ("2026-11-01..2026-11-05", "2026-11-01/2026-11-05"),
    ("the day before yesterday", "2026-11-16"),
    ("last wednesday", "2026-11-11"),
    ("on mon", "2026-11-16"),
    # from and until
    ("since yesterday", "2026-11-17/2026-11-18"),
    ("since last week", "2026-11-09/2026-11-18"),
    ("since the start of October", "2026-10-01/2026-11-18"),
    ("since 3 days", "2026-11-15/2026-11-18"),
    ("after Nov 9", "2026-11-10/2026-11-18"),
    ("before November 9", "2026-10-10/2026-11-08"),
    ("between Monday and Wednesday", "2026-11-16/2026-11-18"),
    ("between Friday and Monday", "2026-11-13/2026-11-16"),
    # weeks, months, quarters, years
    ("the week of 4 November", "2026-11-02/2026-11-08"),
    ("in calendar week 46", "2026-11-09/2026-11-15"),
    ("in the first week of November", "2026-11-01/2026-11-07"),
    ("in the second half of October", "2026-10-16/2026-10-31"),
    ("in September and October", "2026-09-01/2026-10-31"),
    ("in Q3", "2026-07-01/2026-09-30"),
    ("in Q4", "2026-10-01/2026-12-31"),
    ("month to date", "this_month"),
    ("in 2025", "2025-01-01/2025-12-31"),
    ("the past fortnight", "last_2_weeks"),
    ("last 7d", "last_7_days"),
    # hours
    ("on Tuesday night", "2026-11-17T18:00/2026-11-18T09:00"),
    ("yesterday morning", "2026-11-17T00:00/2026-11-17T12:00"),
    ("between 8:00 and 12:00 yesterday", "2026-11-17T08:00/2026-11-17T12:00"),
    ("after 6pm on Monday", "2026-11-16T18:00/2026-11-17T00:00"),
    ("the last two hours", "last_2_hours"),
    ("past 36h", "last_36_hours"),
]


@pytest.mark.parametrize(("words", "period"), PERIODS, ids=[words for words, _ in PERIODS])
def test_words_for_a_time_are_the_period_that_they_name(words: str, period: str) -> None:
    span = read_period(Phrase(f"longest jobs {words}"), WEDNESDAY)

    assert span is not None
    assert span.text == period


@pytest.mark.parametrize("words", ["may I see the jobs", "in the second run", "jobs over 5 min", "version 1.10"])
def test_words_that_name_no_time_are_no_period(words: str) -> None:
    assert read_period(Phrase(words), WEDNESDAY) is None


def test_a_day_with_slashes_is_said_in_words_for_it_can_be_two() -> None:
    span = read_period(Phrase("failures on 3/11"), WEDNESDAY)

    assert span is not None
    assert (span.text, span.remark) == ("2026-03-11", "I took “3/11” as Wed 11 Mar 2026")


@pytest.mark.parametrize("words", ["31 Feb", "2026-02-30", "99.99.", "on the 31st of June", "week 99"])
def test_a_day_that_there_is_not_breaks_nothing(words: str) -> None:
    read_period(Phrase(f"failures on {words}"), WEDNESDAY)


@pytest.mark.parametrize(
    "question", ["", "?", "🔥🔥", "12345", "\u202eslowest\u0000 \u2066", "9.11. " * 20_000, "1/2/" * 9_000]
)
def test_odd_questions_break_nothing(question: str) -> None:
    draft = read_draft(question, lexicon_of(None), WEDNESDAY, within_thread=True)

    assert not draft.mentions
