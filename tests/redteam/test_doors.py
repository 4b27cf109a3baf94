"""Every form of an answer shows hostile text as text."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import unicodedata
from datetime import UTC
from xml.etree import ElementTree

import pytest
from dbt_discovery import Report
from dbt_discovery_web.charts import draw_svg, drawing_of, vega_spec
from dbt_discovery_web.chat.turn_events import Token
from dbt_discovery_web.cli.session import OneLineEach
from dbt_discovery_web.rendering import one_line, print_report, report_csv, report_markdown
from dbt_discovery_web.rest.problems import Problem
from fastapi.sse import format_sse_event
from langchain_dbt_discovery.figures.sentences import Sentences
from markdown_it import MarkdownIt

from tests.redteam.hostile import HUGE, TEXTS
from tests.redteam.poisoned import NAMES, poisoned

each_text = pytest.mark.parametrize("named", [*TEXTS, "huge"])
OURS = "p|strong|table|thead|tbody|tr|th|td|sub|br"


def text_of(named: str) -> str:
    return HUGE if named == "huge" else TEXTS[named]


def reports(named: str) -> list[Report]:
    names = ("longest_running_jobs", "model_details", "failed_runs", "critical_path") if named == "huge" else NAMES
    return [poisoned(name, text_of(named)) for name in names]


def steers(text: str) -> list[str]:
    """The characters of a line that a terminal or a reader would not see as characters."""
    joiners = "\u200c\u200d"
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in joiners]


@each_text
def test_json_holds_the_text_as_it_is(named: str) -> None:
    for report in reports(named):
        whole = json.loads(json.dumps(report.to_json()))
        assert whole["filter"] == text_of(named)
        assert json.loads(report.model_dump_json()) == whole


@each_text
def test_no_cell_of_csv_is_a_formula_or_another_cell(named: str) -> None:
    for report in reports(named):
        header, *rows = csv.reader(io.StringIO(report_csv(report), newline=""))
        assert header == [column.key for column in report.columns]
        assert len(rows) == len(report.rows)
        for row in rows:
            assert len(row) == len(header)
            assert not [cell for cell in row if re.match(r"[=+@\t\r\n\uff1d\uff0b\uff0d\uff20]|-(?![\d.]+$)", cell)]


@each_text
def test_markdown_makes_nothing_of_it(named: str) -> None:
    parser = MarkdownIt("commonmark", {"linkify": False}).enable("table").enable("strikethrough")
    for report in reports(named):
        text = report_markdown(report)
        assert not re.search(r"@\w|(?<!\\)\[open\]\((?!https?://)", text)
        shown = str(parser.render(text))
        assert not re.search(rf"<(?!/?(?:{OURS})\b)", shown), shown[:400]
        assert not re.search(r"\bhttps?://|\bwww\.", shown)
        columns = set(map(len, (re.findall(r"<t[hd]\b", row) for row in re.findall(r"<tr>.*?</tr>", shown, re.DOTALL))))
        assert len(columns) <= 1


@each_text
def test_pictures_hold_it_as_characters_alone(named: str) -> None:
    drawn = 0
    for report in reports(named):
        drawing = drawing_of(report, UTC)
        if drawing is None:
            continue
        drawn += 1
        picture = draw_svg(drawing)
        assert len(picture) < 100_000
        kinds = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(picture).iter()}
        assert kinds <= {"svg", "title", "desc", "rect", "text", "tspan", "line", "path", "g", "circle", "polyline"}
        assert not re.search(r"<[^>]*\s(?:on\w+|href|xlink:href|style)\s*=", re.sub(r">[^<]*<", "><", picture))
        spec = json.dumps(vega_spec(drawing))
        json.loads(spec)
    assert drawn > 1


@each_text
def test_nothing_steers_a_terminal_or_adds_a_line(named: str, capsys: pytest.CaptureFixture[str]) -> None:
    for report in reports(named):
        print_report(report)
        said = capsys.readouterr().out
        assert [line for line in said.splitlines() if steers(line)] == []
        print_report(poisoned(report.name, "plainly"))
        plain = capsys.readouterr().out
        assert len(own_lines(said)) == len(own_lines(plain)), report.name


def own_lines(text: str) -> list[str]:
    """The lines that are not within a text of several lines, which stands indented."""
    return [line for line in text.splitlines() if line and not line.startswith("  ")]


@each_text
def test_markup_of_a_terminal_is_not_obeyed(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dbt_discovery_web.rendering import printing

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    written = io.StringIO()
    written.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdout", written)
    report = poisoned("longest_running_jobs", text_of(named))
    printing.print_table(report)
    seen = re.sub(r"\x1b\[[0-9;]*m", "", written.getvalue())
    assert [line for line in seen.splitlines() if steers(line)] == []
    if named == "markup of a terminal":
        assert "[bold red]" in seen


@each_text
def test_an_event_cannot_be_forged(named: str) -> None:
    answer = f"{text_of(named)} took longest."
    sentences = Sentences()
    pieces = [*sentences.feed(answer), *sentences.end()]
    assert "".join(pieces) == answer
    for piece in pieces[:50]:
        event = format_sse_event(event=Token.event, data_str=Token(text=piece).model_dump_json()).decode()
        assert re.fullmatch(r"event: token\ndata: [^\r\n]*\n\n", event)
        assert json.loads(event.partition("data: ")[2]) == {"text": piece}


@each_text
def test_a_line_of_the_log_cannot_be_forged(named: str) -> None:
    form = OneLineEach("%(levelname)s %(name)s: %(message)s")
    record = logging.LogRecord("dbt_discovery", logging.INFO, "", 0, "dbt Cloud says: %s", (text_of(named),), None)
    line = form.format(record)
    assert line == f"INFO dbt_discovery: dbt Cloud says: {one_line(text_of(named))}".rstrip()
    assert len(line.splitlines()) == 1
    assert not steers(line)


def test_a_problem_holds_it_as_text() -> None:
    for text in TEXTS.values():
        problem = Problem(
            type="/docs#not-found", title="x", status=404, detail=text, instance="/", request_id=None, near=[text]
        )
        assert json.loads(problem.model_dump_json())["near"] == [text]
