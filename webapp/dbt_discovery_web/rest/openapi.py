"""The OpenAPI document: what FastAPI knows of the routes, and how their problems look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from dbt_discovery_web.rest.problems import PROBLEMS, Problem, ProblemKind

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from dbt_discovery_web.wire.short_way import ShortWay

__all__ = ["Described"]

_PROBLEM = "application/problem+json"
_STATUSES = sorted({str(kind.status) for kind in PROBLEMS.values()})
_NAMING = frozenset(
    {"projects", "project_ids", "environment", "jobs", "job_ids", "job", "models", "model_ids", "model", "run_id"}
)
"""Parameters that name things, which may not be there, or carry a name that others carry too."""
_ALONE = frozenset({"healthz", "list_reports"})
"""Operations that ask nobody."""
_NAMED_DAYS = "today|yesterday|this_week|last_week|this_month|last_month"
_MOMENT = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?"
_PERIOD = rf"^({_NAMED_DAYS}|last_[1-9]\d{{0,3}}_(day|hour|week)s?|\d{{4}}-\d{{2}}-\d{{2}}|{_MOMENT}/{_MOMENT})$"


class Described(FastAPI):
    """An app whose OpenAPI document tells of every operation which problems it may answer, and in what form.

    Attributes:
        short_way: Answers what needs no route, before the app sees it.
    """

    short_way: ShortWay | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if self.short_way is None or not await self.short_way.answers(scope, send):
            await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The document; made once, when it is first asked for."""
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for replaced in ("HTTPValidationError", "ValidationError"):  # FastAPI's own, which no path answers
                schemas.pop(replaced, None)
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= problem.pop("$defs") | {"Problem": problem}
            document["components"]["responses"] = {f"Problem{status}": _problem(status) for status in _STATUSES}
            for methods in document["paths"].values():
                for method, operation in methods.items():
                    schemas |= _parts_of_body(operation)
                    _finish(method, operation)
        return self.openapi_schema or {}


def _finish(method: str, operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _sendable(parameter["schema"])
        if parameter["name"] == "period":
            parameter["schema"]["pattern"] = _PERIOD
    responses = operation["responses"]
    for status in sorted({*_problems(method, operation), *(code for code in responses if code >= "400")}):
        own = responses.get(status, {}).get("content", {}).keys() - {"application/json"}
        if status in _STATUSES and not own:
            responses[status] = {"$ref": f"#/components/responses/Problem{status}"}
        elif status in _STATUSES:
            responses[status]["content"] |= _problem(status)["content"]


def _parts_of_body(operation: dict[str, Any]) -> dict[str, Any]:
    """Takes the schemas out of a body's own that this refers to among those of the document."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    parts: dict[str, Any] = content.get("schema", {}).pop("$defs", {})
    return parts


def _sendable(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter without null, which a query has no way to say but to leave the parameter out."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf" and (key, value) != ("default", None)}
    return {**rest, **kinds[0]}


def _problems(method: str, operation: dict[str, Any]) -> Iterator[str]:
    """The statuses of the problems that an operation of this form may answer."""
    named = {parameter["name"]: parameter["in"] for parameter in operation.get("parameters", ())}
    yield from ("421", "422", "500")
    if "path" in named.values() or _NAMING & named.keys():
        yield "404"
    if _NAMING & named.keys() or {"project", "job", "model"} & named.keys():
        yield "409"
    if "requestBody" in operation:
        yield from ("400", "413")
    if method != "get":
        yield "403"
    if operation["operationId"] not in _ALONE:
        yield from ("502", "503")


def _problem(status: str) -> dict[str, Any]:
    """The description of the problems of one status, with an example of each."""
    kinds = {kind: each for kind, each in PROBLEMS.items() if str(each.status) == status}
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {kind: {"value": _example(kind, each)} for kind, each in kinds.items()},
    }
    return {"description": "; ".join(each.title for each in kinds.values()), "content": {_PROBLEM: content}}


def _example(kind: str, known: ProblemKind) -> dict[str, Any]:
    problem = Problem(
        type=f"/docs#{kind}",
        title=known.title,
        status=known.status,
        detail=f"{known.title}.",
        instance="/jobs",
        request_id="3f2a9c",
    )
    return problem.model_dump(exclude_unset=True)
