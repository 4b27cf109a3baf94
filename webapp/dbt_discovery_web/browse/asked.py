"""What is asked: the arguments of a report as a query has them, and the addresses they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dbt_discovery.reports.declaration import ReportDeclaration
from starlette.datastructures import QueryParams

from dbt_discovery_web.browse.inputs import inputs_of
from dbt_discovery_web.browse.labels import PERIODS

__all__ = ["Asked", "address_of", "page_of"]

Given = Mapping[str, Sequence[str]]


class Asked:
    """The arguments in a query, as texts.

    A form sends every field it has, filled in or not. What is empty asks nothing, and neither does a default.

    Attributes:
        given: The values of each argument that asks something.
        spare: Whether the query has more in it than that, so that a shorter address asks the same.
    """

    def __init__(self, declaration: ReportDeclaration[Any], query: QueryParams) -> None:
        defaults = {each.name: each.default for each in inputs_of(declaration) if not each.many}
        self.given: dict[str, list[str]] = {}
        for name in query:
            values = [value for value in query.getlist(name) if value.strip()]
            if name == "period" and len(values) > 1:
                # One of the list, and one that was written beside it: who writes means that.
                values = [value for value in values if value not in PERIODS][-1:] or values[-1:]
            if values and values != [defaults.get(name)]:
                self.given[name] = values
        self.spare = sum(map(len, self.given.values())) < len(query.multi_items())

    def arguments(self) -> dict[str, Any]:
        """The arguments as a declaration takes them: a single value by itself, several as a list."""
        return {name: values if len(values) > 1 else values[0] for name, values in self.given.items()}

    def instead(self, name: str, old: str, new: str) -> dict[str, list[str]]:
        """The arguments with another value in the place of one."""
        values = [new if value == old else value for value in self.given.get(name, ())]
        return {**self.given, name: values if new in values else [new]}


def address_of(report: str, given: Mapping[str, Any] | None = None) -> str:
    """The page of a report with some arguments; a list repeats its name."""
    query = urlencode([(name, value) for name, values in (given or {}).items() for value in _several(values)])
    return f"/browse/{report}" + (f"?{query}" if query else "")


def page_of(kind: str, reference: str) -> str:
    """The page of one project, job, model or run. A slash in what it is called stays one."""
    return f"/browse/{kind}s/{quote(reference, safe='/')}"


def _several(values: Any) -> Iterable[str]:
    if values is None:
        return ()
    several = values if isinstance(values, list | tuple) else [values]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in several]
