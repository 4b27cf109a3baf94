"""What is unusual in a series of runs: planted in series made for it, and absent from quiet ones."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from math import exp, log
from statistics import median

import pytest
from dbt_discovery.analysis.anomalies import Anomaly, Sensitivity, judge
from dbt_discovery.analysis.level_shifts import level_shifts
from dbt_discovery.analysis.seasons import local_level, running_median, seasonal_effects

START = datetime(2026, 10, 5, 2, tzinfo=UTC)  # a Monday


def days(number: int) -> list[datetime]:
    return [START + timedelta(days=n) for n in range(number)]


def noisy(number: int, spread: float = 0.08, seed: int = 1, level: float = 300.0) -> list[float]:
    dice = random.Random(seed)
    return [level * exp(dice.gauss(0, spread)) for _ in range(number)]


def found(
    runtimes: list[float], moments: list[datetime] | None = None, sensitivity: Sensitivity = "normal"
) -> tuple[Anomaly, ...]:
    judgement = judge(moments or days(len(runtimes)), runtimes, [True] * len(runtimes), sensitivity)
    assert judgement
    return judgement.anomalies


def test_a_single_long_run_is_an_outlier_with_what_was_expected_of_it() -> None:
    runtimes = noisy(35)
    runtimes[20] *= 4
    (one,) = found(runtimes)
    assert (one.place, one.shift, one.runtime) == (20, False, runtimes[20])
    assert one.expected == pytest.approx(median(runtimes), rel=0.1)
    assert one.deviation > 10


def test_the_deviation_is_the_modified_z_score_of_iglewicz_and_hoaglin() -> None:
    runtimes = noisy(60, 0.2, seed=4)
    runtimes[30] *= 5
    at_one_hour = [START + timedelta(days=n, hours=n % 24) for n in range(60)]  # no slot has four runs: no season
    logs = [log(each) for each in runtimes]
    middle = median(logs)
    mad = median(abs(each - middle) for each in logs)
    one = next(each for each in found(runtimes, at_one_hour) if each.place == 30)
    assert one.deviation == pytest.approx(0.6745 * (logs[30] - middle) / mad, rel=1e-4)


@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_a_new_level_is_a_shift_from_its_first_run_on_and_its_runs_are_no_outliers(factor: float) -> None:
    runtimes = [each * (factor if place >= 24 else 1) for place, each in enumerate(noisy(35, seed=3))]
    (one,) = found(runtimes)
    assert (one.place, one.shift) == (24, True)
    assert one.runtime == pytest.approx(median(runtimes[24:]))
    assert one.expected == pytest.approx(median(runtimes[:24]))
    assert (one.deviation > 0) == (factor > 1)


def test_a_level_that_ends_again_has_two_shifts() -> None:
    runtimes = [each * (1.6 if 20 <= place < 32 else 1) for place, each in enumerate(noisy(49))]
    assert [(each.place, each.shift) for each in found(runtimes)] == [(20, True), (32, True)]


def test_the_first_runs_of_a_level_are_outliers_until_there_are_enough() -> None:
    runtimes = [each * (2 if place >= 33 else 1) for place, each in enumerate(noisy(35, seed=3))]
    assert [(each.place, each.shift) for each in found(runtimes)] == [(33, False), (34, False)]


def test_runs_that_are_all_alike_do_not_make_a_small_difference_an_outlier() -> None:
    assert found([300.0] * 20 + [330.0] + [300.0] * 14) == ()
    assert len(found([300.0] * 20 + [390.0] + [300.0] * 14)) == 1
    assert found([0.5] * 20 + [4.0] + [0.5] * 14) == ()  # eight times as long, and still nothing
    assert found([10.0] * 20 + [14.0] + [10.0] * 14) == ()  # four seconds


def test_a_full_refresh_every_sunday_is_no_anomaly_and_one_on_a_tuesday_is() -> None:
    moments = days(42)
    runtimes = [each * (4 if moment.weekday() == 6 else 1) for moment, each in zip(moments, noisy(42), strict=True)]
    assert found(runtimes, moments) == ()
    runtimes[22] *= 4
    assert [each.place for each in found(runtimes, moments)] == [22]


def test_heavy_hours_of_the_day_are_no_new_levels() -> None:
    moments = [START + timedelta(hours=n) for n in range(24 * 28)]
    runtimes = [
        each * (2 if moment.hour < 8 else 1) for moment, each in zip(moments, noisy(len(moments), 0.05), strict=True)
    ]
    assert found(runtimes, moments) == ()


def test_a_failed_run_shows_nothing_of_what_is_usual_and_stands_out_only_if_it_took_longer() -> None:
    runtimes, usual = noisy(40), [True] * 40
    for place in range(1, 40, 3):
        runtimes[place], usual[place] = 20.0, False
    judgement = judge(days(40), runtimes, usual, "normal")
    assert judgement is not None
    assert judgement.anomalies == ()
    runtimes[22] = 3000.0
    again = judge(days(40), runtimes, usual, "normal")
    assert again is not None
    assert [each.place for each in again.anomalies] == [22]


def test_with_too_few_successful_runs_nothing_is_judged() -> None:
    assert judge(days(9), [300.0] * 9, [True] * 9, "normal") is None
    assert judge(days(30), [300.0] * 30, [True] * 9 + [False] * 21, "normal") is None


def test_a_series_too_short_for_seasons_says_so() -> None:
    scattered = [START + timedelta(days=n, hours=7 * n % 24) for n in range(12)]
    short, long = (
        judge(moments, [300.0] * len(moments), [True] * len(moments), "normal") for moments in (scattered, days(42))
    )
    assert short is not None
    assert long is not None
    assert (short.seasonal, long.seasonal) == (False, True)


def test_sensitivity_decides_how_far_a_run_has_to_stand_out() -> None:
    runtimes = noisy(60, 0.1, seed=9)
    runtimes[40] = median(runtimes) * exp(0.33)
    every: tuple[Sensitivity, ...] = ("low", "normal", "high")
    low, normal, high = ({each.place for each in found(runtimes, None, one)} for one in every)
    assert 40 not in low
    assert 40 in high
    assert low <= normal <= high


@pytest.mark.parametrize(("spread", "a_day"), [(0.05, 1), (0.1, 1), (0.1, 8), (0.4, 8), (0.2, 24)])
def test_quiet_series_have_hardly_any_anomaly(spread: float, a_day: int) -> None:
    """Of 40 series of five weeks: less than one run in a hundred, and no new level."""
    shifts = outliers = runs = 0
    for seed in range(40):
        moments = [START + timedelta(hours=24 / a_day * n) for n in range(35 * a_day)]
        anomalies = found(noisy(len(moments), spread, seed), moments)
        shifts += sum(each.shift for each in anomalies)
        outliers += sum(not each.shift for each in anomalies)
        runs += len(moments)
    assert shifts == 0
    assert outliers <= 0.01 * runs


def test_shifts_of_slow_drifts_and_of_short_series_are_not_invented() -> None:
    assert level_shifts([0.0] * 30, least=0.1, chance=0.01) == []
    assert level_shifts([1.0, 2.0, 3.0], least=0.1, chance=0.01) == []
    assert level_shifts([0.001 * n for n in range(60)], least=0.1, chance=0.01) == []


def test_the_running_median_keeps_edges() -> None:
    values = [1.0] * 10 + [9.0] + [1.0] * 10 + [5.0] * 10
    level = running_median(values, 7)
    assert level == [1.0] * 21 + [5.0] * 10
    assert running_median([3.0, 1.0, 2.0], 3) == [2.0, 2.0, 1.5]


def test_an_effect_has_to_be_clear_to_be_allowed_for() -> None:
    moments = days(42)
    values = [log(2) if moment.weekday() == 5 else 0.01 * (n % 3) for n, moment in enumerate(moments)]
    effect = seasonal_effects(moments, values, *local_level(moments, values))
    assert effect
    assert effect(moments[5]) == pytest.approx(log(2), abs=0.02)
    assert effect(moments[0]) == 0.0
    assert effect(moments[0].replace(hour=17)) == 0.0  # of an hour at which nothing ran
