"""Narrowing within one thing: filters of what belongs to a single job, run or model."""

from __future__ import annotations

from typing import TypeVar

from dbt_discovery.exceptions import InvalidArgument
from dbt_discovery.models.filters import Filter, JobFields, ModelFields, ProjectFilter, narrowed_to
from dbt_discovery.words import either

__all__ = ["OF_ONE_JOB", "OF_ONE_MODEL", "checked_number", "narrowed_within"]

F = TypeVar("F", bound=Filter)

OF_ONE_JOB = (*ProjectFilter.model_fields, *JobFields.model_fields)
"""Fields that choose nothing any more within one job, or one of its runs."""

OF_ONE_MODEL = (*ProjectFilter.model_fields, *ModelFields.model_fields)
"""Fields that choose nothing any more within one model."""


def narrowed_within(
    kind: type[F], filter: Filter | None, thing: str, settled: tuple[str, ...], argument: str = "filter"
) -> F:
    """A filter as the one of this kind, for what belongs to one thing.

    Args:
        kind: The class of filter that is understood.
        filter: The one given.
        thing: What the rows belong to: `job`, `run`, `model`.
        settled: Fields that the thing settles by itself.
        argument: What the caller gave it as.

    Raises:
        InvalidArgument: It is no filter, narrows by a settled field, or by one that this kind does not know.
    """
    wanted = narrowed_to(kind, filter, argument)
    if idle := [name for name in wanted.given() if name in settled]:
        raise InvalidArgument(idle[0], f"One {thing} is asked here: it cannot be narrowed by {either(idle)}.")
    return wanted


def checked_number(name: str, number: int | None, most: int, hint: str = "", *, optional: bool = True) -> int | None:
    """How many of something are asked for; None for all, where it is `optional` to say.

    Raises:
        InvalidArgument: It is no whole number, less than one, or more than `most`.
    """
    if not (optional and number is None) and (type(number) is not int or not 1 <= number <= most):
        raise InvalidArgument(name, f"{name} takes a whole number from 1 to {most:,}{hint}.")
    return number
