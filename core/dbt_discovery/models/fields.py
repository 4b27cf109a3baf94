"""Fields: the types of filter fields, and what of people's ways to write their values is understood."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import from_json

from dbt_discovery.models.base import FreshnessStatus, NodeStatus, RunStatus
from dbt_discovery.models.references import to_reference

__all__ = [
    "Environment",
    "FreshnessStatuses",
    "JobTypes",
    "Jobs",
    "Models",
    "NodeStatuses",
    "Projects",
    "ResourceTypes",
    "RunStatuses",
    "Verdicts",
    "Words",
]


def _listed(value: Any) -> Any:
    """One value as a list of one; nothing as an empty list; a list that came as JSON text as that list."""
    if value is None:
        return ()
    if isinstance(value, str) and value.lstrip().startswith("["):
        with suppress(ValueError):
            return from_json(value)
    return (value,) if isinstance(value, str | int | float) or hasattr(value, "reference_as") else value


def _parted(value: Any) -> Any:
    """Values of which none holds a comma, so that one text may hold several: `finance, pii`."""
    listed = _listed(value)
    if not isinstance(listed, list | tuple):
        return listed
    return [part for each in listed for part in (_parts(each) if isinstance(each, str) else [each])]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()] or [text]


def _lowered(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _singular(value: Any) -> Any:
    """A kind of node as dbt writes it: `exposure` of `Exposures`, `saved_query` of `saved queries`."""
    word = _lowered(value)
    if not isinstance(word, str):
        return value
    word = word.replace(" ", "_").replace("-", "_")
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


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
FreshnessWord = Annotated[FreshnessStatus, _spelt(_ERROR | {"fail": "error", "warning": "warn", "passed": "pass"})]
JobType = Annotated[Literal["scheduled", "ci", "merge", "adaptive", "other"], BeforeValidator(_lowered)]
ResourceType = Annotated[
    Literal["model", "source", "seed", "snapshot", "exposure", "metric", "semantic_model", "saved_query"],
    BeforeValidator(_singular),
]
Verdict = Annotated[Literal["failing", "warning", "unknown", "healthy"], BeforeValidator(_lowered)]

Projects = Annotated[tuple[Project, ...], BeforeValidator(_listed)]
Jobs = Annotated[tuple[Job, ...], BeforeValidator(_listed)]
Models = Annotated[tuple[Model, ...], BeforeValidator(_parted)]
Words = Annotated[tuple[Text, ...], BeforeValidator(_parted)]
JobTypes = Annotated[tuple[JobType, ...], BeforeValidator(_parted)]
RunStatuses = Annotated[tuple[RunStatusWord, ...], BeforeValidator(_parted)]
NodeStatuses = Annotated[tuple[NodeStatusWord, ...], BeforeValidator(_parted)]
ResourceTypes = Annotated[tuple[ResourceType, ...], BeforeValidator(_parted)]
Verdicts = Annotated[tuple[Verdict, ...], BeforeValidator(_parted)]
FreshnessStatuses = Annotated[tuple[FreshnessWord, ...], BeforeValidator(_parted)]
Environment = Annotated[str | None, BeforeValidator(_optional)]
