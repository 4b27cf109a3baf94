"""Nodes and catalog entries from dbt's files, in the schema of any dbt since 1.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from dbt_cloud_sandbox.artifacts.values import items, mapping, text, whole, words
from dbt_cloud_sandbox.records import CatalogEntry, Column, Node

SECTIONS = ("nodes", "sources", "exposures", "unit_tests")
KINDS = frozenset({"model", "test", "unit_test", "seed", "snapshot", "source", "exposure"})
PERIODS = ("minute", "hour", "day")


def project_name(manifest: Mapping[str, Any]) -> str | None:
    """The project's name; before dbt 1.6 manifests did not say, then it is the package with the most nodes."""
    named = text(mapping(manifest, "metadata"), "project_name")
    return named or most_common_package(mapping(manifest, "nodes"))


def is_unique_id(name: str | None) -> bool:
    """Whether a name is of the form ``kind.package.name``, on which every reader of dbt's ids relies."""
    return name is not None and len(parts := name.split(".")) > 2 and all(parts[:3])


def most_common_package(unique_ids: Iterable[str]) -> str | None:
    """The package that most of the nodes belong to; the first by name, if there are several."""
    packages = Counter(unique_id.split(".")[1] for unique_id in unique_ids if is_unique_id(unique_id))
    return min(packages, key=lambda package: (-packages[package], package)) if packages else None


def nodes(manifest: Mapping[str, Any]) -> tuple[Node, ...]:
    """The manifest's nodes, by unique id; entries of an unknown kind or shape are left out."""
    owners = {
        text(group, "name"): mapping(group, "owner")
        for group in mapping(manifest, "groups").values()
        if isinstance(group, dict)
    }
    found = (
        _node(unique_id, body, owners)
        for section in SECTIONS
        for unique_id, body in mapping(manifest, section).items()
        if isinstance(body, dict) and is_unique_id(unique_id)
    )
    return tuple(sorted((node for node in found if node.resource_type in KINDS), key=lambda node: node.unique_id))


def unusable(manifest: Mapping[str, Any]) -> list[str]:
    """The manifest's keys that are no unique ids."""
    return [name for section in SECTIONS for name in mapping(manifest, section) if not is_unique_id(name)]


def _node(unique_id: str, body: Mapping[str, Any], owners: Mapping[str | None, Mapping[str, Any]]) -> Node:
    config = mapping(body, "config")
    group = text(body, "group") or text(config, "group")
    meta = mapping(body, "meta") or mapping(config, "meta")
    owner, email = _owner(body, meta, owners.get(group, {}))
    metadata = mapping(body, "test_metadata")
    kind, package, *rest = unique_id.split(".")
    parents = tuple(parent for parent in items(mapping(body, "depends_on"), "nodes") if isinstance(parent, str))
    return Node(
        unique_id=unique_id,
        name=text(body, "name") or rest[-1],
        resource_type=text(body, "resource_type") or kind,
        package_name=text(body, "package_name") or package,
        path=text(body, "original_file_path", "path") or "",
        fqn=words(body, "fqn"),
        tags=words(body, "tags") or words(config, "tags"),
        description=body["description"] if isinstance(body.get("description"), str) else None,
        meta=meta,
        config=config,
        materialized=text(config, "materialized"),
        database=text(body, "database"),
        schema=text(body, "schema"),
        alias=text(body, "alias", "identifier", "name"),
        relation_name=text(body, "relation_name"),
        depends_on=parents,
        group=group,
        owner=owner,
        owner_email=email,
        raw_code=text(body, "raw_code", "raw_sql"),
        compiled_code=text(body, "compiled_code", "compiled_sql"),
        language=text(body, "language"),
        access=text(body, "access") or text(config, "access"),
        version=_version(body.get("version")),
        latest_version=_version(body.get("latest_version")),
        contract_enforced=mapping(body, "contract").get("enforced") is True,
        patch_path=text(body, "patch_path"),
        columns=tuple(_columns(mapping(body, "columns"))),
        column_name=text(body, "column_name") or text(mapping(metadata, "kwargs"), "column_name"),
        test_name=text(metadata, "name"),
        test_namespace=text(metadata, "namespace"),
        test_kwargs=mapping(metadata, "kwargs"),
        tested_node=_tested(body, parents),
        source_name=text(body, "source_name"),
        source_description=text(body, "source_description"),
        loader=text(body, "loader"),
        identifier=text(body, "identifier"),
        freshness=_criteria(body, config),
        exposure_type=text(body, "type"),
        label=text(body, "label"),
        maturity=text(body, "maturity"),
        url=text(body, "url"),
    )


def _owner(body: Mapping[str, Any], meta: Mapping[str, Any], group: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Name and address of who answers for a node: its own owner, its group's, or the one in its meta."""
    own = mapping(body, "owner") or group or mapping(meta, "owner")
    email = own.get("email")
    address = next((e for e in email if isinstance(e, str)), None) if isinstance(email, list) else text(own, "email")
    return text(own, "name") or text(meta, "owner"), address


def _tested(body: Mapping[str, Any], parents: tuple[str, ...]) -> str | None:
    """The node a test is about. Before dbt 1.5 only its name stood there, in ``file_key_name``."""
    attached = text(body, "attached_node")
    if attached:
        return attached
    name = (text(body, "file_key_name") or "").rpartition(".")[2]
    named = [parent for parent in parents if name and parent.endswith(f".{name}")]
    return named[0] if named else (parents[0] if len(parents) == 1 else None)


def _version(value: Any) -> str | None:
    return None if value is None else str(value)


def _criteria(body: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    """``warn_after`` and ``error_after`` where both count and period are given."""
    criteria: dict[str, tuple[int, str]] = {}
    freshness = mapping(body, "freshness") or mapping(config, "freshness")
    for name in ("warn_after", "error_after"):
        count, period = whole(mapping(freshness, name), "count"), text(mapping(freshness, name), "period")
        if count is not None and period in PERIODS:
            criteria[name] = (count, period)
    return criteria


def _columns(columns: Mapping[str, Any]) -> Iterator[Column]:
    for name, body in columns.items():
        if isinstance(body, dict):
            yield Column(
                name=text(body, "name") or name,
                type=text(body, "type", "data_type"),
                description=text(body, "description"),
                index=whole(body, "index"),
                comment=text(body, "comment"),
            )


def catalog(body: Mapping[str, Any], run_id: int, generated_at: datetime) -> dict[str, CatalogEntry]:
    """The catalog's entries by unique id."""
    entries: dict[str, CatalogEntry] = {}
    for section in ("nodes", "sources"):
        for unique_id, found in mapping(body, section).items():
            if isinstance(found, dict):
                metadata = mapping(found, "metadata")
                entries[unique_id] = CatalogEntry(
                    unique_id=unique_id,
                    run_id=run_id,
                    generated_at=generated_at,
                    type=text(metadata, "type"),
                    owner=text(metadata, "owner"),
                    comment=text(metadata, "comment"),
                    columns=tuple(_columns(mapping(found, "columns"))),
                    stats=tuple(_stats(mapping(found, "stats"))),
                )
    return entries


def _stats(stats: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for key, body in stats.items():
        if isinstance(body, dict) and body.get("include") is not False:
            yield key, text(body, "label") or key, body.get("value")


def named_only(unique_id: str) -> Node:
    """A node of which nothing but its unique id is known."""
    kind, package, name, *_ = unique_id.split(".")
    return Node(unique_id, name, kind, package, path="", alias=name)
