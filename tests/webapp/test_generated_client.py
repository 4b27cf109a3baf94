"""A client that a generator made of our OpenAPI document, and nothing else, can ask and read what it is answered."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app

PACKAGE = "client_of_dbt_discovery"


@pytest.fixture
def generated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox_account: Callable[..., DbtAccount], settings: Settings
) -> str:
    """What the generator said while it made a client that can be imported, of nothing but the app's document."""
    (tmp_path / "openapi.json").write_text(json.dumps(create_app(settings, account=sandbox_account()).openapi()))
    (tmp_path / "config.yml").write_text("post_hooks: []\n")
    command = "-m openapi_python_client generate --path openapi.json --config config.yml --meta none --output-path"
    done = subprocess.run(
        [sys.executable, *command.split(), PACKAGE], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.syspath_prepend(tmp_path)
    return done.stdout


async def test_generated_client_asks_and_reads_every_kind_of_answer(generated: str, client: httpx.AsyncClient) -> None:
    left_out = [line for line in generated.splitlines() if line.startswith("WARNING")]
    assert [line for line in left_out if "chart.svg" not in line] == []  # a picture is nothing that it knows

    def operation(path: str) -> Callable[..., Any]:
        asking: Callable[..., Any] = import_module(f"{PACKAGE}.api.{path}").asyncio
        return asking

    ours = import_module(PACKAGE).Client(base_url="http://127.0.0.1:8000", raise_on_unexpected_status=True)
    ours.set_async_httpx_client(client)

    jobs = await operation("jobs.list_jobs")(client=ours, limit=5)
    raw = (await client.get("/jobs?limit=5")).json()
    assert (jobs.total, [job.name for job in jobs.items]) == (raw["total"], [job["name"] for job in raw["items"]])

    job = await operation("jobs.get_job")(jobs.items[0].job_id, client=ours)
    assert (job.job_id, job.name) == (jobs.items[0].job_id, jobs.items[0].name)

    report = await operation("reports.report_longest_running_jobs")(client=ours, period="last_week", limit=3)
    raw = (await client.get("/reports/longest_running_jobs?period=last_week&limit=3")).json()
    assert (report.finding, len(report.rows)) == (raw["finding"], 3)
    assert [row["avg_runtime"] for row in report.rows] == [row["avg_runtime"] for row in raw["rows"]]

    reports = await operation("reports.list_reports")(client=ours)
    assert "longest_running_jobs" in {each.name for each in reports}

    problem = await operation("jobs.get_job")("no such job", client=ours)
    assert (problem.status, problem.type_) == (404, "/docs#not-found")

    jobs_alone = import_module(f"{PACKAGE}.models").Scope.from_dict({"scope": "jobs"})
    forgotten = await operation("service.invalidate_cache")(client=ours, body=jobs_alone)
    assert forgotten.dropped > 0
