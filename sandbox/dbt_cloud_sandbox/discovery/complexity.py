"""How complex an operation is, and where dbt Cloud would refuse it.

The real formula is not published. Here every field costs one, and fields below a list that is itself below a row
(``parents``, ``children``, ``ancestors``, ``tests``…) cost ten times as much for each such level.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

LIMIT = 5_000
NESTING_FACTOR = 10
NESTED_LISTS = frozenset({"parents", "children", "ancestors", "parentsModels", "parentsSources"})
MESSAGE = (
    "Error: This query exceeds the complexity limit. Consider breaking it up into separate queries or limiting to "
    "necessary fields. See the API docs for example queries and recommendations. The environment endpoint is "
    "recommended for most use cases to get the latest results for a dbt project."
)


def exceeds_limit(document: DocumentNode, limit: int | None = None) -> bool:
    """Whether any operation of a valid document is too complex, by the sandbox's limit or another."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operations = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    most = LIMIT if limit is None else limit
    return any(_cost(operation.selection_set, fragments, 1) > most for operation in operations)


def _cost(selection: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode], weight: int) -> int:
    total = 0
    for item in selection.selections if selection else ():
        if isinstance(item, FieldNode):
            deeper = weight * NESTING_FACTOR if item.name.value in NESTED_LISTS else weight
            total += weight + _cost(item.selection_set, fragments, deeper)
        elif isinstance(item, InlineFragmentNode):
            total += _cost(item.selection_set, fragments, weight)
        elif isinstance(item, FragmentSpreadNode):
            total += _cost(fragments[item.name.value].selection_set, fragments, weight)
    return total
