"""Weight: how much memory an answer takes, near enough to bound what is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import islice
from operator import attrgetter
from sys import getsizeof
from typing import Any

__all__ = ["weight_of"]

_SAMPLE = 8
"""About how many members of a long collection are weighed. The rest weighs as much as the second half of these."""
_UNUSUAL = 2
"""How many times as heavy as is usual in that half a member may count for those that are not weighed."""

_Parts = Callable[[Any], Iterable[Any]]


def weight_of(value: Any) -> int:
    """Bytes of a value that is made of records, collections, texts, numbers and moments.

    What occurs in it several times weighs once. Of a long collection a part is weighed for the whole.
    """
    return _weight(value, set())


def _weight(value: Any, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    own: int = getsizeof(value)
    if isinstance(value, dict):
        return own + _weight_of_all(value.keys(), seen) + _weight_of_all(value.values(), seen)
    if isinstance(value, tuple | list | set | frozenset):
        return own + _weight_of_all(value, seen)
    return own + _sum(_parts_of(value.__class__)(value), seen)


def _weight_of_all(members: Collection[Any], seen: set[int]) -> int:
    """The members' weight. When the second half of a sample is weighed, what all members share has been met already."""
    if len(members) <= _SAMPLE:
        return _sum(members, seen)
    sample = list(islice(members, 0, None, -(-len(members) // _SAMPLE)))
    half = len(sample) // 2
    first, second = _sum(sample[:half], seen), [_sum([each], seen) for each in sample[half:]]
    most = _UNUSUAL * sorted(second)[len(second) // 2]
    like_them = sum(min(each, most) for each in second) * (len(members) - len(sample)) // len(second)
    return first + sum(second) + like_them


def _sum(members: Iterable[Any], seen: set[int]) -> int:
    total = 0
    for each in members:
        if id(each) in seen:
            continue
        if isinstance(each, str):
            seen.add(id(each))
            total += getsizeof(each)
        else:
            total += _weight(each, seen)
    return total


@cache
def _parts_of(kind: type) -> _Parts:
    """What a value of this type is made of: the fields of a record; of everything else nothing."""
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else []
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: [getattr(value, name) for name in names]
