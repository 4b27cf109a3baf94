"""One model in one run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from dbt_discovery.exceptions import NotFound
from dbt_discovery.home import at_home, blocking
from dbt_discovery.models.filters import ModelFilter
from dbt_discovery.models.records import NodeRun
from dbt_discovery.models.report import Coverage, LeftOut
from dbt_discovery.resources.handle import Handle, recorded

if TYPE_CHECKING:
    from dbt_discovery.resources.model import Model
    from dbt_discovery.resources.run import Run
    from dbt_discovery.view import AccountView

__all__ = ["ModelRun", "timed_coverage"]


class ModelRun(Handle[NodeRun]):
    """What one run made of one model: the attempt's own status, times and error.

    `runtime` is in seconds. A failed attempt has one where dbt took it, a skipped one has none.
    """

    KIND = "model_run"
    FIELDS = (
        "run_id",
        "job_id",
        "unique_id",
        "name",
        "project_id",
        "environment_id",
        "status",
        "runtime",
        "start_time",
        "end_time",
        "finished_at",
        "error",
        "url",
    )

    __slots__ = ("environment_id", "project_id", "url")

    def __init__(self, record: NodeRun, view: AccountView, *, project_id: str, environment_id: str, url: str) -> None:
        super().__init__(record, view)
        self.project_id = project_id
        self.environment_id = environment_id
        self.url = url

    run_id = recorded[str]("Id of the run.")
    job_id = recorded[str]("Id of the run's job.")
    unique_id = recorded[str]("The model's unique_id.")
    name = recorded[str]("The model's name.")

    @property
    def status(self) -> str:
        """success, error, skipped or unknown."""
        return self.record.status.value

    runtime = recorded[float | None]("Seconds it took; None where it was skipped, or dbt gives no time.")

    @property
    def start_time(self) -> datetime | None:
        """When dbt began to execute it; None where dbt gives no times, as often after an error."""
        return self.record.started_at

    @property
    def end_time(self) -> datetime | None:
        """When dbt was done with it."""
        return self.record.completed_at

    finished_at = recorded[datetime | None]("When its dbt command wrote its results.")
    error = recorded[str | None]("What dbt says went wrong.")

    @property
    def reference(self) -> str:
        """Run id and unique_id."""
        return f"{self.run_id}/{self.unique_id}"

    def reference_as(self, kind: str | None) -> str | None:
        """Its run and its model stand where one of these is asked for."""
        parts = {"run": self.run_id, "model": f"{self.project_id}/{self.unique_id}"}
        return parts.get(kind or "") or super().reference_as(kind)

    @at_home
    async def aget_run(self, *, refresh: bool = False) -> Run:
        """The run.

        Raises:
            NotFound: dbt Cloud no longer has it: it keeps runs for a year.
        """
        return await self.view.aget_run(self.run_id, refresh=refresh)

    @at_home
    async def aget_model(self, *, refresh: bool = False) -> Model:
        """The model as the run's environment has it now.

        Raises:
            NotFound: The environment no longer has it.
        """
        wanted = ModelFilter(models=[self], environment=self.environment_id)
        found = await self.view.aget_models(wanted, refresh=refresh)
        if not found:
            raise NotFound("model", self.unique_id, hint=f"Environment {self.environment_id} no longer has it.")
        return found[0]

    get_run = blocking(aget_run)
    get_model = blocking(aget_model)


def timed_coverage(nodes: Collection[NodeRun]) -> Coverage:
    """The coverage of models that are listed whether they have a time or not."""
    timed = sum(node.runtime is not None for node in nodes)
    left_out: dict[LeftOut, int] = {"no_timing": len(nodes) - timed} if timed < len(nodes) else {}
    return Coverage(unit="models", considered=timed, left_out=left_out)
