"""Identity: what a row says of the job, model, test or run that it is about, the same in every report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.records import JobRecord, ModelRecord, RunRecord
from dbt_discovery.models.report import Row
from dbt_discovery.models.tests import TestRecord
from dbt_discovery.models.unique_ids import name_in

__all__ = ["Names", "tested_name"]


@dataclass(frozen=True, slots=True)
class Names:
    """What projects, environments and jobs are called, by id; None where that is not known.

    Attributes:
        projects: Names of projects.
        environments: Names of environments.
        jobs: Names of jobs.
    """

    projects: Mapping[str, str]
    environments: Mapping[str, str]
    jobs: Mapping[str, str]

    @classmethod
    async def of(cls, inquiry: Inquiry) -> Self:
        """The names of all that is in an inquiry's view."""
        places = await cls.of_places(inquiry)
        return replace(places, jobs={job.job_id: job.name for job in await inquiry.jobs()})

    @classmethod
    async def of_places(cls, inquiry: Inquiry) -> Self:
        """The names of projects and environments, for rows that name no job: jobs would cost a request."""
        projects, environments = await inquiry.projects(), await inquiry.environments()
        return cls(
            {project.project_id: project.name for project in projects},
            {environment_id: environment.name for environment_id, environment in environments.items()},
            {},
        )

    def job(self, job: JobRecord) -> Row:
        """What a row about a job begins with."""
        return {"job_id": job.job_id, "job_name": job.name, **self.place(job.project_id, job.environment_id)}

    def model(self, model: ModelRecord) -> Row:
        """What a row about a model begins with."""
        own = {"unique_id": model.unique_id, "name": model.name}
        return {**own, **self.place(model.project_id, model.environment_id)}

    def test(self, test: TestRecord) -> Row:
        """What a row about a test begins with."""
        own = {"unique_id": test.unique_id, "name": test.name, "column": test.column}
        tested = {"tested_model": tested_name(test), "tested_model_id": test.tested_model or ""}
        return {**own, **tested, **self.place(test.project_id, test.environment_id)}

    def run(self, run: RunRecord) -> Row:
        """What a row about a run begins with."""
        own = {"run_id": run.run_id, "url": run.url, "job_id": run.job_id, "job_name": self.jobs.get(run.job_id)}
        return {**own, **self.place(run.project_id, run.environment_id)}

    def called(self, run: RunRecord) -> str:
        """What a run is called in a sentence: `run 1 of Nightly`."""
        return f"run {run.run_id} of {self.jobs.get(run.job_id) or f'job {run.job_id}'}"

    def place(self, project_id: str, environment_id: str) -> Row:
        """A project and one of its environments, by id and name."""
        return {
            "project_id": project_id,
            "project_name": self.projects.get(project_id),
            "environment_id": environment_id,
            "environment_name": self.environments.get(environment_id),
        }


def tested_name(test: TestRecord) -> str | None:
    """What a test is about, by name; a source's table stands behind its source, as in `shop.orders`."""
    return ", ".join(map(_subject, test.subjects)) or None


def _subject(unique_id: str) -> str:
    kind, *parts = unique_id.split(".")
    return ".".join(parts[-2:]) if kind == "source" else name_in(unique_id)
