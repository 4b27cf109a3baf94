"""Aliases: many like questions in one query, each a field under a name of its own (r0, r1, …)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from dbt_discovery.services.operation import DiscoveryOperation, Operation

__all__ = ["AliasedField"]

T = TypeVar("T")

_VARIABLE = re.compile(r"\$(\w+)")
_TYPES = {
    "after": "String",
    "count": "Int!",
    "environmentId": "BigInt!",
    "jobId": "BigInt!",
    "runId": "BigInt!",
    "uniqueId": "String!",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasedField:
    """A field that a query holds once for each question.

    Attributes:
        name: The query's name: with the variables, what tells it from other queries.
        field: The field, with the questions' variables in it. Each question brings values of its own.
        within: The fields around all of them, outermost first. Variables in here are the same for every question.
        text: The fragments that the field uses.
    """

    name: str
    field: str
    within: Sequence[str] = ()
    text: str

    def query(self, wanted: Sequence[Operation[T]]) -> DiscoveryOperation[Sequence[Any]]:
        """One query for several questions; its value is what stands under the alias of each, null where it is refused.

        A variable without a value is left out.
        """
        shared = _variables(" ".join(self.within))
        own = _variables(self.field)
        given = [dict(operation.variables) for operation in wanted]
        values = [(name, given[0][name], _TYPES[name]) for name in shared]
        values += [(f"{name}{n}", each[name], _TYPES[name]) for n, each in enumerate(given) for name in own]
        aliases = [f"r{n}" for n in range(len(wanted))]
        declared = ", ".join(f"${name}: {kind}" for name, _, kind in values)
        fields = [f"{alias}: " + _VARIABLE.sub(rf"$\g<1>{n}", self.field) for n, alias in enumerate(aliases)]
        body = "".join(f"{field} {{ " for field in self.within) + " ".join(fields) + " }" * len(self.within)

        def parts(data: Any) -> list[Any]:
            for field in self.within:
                data = None if data is None else data[field.partition("(")[0]]
            answered = dict.fromkeys(aliases) if data is None else data
            return [answered[alias] for alias in aliases]

        return DiscoveryOperation(
            name=self.name,
            variables=tuple((name, value) for name, value, _ in values if value is not None),
            scope=wanted[0].scope,
            document=f"query {self.name}({declared}) {{ {body} }} {self.text}",
            aliases=aliases,
            parse=parts,
        )


def _variables(text: str) -> list[str]:
    """The names of the variables in a text, each once."""
    return list(dict.fromkeys(_VARIABLE.findall(text)))
