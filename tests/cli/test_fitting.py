from __future__ import annotations

import click
import pytest
from dbt_discovery.models.report import Column
from dbt_discovery_web.rendering import print_table
from dbt_discovery_web.rendering.fitting import GAP, fit

from .test_rendering import report_of

NAME, ERROR, PROJECT = (Column(key=key, label=key.title()) for key in ("name", "error", "project"))
RUNTIME = Column(key="runtime", label="Average run time", type="number", unit="seconds")
PAGE = Column(key="page", label="Page", type="link")
COLUMNS = [NAME, ERROR, RUNTIME, PAGE, PROJECT]
LONG = "the warehouse was not there " * 40
ROWS = [
    ["int_monthly_recurring", LONG, "12 min 30 s", "https://cloud.example/" + "9" * 70, "Finance"],
    ["stg_a", "–", "1 s", "–", "Product Growth"],
]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200, 400])
def test_columns_fill_the_width_and_no_more(width: int) -> None:
    widths = fit(COLUMNS, ROWS, width).widths
    assert sum(widths.values()) + GAP * (len(widths) - 1) <= width
    assert len(widths) >= 2


def test_numbers_and_addresses_are_whole_or_left_out() -> None:
    found = fit(COLUMNS, ROWS, 80)
    assert found.widths[2] == len("12 min 30 s")
    assert found.dropped == (PAGE,)
    assert fit(COLUMNS, ROWS, 250).dropped == ()


def test_name_is_in_one_piece_even_where_nothing_else_fits() -> None:
    assert fit(COLUMNS, ROWS, 10).widths == {0: len("int_monthly_recurring")}


def test_table_that_fits_is_left_as_it_is() -> None:
    found = fit([NAME, RUNTIME], [["orders", "3 s"]], 80)
    assert (found.widths, found.dropped) == ({0: 6, 1: 7}, ())


def test_long_text_is_cut_to_a_few_lines() -> None:
    found = fit(COLUMNS, ROWS, 80)
    error = found.cells(ROWS[0])[1]
    assert error.endswith("…")
    assert len(error) <= 3 * found.widths[1]
    assert found.cells(ROWS[1])[1] == "–"


def test_narrow_terminal_says_what_it_does_not_show(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    rows = [dict(zip([column.key for column in COLUMNS], row, strict=True)) for row in ROWS]
    print_table(report_of(rows, *COLUMNS))
    out = click.unstyle(capsys.readouterr().out)
    table, _, after = out.partition("No room for: ")
    assert max(map(len, table.splitlines())) <= 60
    assert "int_monthly_recurring" in table
    assert "Page" in after


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_wide_terminal_shows_more_whatever_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], term: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_table(report_of([dict(zip([column.key for column in COLUMNS], row, strict=True)) for row in ROWS], *COLUMNS))
    out = click.unstyle(capsys.readouterr().out)
    assert 150 < max(map(len, out.splitlines())) <= 200
    assert "No room" not in out


def test_pipe_gets_short_lines_with_the_cut_marked(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(report_of([{"name": "orders", "error": LONG, "page": ROWS[0][3]}], NAME, ERROR, PAGE))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) < 250
    assert "…" in lines[3]
    assert lines[3].endswith(ROWS[0][3])
