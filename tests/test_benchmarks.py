"""The benchmarks' own arithmetic: a table that lies about speed is worse than none."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import fmean, quantiles
from threading import Thread

import httpx
import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.bare_sql import longest_jobs_in_sql
from benchmarks.load import Ask, Load, loaded
from benchmarks.measuring import Row, requests_of, table
from benchmarks.page_weight import fetched_by
from benchmarks.serving import served_sandbox

_SECOND = 1_000_000
_MORNING = int(datetime(2026, 11, 16, 8, tzinfo=UTC).timestamp()) * _SECOND
_EARLIER = int(datetime(2026, 11, 14, 23, 59, tzinfo=UTC).timestamp()) * _SECOND


@pytest.mark.parametrize(
    ("measured", "target", "met"),
    [(21.0, 21.0, "yes"), (22.0, 21.0, "no"), (0.0, 0.0, "yes"), (5.0, None, ""), (None, 3.0, "no")],
)
def test_a_target_is_met_up_to_and_including_itself(measured: float | None, target: float | None, met: str) -> None:
    assert Row("requests", measured, "requests", target).met == met


@pytest.mark.parametrize(("measured", "met"), [(1.0, "yes"), (1.3, "yes"), (0.99, "no"), (None, "no")])
def test_where_more_is_better_the_target_is_the_least(measured: float | None, met: str) -> None:
    row = Row("rate", measured, least=1)
    assert (row.met, row.cells[2]) == (met, "≥ 1.00")


def test_a_load_tells_what_became_of_each_request() -> None:
    with served_sandbox() as served:
        mix = (Ask("/nowhere"), Ask("/bench/latency", body="0.0"), Ask("/bench/requests"))
        seconds, answered = loaded(Load(served.url, mix, users=3, each=4))
        counts = served.requests()
    assert seconds > 0
    assert sorted((each.ask, each.status) for each in answered) == [(0, 404)] * 4 + [(1, 200)] * 4 + [(2, 200)] * 4
    assert not any(each.kept for each in answered)
    assert counts["/nowhere"] == 4


def test_the_weight_of_a_page_counts_all_that_it_names_and_tells_what_is_elsewhere(tmp_path: Path) -> None:
    files = {
        "page.html": '<link rel="stylesheet" href="a.css"><script src="/b.js"></script><a href="far.html">',
        "a.css": '@import "c.css"; p { background: url("https://elsewhere.example/x.png") }',
        "b.js": 'import { d } from "./d.js"; import "./b.js"; d("a");',
        "c.css": "p { margin: 0 }",
        "d.js": "export const d = 1;",
        "far.html": "not asked for",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with served_folder(tmp_path) as url:
        fetched, outside = fetched_by(f"{url}/page.html")
    assert {each.removeprefix(f"{url}/") for each in fetched} == files.keys() - {"far.html"}
    assert all(size > len(files[each.rpartition("/")[2]]) for each, size in fetched.items())
    assert outside == ["https://elsewhere.example/x.png"]


@contextmanager
def served_folder(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_table_puts_figures_below_each_other() -> None:
    lines = table([Row("short", 0.5, "ratio", 1.5, "1 s"), Row("much longer", 12.25, "ratio", 0.2)]).splitlines()
    assert lines == [
        "what         measured  target  met  absolute",
        "short            0.50  ≤ 1.50  yes  1 s",
        "much longer     12.25  ≤ 0.20  no",
    ]


def test_the_bare_sql_gives_the_figures_that_plain_loops_give(tmp_path: Path) -> None:
    rng = random.Random(4)
    runs = [
        (str(number), rng.choice("abc"), rng.choice((10, 20, 30)), began, queued, runtime)
        for number, began, queued, runtime in (
            (n, rng.choice((_MORNING, _EARLIER)), rng.randrange(90), rng.randrange(1, 5000)) for n in range(400)
        )
    ]
    store = tmp_path / "store.sqlite"
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("CREATE TABLE stored_sources (source_id)")
        connection.execute("INSERT INTO stored_sources VALUES ('here')")
        connection.execute(
            "CREATE TABLE stored_runs (source_id, run_id, job_id, status, began, started_at, runtime, queued)"
        )
        connection.executemany(
            "INSERT INTO stored_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (source, run_id, job, status, began, began, runtime * _SECOND, queued * _SECOND)
                for source in ("here", "elsewhere")
                for run_id, job, status, began, queued, runtime in runs
            ],
        )
    expected = []
    for job in "abc":
        own = [run for run in runs if run[1] == job and run[2] != 30 and run[3] == _MORNING]
        times = [run[5] for run in own]
        p95 = quantiles(times, n=20, method="inclusive")[-1]
        expected.append((job, len(own), fmean(times), max(times), p95, sum(times), fmean(run[4] for run in own)))
    expected.sort(key=lambda row: -row[2])
    found = longest_jobs_in_sql(store, "2026-11-15/2026-11-16")
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        assert row[2:7] == pytest.approx(wanted[2:])
        assert row[3] == next(run[5] for run in runs if run[0] == row[7])


def test_a_served_sandbox_counts_what_it_is_asked_by_path() -> None:
    with served_sandbox(days=0) as served:
        runs = f"{served.url}/api/v2/accounts/{served.account_id}/runs/"

        def ask() -> None:
            with served.at_once():
                for url in (runs, runs, f"{served.url}/api/v2/accounts/"):
                    httpx.get(url, headers={"Authorization": "Token any"}).raise_for_status()

        assert (requests_of(served, ask, "/runs/"), requests_of(served, ask)) == (2, 3)


def test_every_benchmark_is_explained_in_the_readme() -> None:
    text = (Path(__file__).parents[1] / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert [name for name in BENCHMARKS if f"`{name}`" not in text] == []
