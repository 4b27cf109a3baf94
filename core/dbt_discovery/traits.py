"""Traits of models that no model has: a misspelt tag keeps nothing, and a reader should hear why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches

from dbt_discovery.models.filters import ModelFields, ModelTraits
from dbt_discovery.words import count, either

__all__ = ["unknown_traits"]

_TRAITS: dict[str, Callable[[ModelTraits], Iterable[str | None]]] = {
    "tags": lambda model: model.tags,
    "materialization": lambda model: (model.materialization,),
    "package": lambda model: (model.package,),
    "group": lambda model: (model.group,),
}


def unknown_traits(wanted: ModelFields, models: Collection[ModelTraits]) -> list[str]:
    """A sentence for each tag, materialization, package or group asked for that no model has, with those that are near.

    Args:
        wanted: The filter.
        models: The models that it chooses from; none of them tells nothing.
    """
    if not models:
        return []
    sentences: list[str] = []
    for field, traits in _TRAITS.items():
        if not getattr(wanted, field):
            continue
        known = {own.casefold(): own for model in models for own in traits(model) if own}
        unknown = [value for value in getattr(wanted, field) if value.casefold() not in known]
        sentences += [_sentence(field.removesuffix("s"), value, known, len(models)) for value in unknown]
    return sentences


def _sentence(noun: str, value: str, known: dict[str, str], looked_at: int) -> str:
    near = get_close_matches(value.casefold(), known, 3)
    meant = f" Did you mean {either(f'“{known[each]}”' for each in near)}?" if near else ""
    return f"None of {count(looked_at, 'model')} has the {noun} “{value}”.{meant}"
