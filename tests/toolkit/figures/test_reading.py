from __future__ import annotations

import pytest
from langchain_dbt_discovery.figures.reading import figures_in, plain

READ = {
    "4 min 5 s": ("time", 245, 244.5, 245.5),
    "2h 5m": ("time", 7500, 7470, 7530),
    "2 h and 5 min": ("time", 7500, 7470, 7530),
    "00:04:05": ("time", 245, 244.5, 245.5),
    "4.2 minutes": ("time", 252, 249, 255),
    "4,2 Minuten": ("time", 252, 249, 255),
    "a 12-minute run": ("time", 720, 690, 750),
    "350 ms": ("time", 0.35, 0.3495, 0.3505),
    "almost an hour": ("time", 3600, 1800, 3600),
    "half an hour": ("time", 1800, 1350, 2250),
    "two minutes": ("time", 120, 90, 150),
    "about 80 minutes": ("time", 4800, 4560, 5040),
    "over 2 hours": ("time", 7200, 7200, 10800),
    "12 %": ("share", 0.12, 0.115, 0.125),
    "12.5 percent": ("share", 0.125, 0.1245, 0.1255),
    "half of them": ("share", 0.5, 0.4875, 0.5125),
    "1.5× as long": ("multiple", 1.5, 1.45, 1.55),
    "twice as long": ("multiple", 2, 1.75, 2.25),
    "three times as long": ("multiple", 3, 2.5, 3.5),
    "three jobs": ("count", 3, 3, 3),
    "thirty-one finished runs": ("count", 31, 31, 31),
    "a dozen runs": ("count", 12, 12, 12),
    "1,234 runs": ("count", 1234, 1234, 1234),
    "1.234,5": ("bare", 1234.5, 1234.45, 1234.55),
    "1\u202f234 runs": ("count", 1234, 1234, 1234),
    "10k runs": ("count", 10_000, 9_500, 10_500),
    "3rd": ("rank", 3, 3, 3),
    "fct_orders_2": ("identifier", 0, 0, 0),
    "v1.9.0": ("identifier", 0, 0, 0),
    "83896749507589": ("identifier", 0, 0, 0),
    "$12": ("money", 12, 11.9975, 12.0025),
}


@pytest.mark.parametrize("words", READ)
def test_a_figure_is_read_with_its_unit_and_as_precisely_as_it_is_said(words: str) -> None:
    (figure,) = figures_in(plain(words))

    assert (figure.unit, figure.value, figure.low, figure.high) == pytest.approx(READ[words])


@pytest.mark.parametrize(
    "words",
    [
        "on 2026-11-18 at 02:19 UTC",
        "2026-11-18T02:19:18.118Z",
        "Mon 9 – Sun 15 Nov 2026",
        "the 18th of November",
        "on Nov 18, 2026",
        "am 18.11.2026 um 14 Uhr",
        "at 9 am",
        "since 02:19",
        "in Q3 2026",
        "1. ",
        "- 2) ",
        "the 95th percentile (p95)",
        "https://cloud.getdbt.com/runs/17",
        "the second one of the first half",
        "one of these",
        "no one",
    ],
)
def test_dates_list_numbers_and_idioms_are_no_figures(words: str) -> None:
    assert not list(figures_in(plain(words)))


def test_durations_side_by_side_are_several() -> None:
    assert [figure.value for figure in figures_in("5 min and 2 h, 84 runs")] == [300, 7200, 84]
