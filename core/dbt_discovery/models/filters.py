"""Filters: every field is described here once and means the same wherever it appears.

A filter class is a group of fields. Fields AND together, the values of one list OR. The same class is the Python
argument, the query of a REST path, the schema of a tool and the options of a command.

Whoever constructs one in Python gets `InvalidArgument` for what is wrong; `model_validate` and its like, by which
query, schema and options go, raise pydantic's `ValidationError` with every fault.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Protocol, TypeVar

from pydantic import Field, ValidationError, model_validator

from dbt_discovery.exceptions import InvalidArgument
from dbt_discovery.models.base import FrozenModel, NodeStatus
from dbt_discovery.models.description import describe
from dbt_discovery.models.faults import refusal
from dbt_discovery.models.fields import (
    Environment,
    Jobs,
    JobTypes,
    Models,
    NodeStatuses,
    Projects,
    RunStatuses,
    Words,
)
from dbt_discovery.models.period import PeriodText
from dbt_discovery.models.references import to_reference
from dbt_discovery.models.telling import ASIDE, NAMED, UNTOLD, Told
from dbt_discovery.words import either

__all__ = [
    "Conflict",
    "EnvironmentFields",
    "FailureFields",
    "Filter",
    "JobFields",
    "JobFilter",
    "ModelFields",
    "ModelFilter",
    "ModelTraits",
    "PeriodFields",
    "ProjectFields",
    "ProjectFilter",
    "RunFields",
    "RunFilter",
    "RuntimeFields",
    "SearchFilter",
    "narrowed_to",
    "to_reference",
]


_PERIODS = "last_week, last_14_days, 2026-11-01/2026-11-15"


def _among(value: str | None, wanted: tuple[str, ...]) -> bool:
    return not wanted or (value or "").casefold() in {each.casefold() for each in wanted}


class Conflict(ValueError):
    """Two fields that do not go together; `argument` is the one to change."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


