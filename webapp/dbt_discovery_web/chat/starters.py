"""Starters: questions that stand on the empty chat page, by what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from dbt_discovery.reports import registry

__all__ = ["starters"]

_EXAMPLES: Mapping[str, Sequence[tuple[str, int]]] = MappingProxyType(
    {
        "Jobs and runs": (("longest_running_jobs", 0), ("failed_runs", 0), ("list_runs", 2)),
        "Models": (("slowest_models", 0), ("failing_models", 1), ("list_models", 1)),
        "Tests": (("failing_tests", 0), ("flaky_tests", 0), ("test_coverage", 1)),
        "Sources": (("source_freshness", 0), ("source_freshness", 1)),
        "Why": (("model_health", 1), ("runtime_changes", 0), ("runtime_anomalies", 0)),
    }
)
"""Examples of reports, by their places; none is about a thing that would have to be named."""


def starters() -> Mapping[str, Sequence[str]]:
    """Questions by what they are about."""
    return {kind: [registry()[name].examples[at] for name, at in examples] for kind, examples in _EXAMPLES.items()}
