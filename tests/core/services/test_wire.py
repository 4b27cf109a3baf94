"""The wire: what is sent, what is tried again, and what each failure becomes."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from dbt_discovery import (
    ComplexityExceeded,
    ConfigurationError,
    DbtDiscoveryError,
    NotFound,
    PermissionDenied,
    QueryRejected,
    RateLimited,
    Unauthorized,
    UnexpectedResponse,
    Unreachable,
)
from dbt_discovery.services.operation import Operation

from tests.core.upstream import TOKEN, Answering, Upstream, admin, discovery, rows, wire_to

REFERENCE = os.environ.get("DBT_DISCOVERY_REFERENCE", "")
THING = admin("v2/accounts/{account}/runs/{id}/", scope="runs", variables=(("id", "7"),))
BOTH = pytest.mark.parametrize("operation", [admin(), discovery()], ids=["admin", "discovery"])


def always(status: int, body: Any = None, **headers: str) -> Upstream:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Upstream(lambda request: httpx.Response(status, content=content, headers=headers))


def good(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"data": {"fine": True}})


def after(*failures: httpx.Response | Exception) -> Upstream:
    """First these, then good answers."""
    waiting = list(failures)

    def answer(request: httpx.Request) -> httpx.Response:
        if not waiting:
            return good(request)
        failure = waiting.pop(0)
        if isinstance(failure, Exception):
            raise failure
        return failure

    return Upstream(answer)


async def failing(upstream: Upstream, operation: Operation[Any]) -> DbtDiscoveryError:
    """The error of an operation, which never holds the token."""
    with pytest.raises(DbtDiscoveryError) as raised:
        await wire_to(upstream).collect(operation)
    assert TOKEN not in str(raised.value)
    assert TOKEN not in repr(raised.value)
    return raised.value


async def test_admin_request_carries_the_token_and_its_path_ends_in_a_slash() -> None:
    upstream = Upstream(lambda request: rows(request, 1))
    await wire_to(upstream, host="abc123.us1.dbt.com").collect(admin(paged=True, variables=(("order_by", "-id"),)))
    (request,) = upstream.requests
    assert request.method == "GET"
    assert request.url.host == "abc123.us1.dbt.com"
    assert request.url.path == "/api/v2/accounts/1/things/"
    assert dict(request.url.params) == {"order_by": "-id", "limit": "100", "offset": "0"}
    assert request.headers["Authorization"] in (f"Bearer {TOKEN}", f"Token {TOKEN}")


async def test_discovery_request_is_a_query_with_variables() -> None:
    upstream = Upstream(good)
    payload = await wire_to(upstream, host="abc123.us1.dbt.com").collect(discovery(variables=(("id", 70403103936332),)))
    (request,) = upstream.requests
    assert request.method == "POST"
    assert str(request.url) == "https://abc123.metadata.us1.dbt.com/graphql"
    assert json.loads(request.content) == {"query": "query Things { things }", "variables": {"id": 70403103936332}}
    assert request.headers["Authorization"] in (f"Bearer {TOKEN}", f"Token {TOKEN}")
    assert payload.data == {"fine": True}


async def test_account_id_is_the_only_one_the_token_sees_and_asked_for_once() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": [{"id": 42, "name": "Acme"}]})

    upstream = Upstream(answer)
    wire = wire_to(upstream, account_id=None)
    await asyncio.gather(*(wire.collect(admin(f"v2/accounts/{{account}}/{n}/")) for n in range(5)))
    assert sorted(upstream.paths) == sorted(["/api/v3/accounts/", *(f"/api/v2/accounts/42/{n}/" for n in range(5))])


async def test_several_accounts_are_listed_and_the_missing_setting_is_named() -> None:
    accounts = [{"id": 1, "name": "Acme"}, {"id": 2, "name": "Beta"}]
    with pytest.raises(ConfigurationError, match=r"DBT_ACCOUNT_ID is missing.*2 accounts: 1 \(Acme\), 2 \(Beta\)"):
        await wire_to(always(200, {"data": accounts}), account_id=None).account_id()


async def test_no_account_names_the_host_and_the_token_as_what_to_check() -> None:
    with pytest.raises(ConfigurationError, match="DBT_HOST and the token"):
        await wire_to(always(200, {"data": []}), account_id=None).account_id()


async def test_a_failed_account_discovery_is_tried_again_by_the_next_caller() -> None:
    answers = iter([*[httpx.Response(503)] * 3, httpx.Response(200, json={"data": [{"id": 42}]})])
    wire = wire_to(lambda request: next(answers), account_id=None)
    with pytest.raises(Unreachable):
        await wire.account_id()
    assert await wire.account_id() == "42"


@pytest.mark.parametrize("data", [{"id": 1}, [{"name": "Acme"}], ["Acme"], "Acme"])
async def test_accounts_of_another_form_are_an_unexpected_response(data: Any) -> None:
    with pytest.raises(UnexpectedResponse):
        await wire_to(always(200, {"data": data}), account_id=None).account_id()


@BOTH
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_a_server_fault_is_asked_three_times(operation: Operation[Any], status: int) -> None:
    upstream = always(status, {"status": {"user_message": "There was a server error. Please contact support!"}})
    error = await failing(upstream, operation)
    assert isinstance(error, Unreachable)
    assert str(status) in str(error)
    assert len(upstream.requests) == 3


@BOTH
async def test_a_fault_that_passes_is_not_seen(operation: Operation[Any]) -> None:
    upstream = after(httpx.Response(503), httpx.ConnectError("refused"))
    assert (await wire_to(upstream).collect(operation)).data == {"fine": True}
    assert len(upstream.requests) == 3


@BOTH
@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("slow"),
        httpx.ConnectTimeout("slow"),
        httpx.RemoteProtocolError("broken"),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_no_connection_is_tried_three_times_and_names_the_host(
    operation: Operation[Any], fault: Exception
) -> None:
    upstream = after(*[fault] * 9)
    error = await failing(upstream, operation)
    assert isinstance(error, Unreachable)
    assert "cloud.getdbt.com" in str(error)
    assert len(upstream.requests) == 3


async def test_a_wrong_certificate_points_at_the_host() -> None:
    upstream = after(*[httpx.ConnectError("certificate verify failed: Hostname mismatch")] * 3)
    assert "DBT_HOST" in str(await failing(upstream, discovery()))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 422])
async def test_what_cannot_pass_is_asked_once(status: int) -> None:
    upstream = always(status, {"detail": "No."})
    await failing(upstream, admin())
    assert len(upstream.requests) == 1


@BOTH
async def test_401_names_the_token_the_host_and_both_settings(operation: Operation[Any]) -> None:
    error = await failing(always(401, {"status": {"code": 401, "user_message": "Invalid token."}}), operation)
    assert isinstance(error, Unauthorized)
    for word in ("cloud.getdbt.com", "DBT_SERVICE_TOKEN", "DBT_HOST"):
        assert word in str(error)


@BOTH
async def test_403_says_which_rights_are_needed_and_that_an_ip_rule_answers_alike(operation: Operation[Any]) -> None:
    error = await failing(always(403, b"<html>Forbidden</html>"), operation)
    assert isinstance(error, PermissionDenied)
    assert "permission set" in str(error)
    assert "IP restrictions" in str(error)


async def test_404_of_a_list_is_about_the_account() -> None:
    error = await failing(always(404, {"status": {"user_message": "Not found."}}), admin(paged=True))
    assert isinstance(error, ConfigurationError)
    assert "DBT_ACCOUNT_ID" in str(error)


async def test_404_of_one_thing_is_about_that_thing() -> None:
    upstream = always(404, {"status": {"user_message": "The requested resource was not found."}, "data": None})
    error = await failing(upstream, THING)
    assert isinstance(error, NotFound)
    assert (error.kind, error.reference) == ("run", "7")
    assert upstream.paths == ["/api/v2/accounts/1/runs/7/"]


@BOTH
@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", b'{"data": {"cut', b"\xff\xfe"])
async def test_a_body_that_is_no_json_is_an_unexpected_response(operation: Operation[Any], body: bytes) -> None:
    error = await failing(always(200, body), operation)
    assert isinstance(error, UnexpectedResponse)
    assert "not JSON" in str(error)
    assert "DBT_HOST" in str(error)


@BOTH
async def test_a_body_cut_off_once_is_asked_for_again(operation: Operation[Any]) -> None:
    upstream = after(httpx.Response(200, content=b'{"data": {"cut'))
    assert (await wire_to(upstream).collect(operation)).data == {"fine": True}


@BOTH
@pytest.mark.parametrize("body", [{}, [], "text", 5, None, {"status": {"code": 200}}])
async def test_json_without_data_is_an_unexpected_response(operation: Operation[Any], body: Any) -> None:
    assert isinstance(await failing(always(200, body), operation), UnexpectedResponse)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ([{"message": "x", "extensions": {"code": "COMPLEXITY_EXCEEDED"}}], ComplexityExceeded),
        ([{"message": "Error: This query exceeds the complexity limit."}], ComplexityExceeded),
        ([{"message": "User is not authorized"}], PermissionDenied),
        ([{"message": "Cannot query field 'x' on type 'Query'.", "extensions": None}], QueryRejected),
        (["just text"], QueryRejected),
    ],
)
async def test_graphql_errors_decide_whatever_the_status(status: int, errors: list[Any], kind: type[Exception]) -> None:
    upstream = always(status, {"errors": errors, "data": None})
    assert type(await failing(upstream, discovery())) is kind
    assert len(upstream.requests) == 1


async def test_a_refused_query_tells_the_reason() -> None:
    error = await failing(always(400, {"errors": [{"message": "Cannot query field 'x'."}]}), discovery())
    assert "Cannot query field 'x'" in str(error)


async def test_a_token_that_upstream_repeats_is_not_passed_on() -> None:
    await failing(always(401, {"status": {"user_message": f"Bad token {TOKEN}."}}), admin())
    await failing(always(400, {"errors": [{"message": f"Bad token {TOKEN}."}]}), discovery())


async def test_debug_logs_hold_no_token(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await wire_to(after(httpx.Response(503))).collect(admin())
        await failing(always(500), discovery())
    assert caplog.records
    assert not [record for record in caplog.records if TOKEN in f"{record.getMessage()} {record.__dict__}"]


def recorded_bodies() -> list[dict[str, Any]]:
    if not REFERENCE:
        return []
    bodies: list[dict[str, Any]] = json.loads((Path(REFERENCE) / "payloads/errors/real_error_bodies.json").read_text())
    return bodies


EXPECTED: dict[tuple[str, Any], tuple[type[Exception], str]] = {
    ("admin", 401): (Unauthorized, "DBT_SERVICE_TOKEN"),
    ("admin", 403): (PermissionDenied, "permission set"),
    ("admin", 404): (ConfigurationError, "DBT_ACCOUNT_ID"),
    ("admin", 405): (UnexpectedResponse, "405"),
    ("admin", 500): (Unreachable, "try again"),
    ("discovery", 400): (QueryRejected, "conflict because they return conflicting types"),
}


@pytest.mark.skipif(not REFERENCE, reason="DBT_DISCOVERY_REFERENCE names no folder of recorded payloads")
@pytest.mark.parametrize("entry", recorded_bodies(), ids=lambda entry: f"{entry['api']} {entry['http']}"[:20])
async def test_recorded_error_bodies(entry: dict[str, Any]) -> None:
    status = entry["http"] if isinstance(entry["http"], int) else 200
    error = await failing(always(status, entry["body"]), admin() if entry["api"] == "admin" else discovery())
    text = json.dumps(entry["body"])
    kind, words = EXPECTED.get((entry["api"], status), (DbtDiscoveryError, ""))
    if "COMPLEXITY" in text:
        kind = ComplexityExceeded
    elif "not authorized" in text:
        kind, words = PermissionDenied, "permission set"
    assert type(error) is kind
    assert words in str(error)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited; nobody really waits."""
    slept: list[float] = []
    really = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await really(0)

    monkeypatch.setattr("dbt_discovery.services.wire.asyncio.sleep", sleep)
    return slept


