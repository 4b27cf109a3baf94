"""What an HTTP response of dbt Cloud means: its data, or the exception that says what to do."""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import unquote

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
from dbt_discovery.models.report import Source

__all__ = ["NotJson", "ServerFault", "admin_body", "discovery_data", "source_of"]

_RETRIED = frozenset({408, 500, 502, 503, 504})
_SANDBOX_HEADER = "x-dbt-cloud-sandbox"
_SHOWN = 300


class ServerFault(UpstreamError):
    """A fault on the other side that may pass: worth another try."""


class NotJson(ServerFault):
    """A body that is no JSON: cut on its way, or another server's page."""


def admin_body(response: httpx.Response, account_id: str, what: tuple[str, str] | None) -> Any:
    """The body of an Admin API response.

    Args:
        response: The response.
        account_id: The account that was asked for.
        what: Kind and id of the one thing asked for; None for a list, where a 404 means the account.

    Raises:
        Unauthorized, PermissionDenied, NotFound, ConfigurationError, UnexpectedResponse: as the status says.
    """
    body = _json(response)
    if response.is_success:
        if not isinstance(body, dict) or "data" not in body:
            raise _unexpected(response, "without the data it should hold")
        return body
    reason = _admin_reason(body)
    _raise_for_access(response, reason, "Admin API")
    if response.status_code == 404:
        if what:
            raise NotFound(*what, hint="It may not exist, or the token may not see it.")
        raise ConfigurationError(
            f"There is no account {account_id} at {_server(response)} that this token may see. Check DBT_ACCOUNT_ID, "
            "and DBT_HOST: each account lives on one host."
        )
    raise _unexpected(response, f"with HTTP {response.status_code}{_quoted(reason)}")


def discovery_data(response: httpx.Response) -> dict[str, Any]:
    """The data of a Discovery API response. Its errors come with HTTP 200 and with 400: the body decides (quirk 6).

    Raises:
        ComplexityExceeded, QueryRejected, Unauthorized, PermissionDenied, UnexpectedResponse: as the errors say.
    """
    body = _json(response)
    errors = body.get("errors") if isinstance(body, dict) else None
    reason = "; ".join(_message(error) for error in errors or ()) if isinstance(errors, list) else ""
    _raise_for_access(response, reason, "Discovery API")
    if errors:
        codes = {(error.get("extensions") or {}).get("code") for error in errors if isinstance(error, dict)}
        if "COMPLEXITY_EXCEEDED" in codes or "complexity limit" in reason:
            raise ComplexityExceeded("dbt Cloud's Discovery API found the query too large to answer in one piece.")
        if re.search(r"not authorized|unauthorized|permission", reason, re.IGNORECASE):
            raise PermissionDenied(_denied(response, reason, "Discovery API"))
        raise QueryRejected(f"dbt Cloud's Discovery API refused the query{_quoted(reason)}.")
    if not response.is_success or not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise _unexpected(response, f"with HTTP {response.status_code} and no data")
    data: dict[str, Any] = body["data"]
    return data


def source_of(response: httpx.Response, host: str, account_id: str) -> Source:
    """Who answered: dbt Cloud, or a sandbox, which says so in a header."""
    if not (header := response.headers.get(_SANDBOX_HEADER)):
        return Source(kind="dbt_cloud", host=host, account_id=account_id, label=f"dbt Cloud account {account_id}")
    marks = dict(part.strip().partition("=")[::2] for part in header.split(";"))
    kind: Literal["artifacts", "sandbox"] = "artifacts" if marks.get("kind") == "artifacts" else "sandbox"
    label = unquote(marks.get("label", "")) or "Sandbox data"
    return Source(kind=kind, host=host, account_id=account_id, label=label)


def _json(response: httpx.Response) -> Any:
    if response.status_code in _RETRIED:
        raise ServerFault(f"{_server(response)} answered HTTP {response.status_code}.")
    try:
        return response.json()
    except ValueError:
        if response.status_code in (401, 403, 404):
            return None
        raise NotJson(
            f"{_server(response)} answered HTTP {response.status_code} with something that is not JSON. Check "
            "DBT_HOST: it should be the access host of the account."
        ) from None


def _raise_for_access(response: httpx.Response, reason: str, api: str) -> None:
    if response.status_code == 401:
        raise Unauthorized(
            f"{_server(response)} does not accept the token{_quoted(reason)}. Check DBT_SERVICE_TOKEN, and DBT_HOST: a "
            "good token on the wrong host gets the same answer. Your access host is the one your browser shows for dbt "
            "Cloud."
        )
    if response.status_code == 403:
        raise PermissionDenied(_denied(response, reason, api))


def _denied(response: httpx.Response, reason: str, api: str) -> str:
    needs = "Metadata Only" if api == "Discovery API" else "Read-Only, Account Viewer or Job Viewer"
    return (
        f"The token may not use dbt Cloud's {api} at {_server(response)}{_quoted(reason)}. It needs a permission set "
        f"such as {needs}; an account with IP restrictions also answers like this."
    )


def _admin_reason(body: Any) -> str:
    """The words of an Admin API error, whose envelope may lack any part (quirks, *Tokens and rights*)."""
    if not isinstance(body, dict):
        return ""
    status = body.get("status") if isinstance(body.get("status"), dict) else {}
    data = body.get("data")
    words = [status.get("user_message"), body.get("detail"), data if isinstance(data, str) else None]  # type: ignore[union-attr]
    return " ".join(str(word) for word in words if word)


def _message(error: Any) -> str:
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)


def _server(response: httpx.Response) -> str:
    return response.url.netloc.decode()


def _quoted(reason: str) -> str:
    return f" (“{reason[:_SHOWN].rstrip('.')}”)" if reason else ""


def _unexpected(response: httpx.Response, how: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"{_server(response)}{response.url.path} answered {how}. If this stays, the API has changed or DBT_HOST points "
        "elsewhere."
    )
