"""Subjects: the one job, model or run that a question is about; those called `The…` have to be named."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from dbt_discovery.models.filters import Conflict, Filter
from dbt_discovery.models.references import to_reference
from dbt_discovery.models.telling import NAMED, Told

__all__ = ["OneJob", "OneModel", "OneRun", "TheJob", "TheModel", "TheRun"]


def _one(value: Any, kind: str) -> Any:
    """A reference without white space around it; nothing, where it is empty."""
    value = to_reference(value, kind)
    return (value.strip() or None) if isinstance(value, str) else value


_OR_THE_LATEST = Told(words="Else the job's latest run.")


class OneModel(Filter):
    """About one model."""

    model: Annotated[str | None, BeforeValidator(partial(_one, kind="model")), NAMED] = Field(
        default=None, max_length=400, description="The model: name, unique_id or project_name.model_name."
    )


class OneJob(Filter):
    """About one job."""

    job: Annotated[str | None, BeforeValidator(partial(_one, kind="job")), NAMED] = Field(
        default=None, max_length=400, description="The job: name or id."
    )


class OneRun(OneJob):
    """About one run: the one of that id, or a job's latest."""

    run_id: Annotated[str | None, BeforeValidator(partial(_one, kind="run")), _OR_THE_LATEST] = Field(
        default=None, pattern=r"^\d+$", description="The run's id; without one, the job's latest run."
    )


class TheModel(OneModel):
    """About one model, without which there is no question."""

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if not self.model:
            raise Conflict("model", "Name the model.")
        return self


class TheJob(OneJob):
    """About one job, without which there is no question."""

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if not self.job:
            raise Conflict("job", "Name the job.")
        return self


class TheRun(OneRun):
    """About one run, without which there is no question."""

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if not (self.run_id or self.job):
            raise Conflict("run_id", "Name a run by run_id, or a job to take its latest run.")
        return self
