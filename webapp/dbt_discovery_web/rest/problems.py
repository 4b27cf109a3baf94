"""Problems: every error a client sees, as RFC 9457 `application/problem+json`."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from dbt_discovery_web.database.errors import DATABASE_ERRORS, reason
from dbt_discovery_web.methods import allowed_methods

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["PROBLEMS", "Problem", "ProblemKind", "answer_problems", "problem", "problem_of"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem; `type` in a response leads to its line on the page `/docs`."""

    status: int
    title: str


class Fault(BaseModel):
    """What is wrong with one parameter."""

    parameter: str
    message: str


class Problem(BaseModel):
    """An error, as every path answers it (RFC 9457). `type` leads to its line on the page `/docs`."""

    type: str
    title: str
    status: int
    detail: str = Field(description="What happened, to what, and what to do next.")
    instance: str = Field(description="The path that was asked.")
    request_id: str | None = Field(description="Also in the header `X-Request-ID`, and in the log.")
    errors: list[Fault] = Field(default=[], description="The parameters to change (422).")
    near: list[str] = Field(default=[], description="Names that are close to the one given (404).")
    candidates: list[str] = Field(default=[], description="References that mean exactly one thing each (409).")


PROBLEMS: Mapping[str, ProblemKind] = MappingProxyType(
    {
        "invalid-argument": ProblemKind(422, "An argument is not right"),
        "not-found": ProblemKind(404, "Nothing is called that"),
        "ambiguous-name": ProblemKind(409, "Several things are called that"),
        "gone-on": ProblemKind(409, "The conversation has gone on"),
        "rate-limited": ProblemKind(503, "dbt Cloud asks to wait"),
        "unreachable": ProblemKind(503, "dbt Cloud cannot be reached"),
        "upstream": ProblemKind(502, "dbt Cloud did not give the answer"),
        "not-configured": ProblemKind(503, "The settings are not complete"),
        "storage": ProblemKind(503, "Conversations cannot be kept right now"),
        "unreadable-body": ProblemKind(400, "The body cannot be read"),
        "too-large": ProblemKind(413, "The body is too large"),
        "no-chart": ProblemKind(404, "The report has no chart"),
        "not-acceptable": ProblemKind(406, "The answer does not come in that form"),
        "no-such-path": ProblemKind(404, "There is nothing at this path"),
        "method-not-allowed": ProblemKind(405, "This path does not take that method"),
        "unknown-host": ProblemKind(421, "The server does not answer to that name"),
        "bad-signature": ProblemKind(401, "The request is not signed by dbt Cloud"),
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
_OF_STATUSES = {
    400: "unreadable-body",
    404: "no-such-path",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "gone-on",
    413: "too-large",
}
_POLICY = '"dbt-cloud"'
"""Whose limits a client meets here: the requests that dbt Cloud takes in a minute (the IETF's draft on RateLimit)."""
_SEND_JSON = "send a JSON object in UTF-8, with Content-Type: application/json"


def problem(
    kind: str,
    detail: str,
    *,
    request: Request,
    headers: Mapping[str, str] | None = None,
    status: int | None = None,
    **members: Any,
) -> JSONResponse:
    """The response for a problem of a known kind, whose status it has unless another is given."""
    known = PROBLEMS[kind]
    return _response(f"/docs#{kind}", known.title, status or known.status, detail, request, headers, members)


def answer_problems(app: FastAPI) -> None:
    """Makes an app answer every foreseen error with a problem."""
    app.add_exception_handler(DbtDiscoveryError, _of_error)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_status)
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _of_storage)


def problem_of(error: DbtDiscoveryError, *, request: Request, status: int | None = None) -> JSONResponse:
    """The response for an error of the core; with another status than its kind's, if given.

    Raises:
        DbtDiscoveryError: It is of no kind that is for clients to know: the doorstep logs it and answers 500.
    """
    kind = next((kind for known, kind in _OF_ERRORS if isinstance(error, known)), None)
    if kind is None:
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
            # Waiting takes real time, also where the clock of the reports stands still.
            wait = max(1, math.ceil((error.retry_at - datetime.now(UTC)).total_seconds()))
            headers = {"Retry-After": str(wait), "RateLimit": f"{_POLICY};r=0;t={wait}"}
            if error.per_minute:
                headers["RateLimit-Policy"] = f"{_POLICY};q={error.per_minute};w=60"
    return problem(kind, str(error), request=request, headers=headers, status=status, **members)


async def _of_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DbtDiscoveryError)
    return problem_of(error, request=request)


async def _of_storage(request: Request, error: Exception) -> JSONResponse:
    logger.error("Conversations cannot be read or written: %s", reason(error))
    detail = (
        f"The database of the conversations cannot be used right now ({reason(error)}). Ask again; if it stays so, set "
        "DBT_DISCOVERY_DATABASE_URL to another one."
    )
    return problem("storage", detail, request=request)


async def _of_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [_fault(fault) for fault in error.errors()]
    detail = " ".join(_sentence(**fault) for fault in errors)
    return problem("invalid-argument", detail, request=request, errors=errors)


async def _of_status(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    kind = _OF_STATUSES.get(error.status_code)
    if kind is None:
        return _response("about:blank", phrase, error.status_code, error.detail, request, error.headers, {})
    headers = dict(error.headers or {})
    if kind == "method-not-allowed":
        headers["Allow"] = ", ".join(allowed_methods(request))
    detail = error.detail
    if kind == "unreadable-body":
        detail = f"The body cannot be read: {_SEND_JSON}."
    elif detail != phrase:  # a route's own words
        kind = "not-found" if error.status_code == 404 else kind
    else:
        detail = f"{request.method} {request.url.path} is not answered here. The page /docs lists what is."
    return problem(kind, detail, request=request, headers=headers)


def _sentence(parameter: str, message: str) -> str:
    return f"{message}." if message.startswith(f"{parameter} ") else f"{parameter}: {message}."


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    where: Sequence[Any] = [part for part in fault["loc"] if part not in ("query", "body", "path")]
    message = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    if fault["type"] == "extra_forbidden":
        message = "not a parameter of this path; the page /docs lists those that are"
    if fault["type"] == "json_invalid":
        where, message = (), "not valid JSON"
    if fault["type"] in ("model_attributes_type", "model_type") and not where:
        message = _SEND_JSON
    conflict = fault.get("ctx", {}).get("error")
    if not where and hasattr(conflict, "argument"):
        where = (conflict.argument,)
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
