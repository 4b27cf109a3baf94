"""Fields: the types of filter fields, and what of people's ways to write their values is understood."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.references import to_reference

__all__ = ["Environment", "JobTypes", "Jobs", "Models", "NodeStatuses", "Projects", "RunStatuses", "Words"]


def _listed(value: Any) -> Any:
    """One value as a list of one; nothing as an empty list."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str | int | float) or hasattr(value, "reference_as") else value


def _lowered(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _spelt(words: Mapping[str, str]) -> BeforeValidator:
    """Takes people's words for those that are used here."""

    def spelt(value: Any) -> Any:
        word = _lowered(value)
        return words.get(word, word) if isinstance(word, str) else value

    return BeforeValidator(spelt)


def _optional(value: Any) -> Any:
    """A reference without white space around it; nothing, where it is empty."""
    value = to_reference(value)
    return (value.strip() or None) if isinstance(value, str) else value


_FAILURE = dict.fromkeys(("failed", "error", "errored"), "failure")
_ERROR = dict.fromkeys(("failed", "failure"), "error")

Text = Annotated[str, Field(min_length=1, max_length=400)]
Project = Annotated[Text, BeforeValidator(partial(to_reference, kind="project"))]
Job = Annotated[Text, BeforeValidator(partial(to_reference, kind="job"))]
Model = Annotated[Text, BeforeValidator(partial(to_reference, kind="model"))]
RunStatusWord = Annotated[RunStatus, _spelt(_FAILURE | {"succeeded": "success", "canceled": "cancelled"})]
NodeStatusWord = Annotated[NodeStatus, _spelt(_ERROR | {"succeeded": "success", "passed": "success"})]
JobType = Annotated[Literal["scheduled", "ci", "merge", "adaptive", "other"], BeforeValidator(_lowered)]

Projects = Annotated[tuple[Project, ...], BeforeValidator(_listed)]
Jobs = Annotated[tuple[Job, ...], BeforeValidator(_listed)]
Models = Annotated[tuple[Model, ...], BeforeValidator(_listed)]
Words = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
JobTypes = Annotated[tuple[JobType, ...], BeforeValidator(_listed)]
RunStatuses = Annotated[tuple[RunStatusWord, ...], BeforeValidator(_listed)]
NodeStatuses = Annotated[tuple[NodeStatusWord, ...], BeforeValidator(_listed)]
Environment = Annotated[str | None, BeforeValidator(_optional)]
