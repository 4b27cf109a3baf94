"""JSON responses and the bodies dbt Cloud puts around data and errors."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

INVALID_REQUEST = "The request was invalid. Please double check the provided data and try again."
INVALID_TOKEN = "Invalid token."
NO_PERMISSION = "Forbidden: You do not have permission to access this resource."
NOT_FOUND = "The requested resource was not found."
NOT_FOUND_OR_FORBIDDEN = f"{NOT_FOUND} Please check that you have the proper permissions."
SERVER_ERROR = "There was a server error. Please contact support!"
UNAUTHORIZED = "Unauthorized: Invalid or expired token."


class AdminError(Exception):
    """An answer of the Admin API that is not a success."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


class BadRequest(AdminError):
    """A query parameter that the API does not know or cannot read."""

    def __init__(self, problem: str) -> None:
        super().__init__(400, INVALID_REQUEST, problem)


def json_response(body: Any, status: int = 200) -> Response:
    """The body as JSON."""
    return Response(orjson.dumps(body), status, media_type="application/json")


def status_block(code: int, message: str) -> dict[str, Any]:
    """The ``status`` object that opens every Admin body."""
    return {"code": code, "is_success": code < 400, "user_message": message, "developer_message": ""}


def success(data: Any, extra: dict[str, Any] | None = None) -> Response:
    """An Admin answer; lists have ``extra``."""
    body: dict[str, Any] = {"status": status_block(200, "Success!"), "data": data}
    return json_response(body if extra is None else body | {"extra": extra})


def failure(error: AdminError) -> Response:
    """An Admin error in its envelope. A bad token's is shorter than the others, as observed."""
    if error.message == INVALID_TOKEN:
        return json_response({"status": {"code": 401, "user_message": INVALID_TOKEN}}, 401)
    body = {"status": status_block(error.code, error.message), "data": error.data}
    if error.code in (400, 500):
        body |= {"extra": {}, "error_code": None}
    return json_response(body, error.code)


def not_allowed(method: str) -> Response:
    """Django's answer to a method that a path does not have; it has no status envelope."""
    return json_response({"detail": f'Method "{method}" not allowed.'}, 405)


def graphql_errors(messages: list[dict[str, Any]], status: int) -> Response:
    """A Discovery answer without data."""
    return json_response({"errors": messages}, status)
