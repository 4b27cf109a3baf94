"""What an HTTP response of dbt Cloud means: its data, or the exception that says what to do.

A status of dbt Cloud often has another cause than its number says. So a message quotes dbt Cloud's own words, then
names the causes, the likeliest first, each with the setting that mends it.
"""

from __future__ import annotations

import re
from typing import Any

import httpx

from dbt_discovery.exceptions import (
    ComplexityExceeded,
    ConfigurationError,
    NotFound,
    PermissionDenied,
    QueryRejected,
    Unauthorized,
    UnexpectedResponse,
    UpstreamError,
)
from dbt_discovery.services.hosts import DEFAULT_HOST, Endpoints, Origin
from dbt_discovery.services.json_bodies import json_of

__all__ = [
    "NotJson",
    "ServerFault",
    "admin_body",
    "discovery_data",
    "file_body",
]

_RETRIED = frozenset({408, 500, 502, 503, 504})
_SHOWN = 300
_DENIED = re.compile(r"not authori[sz]ed|unauthori[sz]ed|forbidden|permission denied|n[o']t have .*permission", re.I)
_HIDDEN = re.compile(r"null for non-nullable field|not found|no access|does not exist", re.I)


class ServerFault(UpstreamError):
    """A fault on the other side that may pass: worth another try."""


class NotJson(ServerFault):
    """A body that is no JSON: cut on its way, or another server's page."""


def admin_body(
    response: httpx.Response, account_id: str, what: tuple[str, str] | None, endpoints: Endpoints | None = None
) -> Any:
    """The body of an Admin API response, with its data.

    Args:
        response: The response.
        account_id: The account that was asked for.
        what: Kind and id of the one thing asked for; None for a list.
        endpoints: The account's addresses, which know the setting that each follows from.

    Raises:
        Unauthorized, PermissionDenied, NotFound, ConfigurationError, QueryRejected, UnexpectedResponse: as the status
            says, or there is no data.
    """
    body = file_body(response, account_id, what, endpoints)
    if not isinstance(body, dict) or body.get("data") is None:
        raise _unexpected(response, Origin("admin", endpoints), "without the data it should hold")
    return body


def file_body(
    response: httpx.Response, account_id: str, what: tuple[str, str] | None, endpoints: Endpoints | None = None
) -> Any:
    """The body of a file that the Admin API gives as it is, without its envelope. Its errors are the API's own.

    Args:
        response: The response.
        account_id: The account that was asked for.
        what: Kind and id of the one thing asked for; None for a list, where a 404 means the account.
        endpoints: The account's addresses, which know the setting that each follows from.

    Raises:
        Unauthorized, PermissionDenied, NotFound, ConfigurationError, QueryRejected, UnexpectedResponse: as the status
            says.
    """
    origin = Origin("admin", endpoints)
    body = _json(response, origin)
    if response.is_success:
        return body
    reason = _reason(body)
    match response.status_code:
        case 400:
            why = _quoted(reason) or " without a reason"
            raise QueryRejected(f"dbt Cloud's Admin API refused what {response.url.path} was asked with{why}.")
        case 401:
            raise Unauthorized(
                _not_accepted(response, origin, reason, "Use a service token or a personal token of the account.")
            )
        case 403:
            raise PermissionDenied(
                f"The token may not use dbt Cloud's Admin API at {_server(response)}{_quoted(reason)}. It needs a "
                "permission set such as Read-Only, Account Viewer or Job Viewer: Metadata Only opens the Discovery API "
                "alone. An account with IP restrictions also answers like this."
            )
        case 404 if what:
            raise NotFound(*what, hint="It may not exist, or the token may not see it: dbt Cloud answers both alike.")
        case 404:
            raise ConfigurationError(_no_account(response, origin, account_id, body))
    raise _unexpected(response, origin, f"with HTTP {response.status_code}{_quoted(reason)}")


def discovery_data(response: httpx.Response, endpoints: Endpoints | None = None) -> dict[str, Any]:
    """The data of a Discovery API response. Its errors come with HTTP 200 and with 400: the body decides (quirk 6).

    An environment that the token does not see is null in the data, also where the schema forbids that (quirk 8).

    Raises:
        ComplexityExceeded, QueryRejected, Unauthorized, PermissionDenied, ConfigurationError, UnexpectedResponse: as
            the errors say.
    """
    origin = Origin("discovery", endpoints)
    body = _json(response, origin)
    errors = body.get("errors") if isinstance(body, dict) else None
    if isinstance(body, dict) and errors and (hidden := _out_of_sight(errors)):
        return {**(body.get("data") or {}), **dict.fromkeys(hidden)}
    reason = _reason(body)
    codes = {_code(error) for error in errors} if isinstance(errors, list) else set()
    if response.status_code == 401 or "UNAUTHENTICATED" in codes:
        needs = "A token that serves the Admin API alone is refused here too: it needs Metadata Only as well."
        raise Unauthorized(_not_accepted(response, origin, reason, needs))
    if response.status_code == 403 or "FORBIDDEN" in codes or (errors and _DENIED.search(reason)):
        raise PermissionDenied(
            f"The token may not use dbt Cloud's Discovery API at {_server(response)}{_quoted(reason)}. It needs a "
            "permission set such as Metadata Only. If it has one, the account may have IP restrictions, which answer "
            f"like this, or {origin} belongs to another account."
        )
    if "COMPLEXITY_EXCEEDED" in codes or "complexity limit" in reason:
        raise ComplexityExceeded("dbt Cloud's Discovery API found the query too large to answer in one piece.")
    if response.status_code == 400 and not reason:  # how some queries that are too large are refused
        raise ComplexityExceeded(
            "dbt Cloud's Discovery API refused the query without a reason (HTTP 400), as it does with one that is too "
            f"large. If this stays, check {origin}."
        )
    if errors or response.status_code == 400:
        raise QueryRejected(f"dbt Cloud's Discovery API refused the query{_quoted(reason)}.")
    if response.status_code in (404, 405):
        raise ConfigurationError(
            f"There is no Discovery API at {response.url.copy_with(query=None)} (HTTP {response.status_code}). "
            f"{origin.to_check_or_set}"
        )
    if not response.is_success or not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise _unexpected(response, origin, f"with HTTP {response.status_code} and no data{_quoted(reason)}")
    data: dict[str, Any] = body["data"]
    return data