@BOTH
@pytest.mark.parametrize("header", ["Retry-After", "x-rate-limit-retry-after-seconds"])
async def test_a_short_wait_is_waited_for_once(operation: Operation[Any], header: str, naps: list[float]) -> None:
    upstream = after(httpx.Response(429, headers={header: "30"}))
    assert (await wire_to(upstream).collect(operation)).data == {"fine": True}
    assert (naps.count(30.0), len(upstream.requests)) == (1, 2)


async def test_a_second_429_is_not_waited_for(naps: list[float]) -> None:
    upstream = always(429, {"detail": "Request was throttled."}, **{"Retry-After": "5"})
    assert isinstance(await failing(upstream, admin()), RateLimited)
    assert (naps.count(5.0), len(upstream.requests)) == (1, 2)


@BOTH
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "31"}, {"Retry-After": "soon"}])
async def test_after_a_429_the_api_is_left_alone_by_every_caller(
    operation: Operation[Any], headers: dict[str, str], naps: list[float]
) -> None:
    upstream = always(429, {}, **headers)
    wire = wire_to(upstream)
    for _ in range(3):
        with pytest.raises(RateLimited):
            await wire.collect(operation)
    assert len(upstream.requests) == 1
    assert not [nap for nap in naps if nap >= 1]


async def test_one_api_that_cools_down_does_not_silence_the_other() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429) if request.method == "POST" else good(request)

    wire = wire_to(answer)
    with pytest.raises(RateLimited, match="Discovery API"):
        await wire.collect(discovery())
    assert (await wire.collect(admin())).data == {"fine": True}