class Filter(FrozenModel):
    """A group of filter fields.

    Raises:
        InvalidArgument: A field is unknown or not of its form; the message says what it takes.
    """

    NARROWED: ClassVar[str] = "what is asked for"
    """What it chooses from, for people."""

    def __init__(self, /, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise refusal(error, type(self)) from None

    # Tells pydantic that validating needs no detour through `__init__`: there it reports faults in its own way.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """The fields that narrow anything, as plain JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def describe(self) -> str:
        """The filter in English: `project finance; tags finance or pii`; `everything` when nothing narrows."""
        return describe(self.given())


class ProjectFields(Filter):
    """Narrow by project."""

    NARROWED = "projects"

    projects: Annotated[Projects, NAMED] = Field(default=(), description="Project names or ids.")
    project_ids: Annotated[Projects, UNTOLD] = Field(default=(), description="Project ids.")
    include_or_exclude: Annotated[Literal["include", "exclude"], ASIDE] = Field(
        default="include", description="Whether the named projects are kept or left out."
    )


class EnvironmentFields(Filter):
    """Narrow by deployment environment."""

    environment: Annotated[Environment, ASIDE] = Field(
        default=None, max_length=400, description="Environment: production, staging, or a name or id."
    )


class JobFields(Filter):
    """Narrow by job: a list of models to those that these jobs build."""

    jobs: Annotated[Jobs, ASIDE] = Field(default=(), description="Job names or ids.")
    job_ids: Annotated[Jobs, UNTOLD] = Field(default=(), description="Job ids.")
    job_type: Annotated[JobTypes, ASIDE] = Field(
        default=(), description="What starts the job: scheduled, ci, merge, adaptive or other."
    )

    @property
    def names_jobs(self) -> bool:
        """Whether particular jobs are named."""
        return bool(self.jobs or self.job_ids)

    @property
    def narrows_jobs(self) -> bool:
        """Whether any of these fields is given."""
        return self.names_jobs or bool(self.job_type)


class PeriodFields(Filter):
    """Narrow by time."""

    period: Annotated[PeriodText | None, Told(words=_PERIODS)] = Field(
        default=None,
        description=(
            "When the run started: today, yesterday, this_week, last_week (Monday to Sunday), this_month, last_month, "
            "last_<n>_days|hours|weeks (rolling), a date 2026-11-01, or two dates 2026-11-01/2026-11-15."
        ),
    )


class RunFields(PeriodFields):
    """Narrow by run."""

    run_status: Annotated[RunStatuses, ASIDE] = Field(
        default=(), description="Status of the run: success, failure, cancelled, queued, starting, running."
    )


class FailureFields(Filter):
    """What counts as failed."""

    cancelled_as_failed: Annotated[bool, ASIDE] = Field(
        default=False, description="Count cancelled runs as failed too; one stopped at its time limit always is."
    )


class ModelTraits(Protocol):
    """What a filter looks at in a model, or in what one run made of it."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""

    @property
    def materialization(self) -> str:
        """How dbt builds it."""

    @property
    def package(self) -> str:
        """The dbt package that holds it."""

    @property
    def group(self) -> str | None:
        """The dbt group that owns it."""


class ModelFields(Filter):
    """Narrow by model: a list of models to those that match, one of jobs or runs to those that contain such a model."""

    models: Annotated[Models, ASIDE] = Field(
        default=(), description="Model names, unique_ids or project_name.model_name."
    )
    model_ids: Annotated[Models, UNTOLD] = Field(default=(), description="unique_ids or project_name.model_name.")
    tags: Annotated[Words, ASIDE] = Field(default=(), description="Tags of the model.")
    tags_match: Annotated[Literal["any", "all"], ASIDE] = Field(
        default="any", description="Whether any of the tags is enough, or all must be there."
    )
    materialization: Annotated[Words, ASIDE] = Field(
        default=(), description="Materialization: view, table, incremental, …"
    )
    package: Annotated[Words, ASIDE] = Field(default=(), description="dbt package that holds the model.")
    group: Annotated[Words, ASIDE] = Field(default=(), description="dbt group that owns the model.")
    model_status: Annotated[NodeStatuses, ASIDE] = Field(
        default=(), description="Outcome of the model's last run: success, error, skipped."
    )

    @property
    def narrows_models(self) -> bool:
        """Whether any of these fields is given."""
        return any(getattr(self, name) for name in ModelFields.model_fields if name != "tags_match")

    def admits(self, model: ModelTraits, status: NodeStatus | None) -> bool:
        """Whether a model whose last run came out as `status` has the traits asked for; names are not looked at."""
        tags, own = {tag.casefold() for tag in self.tags}, {tag.casefold() for tag in model.tags}
        return (
            (not tags or (tags <= own if self.tags_match == "all" else bool(tags & own)))
            and _among(model.materialization, self.materialization)
            and _among(model.package, self.package)
            and _among(model.group, self.group)
            and (not self.model_status or status in self.model_status)
        )


class RuntimeFields(Filter):
    """Narrow by the row's own runtime, both bounds inclusive."""

    min_runtime: Annotated[float | None, Told("aside", "s")] = Field(
        default=None, ge=0, allow_inf_nan=False, description="Least runtime in seconds, inclusive."
    )
    max_runtime: Annotated[float | None, ASIDE] = Field(
        default=None, ge=0, allow_inf_nan=False, description="Greatest runtime in seconds, inclusive."
    )

    @model_validator(mode="after")
    def _bounds_in_order(self) -> RuntimeFields:
        if self.min_runtime is not None and self.max_runtime is not None and self.min_runtime > self.max_runtime:
            raise Conflict(
                "min_runtime", f"min_runtime {self.min_runtime:g} is above max_runtime {self.max_runtime:g}."
            )
        return self

    def admits_runtime(self, runtime: float | None) -> bool:
        """Whether a runtime in seconds lies within the bounds; no runtime lies within no bound but the open one."""
        if self.min_runtime is None and self.max_runtime is None:
            return True
        if runtime is None:
            return False
        return (self.min_runtime or 0.0) <= runtime <= (self.max_runtime if self.max_runtime is not None else runtime)


class ProjectFilter(EnvironmentFields, ProjectFields):
    """Which projects, and which of their environments."""

    NARROWED = "projects"


class JobFilter(RuntimeFields, ModelFields, JobFields, ProjectFilter):
    """Which jobs; the runtime is the one of the job's last finished run, and a job's models those of its latest run."""

    NARROWED = "jobs"


class RunFilter(RuntimeFields, ModelFields, RunFields, JobFields, ProjectFilter):
    """Which runs; the runtime is the run's own, and so are its models."""

    NARROWED = "runs"


class ModelFilter(RuntimeFields, ModelFields, JobFields, ProjectFilter):
    """Which models; the runtime is the one of the model's last successful build, the jobs those that build it."""

    NARROWED = "models"


class SearchFilter(RuntimeFields, ModelFields, RunFields, JobFields, ProjectFilter):
    """Every field at once: a method takes those that concern what it gives, and refuses the others."""


F = TypeVar("F", bound=Filter)


def narrowed_to(kind: type[F], filter: Filter | None, argument: str = "filter") -> F:
    """A filter as the one of this kind; `argument` is what the caller gave it as.

    Raises:
        InvalidArgument: It is no filter, or narrows by a field that this kind does not know: better no answer than a
            wider one.
    """
    if not isinstance(filter, Filter | None):
        taken = either(dict.fromkeys((kind.__name__.replace("Fields", "Filter"), "SearchFilter")), "or a")
        raise InvalidArgument(argument, f"{argument} takes a {taken}, and not “{str(filter)[:80]}”.")
    given = filter.given() if filter else {}
    if foreign := [name for name in given if name not in kind.model_fields]:
        raise InvalidArgument(foreign[0], f"A filter of {kind.NARROWED} cannot narrow by {either(foreign)}.")
    return kind.model_validate(given)