def _json(response: httpx.Response, origin: Origin) -> Any:
    """The parsed body; None where an error has none, since its status says enough."""
    if response.is_redirect:
        raise _sent_on(response, origin)
    try:
        body = json_of(response)
    except (ValueError, RecursionError):
        body = None
        if response.status_code not in _RETRIED and not response.is_client_error:
            raise NotJson(
                f"{_server(response)} answered HTTP {response.status_code} with {_kind_of(response)}, not JSON. "
                f"{origin.to_check}"
            ) from None
    if response.status_code in _RETRIED:
        raise ServerFault(f"{_server(response)} answered HTTP {response.status_code}{_quoted(_reason(body))}.")
    return body


def _kind_of(response: httpx.Response) -> str:
    """What a body is that is no JSON, for people."""
    content = response.content.strip()
    if not content:
        return "an empty body"
    page = content[:1] == b"<" or "html" in response.headers.get("content-type", "")
    return "a web page, such as a sign-in page or a proxy's" if page else "something else"


def _sent_on(response: httpx.Response, origin: Origin) -> UnexpectedResponse:
    """A redirect is told, not followed: the token is for the host that was named and for no other."""
    try:
        target = str(response.url.join(response.headers["location"]).copy_with(query=None, fragment=None, userinfo=b""))
    except (KeyError, ValueError, httpx.InvalidURL):
        target = "another place"
    return UnexpectedResponse(
        f"{_server(response)} sends requests on to {target} (HTTP {response.status_code}); the token is not sent there "
        f"unasked. {origin.to_check}"
    )


def _not_accepted(response: httpx.Response, origin: Origin, reason: str, token: str) -> str:
    """A 401: the wrong host where that is the default one, else the token; the plan comes last."""
    causes = [
        f"Check DBT_SERVICE_TOKEN: it may be mistyped, expired or revoked. {token}",
        f"Check {origin}: a good token on the wrong host gets the same answer. {origin.should_be}",
    ]
    if _server(response) in (DEFAULT_HOST, f"metadata.{DEFAULT_HOST}"):
        causes.reverse()
    plan = "Trial and Developer plans have no API access and may answer like this too."
    return f"{_server(response)} does not accept the token{_quoted(reason)}. {' '.join(causes)} {plan}"


def _no_account(response: httpx.Response, origin: Origin, account_id: str, body: Any) -> str:
    """A 404 of a whole list; without an API's body, it is hardly an API that answered."""
    if not isinstance(body, dict):
        return (
            f"{_server(response)} has nothing at {response.url.path}, and does not answer as the Admin API does. "
            f"{origin.to_check}"
        )
    if f"/{account_id}/" not in response.url.path:  # the list of accounts, asked of none of them
        return (
            f"{_server(response)} does not list the accounts that this token sees{_quoted(_reason(body))}. "
            f"{'' if account_id else 'Set DBT_ACCOUNT_ID. '}{origin.to_check}"
        )
    return (
        f"There is no account {account_id} at {_server(response)} that this token may see{_quoted(_reason(body))}. "
        f"Check DBT_ACCOUNT_ID, then {origin}: each account lives on one host. Missing rights answer like this too: "
        "the token needs a permission set such as Read-Only, Account Viewer or Job Viewer."
    )


def _out_of_sight(errors: Any) -> list[str]:
    """The top-level fields that are null for want of access, such as an environment that the token does not see.

    None where anything else is wrong too: then nothing in the answer can be relied upon.
    """
    fields = [_hidden_field(error) for error in errors] if isinstance(errors, list) else []
    return [field for field in fields if field] if all(fields) else []


def _hidden_field(error: Any) -> str | None:
    path = error.get("path") if isinstance(error, dict) else None
    top = path[0] if isinstance(path, list) and len(path) == 1 else None
    return str(top) if top and _HIDDEN.search(_message(error)) else None


def _reason(body: Any) -> str:
    """The words of an error, whose envelope may lack any part (quirks, *Tokens, rights and errors*)."""
    if not isinstance(body, dict):
        return ""
    if errors := body.get("errors"):
        return "; ".join(map(_message, errors if isinstance(errors, list) else [errors]))
    status, data = body.get("status"), body.get("data")
    words = [status.get("user_message") if isinstance(status, dict) else None, body.get("detail")]
    words.append(data if isinstance(data, str) else None)
    return " ".join(str(word) for word in words if word)


def _message(error: Any) -> str:
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return str(extensions.get("code", "")) if isinstance(extensions, dict) else ""


def _server(response: httpx.Response) -> str:
    return response.url.netloc.decode()


def _quoted(reason: str) -> str:
    return f" (“{reason[:_SHOWN].rstrip('.')}”)" if reason else ""


def _unexpected(response: httpx.Response, origin: Origin, how: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"{_server(response)}{response.url.path} answered {how}. If this stays, the API has changed or {origin} "
        "points elsewhere."
    )