async def test_callers_in_the_queue_do_not_press_on_after_a_429() -> None:
    upstream = always(429)
    wire = wire_to(upstream)
    results = await asyncio.gather(*(wire.collect(discovery()) for _ in range(50)), return_exceptions=True)
    assert all(isinstance(result, RateLimited) for result in results)
    assert len(upstream.requests) <= 8


@pytest.mark.parametrize(("operation", "most"), [(admin(), 20), (discovery(), 8)], ids=["admin", "discovery"])
async def test_requests_under_way_are_bounded(operation: Operation[Any], most: int) -> None:
    under_way, highest = 0, 0

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, highest
        under_way += 1
        highest = max(highest, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return good(request)

    wire = wire_to(answer)
    await asyncio.gather(*(wire.collect(operation) for _ in range(60)))
    assert 2 <= highest <= most
    assert wire.requests == 60


async def test_source_is_dbt_cloud_unless_the_answer_says_otherwise() -> None:
    source = await wire_to(good).source()
    assert (source.kind, source.host, source.account_id) == ("dbt_cloud", "cloud.getdbt.com", "1")
    marked: Answering = lambda request: httpx.Response(  # noqa: E731
        200,
        json={"data": {}},
        headers={"X-Dbt-Cloud-Sandbox": "kind=artifacts; world=ab12; label=Artifacts%20of%20shop"},
    )
    source = await wire_to(marked).source()
    assert (source.kind, source.label) == ("artifacts", "Artifacts of shop")
