from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from dbt_discovery.models.report import Chart, Row
from dbt_discovery_web.charts import Drawing, drawing_of

from tests.webapp.charts.examples import HOSTILE, column, report, seconds

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
NAME = column("name")


def drawn(*args: object, zone: ZoneInfo = UTC, **more: object) -> Drawing:
    drawing = drawing_of(report(*args, **more), zone)  # type: ignore[arg-type]
    assert drawing is not None
    return drawing


BARS = Chart(kind="bar", x="name", y=("runtime",))


def test_a_report_without_a_chart_is_not_drawn() -> None:
    assert drawing_of(report([NAME], [{"name": "a"}], None), UTC) is None


def test_bars_are_the_rows_with_their_values_in_words() -> None:
    drawing = drawn([NAME, seconds("runtime")], [{"name": "a", "runtime": 300.0}, {"name": "b", "runtime": 61.0}], BARS)
    assert drawing.rows == ("a", "b")
    assert [(mark.row, mark.start, mark.end, mark.text) for mark in drawing.marks] == [
        (0, 0.0, 300.0, "5 min"),
        (1, 0.0, 61.0, "1 min 1 s"),
    ]
    assert drawing.values.label == "Runtime"
    assert drawing.notes == ()
    assert drawing.basis == "12 runs · Sandbox data · as of Wed 18 Nov 2026, 10:30 UTC"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "12", True])
def test_what_is_no_number_leaves_a_gap(value: object) -> None:
    drawing = drawn([NAME, seconds("runtime")], [{"name": "a", "runtime": value}], BARS)
    assert drawing.marks[0].end is None
    assert drawing.empty
    assert drawing.nothing == "None of the rows has a value to draw."


def test_no_rows_are_an_empty_drawing_that_says_so() -> None:
    drawing = drawn([NAME, seconds("runtime")], [], BARS)
    assert drawing.empty
    assert drawing.nothing == "No row fits the question."


def test_of_many_rows_the_first_thirty_are_drawn_and_that_is_said() -> None:
    rows = [{"name": f"m{n}", "runtime": 500.0 - n} for n in range(500)]
    drawing = drawn([NAME, seconds("runtime")], rows, BARS, total_rows=1234)
    assert drawing.rows == tuple(f"m{n}" for n in range(30))
    assert drawing.notes == ("The first 30 of 1,234 rows are drawn.",)


def test_rows_of_one_name_are_told_apart() -> None:
    rows = [
        {"name": "a", "project_name": "Shop", "runtime": 3.0},
        {"name": "a", "project_name": "Core", "runtime": 2.0},
        {"name": "b", "project_name": "Core", "runtime": 1.0},
        {"name": "a", "project_name": "Core", "runtime": 1.0},
    ]
    drawing = drawn([NAME, column("project_name"), seconds("runtime")], rows, BARS)
    assert drawing.rows == ("a · Shop", "a · Core", "b", "a · Core (2)")


def test_several_measures_of_one_unit_stand_side_by_side_and_others_are_said_to_be_missing() -> None:
    columns = [NAME, seconds("avg"), seconds("max"), column("runs", type="number", unit="count")]
    rows = [{"name": "a", "avg": 1.0, "max": 2.0, "runs": 3}]
    drawing = drawn(columns, rows, Chart(kind="bar", x="name", y=("avg", "runs", "max")))
    assert drawing.series == ("Avg", "Max")
    assert [(mark.series, mark.end) for mark in drawing.marks] == [(0, 1.0), (1, 2.0)]
    assert drawing.notes == ("Not drawn, for another unit: Runs.",)


def test_bars_of_a_series_have_one_each() -> None:
    rows = [{"name": "a", "kind": "fixed", "runtime": 3.0}, {"name": "b", "kind": "slower", "runtime": 2.0}]
    chart = Chart(kind="bar", x="name", y=("runtime",), series="kind")
    drawing = drawn([NAME, column("kind"), seconds("runtime")], rows, chart)
    assert drawing.series == ("fixed", "slower")
    assert [(mark.row, mark.series) for mark in drawing.marks] == [(0, 0), (1, 1)]


LINE = Chart(kind="line", x="start", y=("avg", "p95"))


def test_lines_lie_along_days_of_the_zone_in_their_order() -> None:
    rows = [{"start": f"2026-11-{day:02}", "avg": float(day), "p95": None} for day in (12, 10, 11)]
    drawing = drawn([column("start"), seconds("avg"), seconds("p95")], rows, LINE, zone=BERLIN)
    first = [mark for mark in drawing.marks if mark.series == 0]
    assert [mark.start for mark in first] == [datetime(2026, 11, d, tzinfo=BERLIN).timestamp() for d in (10, 11, 12)]
    assert [mark.name for mark in first] == ["Tue 10 Nov 2026", "Wed 11 Nov 2026", "Thu 12 Nov 2026"]
    assert [mark.end for mark in drawing.marks if mark.series == 1] == [None] * 3
    assert drawing.along
    assert drawing.along.label == "Start, Europe/Berlin"


def test_moments_are_told_on_the_clock_of_the_zone() -> None:
    rows = [{"start": "2026-11-10T23:00:00Z", "avg": 1.0}, {"start": "2026-11-11T08:15:00Z", "avg": 1.0}]
    drawing = drawn([column("start", type="datetime"), seconds("avg")], rows, LINE, zone=BERLIN)
    assert [mark.name for mark in drawing.marks[:2]] == ["Wed 11 Nov 2026", "Wed 11 Nov 2026, 09:15"]


