"""The wire: what is sent, what is tried again, and what each failure becomes."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import stamina
from dbt_cloud_sandbox import generated_world
from dbt_cloud_sandbox.faults import Fault, Faults
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
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.operation import Operation
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

from tests.core.upstream import NOW, TOKEN, Answering, Upstream, admin, discovery, rows, wire_to
from tests.servers.sandbox_server import sandbox_server

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


async def test_a_host_that_lists_no_accounts_asks_for_the_id() -> None:
    with pytest.raises(ConfigurationError, match=r"accounts that this token sees .*Set DBT_ACCOUNT_ID"):
        await wire_to(always(404, {"status": {"user_message": "Not found."}}), account_id=None).account_id()


async def test_a_token_that_may_not_list_accounts_asks_for_the_id() -> None:
    with pytest.raises(ConfigurationError, match=r"^DBT_ACCOUNT_ID is missing, and the token may not"):
        await wire_to(always(403, {"status": {"user_message": "Forbidden."}}), account_id=None).account_id()


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


class Clock:
    """A clock that waiting for a turn moves on; nobody really waits.

    Attributes:
        waited: Seconds that it has been moved by.
    """

    def __init__(self) -> None:
        self.waited = 0.0

    def __call__(self) -> datetime:
        return NOW + timedelta(seconds=self.waited)

    def wire(self, upstream: Upstream, **limits: int) -> Wire:
        return Wire(endpoints_for(None), SecretStr(TOKEN), "1", self, upstream, real_clock=self, **limits)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock, really = Clock(), asyncio.sleep

    async def sleep(seconds: float) -> None:
        until = clock.waited + seconds
        await really(0)
        clock.waited = max(clock.waited, until)  # those who wait at the same time wait once

    monkeypatch.setattr("dbt_discovery.services.limits.asyncio.sleep", sleep)
    return clock


@BOTH
async def test_no_wait_at_all_is_one_more_try_and_no_silence(operation: Operation[Any]) -> None:
    upstream = after(httpx.Response(429, headers={"Retry-After": "0"}))
    wire = wire_to(upstream)
    assert (await wire.collect(operation)).data == {"fine": True}
    assert (await wire.collect(operation)).data == {"fine": True}


@BOTH
async def test_a_wait_beyond_belief_is_cut(operation: Operation[Any]) -> None:
    error = await failing(always(429, {}, **{"Retry-After": "1e13"}), operation)
    assert isinstance(error, RateLimited)


async def test_a_fault_that_repeats_the_token_does_not_show_it() -> None:
    for answer in (always(500, {"status": {"user_message": f"bad token {TOKEN}"}}), always(200, f"<p>{TOKEN}</p>")):
        assert TOKEN not in str(await failing(answer, admin()))


@BOTH
@pytest.mark.parametrize("header", ["Retry-After", "x-rate-limit-retry-after-seconds"])
async def test_a_short_wait_is_waited_for_once(operation: Operation[Any], header: str, clock: Clock) -> None:
    upstream = after(httpx.Response(429, headers={header: "30"}))
    assert (await clock.wire(upstream).collect(operation)).data == {"fine": True}
    assert (clock.waited, len(upstream.requests)) == (30, 2)


async def test_a_second_429_is_not_waited_for(clock: Clock) -> None:
    upstream = always(429, {"detail": "Request was throttled."}, **{"Retry-After": "5"})
    with pytest.raises(RateLimited) as raised:
        await clock.wire(upstream).collect(admin())
    assert (clock.waited, len(upstream.requests)) == (5, 2)
    assert raised.value.retry_at == NOW + timedelta(seconds=10)


@BOTH
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "31"}, {"Retry-After": "soon"}])
async def test_after_a_429_the_api_is_left_alone_by_every_caller(
    operation: Operation[Any], headers: dict[str, str], clock: Clock
) -> None:
    upstream = always(429, {}, **headers)
    wire = clock.wire(upstream)
    for _ in range(3):
        with pytest.raises(RateLimited):
            await wire.collect(operation)
    assert len(upstream.requests) == 1
    assert clock.waited == 0


@pytest.mark.parametrize(("operation", "at_once"), [(admin(), 20), (discovery(), 8)], ids=["admin", "discovery"])
async def test_of_many_callers_only_those_under_way_meet_a_429_that_asks_for_a_short_wait(
    operation: Operation[Any], at_once: int, clock: Clock
) -> None:
    refused = 0

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal refused
        early = clock.waited < 3
        await asyncio.sleep(0.001)  # so that as many are under way as may be
        if not early:
            return good(request)
        refused += 1
        return httpx.Response(429, headers={"Retry-After": "3"})

    upstream = Upstream(answer)
    wire = clock.wire(upstream)
    answers = await asyncio.gather(*(wire.collect(operation) for _ in range(61)))
    assert [each.data for each in answers] == [{"fine": True}] * 61
    assert refused <= at_once
    assert len(upstream.requests) == 61 + refused


async def test_waiting_long_for_a_turn_takes_no_attempt_away(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    really = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: really() + clock.waited)  # by which retries are timed
    upstream = Upstream(lambda request: httpx.Response(503) if b"Bad" in request.content else good(request))
    wire = clock.wire(upstream, discovery_per_minute=1)
    patient = discovery(name="bad", document="query Bad { things }")
    with stamina.set_testing(False):
        *_, error = await asyncio.gather(
            *(wire.collect(discovery()) for _ in range(4)), wire.collect(patient), return_exceptions=True
        )
    assert isinstance(error, Unreachable)
    assert "asked 3 times" in str(error)
    assert len(upstream.requests) == 4 + 3
    assert clock.waited > 4 * 60


async def test_a_fault_tells_how_often_was_really_asked() -> None:
    with stamina.set_testing(True, attempts=1):
        error = await failing(always(503), admin())
    assert "It was asked 1 time:" in str(error)


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


async def test_requests_beyond_the_minute_wait_for_room(clock: Clock) -> None:
    wire = clock.wire(Upstream(good), discovery_per_minute=3)
    for _ in range(3):
        await wire.collect(discovery())
    assert clock.waited == 0
    await wire.collect(discovery())
    assert clock.waited == 60
    await wire.collect(admin())
    assert clock.waited == 60


async def test_two_accounts_with_one_transport_share_its_silence() -> None:
    upstream = always(429)
    with pytest.raises(RateLimited):
        await wire_to(upstream, "1").collect(discovery())
    with pytest.raises(RateLimited):
        await wire_to(upstream, "2").collect(discovery())
    assert len(upstream.requests) == 1
    with pytest.raises(RateLimited):
        await wire_to(always(429)).collect(discovery())


def test_two_accounts_on_loops_of_their_own_share_the_silence_of_their_address() -> None:
    async def ask(url: str) -> None:
        wire = Wire(endpoints_for(None, f"{url}/graphql", url), SecretStr("t"), "1", lambda: NOW)
        try:
            await wire.collect(admin())
        finally:
            await wire.aclose()

    world = generated_world(days=0, now=lambda: NOW)
    with sandbox_server(world, Faults(Fault(status=429, api="admin", times=99))) as server:
        for _ in range(2):
            with pytest.raises(RateLimited):
                asyncio.run(ask(server.url))
        assert len(server.requests) == 1


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


async def test_hundred_who_want_to_know_who_answers_ask_once() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.001)
        return httpx.Response(200, json={"data": {"id": 1}})

    upstream = Upstream(answer)
    wire = wire_to(upstream)
    assert len(set(await asyncio.gather(*(wire.fingerprint() for _ in range(100))))) == 1
    assert len(upstream.requests) == 1
