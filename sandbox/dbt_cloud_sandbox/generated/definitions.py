"""A blueprint as dbt nodes: what the manifest of one environment would hold."""

from __future__ import annotations

from collections.abc import Iterator

from dbt_cloud_sandbox.generated.blueprint import Blueprint, ModelPlan, SourcePlan, model_plans
from dbt_cloud_sandbox.generated.chance import sha
from dbt_cloud_sandbox.records import Column, Node

ERROR_AFTER_HOURS, WARN_AFTER_HOURS = 48, 12
LAYERS = {"stg": "staging", "int": "intermediate"}


def definitions(blueprint: Blueprint, environment: str) -> tuple[Node, ...]:
    """All nodes of the project as deployed in an environment, parents before children, tests after what they test."""
    return tuple(_Definitions(blueprint, environment).nodes())


class _Definitions:
    """The nodes of one project in one environment; knows how to turn a plain name into a unique id."""

    def __init__(self, blueprint: Blueprint, environment: str) -> None:
        self.blueprint = blueprint
        self.package = blueprint.package
        suffix = "" if environment == "Production" else f"_{environment.lower()}"
        self.schema = f"{blueprint.package}{suffix}"
        self.owners = {group: (owner, email) for group, owner, email in blueprint.groups}
        self.ids = {name: f"seed.{self.package}.{name}" for name in blueprint.seeds}
        self.ids |= {plan.name: f"model.{self.package}.{plan.name}" for plan in model_plans(blueprint)}

    def nodes(self) -> Iterator[Node]:
        for source in self.blueprint.sources:
            yield self._source(source)
        for seed in self.blueprint.seeds:
            yield self._seed(seed)
        for plan in model_plans(self.blueprint):
            yield self._model(plan)
            yield from self._generic_tests(plan)
        for name, _, parent in self.blueprint.snapshots:
            yield self._snapshot(name, parent)
        for name, model, _ in self.blueprint.singular_tests:
            yield self._singular_test(name, model)
        for name, kind, parents in self.blueprint.exposures:
            yield self._exposure(name, kind, parents)

    def _relation(self, schema: str, name: str) -> str:
        return f'"{self.blueprint.database}"."{schema}"."{name}"'

    def _source(self, plan: SourcePlan) -> Node:
        freshness = {"warn_after": (WARN_AFTER_HOURS, "hour"), "error_after": (ERROR_AFTER_HOURS, "hour")}
        return Node(
            unique_id=f"source.{self.package}.{plan.source}.{plan.table}",
            name=plan.table,
            resource_type="source",
            package_name=self.package,
            path=f"models/staging/{plan.source}/_{plan.source}__sources.yml",
            fqn=(self.package, "staging", plan.source, plan.table),
            tags=(self.package, *plan.tags),
            description=f"{plan.table.replace('_', ' ').capitalize()} as {plan.loader} delivers them.",
            database="raw",
            schema=plan.source,
            relation_name=f'"raw"."{plan.source}"."{plan.table}"',
            source_name=plan.source,
            source_description=f"Tables of {plan.source.replace('_', ' ')}.",
            loader=plan.loader,
            identifier=plan.table,
            freshness=freshness,
        )

    def _seed(self, name: str) -> Node:
        return Node(
            unique_id=self.ids[name],
            name=name,
            resource_type="seed",
            package_name=self.package,
            path=f"seeds/{name}.csv",
            fqn=(self.package, name),
            tags=(self.package, *self.blueprint.tags),
            description=f"{name.replace('_', ' ').capitalize()}, kept by hand.",
            materialized="seed",
            database=self.blueprint.database,
            schema=self.schema,
            alias=name,
            relation_name=self._relation(self.schema, name),
            raw_code="",
        )

    def _model(self, plan: ModelPlan) -> Node:
        layer = LAYERS.get(plan.name.split("_")[0], "marts")
        schema = f"{self.schema}_{layer}"
        owner, email = self.owners[plan.group]
        parents = self._parents(plan)
        folder = f"models/{layer}" if layer == "staging" else f"models/{layer}/{plan.group}"
        return Node(
            unique_id=self.ids[plan.name],
            name=plan.name,
            resource_type="model",
            package_name=self.package,
            path=f"{folder}/{plan.name}.sql",
            fqn=(self.package, *folder.split("/")[1:], plan.name),
            tags=plan.tags,
            description=_describe(plan.name),
            meta={"owner": owner, "slack": f"#{plan.group.replace('_', '-')}"},
            config={"materialized": plan.materialized, "tags": list(plan.tags), "enabled": True, "group": plan.group},
            materialized=plan.materialized,
            database=self.blueprint.database,
            schema=schema,
            alias=plan.name,
            relation_name=self._relation(schema, plan.name),
            depends_on=tuple(uid for _, uid in parents),
            group=plan.group,
            owner=owner,
            owner_email=email,
            raw_code=_sql(plan, [reference for reference, _ in parents]),
            compiled_code=_sql(plan, [self._compiled(uid) for _, uid in parents]),
            access="public" if plan.name.startswith(("fct_", "dim_")) else "protected",
            contract_enforced=plan.name.startswith("dim_"),
            patch_path=f"{self.package}://{folder}/_models.yml",
            columns=(Column("id", "bigint", "Primary key.", 1), Column("updated_at", "timestamp", None, 2)),
        )

    def _parents(self, plan: ModelPlan) -> list[tuple[str, str]]:
        """What a model reads: the Jinja reference and the unique id of each parent."""
        if plan.name.startswith("stg_"):
            source, table = plan.name.removeprefix("stg_").split("__")
            return [(f"{{{{ source('{source}', '{table}') }}}}", f"source.{self.package}.{source}.{table}")]
        return [(f"{{{{ ref('{parent}') }}}}", self.ids[parent]) for parent in plan.parents]

    def _compiled(self, unique_id: str) -> str:
        kind, _, *names = unique_id.split(".")
        if kind == "source":
            return f'"raw"."{names[0]}"."{names[1]}"'
        layer = LAYERS.get(names[0].split("_")[0], "marts")
        return self._relation(self.schema if kind == "seed" else f"{self.schema}_{layer}", names[0])

    def _snapshot(self, name: str, parent: str) -> Node:
        return Node(
            unique_id=f"snapshot.{self.package}.{name}",
            name=name,
            resource_type="snapshot",
            package_name=self.package,
            path=f"snapshots/{name}.sql",
            fqn=(self.package, name, name),
            tags=(self.package, "nightly", *self.blueprint.tags),
            description=f"History of {parent}.",
            materialized="snapshot",
            database=self.blueprint.database,
            schema=f"{self.schema}_snapshots",
            alias=name,
            relation_name=self._relation(f"{self.schema}_snapshots", name),
            depends_on=(self.ids[parent],),
            raw_code=f"select * from {{{{ ref('{parent}') }}}}",
            compiled_code=f"select * from {self._compiled(self.ids[parent])}",
        )

    def _generic_tests(self, plan: ModelPlan) -> Iterator[Node]:
        if plan.name in self.blueprint.untested or plan.materialized == "view":
            return
        for kind in ("unique", "not_null"):
            yield self._test(f"{kind}_{plan.name}_id", plan.name, kind, "error")
        if plan.name == self.blueprint.stories.broken_model:
            yield self._test(f"not_null_{plan.name}_updated_at", plan.name, "not_null", "error", "updated_at")
        if plan.name.startswith("fct_"):
            yield self._test(f"accepted_values_{plan.name}_status", plan.name, "accepted_values", "warn", "status")

    def _test(self, name: str, model: str, kind: str, severity: str, column: str = "id") -> Node:
        target = self._compiled(self.ids[model])
        return Node(
            unique_id=f"test.{self.package}.{name}.{sha(name)[:10]}",
            name=name,
            resource_type="test",
            package_name=self.package,
            path="models/marts/_models.yml",
            fqn=(self.package, "marts", name),
            description="",
            config={"severity": severity.upper(), "enabled": True},
            materialized="test",
            database=self.blueprint.database,
            schema=f"{self.schema}_dbt_test__audit",
            alias=name,
            depends_on=(self.ids[model],),
            raw_code=f"{{{{ test_{kind}(**_dbt_generic_test_kwargs) }}}}",
            compiled_code=f"select {column} from {target} where {column} is null",
            column_name=column,
            test_name=kind,
            test_kwargs={"column_name": column, "model": f"{{{{ get_where_subquery(ref('{model}')) }}}}"},
            tested_node=self.ids[model],
        )

    def _singular_test(self, name: str, model: str) -> Node:
        return Node(
            unique_id=f"test.{self.package}.{name}",
            name=name,
            resource_type="test",
            package_name=self.package,
            path=f"tests/{name}.sql",
            fqn=(self.package, name),
            tags=("nightly",),
            description=name.replace("_", " ").capitalize() + ".",
            config={"severity": "ERROR", "enabled": True},
            materialized="test",
            database=self.blueprint.database,
            schema=f"{self.schema}_dbt_test__audit",
            alias=name,
            depends_on=(self.ids[model],),
            raw_code=f"select * from {{{{ ref('{model}') }}}} where amount < 0",
            compiled_code=f"select * from {self._compiled(self.ids[model])} where amount < 0",
            tested_node=self.ids[model],
        )

    def _exposure(self, name: str, kind: str, parents: tuple[str, ...]) -> Node:
        _, owner, email = self.blueprint.groups[0]
        return Node(
            unique_id=f"exposure.{self.package}.{name}",
            name=name,
            resource_type="exposure",
            package_name=self.package,
            path="models/marts/_exposures.yml",
            fqn=(self.package, "marts", name),
            tags=(self.package,),
            description=_describe(name),
            depends_on=tuple(self.ids[parent] for parent in parents),
            owner=owner,
            owner_email=email,
            language=None,
            exposure_type=kind,
            label=name.replace("_", " ").capitalize(),
            maturity="high",
            url=f"https://bi.example.com/{name}",
        )


def _describe(name: str) -> str:
    words = name.replace("__", " ").split("_")
    kinds = {"stg": "Cleaned", "int": "Prepared", "fct": "Facts:", "dim": "Dimension:", "rpt": "Report:"}
    return " ".join([kinds.get(words[0], words[0].capitalize()), *words[1:]]) + "."


def _sql(plan: ModelPlan, relations: list[str]) -> str:
    first, *others = relations
    joins = "".join(f"\nleft join {relation} as p{i} using (id)" for i, relation in enumerate(others, start=2))
    return f"-- {_describe(plan.name)}\nselect p1.*\nfrom {first} as p1{joins}\n"
