"""What is told of one thing, line by line."""

from __future__ import annotations

import shutil
from os import terminal_size
from typing import Any

import pytest
from dbt_discovery.models.report import Column
from dbt_discovery_web.rendering import print_report
from dbt_discovery_web.rendering.lines import labelled_lines
from dbt_discovery_web.rendering.words import text_lines

from tests.cli.test_rendering import report_of

COLUMNS = (
    Column(key="name", label="Model"),
    Column(key="unique_id", label="Unique id", type="id"),
    Column(key="runtime", label="Runtime", type="number", unit="seconds"),
    Column(key="timed_out", label="Timed out", type="bool"),
    Column(key="start_time", label="Started", type="datetime"),
    Column(key="sql", label="Code"),
    Column(key="error", label="Error"),
    Column(key="owner", label="Owner"),
    Column(key="note", label="Note"),
)
ROW: dict[str, Any] = {
    "name": "orders",
    "unique_id": "model.shop.orders",
    "runtime": 245.0,
    "timed_out": False,
    "start_time": "2026-11-18T08:00:00Z",
    "sql": "select *\nfrom (\n\tselect 1\n)\n",
    "error": None,
    "owner": "",
    "note": "word " * 30,
}
ONE = report_of([ROW], *COLUMNS)


def test_every_value_has_its_label_and_empty_ones_have_no_line() -> None:
    assert [f"{label}{value}" for label, value in labelled_lines(ONE)] == [
        "Model      orders",
        "Unique id  model.shop.orders",
        "Runtime    4 min 5 s",
        "Timed out  no",
        "Started    2026-11-18 08:00:00Z",
        "Code",
        "  select *",
        "  from (",
        "      select 1",
        "  )",
        f"Note       {' '.join(['word'] * 30)}",
    ]


def test_a_long_text_is_wrapped_below_itself_where_there_is_a_width() -> None:
    lines = [f"{label}{value}" for label, value in labelled_lines(ONE, 40)]
    note = lines[10:]
    assert len(note) == 5
    assert note[0].startswith("Note       word")
    assert all(line.startswith(" " * 11 + "word") for line in note[1:])
    assert max(map(len, note)) <= 40


def test_a_narrow_terminal_still_gets_whole_values() -> None:
    values = [value for label, value in labelled_lines(ONE, 5)]
    assert "model.shop.orders" in values
    assert sum(value.count("word") for value in values) == 30


def test_code_cannot_steer_the_terminal_and_keeps_its_indentation() -> None:
    assert text_lines("\r\n\x1b[2Jselect\r\n\tx\u202e,\n\n  y  \n\n") == [" [2Jselect", "    x ,", "", "  y"]
    assert text_lines("\n\n") == []


def test_one_thing_is_printed_in_lines_and_two_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(ONE)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == ["All is well.", "", "Model      orders", "Unique id  model.shop.orders"]
    print_report(report_of([ROW, ROW], *COLUMNS))
    assert capsys.readouterr().out.splitlines()[2].split()[:2] == ["Model", "Runtime"]


def test_a_row_of_few_columns_or_one_of_many_rows_stays_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    for report in (report_of([ROW], *COLUMNS[:3]), report_of([ROW], *COLUMNS, total_rows=9)):
        assert not report.about_one_thing
        print_report(report)
        assert "-----" in capsys.readouterr().out


def test_a_terminal_gets_lines_of_its_own_width(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: terminal_size((40, 24)))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_report(ONE)
    shown = [line for line in capsys.readouterr().out.splitlines() if "word" in line]
    assert len(shown) == 5
