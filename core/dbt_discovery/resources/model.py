"""Models."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dbt_discovery.analysis.freshness import ModelFreshness
from dbt_discovery.analysis.lineage import Lineage, checked_depth, trace
from dbt_discovery.exceptions import NotFound
from dbt_discovery.home import at_home, blocking
from dbt_discovery.inquiry import MOST_RUNS, Inquiry
from dbt_discovery.models.filters import JobFilter, RunFilter, SearchFilter
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.records import ModelDetails, ModelRecord
from dbt_discovery.models.report import Coverage
from dbt_discovery.questions.attempts import Attempt, attempts_at, last_attempt
from dbt_discovery.questions.model_context import freshness_of, graph_around, owner_of
from dbt_discovery.resources.handle import Handle, recorded
from dbt_discovery.resources.model_run import ModelRun
from dbt_discovery.resources.narrowing import OF_ONE_MODEL, checked_number, narrowed_within

if TYPE_CHECKING:
    from dbt_discovery.resources.job import Job
    from dbt_discovery.view import AccountView

__all__ = ["Model"]


class Model(Handle[ModelRecord]):
    """A model as its project's environment has it now.

    `last_run_*` is the last attempt. After a failed one, dbt Cloud's timings are still those of the last success
    (quirk 1): `last_run_runtime` and `last_run_end_time` are then None, and `last_success_runtime` holds the time;
    `get_last_run()` finds the attempt's own. `owner` is the owner of the model's dbt group; where it has none,
    `get_owner()` looks into the model's `meta` too, which is too heavy for a list.
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
        "owner",
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

    __slots__ = ("owner", "project_name")

    def __init__(self, record: ModelRecord, view: AccountView, *, project_name: str, owner: str | None = None) -> None:
        super().__init__(record, view)
        self.project_name = project_name
        self.owner = owner

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

    @at_home
    async def aget_last_run(self, *, refresh: bool = False) -> ModelRun | None:
        """The last attempt at it, with the attempt's own status, times and error; None if it was never attempted."""
        inquiry = self.view.inquire(refresh)
        node = await last_attempt(inquiry, self.record)
        return self._model_run(inquiry, Attempt(node)) if node else None

    @at_home
    async def aget_runs(
        self, last_n: int | None = 10, filter: RunFilter | SearchFilter | None = None, *, refresh: bool = False
    ) -> Listing[ModelRun]:
        """Its newest `last_n` runs (None for all that are known), newest first.

        Without a period they are among the newest 20 that dbt Cloud gives of a model; coverage and notes say where
        that leaves fewer than asked for. With a period they are those of the runs of the model's environment that
        started in it and are over. A filter's runtime bounds apply to the model's own time in a run, `run_status` to
        the run as a whole.

        Raises:
            InvalidArgument: `last_n` is less than one; or the filter narrows by project, environment or model, which
                the model settles.
            NotFound, AmbiguousName: A job is not called that, or several are.
        """
        wanted = narrowed_within(RunFilter, filter, self.KIND, OF_ONE_MODEL)
        checked_number("last_n", last_n, MOST_RUNS)
        inquiry = self.view.inquire(refresh)
        attempts = await attempts_at(inquiry, self.record, wanted, last_n)
        coverage = Coverage(unit="runs", considered=len(attempts))
        return inquiry.listing([self._model_run(inquiry, each) for each in attempts], coverage, last_n)

    @at_home
    async def aget_sql(self, *, refresh: bool = False) -> str:
        """Its compiled code as the last run had it; its raw code, where dbt Cloud has none compiled.

        Of a Python model it is the Python.

        Raises:
            NotFound: dbt Cloud keeps no code of it.
        """
        details = await self._details(refresh)
        return self._kept(details.compiled_code or details.raw_code)

    @at_home
    async def aget_raw_sql(self, *, refresh: bool = False) -> str:
        """Its code as it is written, with its Jinja.

        Raises:
            NotFound: dbt Cloud keeps no code of it.
        """
        return self._kept((await self._details(refresh)).raw_code)

    @at_home
    async def aget_code(self, *, refresh: bool = False) -> ModelDetails:
        """Its code both ways at once, `raw_code` and `compiled_code`; None for what dbt Cloud does not keep.

        Raises:
            NotFound: dbt Cloud keeps no code of it.
        """
        details = await self._details(refresh)
        self._kept(details.compiled_code or details.raw_code)
        return details

    @at_home
    async def aget_owner(self, *, refresh: bool = False) -> str | None:
        """Who owns it: the owner of its dbt group, else whom its own `meta` names; None if neither says."""
        return await owner_of(self.view.inquire(refresh), self.record)

    @at_home
    async def aget_freshness(self, *, refresh: bool = False) -> ModelFreshness:
        """How fresh the sources upstream of it are: the verdict, its reasons and each source's newest check."""
        inquiry = self.view.inquire(refresh)
        status, reasons, worst_first = await freshness_of(inquiry, self.record)
        return ModelFreshness(
            unique_id=self.unique_id,
            status=status,
            reasons=reasons,
            sources=worst_first,
            last_success_time=self.record.last_success_end_time,
            as_of=inquiry.as_of,
            stale=inquiry.stale,
            complete=inquiry.complete,
            notes=tuple(inquiry.notes),
        )

    @at_home
    async def aget_lineage(self, depth: int | None = None, *, refresh: bool = False) -> Lineage:
        """What it is made from and what is made from it, `depth` steps either way; None for all of it.

        Raises:
            InvalidArgument: `depth` is less than one step.
        """
        checked_depth(depth)
        inquiry = self.view.inquire(refresh)
        graph = await graph_around(inquiry, self.record)
        upstream, downstream, notes = trace(self.unique_id, graph, depth)
        for note in notes:
            inquiry.lack(note)
        (parents,) = [node.parents for node in graph if node.unique_id == self.unique_id] or [()]
        return Lineage(
            unique_id=self.unique_id,
            parents=parents,
            upstream=upstream,
            downstream=downstream,
            depth=depth,
            as_of=inquiry.as_of,
            stale=inquiry.stale,
            complete=inquiry.complete,
            notes=tuple(inquiry.notes),
        )

    @at_home
    async def aget_jobs(self, *, refresh: bool = False) -> Listing[Job]:
        """The jobs of its environment that build it, by their latest run with results."""
        wanted = JobFilter(models=[self], environment=self.environment_id)
        return await self.view.aget_jobs(wanted, refresh=refresh)

    get_last_run = blocking(aget_last_run)
    get_runs = blocking(aget_runs)
    get_sql = blocking(aget_sql)
    get_raw_sql = blocking(aget_raw_sql)
    get_code = blocking(aget_code)
    get_owner = blocking(aget_owner)
    get_freshness = blocking(aget_freshness)
    get_lineage = blocking(aget_lineage)
    get_jobs = blocking(aget_jobs)

    async def _details(self, refresh: bool) -> ModelDetails:
        """What only a single model is asked for."""
        details = await self.view.inquire(refresh).model_details(self.record)
        if details is None:
            where = f"Environment {self.environment_id} shows the token no such model any more."
            raise NotFound("model", self.model_id, hint=where)
        return details

    def _kept(self, code: str | None) -> str:
        if code is None:
            hint = "dbt Cloud has it once a run of a job in this environment compiled the model."
            raise NotFound("code of a model", self.model_id, hint=hint)
        return code

    def _model_run(self, inquiry: Inquiry, attempt: Attempt) -> ModelRun:
        return ModelRun(
            attempt.node,
            self.view,
            project_id=self.project_id,
            environment_id=self.environment_id,
            url=attempt.url or inquiry.run_url(self.project_id, attempt.node.run_id),
        )
