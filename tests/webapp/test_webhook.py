"""dbt Cloud's webhook: who is believed, what is dropped, and that it shows at once."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, Settings

from tests.conftest import NOW
from tests.webapp.conftest import opened
from tests.webapp.test_problems import checked

SECRET = "whsec_do-not-tell"


class MovingSettings(Settings):
    """Settings whose clock a test moves."""

    def now(self) -> datetime:
        return Moving.now


class Moving:
    now = NOW


@pytest.fixture
def settings(database_url: str) -> Settings:
    Moving.now = NOW
    return MovingSettings(database_url=database_url, DBT_DISCOVERY_WEBHOOK_SECRET=SECRET)


@pytest.fixture
def world() -> sandbox.World:
    return sandbox.generated_world(now=lambda: Moving.now)


@pytest.fixture
async def account(world: sandbox.World, settings: Settings) -> DbtAccount:
    return DbtAccount(transport=sandbox.transport(world), settings=settings)


@pytest.fixture
async def client(account: DbtAccount, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(account, settings) as client:
        yield client


def event(
    kind: str = "job.run.completed", *, account_id: Any = None, moment: datetime | None = None, **data: Any
) -> bytes:
    told = {"eventId": "wev_1", "eventType": kind, "webhookName": "test", "data": data}
    told["timestamp"] = f"{moment or Moving.now:%Y-%m-%dT%H:%M:%S}.742843678Z"
    return json.dumps(told | ({"accountId": account_id} if account_id else {})).encode()


def signature(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def sent(client: httpx.AsyncClient, body: bytes, **headers: str) -> httpx.Response:
    return await client.post("/webhooks/dbt", content=body, headers={"Authorization": signature(body)} | headers)


FINISHED = {"jobId": "1", "runId": "2", "environmentId": "3"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "0" * 64},
        {"Authorization": signature(event(**FINISHED), "another secret")},
        {"Authorization": f"Bearer {signature(event(**FINISHED))}"},
        {"Authorization": signature(event(**FINISHED) + b" ")},
        {"Authorization": "\xe9".encode("latin-1")},
    ],
)
async def test_nobody_is_believed_without_the_right_signature(client: httpx.AsyncClient, headers: Any) -> None:
    answer = await client.post("/webhooks/dbt", content=event(**FINISHED), headers=headers)
    assert SECRET not in json.dumps(checked(answer, 401, "bad-signature"))
    assert answer.headers["www-authenticate"].startswith("HMAC-SHA256 ")


async def test_without_a_secret_it_says_how_to_switch_it_on(
    sandbox_account: Callable[..., DbtAccount], database_url: str
) -> None:
    settings = Settings(fixed_now=NOW, database_url=database_url)
    async with opened(sandbox_account(settings=settings), settings) as client:
        problem = checked(await sent(client, event(**FINISHED)), 503, "not-configured")
    assert "DBT_DISCOVERY_WEBHOOK_SECRET" in problem["detail"]


async def test_the_secret_is_shown_nowhere(settings: Settings) -> None:
    assert SECRET not in repr(settings) + str(settings)


@pytest.mark.parametrize(("body", "status"), [(b"{", 422), (b"[]", 422), (b'{"data": "x"}', 422), (b"\xff", 422)])
async def test_what_is_no_event_is_a_problem(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    checked(await sent(client, body), status, "invalid-argument")


async def test_too_large_an_event_is_refused(client: httpx.AsyncClient) -> None:
    checked(await sent(client, event(name="x" * 70_000)), 413, "too-large")


async def test_another_sites_page_may_not_send_events(client: httpx.AsyncClient) -> None:
    checked(await sent(client, event(**FINISHED), Origin="https://evil.example"), 403, "foreign-origin")
    checked(await sent(client, event(**FINISHED), Host="evil.example"), 421, "unknown-host")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (lambda: event("job.run.started", **FINISHED), "has finished"),
        (lambda: event("job.run.frozen", **FINISHED), "has finished"),
        (lambda: event(), "has finished"),
        (lambda: b"{}", "has finished"),
        (lambda: event(account_id=404, **FINISHED), "of account 404"),
        (lambda: event(moment=NOW - timedelta(hours=1), **FINISHED), "as long as this event is old"),
    ],
)
async def test_other_events_drop_nothing_and_say_why(
    client: httpx.AsyncClient, body: Callable[[], bytes], says: str
) -> None:
    await client.get("/jobs")
    answer = await sent(client, body())
    assert answer.status_code == 200
    assert answer.json()["dropped"] == 0
    assert says in answer.json()["ignored"]


async def test_a_finished_run_shows_at_once_and_without_the_event_it_does_not(
    client: httpx.AsyncClient, account: DbtAccount, world: sandbox.World, settings: Settings
) -> None:
    reports = ["/reports/longest_running_jobs?period=today", "/reports/list_jobs?limit=500", "/jobs", "/runs"]
    before = [(await client.get(path)).json() for path in reports]
    known = {run["run_id"] for run in before[3]["items"]}
    Moving.now = NOW + timedelta(hours=3)
    settings = settings.model_copy(update={"database_url": None})  # nobody else's store
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as other:
        run = next(run for run in await other.aget_runs() if run.run_id not in known and run.status == "success")
    assert [(await client.get(path)).json()["as_of"] for path in reports] == [each["as_of"] for each in before]
    data = {"jobId": run.job_id, "runId": run.run_id, "environmentId": run.environment_id, "runStatus": "Success"}
    taken = (await sent(client, event(account_id=world.account.id, **data))).json()
    assert taken["dropped"] >= 1
    assert "ignored" not in taken
    runs = (await client.get("/runs")).json()["items"]
    assert next(each for each in runs if each["run_id"] == run.run_id)["status"] == "success"
    after = (await client.get(reports[0])).json()
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as other:
        expected = (await other.arun_report("longest_running_jobs", period="today")).to_json()
    assert after["rows"] == expected["rows"]
    assert after["rows"] != before[0]["rows"]


async def test_only_the_state_of_its_environment_is_asked_for_again(
    client: httpx.AsyncClient, account: DbtAccount, world: sandbox.World
) -> None:
    await client.get("/models?limit=1")
    jobs = (await client.get("/jobs")).json()["items"]
    production = [each.id for each in world.environments() if each.deployment_type == "production"]
    assert len(production) > 1
    job = next(each for each in jobs if each["environment_id"] == str(production[0]))
    sent_before = account.requests
    await client.get("/models?limit=1")
    assert account.requests == sent_before
    body = event(jobId=job["job_id"], runId="9", environmentId=job["environment_id"])
    assert (await sent(client, body)).json()["dropped"] >= 2  # its models, and the list of jobs
    await client.get("/models?limit=1")
    assert account.requests - sent_before == 2, "the models of one environment, and its groups"
