"""The names that a question may use, prepared for comparing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from langchain_dbt_discovery.offline.phrase import normal

__all__ = ["KINDS", "Entry", "Lexicon", "NamesSource", "lexicon_of", "words_of"]

KINDS = ("projects", "jobs", "models", "tags", "environments")

_LONGEST_NAME = 500
"""dbt Cloud has names of 255 characters at most: what is longer is no name that anybody would say."""


class NamesSource(Protocol):
    """Names by kind; `dbt_discovery.Vocabulary` is one."""

    @property
    def projects(self) -> tuple[str, ...]:
        """Names of projects."""

    @property
    def jobs(self) -> tuple[str, ...]:
        """Names of jobs."""

    @property
    def models(self) -> tuple[str, ...]:
        """Names of models."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags of models."""

    @property
    def environments(self) -> tuple[str, ...]:
        """Names of environments."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name, and its words in small letters.

    Attributes:
        kind: One of `KINDS`.
        name: As dbt Cloud has it.
        words: Its words.
    """

    kind: str
    name: str
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words with a space between."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Every name.

    Attributes:
        entries: All of them.
        by_text: Those of the same words together, with spaces between the words and without.
        words: Every word of every name.
        longest: How many words the longest name has.
    """

    entries: tuple[Entry, ...]
    by_text: dict[str, tuple[Entry, ...]]
    words: frozenset[str]
    longest: int


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name: `fct_orders`, `FCT Orders` and `fct-orders` are the same two."""
    return tuple(re.findall(r"[^\W_]+", normal(text)))


def lexicon_of(source: NamesSource | None) -> Lexicon:
    """The lexicon of a vocabulary; an empty one of none."""
    if source is None:
        return _lexicon(())
    return _lexicon(tuple((kind, tuple(getattr(source, kind))) for kind in KINDS))


@lru_cache(maxsize=8)
def _lexicon(names: tuple[tuple[str, tuple[str, ...]], ...]) -> Lexicon:
    entries = tuple(_entries(names))
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        for text in {entry.text, "".join(entry.words)}:
            grouped.setdefault(text, []).append(entry)
    return Lexicon(
        entries,
        {text: tuple(found) for text, found in grouped.items()},
        frozenset(word for entry in entries for word in entry.words),
        max((len(entry.words) for entry in entries), default=0),
    )


def _entries(names: Iterable[tuple[str, tuple[str, ...]]]) -> Iterable[Entry]:
    seen = set()
    for kind, texts in names:
        for name in texts:
            if len(name) > _LONGEST_NAME:
                continue
            entry = Entry(kind, name, words_of(name))
            if entry.words and (kind, name) not in seen:
                seen.add((kind, name))
                yield entry