def test_lines_along_anything_else_follow_the_rows() -> None:
    rows = [{"start": name, "avg": 1.0, "p95": 2.0} for name in ("Mon", "Tue", "Wed")]
    drawing = drawn([column("start"), seconds("avg"), seconds("p95")], rows, LINE)
    assert drawing.along
    assert [tick.label for tick in drawing.along.ticks] == ["Mon", "Tue", "Wed"]
    assert not drawing.along.timed


def test_of_many_series_the_first_six_are_drawn() -> None:
    rows = [{"start": "2026-11-10", "avg": 1.0, "job": f"j{n}"} for n in range(9)]
    chart = Chart(kind="line", x="start", y=("avg",), series="job")
    drawing = drawn([column("start"), column("job"), seconds("avg")], rows, chart)
    assert drawing.series == tuple(f"j{n}" for n in range(6))
    assert drawing.notes == ("The first 6 of 9 are drawn.",)


def test_spans_begin_at_their_time_and_last_as_long_as_they_do() -> None:
    rows = [
        {"name": "a", "start_time": "2026-11-18T02:00:00Z", "runtime": 90.0},
        {"name": "b", "start_time": "2026-11-18T02:02:00Z", "runtime": 30.0},
        {"name": "c", "start_time": None, "runtime": 30.0},
        {"name": "d", "start_time": "2026-11-18T02:02:00Z", "runtime": None},
    ]
    columns = [NAME, column("start_time", type="datetime"), seconds("runtime")]
    drawing = drawn(columns, rows, Chart(kind="gantt", x="start_time", y=("runtime",), series="name"))
    assert drawing.series == ("Runtime",), "names are beside the spans, and need no colours"
    begin = datetime(2026, 11, 18, 2, tzinfo=UTC).timestamp()
    assert drawing.rows == ("a", "b", "c", "d")
    spans = [(mark.start - begin, mark.end - begin) for mark in drawing.marks if mark.end is not None]
    assert spans == [(0, 90), (120, 150)]
    assert (drawing.values.start, drawing.values.end) == (begin, begin + 150)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_brings_in_what_xml_forbids_or_what_turns_text_around(name: str) -> None:
    drawing = drawn([NAME, seconds("runtime")], [{"name": name, "runtime": 1.0}], BARS, finding=name, title=name)
    for text in (*drawing.rows, drawing.finding, drawing.title):
        assert len(text) <= 1000
        assert all(character.isprintable() for character in text)
        text.encode()


RUNS = Chart(kind="gantt", x="start_time", y=("runtime",), series="status")
RUN_COLUMNS = [column("start_time", type="datetime"), column("job_name"), column("status"), seconds("runtime")]


def run_of(job: str, hour: int, status: str = "success", project: str = "Shop", runtime: float | None = 600.0) -> Row:
    start = f"2026-11-18T{hour:02}:00:00Z"
    return {"job_name": job, "project_name": project, "start_time": start, "status": status, "runtime": runtime}


def test_spans_called_the_same_share_a_lane_and_tell_when_they_began() -> None:
    rows = [run_of("a", 4), run_of("b", 3, "failure"), run_of("a", 2), run_of("a", 1, runtime=None)]
    drawing = drawn(RUN_COLUMNS, rows, RUNS)
    assert drawing.rows == ("a", "b")
    assert drawing.series == ("success", "failure")
    assert [(mark.row, mark.series, mark.text) for mark in drawing.marks] == [
        (0, 0, "Wed 18 Nov 2026, 04:00, 10 min"),
        (1, 1, "Wed 18 Nov 2026, 03:00, 10 min"),
        (0, 0, "Wed 18 Nov 2026, 02:00, 10 min"),
    ]
    assert drawing.notes == ("Not drawn, as without a time: 1 row.",)


def test_things_of_one_name_in_two_projects_have_a_lane_each() -> None:
    rows = [run_of("a", 1), run_of("a", 2, project="Lab"), run_of("b", 3), run_of("a", 4)]
    assert drawn(RUN_COLUMNS, rows, RUNS).rows == ("a · Shop", "a · Lab", "b")


def test_of_many_spans_the_first_and_of_many_lanes_the_first_are_drawn_and_that_is_said() -> None:
    many = drawn(RUN_COLUMNS, [run_of("a", n % 24) for n in range(300)], RUNS, total_rows=900)
    assert len(many.marks) == 200
    assert many.notes == ("The first 200 of 900 rows are drawn.",)
    wide = drawn(RUN_COLUMNS, [run_of(f"j{n % 40}", n % 24) for n in range(80)], RUNS)
    assert len(wide.rows) == 30
    assert {mark.row for mark in wide.marks} == set(range(30))
    assert wide.notes == ("The first 30 of 40 lanes are drawn.",)


def test_fewer_bars_are_drawn_where_a_table_stands_beside_them() -> None:
    rows = [{"name": f"m{n}", "runtime": 500.0 - n} for n in range(40)]
    drawing = drawing_of(report([NAME, seconds("runtime")], rows, BARS), UTC, 12)
    assert drawing
    assert len(drawing.marks) == 12
    assert drawing.notes == ("The first 12 of 40 rows are drawn.",)
