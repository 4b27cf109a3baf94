"""Models."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dbt_discovery.models.records import ModelRecord
from dbt_discovery.resources.handle import Handle, recorded

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

    unique_id = recorded[str]("Dbt's own id, such as `model.shop.orders`.")
    name = recorded[str]("The model's name.")
    project_id = recorded[str]("Id of its project.")
    environment_id = recorded[str]("Id of the environment whose state this is.")
    tags = recorded[tuple[str, ...]]("Its tags.")
    materialization = recorded[str]("How dbt builds it: view, table, incremental, ephemeral or another.")
    package = recorded[str]("The dbt package that holds it.")
    database = recorded[str | None]("Its database in the warehouse.")
    schema = recorded[str | None]("Its schema in the warehouse.")
    group = recorded[str | None]("The dbt group that owns it.")
    access = recorded[str | None]("public, protected or private.")
    description = recorded[str]("Its description; may be empty.")
    last_run_id = recorded[str | None]("Id of the run that last attempted it.")

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

    last_run_error = recorded[str | None]("The error of the last attempt.")
    last_success_runtime = recorded[float | None]("Seconds that the last successful build took.")

    @property
    def reference(self) -> str:
        """Project id and unique_id: the same unique_id may live in several projects."""
        return f"{self.project_id}/{self.unique_id}"
