"""Averages in words: a mean that a few long runs have drawn up is never told alone."""

from __future__ import annotations

from dbt_discovery.analysis.measures import apart
from dbt_discovery.words import count, duration

__all__ = ["average_of", "why_apart"]


def average_of(runs: int, mean: float, median: float) -> str:
    """What some runs took on average, as in `37 min on average over 7 runs, though half of them took at most 9 min`.

    The median is told where it and the mean part: one full refresh of four hours must not mislead unseen.
    """
    told = f"{duration(mean)} on average over {count(runs, 'run')}"
    if not apart(mean, median):
        return told
    return f"{told}, though half of them took {'no more than' if median < mean else 'at least'} {duration(median)}"


def why_apart(mean: float, median: float) -> str:
    """Why a mean and a median part, as the end of a sentence; nothing where they do not."""
    if not apart(mean, median):
        return ""
    return f"a few runs took far {'longer' if mean > median else 'shorter'}"
