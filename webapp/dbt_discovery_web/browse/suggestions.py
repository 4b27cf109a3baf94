"""Suggestions: the names that a field may be filled in with."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dbt_discovery import DbtAccount, DbtDiscoveryError
from dbt_discovery.vocabulary import Vocabulary
from rapidfuzz import fuzz, process, utils

from dbt_discovery_web.dependencies import patience

__all__ = ["AT_ONCE", "KINDS", "Names", "likest", "matching", "names_of"]

KINDS = ("projects", "environments", "jobs", "models", "tags", "runs")
AT_ONCE = 200
"""Names of one kind that a page holds; where there are more, what is written chooses them."""
_MOST = 20
"""Names that are suggested for what is written."""
_ALIKE = 60
"""The least likeness, from 0 to 100, of what is suggested."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one kind.

    Attributes:
        kind: Which.
        first: The first of them, each with what tells more of it, if anything does.
        whole: Whether these are all.
    """

    kind: str
    first: tuple[tuple[str, str], ...]
    whole: bool


async def names_of(account: DbtAccount, wanted: Collection[str]) -> Mapping[str, Names]:
    """The names of some kinds. Where they are not known soon there are none yet: a form works without them."""
    kinds = [kind for kind in KINDS if kind in wanted]
    try:
        async with patience():
            found = await asyncio.gather(*(_all(account, kind) for kind in kinds))
    except (DbtDiscoveryError, TimeoutError):
        return {kind: Names(kind, (), whole=False) for kind in kinds}
    return {
        kind: Names(kind, tuple(names[:AT_ONCE]), len(names) <= AT_ONCE)
        for kind, names in zip(kinds, found, strict=True)
    }


async def matching(account: DbtAccount, kind: str, text: str) -> list[tuple[str, str]]:
    """The names of a kind that are like a text, the likest first; without a text, the first there are."""
    names = await _all(account, kind)
    if not text.strip():
        return names[:_MOST]
    found = likest([name for name, _ in names], text, _MOST)
    return [names[place] for place in found]


def likest(names: Sequence[str], text: str, most: int, alike: float = _ALIKE) -> list[int]:
    """The places of the names that are like a text, the likest first.

    A name that holds the text comes before one that is only spelt alike, and the shorter before the longer.
    """
    wanted = text.strip().casefold()
    folded = [name.casefold() for name in names]
    inside = sorted(
        (not name.startswith(wanted), len(name), place) for place, name in enumerate(folded) if wanted in name
    )
    places = [place for _, _, place in inside][:most]
    if len(places) < most:
        alikes = process.extract(
            wanted, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=most, score_cutoff=alike
        )
        places += [place for _, _, place in alikes if place not in places]
    return places[:most]


async def _all(account: DbtAccount, kind: str) -> list[tuple[str, str]]:
    """All names of a kind, each with more about it."""
    if kind == "runs":
        report = await account.arun_report("list_runs", limit=AT_ONCE)
        return [(row["run_id"], f"{row['job_name'] or row['job_id']}, {row['status']}") for row in report.rows]
    vocabulary: Vocabulary = await account.avocabulary()
    return [(name, "") for name in getattr(vocabulary, kind)]
