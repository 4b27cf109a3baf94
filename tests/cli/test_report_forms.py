"""The forms that a report comes in for programs, chats and pictures."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from dbt_discovery.models.report import Source
from dbt_discovery_web.rendering import report_markdown
from markdown_it import MarkdownIt

from tests.webapp.charts.examples import column, report, seconds

from .conftest import Run

LONGEST = ("report", "longest_running_jobs", "--period", "last_week", "--limit", "3")


def test_ndjson_is_a_row_a_line(run: Run) -> None:
    rows = json.loads(run(*LONGEST, "--json").stdout)["rows"]
    assert [json.loads(line) for line in run(*LONGEST, "--ndjson").stdout.splitlines()] == rows


@pytest.mark.parametrize("flags", [("--json", "--csv"), ("--markdown", "--ndjson"), ("--csv", "--markdown")])
def test_forms_exclude_each_other(run: Run, flags: tuple[str, str]) -> None:
    result = run(*LONGEST, *flags)
    assert result.exit_code == 2
    assert "exclude each other" in result.stderr


def test_chart_is_drawn_beside_the_answer(run: Run, tmp_path: Path) -> None:
    plain = run(*LONGEST, "--json")
    for name in ("chart.svg", "chart.json"):
        assert run(*LONGEST, "--json", "--chart", str(tmp_path / name)).stdout == plain.stdout
    root = ElementTree.fromstring((tmp_path / "chart.svg").read_text())
    assert (root[1].text or "").startswith(json.loads(plain.stdout)["finding"])
    assert len(json.loads((tmp_path / "chart.json").read_text())["data"]["values"]) == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*LONGEST, "--chart", "chart.png"), "ends in .svg or .json"),
        (("report", "failed_runs", "--limit", "1", "--chart", "chart.svg"), "failed_runs has no chart"),
        ((*LONGEST, "--chart", "nowhere/chart.svg"), "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_told(run: Run, arguments: tuple[str, ...], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def rendered(markdown: str) -> str:
    """Markdown as GitHub would show it, but for HTML, which has to stay what we wrote ourselves."""
    return str(MarkdownIt("commonmark", {"linkify": False}).enable("table").enable("strikethrough").render(markdown))


def cells(html: str) -> list[str]:
    return re.findall(r"<td[^>]*>(.*?)</td>", html)


def test_markdown_has_finding_table_and_coverage(run: Run) -> None:
    answer = json.loads(run(*LONGEST, "--json").stdout)
    html = rendered(run(*LONGEST, "--markdown").stdout)
    assert html.startswith(f"<p><strong>{answer['finding']}</strong></p>")
    names = [row["job_name"] for row in answer["rows"]]
    assert [cell for cell in cells(html) if cell in names] == names
    assert "<p>3 of 17 rows shown.</p>" in html
    assert f"Rests on {answer['coverage']['considered']} runs" in html
    assert "Source: Sandbox data" in html


HOSTILE = [
    "<script>alert(1)</script>",
    "a | b || c",
    "`code` and ``more``",
    "**bold** *it* _it_ __it__ ~~gone~~",
    "[link](http://evil.example) ![image](http://evil.example/x.png)",
    "back\\slash \\| end\\",
    "&lt;b&gt; &amp;",
    "two\nlines\r\n| --- |\n",
    "<!-- x --> <https://evil.example>",
    "$math$ and $$more$$",
    "trailing_ _leading in_the_middle",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_text_in_markdown(name: str) -> None:
    made = report([column("name"), seconds("runtime")], [{"name": name, "runtime": 1.0}], None, finding=f"{name} x.")
    html = rendered(report_markdown(made))
    (shown, runtime) = cells(html)
    assert runtime == "1.0 s"
    assert not re.search(r"<(?!/?(?:p|strong|table|thead|tbody|tr|th|td|sub|br)\b)", html), html
    text = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert text.replace("\u200b", "") == " ".join(name.split())


def test_nobody_is_called_and_no_address_becomes_a_link() -> None:
    names = [
        "@channel",
        "mail@example.com",
        "https://evil.example",
        "www.evil.example",
        "fixes #12",
        "acme/dbt#3",
        "GH-4",
    ]
    made = report([column("name")], [{"name": name} for name in names], None)
    text = report_markdown(made)
    assert not re.search(r"@\w|https?://|www\.|#\d|GH-\d", text.partition("<sub>")[0])


def test_links_lead_only_where_a_browser_goes() -> None:
    urls = ["https://cloud.getdbt.com/deploy/1/runs/2", "javascript:alert(1)", "https://x.example/a)|b <c>"]
    columns, rows = [column("name"), column("url", type="link")], [{"name": "a", "url": url} for url in urls]
    source = Source(kind="dbt_cloud", host="cloud.getdbt.com", account_id="1", label="dbt Cloud account 1")
    made = report(columns, rows, None, source=source)
    html = rendered(report_markdown(made))
    assert re.findall(r'href="([^"]*)"', html) == [urls[0], "https://x.example/a%29%7Cb%20%3Cc%3E"]
    assert cells(html)[3] == "javascript:alert(1)"
    assert "href" not in rendered(report_markdown(report(columns, rows, None))), "a sandbox's runs have no pages"


def test_much_about_one_thing_is_a_table_of_labels_and_values(run: Run) -> None:
    asked = ("report", "model_details", "--model", "fct_revenue")
    (row,) = json.loads(run(*asked, "--json").stdout)["rows"]
    html = rendered(run(*asked, "--markdown").stdout)
    assert re.findall(r"<th[^>]*>(.*?)</th>", html) == ["Model", row["name"]]
    told = dict(re.findall(r"<td>(.*?)</td>\s*<td>(.*?)</td>", html))
    assert told["Materialization"] == row["materialization"]
    assert told["Owner"] == row["owner"]
    assert "–" not in told.values()


def test_a_report_without_rows_has_no_table() -> None:
    assert "|" not in report_markdown(report([column("name")], [], None))
