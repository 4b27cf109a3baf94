"""The schema with its scalars, and operations read against it."""

from __future__ import annotations

import math
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    IntValueNode,
    StringValueNode,
    ValueNode,
    build_schema,
    parse,
    validate,
)

CURSOR_FIELD = "  paginationCursor: String\n"
KEPT_DOCUMENTS = 256


@cache
def schema(cursors: bool = True) -> GraphQLSchema:
    """The sandbox's subset of the published schema, from ``schema.graphql``; with ``paginationCursor`` or without."""
    text = (resources.files(__package__) / "schema.graphql").read_text("utf-8")
    built = build_schema(text if cursors else text.replace(CURSOR_FIELD, ""))
    big_int = built.type_map["BigInt"]
    if isinstance(big_int, GraphQLScalarType):
        big_int.serialize, big_int.parse_value = _big_int, _big_int  # type: ignore[method-assign]
        big_int.parse_literal = _big_int_literal  # type: ignore[method-assign]
    return built


def _big_int(value: Any) -> int:
    """Any whole number, or its digits; not limited to 32 bits as ``Int`` is."""
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != math.floor(value):
        raise GraphQLError(f"BigInt cannot represent value: {value!r}")
    return int(value)


def _big_int_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> int:
    if isinstance(node, (IntValueNode, StringValueNode)):
        return _big_int(node.value)
    raise GraphQLError("BigInt cannot represent a non-integer value", node)


@lru_cache(maxsize=KEPT_DOCUMENTS)
def read(query: str, cursors: bool = True) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """A document and no errors, or the errors of its syntax or of its fit with the schema."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(schema(cursors), document))
