"""A finished run, and what it made old of all that is known of its account."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["OUTDATED", "FinishedRun"]

OUTDATED: tuple[Literal["jobs", "models", "runs"], ...] = ("jobs", "models", "runs")
"""The scopes that a run changes something of."""


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that is over.

    Attributes:
        run_id: Its id.
        job_id: Its job's, if that is known.
        environment_id: Its environment's, likewise.
    """

    run_id: str
    job_id: str | None = None
    environment_id: str | None = None

    def outdates(self, variables: Iterable[tuple[str, Hashable]]) -> bool:
        """Whether an answer to a question with those variables is old now.

        It is, unless it is about another run, job or environment: lists of all jobs are, and the state of the run's own
        environment. Ids are numbers in one API and text in the other.
        """
        own = {
            "id": self.run_id,  # of the Admin API's runs
            "runId": self.run_id,
            "jobId": self.job_id,
            "job_definition_id": self.job_id,
            "environmentId": self.environment_id,
        }
        return all(own.get(name) in (None, str(value)) for name, value in variables)
