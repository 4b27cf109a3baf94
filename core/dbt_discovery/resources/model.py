"""Models."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dbt_discovery.models.records import ModelRecord
from dbt_discovery.resources.handle import Handle

if TYPE_CHECKING:
    from dbt_discovery.view import AccountView

__all__ = ["Model"]


class Model(Handle[ModelRecord]):
    """A model as its project's environment has it now.

    `last_run_*` is the last attempt. After a failed one, dbt Cloud's timings are still those of the last success
    (quirk 1): `last_run_runtime` and `last_run_end_time` are then None, and `last_success_runtime` holds the time.
    """

    KIND = "model"
    FIELDS = (
        "model_id",
        "unique_id",
        "name",
        "project_id",
        "project_name",
        "environment_id",
        "tags",
        "materialization",
        "package",
        "database",
        "schema",
        "group",
        "access",
        "description",
        "last_run_id",
        "last_run_status",
        "last_run_runtime",
        "last_run_start_time",
        "last_run_end_time",
        "last_run_error",
        "last_success_runtime",
    )

    __slots__ = ("project_name",)

    def __init__(self, record: ModelRecord, view: AccountView, *, project_name: str) -> None:
        super().__init__(record, view)
        self.project_name = project_name

    @property
    def model_id(self) -> str:
        """`project_name.model_name`."""
        return f"{self.project_name}.{self.name}"

    @property
    def unique_id(self) -> str:
        """Dbt's own id, such as `model.shop.orders`."""
        return self.record.unique_id

    @property
    def name(self) -> str:
        """The model's name."""
        return self.record.name

    @property
    def project_id(self) -> str:
        """Id of its project."""
        return self.record.project_id

    @property
    def environment_id(self) -> str:
        """Id of the environment whose state this is."""
        return self.record.environment_id

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""
        return self.record.tags

    @property
    def materialization(self) -> str:
        """How dbt builds it: view, table, incremental, ephemeral or another."""
        return self.record.materialization

    @property
    def package(self) -> str:
        """The dbt package that holds it."""
        return self.record.package

    @property
    def database(self) -> str | None:
        """Its database in the warehouse."""
        return self.record.database

    @property
    def schema(self) -> str | None:
        """Its schema in the warehouse."""
        return self.record.schema

    @property
    def group(self) -> str | None:
        """The dbt group that owns it."""
        return self.record.group

    @property
    def access(self) -> str | None:
        """public, protected or private."""
        return self.record.access

    @property
    def description(self) -> str:
        """Its description; may be empty."""
        return self.record.description

    @property
    def last_run_id(self) -> str | None:
        """Id of the run that last attempted it."""
        return self.record.last_run_id

    @property
    def last_run_status(self) -> str | None:
        """Outcome of the last attempt; None if it was never attempted."""
        return self.record.last_run_status.value if self.record.last_run_status else None

    @property
    def last_run_runtime(self) -> float | None:
        """Seconds that the last attempt took; None after a failed one."""
        return self.record.last_success_runtime if self.record.last_attempt_succeeded else None

    @property
    def last_run_start_time(self) -> datetime | None:
        """When the last attempt started; after a failed one, when its results were written."""
        own = self.record.last_attempt_succeeded
        return self.record.last_success_start_time if own else self.record.last_run_time

    @property
    def last_run_end_time(self) -> datetime | None:
        """When the last attempt ended; None after a failed one."""
        return self.record.last_success_end_time if self.record.last_attempt_succeeded else None

    @property
    def last_run_error(self) -> str | None:
        """The error of the last attempt."""
        return self.record.last_run_error

    @property
    def last_success_runtime(self) -> float | None:
        """Seconds that the last successful build took."""
        return self.record.last_success_runtime

    @property
    def reference(self) -> str:
        """Project id and unique_id: the same unique_id may live in several projects."""
        return f"{self.project_id}/{self.unique_id}"
