"""What dbt Cloud's answers mean: statuses that mislead, envelopes without parts, and bodies of every wrong form."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
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
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.models import ModelService
from dbt_discovery.services.operation import DiscoveryOperation, Operation
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

from tests.core.upstream import NOW, TOKEN, Upstream, admin, discovery, wire_to

REFERENCE = os.environ.get("DBT_DISCOVERY_REFERENCE", "")
THING = admin("v2/accounts/{account}/runs/{id}/", scope="runs", variables=(("id", "7"),))
LIST = admin(paged=True)
EVERY = pytest.mark.parametrize("operation", [THING, LIST, discovery()], ids=["thing", "list", "discovery"])
ADMIN = pytest.mark.parametrize("operation", [THING, LIST], ids=["thing", "list"])
PAGE = b"<!DOCTYPE html><html><title>Sign in</title></html>"


def always(status: int, body: Any = None, **headers: str) -> Upstream:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Upstream(lambda request: httpx.Response(status, content=content, headers=headers))


async def failing(upstream: Upstream, operation: Operation[Any], host: str | None = None) -> DbtDiscoveryError:
    """The error of an operation, which never holds the token and always says what to do."""
    with pytest.raises(DbtDiscoveryError) as raised:
        await wire_to(upstream, host=host).collect(operation)
    assert TOKEN not in str(raised.value)
    return raised.value


def in_order(text: str, *words: str) -> bool:
    """Whether all words are in the text, one after the other."""
    place = 0
    for word in words:
        if (found := text.find(word, place)) < 0:
            return False
        place = found + len(word)
    return True


# What access errors are likely to be, the likeliest first


async def test_401_of_the_default_host_blames_the_host_before_the_token() -> None:
    for operation in (LIST, discovery()):
        text = str(await failing(always(401, {"status": {"code": 401, "user_message": "Invalid token."}}), operation))
        assert in_order(text, "cloud.getdbt.com", "Invalid token", "DBT_HOST", "DBT_SERVICE_TOKEN", "plans")


async def test_401_of_a_host_that_was_chosen_blames_the_token_before_the_host() -> None:
    for operation in (LIST, discovery()):
        text = str(await failing(always(401, {"detail": "No."}), operation, "abc123.us1.dbt.com"))
        assert in_order(text, "us1.dbt.com", "No", "DBT_SERVICE_TOKEN", "DBT_HOST", "plans")


async def test_401_of_discovery_says_that_it_needs_rights_of_its_own() -> None:
    error = await failing(
        always(200, {"errors": [{"message": "x", "extensions": {"code": "UNAUTHENTICATED"}}]}), discovery()
    )
    assert isinstance(error, Unauthorized)
    assert "Metadata Only" in str(error)


async def test_403_of_the_admin_api_says_that_metadata_only_is_not_enough() -> None:
    body = {"status": {"code": 403, "user_message": "Forbidden: You do not have permission."}, "data": None}
    error = await failing(always(403, body), LIST)
    assert isinstance(error, PermissionDenied)
    assert in_order(str(error), "Admin API", "do not have permission", "Job Viewer", "Metadata Only", "IP restrictions")


@pytest.mark.parametrize("body", [b"", PAGE, b'{"message": "Forbidden"}', b"[]"])
async def test_403_of_discovery_may_be_a_rule_about_addresses(body: bytes) -> None:
    error = await failing(always(403, body), discovery())
    assert isinstance(error, PermissionDenied)
    assert in_order(str(error), "Discovery API", "Metadata Only", "IP restrictions", "DBT_HOST")


@pytest.mark.parametrize("words", ["", " Please check that you have the proper permissions."])
async def test_404_may_be_missing_rights_for_one_thing_and_for_the_account(words: str) -> None:
    body = {"status": {"code": 404, "user_message": f"The requested resource was not found.{words}"}, "data": None}
    thing = await failing(always(404, body), THING)
    assert isinstance(thing, NotFound)
    assert "the token may not see it" in str(thing)
    account = await failing(always(404, body), LIST)
    assert isinstance(account, ConfigurationError)
    assert in_order(str(account), "no account 1", "DBT_ACCOUNT_ID", "DBT_HOST", "permission set")


@pytest.mark.parametrize("body", [b"", PAGE])
async def test_404_that_is_no_api_answer_blames_the_host_and_not_the_account(body: bytes) -> None:
    error = await failing(always(404, body), LIST)
    assert isinstance(error, ConfigurationError)
    assert "DBT_HOST" in str(error)
    assert "DBT_ACCOUNT_ID" not in str(error)


@pytest.mark.parametrize("status", [404, 405])
async def test_a_discovery_address_without_an_api_asks_for_the_full_one(status: int) -> None:
    error = await failing(always(status, b"Not here"), discovery(), "abc123.us1.dbt.com")
    assert isinstance(error, ConfigurationError)
    assert in_order(str(error), "abc123.metadata.us1.dbt.com", "DBT_HOST", "DBT_METADATA_URL", "/graphql")


# Refused requests


@ADMIN
async def test_400_of_the_admin_api_quotes_the_reason(operation: Operation[Any]) -> None:
    body = {"status": {"code": 400, "user_message": "created_at__range is not supported."}, "data": None}
    upstream = always(400, body)
    error = await failing(upstream, operation)
    assert type(error) is QueryRejected
    assert "created_at__range is not supported" in str(error)
    assert len(upstream.requests) == 1


@EVERY
@pytest.mark.parametrize("body", [b"", PAGE, b"{}", b"[]", b"null", b'"no"'])
async def test_a_bare_400_is_a_refused_request_so_that_batches_are_halved(
    operation: Operation[Any], body: bytes
) -> None:
    error = await failing(always(400, body), operation)
    assert type(error) is (ComplexityExceeded if isinstance(operation, DiscoveryOperation) else QueryRejected)


@pytest.mark.parametrize("errors", [["just text"], "just text", {"message": "just text"}, [{"message": "just text"}]])
@pytest.mark.parametrize("status", [200, 422])
async def test_errors_of_any_form_are_told(status: int, errors: Any) -> None:
    error = await failing(always(status, {"errors": errors, "data": None}), discovery())
    assert type(error) is QueryRejected
    assert "just text" in str(error)


async def test_a_400_with_errors_quotes_them() -> None:
    error = await failing(always(400, {"errors": [{"message": "just text"}]}), discovery())
    assert type(error) is QueryRejected
    assert "just text" in str(error)


async def test_errors_beside_data_are_not_overlooked() -> None:
    error = await failing(always(200, {"data": {"things": []}, "errors": [{"message": "half of it"}]}), discovery())
    assert "half of it" in str(error)


@pytest.mark.parametrize("errors", [None, []])
async def test_no_errors_is_no_error(errors: Any) -> None:
    body = {"data": {"things": [1]}, "errors": errors}
    assert (await wire_to(always(200, body)).collect(discovery())).data == {"things": [1]}


@pytest.mark.parametrize(
    "message", ["User is not authorized", "Forbidden", "You do not have the required permission", "Permission denied"]
)
async def test_an_error_about_rights_is_told_as_one(message: str) -> None:
    assert type(await failing(always(200, {"errors": [{"message": message}]}), discovery())) is PermissionDenied


async def test_a_field_called_permissions_is_no_matter_of_rights() -> None:
    errors = [{"message": "Cannot query field 'permissions' on type 'Query'."}]
    assert type(await failing(always(400, {"errors": errors}), discovery())) is QueryRejected


@pytest.mark.parametrize(
    "message",
    [
        "Cannot return null for non-nullable field Query.environment.",
        "Environment 7 was not found.",
        "You have no access",
    ],
)
async def test_an_environment_that_is_null_against_the_schema_is_out_of_sight(message: str) -> None:
    errors = [{"message": message, "path": ["environment"]}]
    payload = await wire_to(always(200, {"data": None, "errors": errors})).collect(discovery())
    assert payload.data == {"environment": None}


async def test_an_environment_that_the_sandbox_does_not_know_is_out_of_sight(world: sandbox.World) -> None:
    account = str(world.account.id)
    wire = Wire(endpoints_for(None), SecretStr(TOKEN), account, lambda: NOW, sandbox.transport(world))
    service = ModelService(DbtClient(wire, CachingStrategy()))
    assert (await service.models("12345")).value is None
    assert (await service.model_count("12345")).value is None


@pytest.mark.parametrize("message", ["Internal server error", "The service timed out"])
async def test_a_fault_at_an_environment_is_not_taken_for_one_out_of_sight(message: str) -> None:
    errors = [{"message": message, "path": ["environment"]}]
    assert type(await failing(always(200, {"data": None, "errors": errors}), discovery())) is QueryRejected


async def test_a_null_further_down_is_not_taken_for_an_environment_out_of_sight() -> None:
    path = ["environment", "applied", "models"]
    errors = [{"message": "Cannot return null for non-nullable field X.models.", "path": path}]
    assert type(await failing(always(200, {"data": None, "errors": errors}), discovery())) is QueryRejected


async def test_what_else_an_answer_holds_is_kept_beside_what_is_out_of_sight() -> None:
    errors = [{"message": "Job run not found", "path": [alias]} for alias in ("r1", "r3")]
    payload = await wire_to(always(200, {"data": {"r0": 1, "r1": None, "r2": 2}, "errors": errors})).collect(
        discovery()
    )
    assert payload.data == {"r0": 1, "r1": None, "r2": 2, "r3": None}


async def test_beside_another_error_nothing_is_taken_for_out_of_sight() -> None:
    errors = [{"message": "Job run not found", "path": ["r1"]}, {"message": "Broken."}]
    error = await failing(always(200, {"data": {"r0": 1, "r1": None}, "errors": errors}), discovery())
    assert type(error) is QueryRejected


# Bodies of every wrong form


@EVERY
@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", "an empty body"), (b"  \n", "an empty body"), (PAGE, "a web page"), (b'{"data"', "something else")],
)
async def test_a_200_that_is_no_json_says_what_it_is_and_names_the_host(
    operation: Operation[Any], body: bytes, kind: str
) -> None:
    error = await failing(always(200, body), operation)
    assert isinstance(error, UnexpectedResponse)
    assert in_order(str(error), kind, "not JSON", "DBT_HOST")


@EVERY
@pytest.mark.parametrize("body", [[], {}, None, 7, "text", {"data": None}, {"status": None}, {"status": {"code": 200}}])
async def test_a_200_without_data_is_an_unexpected_response(operation: Operation[Any], body: Any) -> None:
    error = await failing(always(200, body), operation)
    assert isinstance(error, UnexpectedResponse)
    assert "DBT_HOST" in str(error)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb'"cut in half: \ud83d"', "cut in half: �"),
        (rb'"the other half: \ude00, and both: \ud83d\ude00"', "the other half: �, and both: 😀"),
        (rb'{"key \ud83d": "\u0000"}', {"key �": "�"}),
        (rb'"a path: C:\\u0000"', r"a path: C:\u0000"),
        (b"[1, NaN, -Infinity, 2.5]", [1, None, None, 2.5]),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        ("é".encode(), None),
    ],
    ids=["half an emoji", "both halves", "a character 0", "a backslash", "NaN", "a key twice", "no JSON"],
)
async def test_json_that_is_not_quite_json_is_read_as_well_as_can_be(text: bytes, value: Any) -> None:
    upstream = always(200, b'{"data": ' + text + b"}")
    if value is None:
        assert isinstance(await failing(upstream, LIST), UnexpectedResponse)
    else:
        assert (await wire_to(upstream).collect(admin())).data == value


@EVERY
async def test_json_too_deep_to_read_is_no_json(operation: Operation[Any]) -> None:
    assert isinstance(await failing(always(200, b"[" * 100_000), operation), UnexpectedResponse)


@EVERY
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 422, 500, 503])
@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"data": None},
        {"status": None, "data": None},
        {"status": {"user_message": None}},
        {"status": "failed", "data": "words"},
        {"status": {"user_message": {"a": 1}}, "detail": ["x"]},
        b"",
        PAGE,
        b"\xff",
    ],
    ids=str,
)
async def test_an_error_of_any_form_is_an_error_of_ours(operation: Operation[Any], status: int, body: Any) -> None:
    error = await failing(always(status, body), operation)
    assert str(error).endswith(".")
    if status in (408, 500, 503):
        assert type(error) is Unreachable


@EVERY
async def test_a_server_fault_quotes_its_words(operation: Operation[Any]) -> None:
    body = {"status": {"code": 500, "user_message": "There was a server error. Please contact support!"}, "data": None}
    assert in_order(str(await failing(always(500, body), operation)), "500", "contact support", "3 times")


@EVERY
@pytest.mark.parametrize("body", [b"", PAGE, b'{"detail": "Request was throttled."}', b"[]"])
async def test_a_429_is_a_rate_limit_whatever_its_body(operation: Operation[Any], body: bytes) -> None:
    assert isinstance(await failing(always(429, body), operation), RateLimited)


# Redirects


@EVERY
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_told_and_the_token_is_not_sent_after_it(operation: Operation[Any], status: int) -> None:
    upstream = always(status, PAGE, Location="https://abc123.us1.dbt.com/login/?next=s3cret")
    error = await failing(upstream, operation)
    assert isinstance(error, UnexpectedResponse)
    assert in_order(str(error), "cloud.getdbt.com", "https://abc123.us1.dbt.com/login/", "DBT_HOST")
    assert "s3cret" not in str(error)
    assert {request.url.host for request in upstream.requests} <= {"cloud.getdbt.com", "metadata.cloud.getdbt.com"}
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("headers", [{}, {"Location": "/login"}, {"Location": "http://"}])
async def test_a_redirect_may_lead_anywhere_or_nowhere(headers: dict[str, str]) -> None:
    assert isinstance(await failing(always(302, b"", **headers), LIST), UnexpectedResponse)


# Recorded error bodies

EXPECTED: list[tuple[type[DbtDiscoveryError], tuple[str, ...]]] = [
    (ComplexityExceeded, ("too large",)),
    (QueryRejected, ("conflicting types",)),
    (PermissionDenied, ("User is not authorized", "Metadata Only", "IP restrictions")),
    (Unauthorized, ("Invalid token", "DBT_HOST", "DBT_SERVICE_TOKEN")),
    (Unreachable, ("500", "Please contact support", "try again")),
    (UnexpectedResponse, ("405", 'Method "GET" not allowed', "DBT_HOST")),
    (ConfigurationError, ("proper permissions", "DBT_ACCOUNT_ID", "DBT_HOST", "permission set")),
    (ConfigurationError, ("was not found", "DBT_ACCOUNT_ID", "DBT_HOST")),
    (PermissionDenied, ("do not have permission", "Read-Only", "IP restrictions")),
    (Unauthorized, ("Invalid or expired token", "DBT_HOST", "DBT_SERVICE_TOKEN")),
]
"""What each recorded body becomes and says, in the order of the file."""


@pytest.mark.skipif(not REFERENCE, reason="DBT_DISCOVERY_REFERENCE names no folder of recorded payloads")
async def test_every_recorded_error_body_becomes_its_exception_with_what_to_do() -> None:
    entries = json.loads((Path(REFERENCE) / "payloads/errors/real_error_bodies.json").read_text(encoding="utf-8"))
    for entry, (kind, words) in zip(entries, EXPECTED, strict=True):
        status = entry["http"] if isinstance(entry["http"], int) else 200
        error = await failing(always(status, entry["body"]), LIST if entry["api"] == "admin" else discovery())
        assert type(error) is kind, entry
        assert in_order(str(error), *words), (str(error), words)
