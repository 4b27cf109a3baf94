"""The words that records, filters and reports share: statuses, ids and the sandbox's kinds."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

__all__ = ["FreshnessStatus", "FrozenModel", "NodeStatus", "RunStatus"]


class RunStatus(StrEnum):
    """The status of a job's run; a status that dbt Cloud adds later reads as `unknown`.

    A run that dbt Cloud stopped at its time limit is `cancelled` with `timed_out` set beside it.
    """

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    UNKNOWN = "unknown"

    @property
    def finished(self) -> bool:
        """Whether the run came to an end of its own: these count in averages, maxima and totals."""
        return self in (RunStatus.SUCCESS, RunStatus.FAILURE)

    @property
    def final(self) -> bool:
        """Whether the run can no longer change."""
        return self.finished or self is RunStatus.CANCELLED


class NodeStatus(StrEnum):
    """The outcome of one node (model, test, seed, snapshot) in one run; newer outcomes read as `unknown`."""

    SUCCESS = "success"
    ERROR = "error"
    SKIPPED = "skipped"
    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"

    @property
    def failed(self) -> bool:
        """Whether the node did not do what it should: an error, or a test's failure."""
        return self in (NodeStatus.ERROR, NodeStatus.FAIL)


class FreshnessStatus(StrEnum):
    """What a check of a source's freshness came to; `unknown` where there was none, or its word is new."""

    ERROR = "error"
    WARN = "warn"
    UNKNOWN = "unknown"
    PASS = "pass"


class FrozenModel(BaseModel):
    """A pydantic model that never changes, can be a dictionary key, and refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
