"""What is asked for on its own: the details of a model, and who owns the groups of an environment.

Over the Discovery API.
"""

from __future__ import annotations

import re
from typing import Any

from dbt_discovery.models.records import GroupRecord, ModelDetails
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, DiscoveryOperation, query_text
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.values import to_event, to_object, to_seconds, to_text

__all__ = ["DetailService"]

_PAGE = 500


class DetailService:
    """Answers that a list of models can do without."""

    def __init__(self, client: DbtClient) -> None:
        self._client = client

    async def model(
        self, environment_id: str, unique_id: str, *, refresh: bool | Refresh = False
    ) -> Answer[ModelDetails | None]:
        """A model's code, meta, tests and catalog; None where the environment shows the token no such model.

        Args:
            environment_id: The environment whose applied state is asked.
            unique_id: The model's unique_id, spelled exactly: dbt Cloud's filter heeds case.
            refresh: Ask again for what is known.
        """
        return await self._client.ask(
            DiscoveryOperation(
                name="model_details",
                variables=(("environmentId", int(environment_id)), ("uniqueId", unique_id)),
                scope="models",
                document=query_text("model_details"),
                parse=_details,
            ),
            refresh=refresh,
        )

    async def groups(self, environment_id: str, *, refresh: bool | Refresh = False) -> Answer[tuple[GroupRecord, ...]]:
        """The dbt groups of an environment; none where it is out of the token's sight."""
        return await self._client.ask(
            DiscoveryOperation(
                name="groups",
                variables=(("environmentId", int(environment_id)), ("first", _PAGE)),
                scope="models",
                document=query_text("groups"),
                connection=("environment", "definition", "groups"),
                parse=lambda nodes: tuple(map(_group, nodes or ())),
            ),
            refresh=refresh,
        )


def _details(data: dict[str, Any]) -> ModelDetails | None:
    state = data["environment"]
    edges = state["applied"]["models"]["edges"] if state else ()
    if not edges:
        return None
    node = edges[0]["node"]
    catalog, tests = to_object(node.get("catalog")), node.get("tests")
    return ModelDetails(
        unique_id=node["uniqueId"],
        raw_code=to_text(node.get("rawCode")),
        compiled_code=to_text(node.get("compiledCode")),
        meta_owner=_owner(to_object(node.get("meta")).get("owner")),
        tests=len(tests) if isinstance(tests, list) else None,
        row_count=_counted(catalog.get("rowCountStat")),
        byte_count=_counted(catalog.get("bytesStat")),
        counted_at=to_event(catalog.get("runGeneratedAt")),
    )


def _counted(value: Any) -> int | None:
    """A count, which comes as a number or, being large, as the text of one."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,30}", value):
        return int(value)  # which a float could not hold
    number = to_seconds(value)
    return None if number is None else int(number)


def _group(node: dict[str, Any]) -> GroupRecord:
    package, _, name = node["uniqueId"].partition(".")[2].partition(".")
    return GroupRecord(node.get("name") or name, node.get("packageName") or package, node.get("ownerName") or None)


def _owner(value: Any) -> str | None:
    """The owner in a model's meta, which projects write as a name, an address, a list of these, or name and email."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("email")
    if isinstance(value, list):
        value = ", ".join(filter(None, map(_owner, value)))
    return str(value) if value else None
