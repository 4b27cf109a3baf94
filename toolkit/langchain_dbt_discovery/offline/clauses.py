"""A question's words with its names out of the way, in which clauses are looked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from langchain_dbt_discovery.offline.names import read_full_names, read_quoted_names
from langchain_dbt_discovery.offline.phrase import Phrase
from langchain_dbt_discovery.offline.spelling import mend
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = ["NAME", "Covered", "cover"]

NAME = r"<\d+>"
"""Stands for a name, whose own words and conjunctions must not be read as the question's."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A question in plain small letters, typos mended, with a mark for each whole name.

    Attributes:
        text: The words, and `<0>`, `<1>`, … for names.
        names: What the marks stand for.
    """

    text: str
    names: tuple[str, ...]

    def open(self, text: str) -> str:
        """Words of the text with their names back in place."""
        return re.sub(r"<(\d+)>", lambda mark: self.names[int(mark[1])], text).strip(" ,")


def cover(question: str, lexicon: Lexicon) -> Covered:
    """The question with its whole names covered."""
    phrase, read = Phrase(question), Phrase(question)
    quoted = [f'"{mention.said}"' for mention in read_quoted_names(read, lexicon)]
    mend(read, lexicon)
    full = [mention.said for mention in read_full_names(read, lexicon)]
    phrase.text = re.sub(r"[<>]", " ", phrase.text)
    names: list[str] = []
    for said in [*quoted, *full]:
        mark = f"<{len(names)}>"
        covered = re.sub(rf"(?<![\w.<]){re.escape(said)}(?![\w>])", mark, phrase.text, count=1)
        if covered != phrase.text:
            phrase.text = covered
            names.append(said)
    mend(phrase, lexicon)
    return Covered(phrase.text, tuple(names))
