"""Flakiness: tests that failed and passed on one and the same commit."""

from __future__ import annotations

from dataclasses import dataclass, field

from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.results import RunResults

__all__ = ["Flakiness", "Track"]

_Verdict = tuple[RunRecord, bool]
"""A run, and whether the test passed in it."""


@dataclass(slots=True)
class Track:
    """What runs of one test amount to, taken in from the newest to the oldest.

    Attributes:
        runs: Runs in which it was executed, whatever came of it.
        failures: Those in which it failed.
        flips: How often its verdict changed from one run to the next on the same commit, either way.
        commits: The commits on which it both failed and passed.
        failed: The latest run in which it failed whose next verdict on the same commit is a pass; None without such.
        passed: The run of that pass.
        sudden: Whether a failure that a pass on the same commit followed began on that commit: the run before it, on
            whatever commit, had passed, or is not known.
    """

    runs: int = 0
    failures: int = 0
    flips: int = 0
    commits: set[str] = field(default_factory=set)
    failed: RunRecord | None = None
    passed: RunRecord | None = None
    sudden: bool = False
    _next: dict[str, _Verdict] = field(default_factory=dict)
    _recovered_on: str | None = None

    @property
    def is_flaky(self) -> bool:
        """Whether it failed and then passed on one commit, and had not been failing on the commit before already.

        A failure that goes on over several commits and ends on the last of them was repaired, or its data were.
        """
        return self.sudden or self._recovered_on is not None

    @property
    def was_repaired(self) -> bool:
        """Whether it failed and then passed on one commit, but each time had been failing for longer."""
        return self.passed is not None and not self.is_flaky

    def add(self, commit: str, verdict: _Verdict) -> None:
        """Takes in a verdict, which is older than those before."""
        run, passed = verdict
        after = self._next.get(commit)
        self._next[commit] = verdict
        if self._recovered_on and (passed or commit != self._recovered_on):
            self.sudden, self._recovered_on = self.sudden or passed, None
        if after is None or after[1] is passed:
            return
        self.flips += 1
        self.commits.add(commit)
        if not passed:
            self._recovered_on = commit
            if self.passed is None:
                self.failed, self.passed = run, after[0]


class Flakiness:
    """The tests of many runs, each in each environment for itself.

    Only pass and fail are verdicts. An error says that the test itself could not run, and a warning that it found rows,
    but not so many that it fails: neither is a failure that came and went.
    """

    def __init__(self) -> None:
        self._homes: dict[str, dict[str, Track]] = {}

    @property
    def tracks(self) -> dict[tuple[str, str], Track]:
        """What the runs of each test amount to, by environment id and unique_id."""
        return {(home, unique_id): track for home, own in self._homes.items() for unique_id, track in own.items()}

    def add(self, run: RunRecord, results: RunResults) -> None:
        """Takes in a run that names its commit; runs come newest first. Of long periods these are millions of rows."""
        commit = run.git_sha
        assert commit
        own = self._homes.setdefault(run.environment_id, {})
        passed, failed = (run, True), (run, False)
        for unique_id, status in zip(results.unique_ids, results.statuses, strict=True):
            if status is NodeStatus.SKIPPED:
                continue
            if (track := own.get(unique_id)) is None:
                track = own[unique_id] = Track()
            track.runs += 1
            if status is NodeStatus.SUCCESS:
                track.add(commit, passed)
            elif status is NodeStatus.FAIL:
                track.failures += 1
                track.add(commit, failed)
