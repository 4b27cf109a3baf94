"""What a report should hold: its rows as the raw records give them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.raw.changes import CHANGES
from evals.raw.checks import CHECKS
from evals.raw.graph import GRAPH
from evals.raw.jobs import JOBS
from evals.raw.models import MODELS
from evals.raw.records import Arguments, Reports, Rows, listed
from evals.raw.runs import RUNS

if TYPE_CHECKING:
    from dbt_cloud_sandbox import World

__all__ = ["WORKED_OUT", "Truth", "truth_of"]

WORKED_OUT: Reports = {**JOBS, **RUNS, **MODELS, **CHECKS, **GRAPH, **CHANGES}
"""The reports whose rows are worked out here."""


@dataclass(frozen=True)
class Truth:
    """A report's rows before the limit, with the keys that are worked out here.

    Attributes:
        rows: Keys and values of every row, in order; rows with the same `RANK` may stand in any.
    """

    rows: Rows

    @property
    def total(self) -> int:
        """Rows before the limit."""
        return len(self.rows)


def truth_of(report: str, world: World, arguments: Arguments) -> Truth | None:
    """What a report with these arguments should hold; None of a report whose rows are not worked out here."""
    count = WORKED_OUT.get(report)
    return Truth(count(world, listed(arguments))) if count else None
