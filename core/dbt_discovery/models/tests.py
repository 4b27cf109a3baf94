"""The test: a record of one test as an environment has it now. dbt's own word for it, and no test of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from dbt_discovery.models.base import NodeStatus

__all__ = ["TestRecord"]


@dataclass(frozen=True, slots=True)
class TestRecord:
    """A test as an environment has it now (its *applied state*).

    Attributes:
        tested_model: The unique_id of what it tests: a model, a source, a seed or a snapshot. None where dbt names none
            and it reads several nodes, or none.
        parents: The unique_ids of all that it reads, such as both sides of a relationship.
        column: The column it is about; None of a test of a whole model.
        test_type: `generic`, `singular` or `unit`; a type that dbt Cloud adds later in its own word, in small letters.
        test_name: What it checks, such as `not_null`; None of a test that is not generic.
        last_run_failures: Rows that the last attempt found at fault; None where that is not known.
        last_success_run_id: The last run in which it passed, or only warned.
        last_runtime: Execution time in seconds; after an attempt that did not succeed it may still be the one of the
            last success (quirk 1), which `timed_by_last_run` tells.
    """

    __test__: ClassVar[bool] = False  # pytest takes classes of this name for its own

    unique_id: str
    name: str
    project_id: str
    environment_id: str
    tested_model: str | None
    parents: tuple[str, ...]
    column: str | None
    test_type: str
    test_name: str | None
    tags: tuple[str, ...]
    last_run_status: NodeStatus | None
    last_run_time: datetime | None
    last_run_id: str | None
    last_run_job_id: str | None
    last_run_error: str | None
    last_run_failures: int | None
    last_success_run_id: str | None
    last_runtime: float | None

    @property
    def key(self) -> tuple[str, str]:
        """Environment id and unique_id: a test has a life of its own in each environment."""
        return self.environment_id, self.unique_id

    @property
    def identity(self) -> tuple[str, str]:
        """Project id and unique_id: what a test is, in whichever environment."""
        return self.project_id, self.unique_id

    @property
    def subjects(self) -> tuple[str, ...]:
        """The unique_ids of what it says something about: the node it tests, else all that it reads."""
        return (self.tested_model,) if self.tested_model else self.parents

    @property
    def is_failing(self) -> bool:
        """Whether its last run failed or ended in an error."""
        return self.last_run_status is not None and self.last_run_status.failed

    @property
    def timed_by_last_run(self) -> bool:
        """Whether `last_runtime` is the last attempt's own."""
        return self.last_run_id is not None and self.last_run_id == self.last_success_run_id
