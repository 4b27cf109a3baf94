"""The places of reports in REST: the path of its own that each has, and those below what it is narrowed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dbt_discovery import InvalidArgument, NotFound
from dbt_discovery.models.filters import JobFields, ProjectFields, ProjectFilter
from dbt_discovery.reports.declaration import ReportArguments, ReportDeclaration
from starlette.exceptions import HTTPException
from starlette.requests import Request

__all__ = ["NARROWED", "Place"]

_OF_ONE_PROJECT = frozenset(ProjectFields.model_fields)
_OF_ONE_JOB = frozenset({*ProjectFilter.model_fields, *JobFields.model_fields})
_OF_ONE_RUN = _OF_ONE_JOB | {"run_id", "period", "last_n_runs"}


@dataclass(frozen=True, slots=True)
class Place:
    """A path that gives a report, whole or narrowed to the one thing that the path names.

    Attributes:
        path: The path; what it names stands in braces.
        operation: The operation's id.
        tag: Where it is listed.
        field: The argument that takes what the path names.
        settled: Arguments that choose nothing any more there, that one among them.
    """

    path: str
    operation: str
    tag: str
    field: str = ""
    settled: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """What the path names one of: `job`; nothing, if it names none."""
        return self.path.partition("{")[2].partition(":")[0]

    def arguments(self, request: Request, declaration: ReportDeclaration[Any]) -> ReportArguments:
        """The arguments in a request, with what its path names.

        Raises:
            InvalidArgument: One is unknown, not of its form, or settled by the path.
            NotFound: The path names a run that cannot be.
            HTTPException: 404, where the path names nothing.
        """
        given: dict[str, Any] = {}
        for name in request.query_params:
            values = request.query_params.getlist(name)
            given[name] = values if len(values) > 1 else values[0]
            if name in self.settled:
                raise InvalidArgument(name, f"The path names one {self.kind}: leave {name} out.")
        if self.kind:
            named = request.path_params[self.kind]
            if not named.strip():
                raise HTTPException(404)
            if self.kind == "run" and not (named.isascii() and named.isdecimal()):
                raise NotFound("run", named)
            given[self.field] = named
        arguments: ReportArguments = declaration.parse(given)
        return arguments


_ACCOUNT_MODELS = Place("/account/slowest_models", "account_slowest_models", "Account")
_ACCOUNT_JOBS = Place("/account/longest_running_jobs", "account_longest_running_jobs", "Account")
_PROJECT_MODELS = Place(
    "/projects/{project:path}/slowest_models", "project_slowest_models", "Projects", "projects", _OF_ONE_PROJECT
)
_PROJECT_JOBS = Place(
    "/projects/{project:path}/longest_running_jobs",
    "project_longest_running_jobs",
    "Projects",
    "projects",
    _OF_ONE_PROJECT,
)
_JOB_MODELS = Place("/jobs/{job:path}/slowest_models", "job_slowest_models", "Jobs", "jobs", _OF_ONE_JOB | {"run_id"})
_JOB_RUNTIMES = Place("/jobs/{job:path}/runtimes", "job_runtimes", "Jobs", "jobs", _OF_ONE_JOB)
_RUN_MODELS = Place("/runs/{run:path}/slowest_models", "run_slowest_models", "Runs", "run_id", _OF_ONE_RUN)
_LINEAGE = Place("/models/{model:path}/lineage", "model_lineage", "Models", "model", frozenset({"model"}))

NARROWED: Mapping[str, tuple[Place, ...]] = MappingProxyType(
    {
        "slowest_models": (_ACCOUNT_MODELS, _PROJECT_MODELS, _JOB_MODELS, _RUN_MODELS),
        "longest_running_jobs": (_ACCOUNT_JOBS, _PROJECT_JOBS),
        "list_runs": (_JOB_RUNTIMES,),
        "lineage": (_LINEAGE,),
    }
)
"""Where a report stands besides the path of its own."""
