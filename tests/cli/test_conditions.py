"""`--fail-if`: what holds, for which rows, and what is no condition."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest
from dbt_discovery import Report
from dbt_discovery.models.report import Column
from dbt_discovery_web.cli.conditions import Condition
from dbt_discovery_web.cli.exits import EXIT_CODES

from tests.webapp.charts.examples import column, report, seconds

from .conftest import Run

BERLIN = ZoneInfo("Europe/Berlin")
COLUMNS: list[Column] = [
    column("job_name"),
    seconds("avg_runtime"),
    column("success_rate", type="number", unit="ratio"),
    column("failed", type="number", unit="count"),
    column("age", type="number", unit="days"),
    column("last_success_time", type="datetime"),
    column("timed_out", type="bool"),
    column("job_id", type="id"),
    column("tags"),
]
ROWS: list[dict[str, Any]] = [
    {
        "job_name": "nightly",
        "avg_runtime": 1800.0,
        "success_rate": 0.95,
        "failed": 2,
        "age": 7,
        "last_success_time": "2026-11-17T23:00:00Z",
        "timed_out": False,
        "job_id": "12",
        "tags": ["daily", "finance"],
    },
    {"job_name": "hourly", "avg_runtime": 60.5, "success_rate": 1.0, "failed": 1, "timed_out": True, "job_id": "13"},
    {"job_name": "never ran", "avg_runtime": None, "success_rate": None, "failed": None, "job_id": "14"},
]


def made(rows: list[dict[str, Any]] = ROWS, **more: Any) -> Report:
    return report(COLUMNS, rows, None, **more)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("avg_runtime > 1799", True),
        ("avg_runtime > 1800", False),
        ("avg_runtime >= 30m", True),
        ("avg_runtime>0.5h", False),
        ("avg_runtime < 61s", True),
        ("avg_runtime <= 60500ms", True),
        ("avg_runtime == 30 min", True),
        ("avg_runtime != 30m", True),
        ("avg-runtime > 0.02d", True),
        ("any(avg_runtime) > 29m", True),
        ("all(avg_runtime) > 1m", True),  # of those that have one
        ("all(avg_runtime) > 2m", False),
        ("all(avg_runtime) != null", False),
        ("avg_runtime == null", True),
        ("job_id == null", False),
        ("success_rate < 96%", True),
        ("success_rate < 0.95", False),
        ("failed < 0", False),  # null is not less than anything
        ("failed != 2", True),
        ("sum(failed) == 3", True),
        ("sum( failed ) > 3", False),
        ("sum(avg_runtime) > 31m", True),
        ("age >= 7d", True),
        ("last_success_time < '2026-11-18'", False),  # which begins at 23:00 UTC in Berlin
        ("last_success_time <= '2026-11-18'", True),
        ("last_success_time == '2026-11-17T23:00:00Z'", True),
        ("timed_out == true", True),
        ("timed_out != true", True),
        ("all(timed_out) == true", False),
        ("job_id == '12'", True),
        ('job_name == "never ran"', True),
        ("job_name == 'Nightly'", False),
        ("tags == 'daily, finance'", True),
        ("rows > 2", True),
        ("rows > 3", False),
        ("rows == 0", False),
    ],
)
def test_conditions_hold_or_not(text: str, held: bool) -> None:
    assert Condition.parse(text).check(made(), BERLIN).held is held


@pytest.mark.parametrize(
    "text", ["avg_runtime > 0", "all(avg_runtime) > 0", "all(job_id) == null", "sum(failed) > 0", "rows > 0"]
)
def test_nothing_holds_of_no_rows(text: str) -> None:
    assert not Condition.parse(text).check(made([]), BERLIN).held


def test_no_rows_add_up_to_nothing_and_unknown_values_to_no_number() -> None:
    too_few = Condition.parse("sum(failed) < 10")
    assert too_few.check(made([]), BERLIN).held
    assert not too_few.check(made([{"failed": None}]), BERLIN).held


def test_values_of_another_kind_than_their_column_satisfy_nothing() -> None:
    odd = [{"avg_runtime": value} for value in ("12", True, float("nan"), float("inf"))]
    assert not Condition.parse("avg_runtime > -1").check(made(odd), BERLIN).held


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a condition, such as"),
        ("avg_runtime", "is not a condition"),
        ("avg_runtime = 3", "is not a condition"),
        ("avg_runtime > ", "is not a condition"),
        ("max(avg_runtime) > 3", "is not a condition"),
        ("avg_runtime > 1,800", "“1,800” is no number"),
        ("avg_runtime > 3 weeks", "“3 weeks” is no number"),
        ("job_name == nightly", "no text in quotes"),
        ("avg_runtime > null", "use == or !="),
        ("timed_out < true", "use == or !="),
        ("rows > 2m", "rows is how many there are"),
        ("rows == 'many'", "rows is how many there are"),
        ("rows == null", "rows is how many there are"),
    ],
)
def test_what_is_no_condition_is_told_before_anything_is_asked(run: Run, text: str, says: str) -> None:
    with pytest.raises(click.UsageError) as error:
        Condition.parse(text)
    assert says in error.value.format_message()
    # A token that no request could be made with: what is wrong with the condition is told all the same.
    result = run("report", "list_jobs", "--fail-if", text, DBT_SERVICE_TOKEN="x", DBT_HOST="127.0.0.1:1")
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("avg_runtim > 3", "an_example has no avg_runtim. Did you mean avg_runtime?"),
        ("colour == 'red'", "It has job_name, avg_runtime, success_rate"),
        ("avg_runtime > 5%", "takes ms, s, m, h or d, and not %"),
        ("failed > 5m", "failed takes no unit, and not m"),
        ("age > 5h", "age takes d, and not h"),
        ("success_rate > 5s", "success_rate takes %, and not s"),
        ("avg_runtime > 'long'", "to be compared with a number"),
        ("job_name > 'a'", "a text in quotes, with == or !="),
        ("job_id == 12", "a text in quotes"),
        ("timed_out == 'yes'", "true or false"),
        ("last_success_time > 'lately'", "not a date or moment"),
        ("sum(job_name) > 3", "cannot be added up"),
        ("sum(success_rate) > 3", "cannot be added up"),
    ],
)
def test_what_does_not_fit_the_report_names_what_would(text: str, says: str) -> None:
    with pytest.raises(click.UsageError) as error:
        Condition.parse(text).check(made(), BERLIN)
    assert says in error.value.format_message()


def test_what_held_is_said_with_the_rows() -> None:
    outcome = Condition.parse("avg_runtime  >  1m").check(made(), BERLIN)
    assert outcome.said == "Condition held: avg_runtime > 1m, in 2 of 3 rows: nightly (30 min), hourly (1 min)."
    many = made([{"job_name": f"j{n}", "failed": n} for n in range(9)])
    said = Condition.parse("failed >= 2").check(many, BERLIN).said
    assert said.endswith("in 7 of 9 rows: j2 (2), j3 (3), j4 (4), j5 (5), j6 (6) and 2 more.")
    assert Condition.parse("rows > 1").check(many, BERLIN).said == "Condition held: rows > 1: there are 9."
    assert Condition.parse("sum(failed) > 1").check(many, BERLIN).said.endswith(": it is 36.")


ARGUMENTS = ("report", "longest_running_jobs", "--period", "last_week", "--limit", "2")


def test_a_condition_that_holds_has_an_exit_code_of_its_own(run: Run) -> None:
    plain, failed = run(*ARGUMENTS), run(*ARGUMENTS, "--fail-if", "rows > 1", "--fail-if", "avg_runtime < 0")
    assert EXIT_CODES[6] == "a --fail-if condition held"
    assert (plain.exit_code, failed.exit_code) == (0, 6)
    assert failed.stdout == plain.stdout
    assert failed.stderr == "Condition held: rows > 1: there are 17.\n"


def test_conditions_look_beyond_the_limit_and_leave_the_answer_as_it_is(run: Run) -> None:
    plain = json.loads(run(*ARGUMENTS, "--json").stdout)
    least = run(*ARGUMENTS, "--json", "--fail-if", "avg_runtime < 10m")
    assert least.exit_code == 6
    shown = json.loads(least.stdout)
    assert all(row["avg_runtime"] > 600 for row in shown["rows"])
    for part in ("finding", "arguments", "path", "rows", "total_rows", "coverage", "period", "filter"):
        assert shown[part] == plain[part]


def test_nothing_is_said_where_no_condition_holds(run: Run) -> None:
    result = run(*ARGUMENTS, "--fail-if", "avg_runtime > 1d")
    assert (result.exit_code, result.stderr) == (0, "")


def test_an_unknown_column_ends_without_an_answer(run: Run) -> None:
    result = run(*ARGUMENTS, "--fail-if", "avg_runtime > 1d", "--fail-if", "runtime > 1d")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "longest_running_jobs has no runtime." in result.stderr
