"""Readings: how a question was taken, and how else it could be, each a click away."""

from __future__ import annotations

from dataclasses import dataclass

from dbt_discovery import Report

from dbt_discovery_web.cards.addresses import Addresses
from dbt_discovery_web.rendering.words import one_line

__all__ = ["Alternative", "Reading", "readings_of"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to take the question, and the page that takes it so."""

    label: str
    page: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One assumption, and what else could have been assumed.

    Attributes:
        key: What it is about; the same after it was changed.
        label: The same for people.
        value: How it was taken.
        alternatives: How else it could be.
    """

    key: str
    label: str
    value: str
    alternatives: tuple[Alternative, ...]


def readings_of(report: Report) -> tuple[Reading, ...]:
    """The readings of a report. Another one is the same report again: no model is asked."""
    addresses = Addresses(report)
    return tuple(
        Reading(
            reading.key,
            one_line(reading.label),
            one_line(reading.value),
            tuple(
                Alternative(one_line(other.label), addresses.instead(other.arguments)) for other in reading.alternatives
            ),
        )
        for reading in report.reading
    )
