"""Problems: every error a client sees, as RFC 9457 `application/problem+json`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dbt_discovery import (
    AmbiguousName,
    ConfigurationError,
    DbtDiscoveryError,
    InvalidArgument,
    NotFound,
    RateLimited,
    Unreachable,
    UpstreamError,
)
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from dbt_discovery_web.dependencies import services_of

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["PROBLEMS", "ProblemKind", "answer_problems", "problem"]


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem; `type` in a response leads to its line on the page `/docs`."""

    status: int
    title: str


PROBLEMS: Mapping[str, ProblemKind] = MappingProxyType(
    {
        "invalid-argument": ProblemKind(422, "An argument is not right"),
        "not-found": ProblemKind(404, "Nothing is called that"),
        "ambiguous-name": ProblemKind(409, "Several things are called that"),
        "rate-limited": ProblemKind(503, "dbt Cloud asks to wait"),
        "unreachable": ProblemKind(503, "dbt Cloud cannot be reached"),
        "upstream": ProblemKind(502, "dbt Cloud did not give the answer"),
        "not-configured": ProblemKind(503, "The settings are not complete"),
        "no-such-path": ProblemKind(404, "There is nothing at this path"),
        "method-not-allowed": ProblemKind(405, "This path does not take that method"),
        "unknown-host": ProblemKind(421, "The server does not answer to that name"),
        "foreign-origin": ProblemKind(403, "Another site may not do this"),
        "internal": ProblemKind(500, "Something went wrong here"),
    }
)

_OF_ERRORS: tuple[tuple[type[DbtDiscoveryError], str], ...] = (
    (InvalidArgument, "invalid-argument"),
    (NotFound, "not-found"),
    (AmbiguousName, "ambiguous-name"),
    (RateLimited, "rate-limited"),
    (Unreachable, "unreachable"),
    (UpstreamError, "upstream"),
    (ConfigurationError, "not-configured"),
)
_OF_STATUSES = {404: "no-such-path", 405: "method-not-allowed"}


def problem(
    kind: str,
    detail: str,
    *,
    request: Request,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> JSONResponse:
    """The response for a problem of a known kind."""
    known = PROBLEMS[kind]
    return _response(f"/docs#{kind}", known.title, known.status, detail, request, headers, members)


def answer_problems(app: FastAPI) -> None:
    """Makes an app answer every foreseen error with a problem."""
    app.add_exception_handler(DbtDiscoveryError, _of_error)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_status)


async def _of_error(request: Request, error: Exception) -> JSONResponse:
    kind = next((kind for known, kind in _OF_ERRORS if isinstance(error, known)), None)
    if kind is None:  # not for clients to know: the doorstep logs it and answers 500
        raise error
    members: dict[str, Any] = {}
    headers: dict[str, str] = {}
    match error:
        case InvalidArgument():
            members = {"errors": [{"parameter": error.argument, "message": str(error)}]}
        case NotFound():
            members = {"near": list(error.near)}
        case AmbiguousName():
            members = {"candidates": list(error.candidates)}
        case RateLimited():
            wait = (error.retry_at - services_of(request).account.now()).total_seconds()
            headers = {"Retry-After": str(max(1, math.ceil(wait)))}
    return problem(kind, str(error), request=request, headers=headers, **members)


async def _of_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [_fault(fault) for fault in error.errors()]
    detail = " ".join(f"{fault['parameter']}: {fault['message']}." for fault in errors)
    return problem("invalid-argument", detail, request=request, errors=errors)


async def _of_status(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    kind = _OF_STATUSES.get(error.status_code)
    if kind is None:
        return _response("about:blank", phrase, error.status_code, error.detail, request, error.headers, {})
    detail = error.detail
    if detail != phrase:  # a route's own words
        kind = "not-found" if error.status_code == 404 else kind
    else:
        detail = f"{request.method} {request.url.path} is not answered here. The page /docs lists what is."
    return problem(kind, detail, request=request, headers=error.headers)


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    where: Sequence[Any] = [part for part in fault["loc"] if part not in ("query", "body", "path")]
    message = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    if fault["type"] == "extra_forbidden":
        message = "not a parameter of this path; the page /docs lists those that are"
    if fault["type"] == "json_invalid":
        where, message = (), "not valid JSON"
    return {"parameter": ".".join(map(str, where)) or str(fault["loc"][0]), "message": message}


def _response(
    kind: str,
    title: str,
    status: int,
    detail: str,
    request: Request,
    headers: Mapping[str, str] | None,
    members: Mapping[str, Any],
) -> JSONResponse:
    body = {
        "type": kind,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": request.scope.get("state", {}).get("request_id"),
        **members,
    }
    return JSONResponse(body, status, dict(headers or {}), media_type="application/problem+json")
