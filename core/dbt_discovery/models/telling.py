"""Telling: how much of a field a language model is told, which reads every tool's arguments with every question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel

__all__ = ["ASIDE", "JOBS_NAMED", "NAMED", "UNTOLD", "Told", "told"]


@dataclass(frozen=True, slots=True)
class Told:
    """How a field is told to a language model; it stands in the field's annotation. Every other door tells it whole.

    Attributes:
        place: `own` for an argument of its own; `aside` for one that is named with other rarer ones in a list;
            `nowhere` for one that is taken but not told, such as one whose meaning another has too.
        words: What is told of it instead of its description; none where the name says it.
    """

    place: Literal["own", "aside", "nowhere"] = "own"
    words: str | None = None


NAMED = Told(words="")
ASIDE = Told("aside", words="")
UNTOLD = Told("nowhere")
JOBS_NAMED: Mapping[str, Told] = MappingProxyType({"jobs": NAMED})
"""For a report that is asked about particular jobs so often that they are an argument of their own."""


def told(kind: type[BaseModel], name: str) -> Told:
    """How a field of a class is told: as the class's `TOLD` says or the field itself, or as its bases say.

    `TOLD` is for a field that a class takes over from a base and that matters more to it, or means something else.
    """
    for each in kind.__mro__:
        field = getattr(each, "model_fields", {}).get(name)
        for mark in (each.__dict__.get("TOLD", {}).get(name), *(field.metadata if field else ())):
            if isinstance(mark, Told):
                return mark
    return Told()
