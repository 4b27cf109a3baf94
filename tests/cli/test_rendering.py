from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from click.testing import CliRunner
from dbt_discovery import Report
from dbt_discovery.models.report import Column, Coverage, Source
from dbt_discovery_web.rendering import one_line, print_report, report_csv
from dbt_discovery_web.rendering.words import cell, context_lines, shown_columns

from tests.conftest import NOW


def report_of(rows: list[dict[str, Any]], *columns: Column, **given: Any) -> Report:
    fields: dict[str, Any] = {
        "name": "made_up",
        "title": "Made up",
        "finding": "All is well.",
        "source": Source(kind="sandbox", host="sandbox.localhost", account_id="1", label="Sandbox data"),
        "arguments": {},
        "filter": "everything",
        "columns": columns,
        "rows": tuple(rows),
        "total_rows": len(rows),
        "coverage": Coverage(unit="runs", considered=1),
        "as_of": NOW,
        "path": "/reports/made_up",
    }
    return Report(**fields | given)


TEXT, NUMBER = Column(key="text", label="Text"), Column(key="number", label="Number", type="number")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_text_that_a_spreadsheet_would_run_is_kept_from_it(start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    rows = list(csv.reader(io.StringIO(report_csv(report_of([{"text": text}], TEXT)), newline="")))
    assert rows == [["text"], [f"'{text}".replace("\r", "\n")]]


def test_numbers_stay_numbers_in_csv_even_below_zero() -> None:
    assert report_csv(report_of([{"number": -1.5}, {"number": 2}, {"number": None}], NUMBER)) == 'number\n-1.5\n2\n""\n'


def test_commas_quotes_and_line_breaks_survive_csv() -> None:
    text = 'a "b", c\nd'
    read = csv.DictReader(io.StringIO(report_csv(report_of([{"text": text}], TEXT)), newline=""))
    assert [row["text"] for row in read] == [text]


def test_lists_and_truth_are_readable_in_csv() -> None:
    table = report_csv(report_of([{"text": ["pii", "finance"], "number": True}], TEXT, NUMBER))
    assert table == 'text,number\n"pii, finance",true\n'


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        (None, TEXT, "–"),
        (True, Column(key="k", label="L", type="bool"), "yes"),
        (245.0, Column(key="k", label="L", type="number", unit="seconds"), "4 min 5 s"),
        (0.985, Column(key="k", label="L", type="number", unit="ratio"), "98.5 %"),
        (12345, NUMBER, "12,345"),
        ("2026-11-09T02:00:05.123Z", Column(key="k", label="L", type="datetime"), "2026-11-09 02:00:05Z"),
        (["a", "b"], TEXT, "a, b"),
        ("one\ntwo", TEXT, "one two"),
    ],
)
def test_cells_are_written_for_eyes(value: Any, column: Column, shown: str) -> None:
    assert cell(value, column) == shown


def test_names_cannot_steer_the_terminal() -> None:
    assert one_line("\x1b[31mred\x1b[0m\r\nnext\u202egnihton") == "[31mred [0m next gnihton"


def test_ids_are_left_to_json_and_csv_where_the_name_stands_beside_them() -> None:
    keys = ["job_name", "job_id", "run_id", "unique_id"]
    report = report_of([], *(Column(key=key, label=key) for key in keys))
    assert [column.key for column in shown_columns(report)] == ["job_name", "run_id", "unique_id"]


def test_columns_without_any_value_are_left_away() -> None:
    rows = [{"text": None, "number": 0}, {"text": "", "number": None}]
    assert shown_columns(report_of(rows, TEXT, NUMBER)) == [NUMBER]


def test_what_is_left_out_missing_or_old_is_said() -> None:
    coverage = Coverage(unit="runs", considered=1200, left_out={"cancelled": 3, "running": 0}, complete=False)
    lines = context_lines(report_of([], coverage=coverage, stale=True, notes=("Short: two months are kept.",)))
    assert "Rests on 1,200 runs; left out: 3 cancelled; data inside the question is missing." in lines
    assert "Note: Short: two months are kept." in lines
    assert lines[-1].endswith("A refresh failed: this is what was known then.")


def test_report_without_rows_has_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report_of([], TEXT))
    assert capsys.readouterr().out.splitlines()[:2] == ["All is well.", "Filter: everything"]


def test_terminal_gets_a_table_that_takes_no_markup_from_names(monkeypatch: pytest.MonkeyPatch) -> None:
    import click

    @click.command()
    def show() -> None:
        import sys

        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        print_report(report_of([{"text": "[red]name[/red]"}], TEXT, total_rows=9))

    result = CliRunner().invoke(show)
    assert result.exit_code == 0
    assert "[red]name[/red]" in result.stdout
    assert "1 of 9 rows shown." in result.stdout
