"""GraphQL over HTTP: what comes as 400 with errors, and what as 200 with errors (quirk 6).

A request that cannot be executed (no JSON, no query, a syntax error, an unknown field, a bad variable, another
operation than a query) is a 400. Errors while executing come with status 200. A bad token is a 401, as the
documentation has it for a missing prefix, and one without the right a 403; their bodies have ``errors`` too, for
clients that read the body first.
"""

from __future__ import annotations

import re
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionContext,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dbt_cloud_sandbox import auth
from dbt_cloud_sandbox.discovery.complexity import MESSAGE, exceeds_limit
from dbt_cloud_sandbox.discovery.resolvers import Root
from dbt_cloud_sandbox.discovery.schema import read, schema
from dbt_cloud_sandbox.faults import Faults
from dbt_cloud_sandbox.pages import Pages
from dbt_cloud_sandbox.responses import graphql_errors, json_response
from dbt_cloud_sandbox.world import World

PATHS = ("/graphql", "/graphql/", "/beta/graphql", "/beta/graphql/")
NO_ACCESS = "User is not authorized"
QUOTED_NAME = re.compile(r"'([$\w.:@\[\]!]+)'")
NO_QUERY = "GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension."


def routes(world: World) -> list[Route]:
    """The API's paths; all are the same."""
    root, pages = Root(world), Pages(world)

    async def endpoint(request: Request) -> Response:
        if auth.token(request) in (None, auth.INVALID):
            return graphql_errors([_error(NO_ACCESS, "UNAUTHENTICATED")], 401)
        if auth.token(request) == auth.ADMIN_ONLY:
            return graphql_errors([_error(NO_ACCESS, "FORBIDDEN")], 403)
        try:
            query, variables, operation = await _asked(request)
        except ValueError as problem:
            return graphql_errors([_error(str(problem), "BAD_REQUEST")], 400)
        faults: Faults = request.app.state.faults
        asked = (query, orjson.dumps(variables, option=orjson.OPT_SORT_KEYS), operation, faults.deployment)
        return pages.answer(
            (*asked, faults.oldest_results(world.now())), lambda: _answer(root, faults, query, variables, operation)
        )

    return [Route(path, endpoint, methods=["GET", "POST"]) for path in PATHS]


async def _asked(request: Request) -> tuple[str, dict[str, Any], str | None]:
    """The query, its variables and the operation's name.

    Raises:
        ValueError: When the request holds no query, with the reason.
    """
    asked: Any
    if request.method == "GET":
        asked = dict(request.query_params)
        asked["variables"] = _json(asked["variables"]) if asked.get("variables") else None
    else:
        asked = _json(await request.body())
    if not isinstance(asked, dict):
        raise ValueError("POST body must be a JSON object.")
    query, variables, operation = asked.get("query"), asked.get("variables") or {}, asked.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise ValueError(NO_QUERY)
    if not isinstance(variables, dict):
        raise ValueError("`variables` in a POST body must be an object if provided.")
    return query, variables, operation if isinstance(operation, str) else None


def _json(text: bytes | str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"Invalid JSON: {error}") from error


def _answer(root: Root, faults: Faults, query: str, variables: dict[str, Any], operation: str | None) -> Response:
    document, errors = read(query, faults.pagination_cursors)
    if document is None:
        return graphql_errors([_formatted(error, "GRAPHQL_PARSE_FAILED") for error in errors], 400)
    if errors:
        return graphql_errors([_formatted(error, "GRAPHQL_VALIDATION_FAILED") for error in errors], 400)
    known = schema(faults.pagination_cursors)
    unusable = _unusable(known, document, variables, operation)
    if unusable:
        return graphql_errors([_formatted(error, "BAD_USER_INPUT") for error in unusable], 400)
    if exceeds_limit(document, faults.complexity_limit):
        if faults.bare_complexity:
            return Response("Bad Request", 400, media_type="text/plain")
        return graphql_errors([_error(MESSAGE, "COMPLEXITY_EXCEEDED")], 400)
    result = execute(known, document, root, faults, variables, operation)
    if not isinstance(result, ExecutionResult):
        raise TypeError("every resolver of the sandbox is synchronous")
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [_formatted(error, "INTERNAL_SERVER_ERROR") for error in result.errors]
    return json_response(body)


def _unusable(
    known: GraphQLSchema, document: DocumentNode, variables: dict[str, Any], operation: str | None
) -> list[GraphQLError]:
    """Why a valid document cannot be executed: its variables, its name, or not being a query."""
    context = ExecutionContext.build(known, document, raw_variable_values=variables, operation_name=operation)
    if isinstance(context, list):
        return context
    definitions = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    others = [d for d in definitions if d.operation is not OperationType.QUERY]
    return [GraphQLError(f"Schema is not configured for {d.operation.value}s.", d) for d in others]


def _formatted(error: GraphQLError, code: str) -> dict[str, Any]:
    """An error as GraphQL servers word it: names stand in double quotes."""
    body: dict[str, Any] = dict(error.formatted)
    message = QUOTED_NAME.sub(r'"\1"', error.message)
    return body | {"message": message, "extensions": {"code": code, **body.get("extensions", {})}}


def _error(message: str, code: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code}}
