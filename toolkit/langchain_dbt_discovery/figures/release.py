"""A model's prose on its way out: each sentence once its figures were found, else the computed finding."""

from __future__ import annotations

import re
from collections.abc import Callable

from langchain_dbt_discovery.figures.evidence import Evidence
from langchain_dbt_discovery.figures.judge import Judge
from langchain_dbt_discovery.figures.sentences import Sentences

__all__ = ["LEFT_OUT", "NO_REPORT", "Release"]

NO_REPORT = "No report of this conversation stands behind what I was about to say, so I leave it out."
"""Instead of a sentence with figures, where there is no finding to give."""
LEFT_OUT = "I left out what else I had to say, because its figures are not in the reports."
"""After an answer of which a sentence was withheld that nothing stands for."""
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")


class Release:
    """Takes a model's text piece by piece and gives what of it may be seen.

    A sentence is given as it was written once its figures were found. The first that fails is replaced by the computed
    finding; further ones are left out, and a closing sentence says so. What comes out does not depend on how the text
    is cut into pieces, and text of which nothing fails comes out unchanged.

    Args:
        evidence_of: Gives the figures that may be said; asked once, when the first sentence is whole.
        finding: Gives the computed findings of the turn; empty if there are none.

    Attributes:
        withheld: The sentences that were not given.
    """

    def __init__(self, evidence_of: Callable[[], Evidence], finding: Callable[[], str]) -> None:
        self.withheld: list[str] = []
        self._evidence_of = evidence_of
        self._finding = finding
        self._sentences = Sentences()
        self._judge: Judge | None = None
        self._text = ""
        self._owed = ""
        self._dropped = False

    def feed(self, text: str) -> list[str]:
        """What may be seen now that `text` has come too."""
        return [piece for sentence in self._sentences.feed(text) for piece in self._judged(sentence)]

    def end(self) -> list[str]:
        """What may be seen now that no more comes."""
        pieces = [piece for sentence in self._sentences.end() for piece in self._judged(sentence)]
        pieces += self._given_apart(self._owed)
        return [*pieces, *self._given_apart(LEFT_OUT if self._dropped else "")]

    def _judged(self, sentence: str) -> list[str]:
        self._judge = self._judge or Judge(self._evidence_of())
        is_row = sentence.lstrip().startswith("|")
        if self._judge.allows(sentence):
            # A table goes on being one: what has to be said instead of a row of it is said after it.
            owed, self._owed = (self._owed, "") if not is_row and sentence.strip() else ("", self._owed)
            return [*self._given_apart(owed, "\n\n"), *self._give(sentence)]
        words = sentence.rstrip()
        self.withheld.append(words.strip())
        instead = (self._finding().strip() or NO_REPORT) if len(self.withheld) == 1 else ""
        if not instead or instead in self._text:
            self._dropped = True
            return [] if is_row or _ITEM.match(sentence) else self._give(_ends_of_lines(sentence))
        if is_row:
            self._owed = instead
            return []
        marker = _ITEM.match(sentence)
        return self._give((marker[0] if marker else "") + instead + sentence[len(words) :])

    def _given_apart(self, text: str, after: str = "") -> list[str]:
        """A text set off from what was given before."""
        if not text:
            return []
        before = self._text.rstrip(" ")
        lead = "" if not before else "\n\n"[len(before) - len(before.rstrip("\n")) :]
        return self._give(f"{lead}{text}{after}")

    def _give(self, text: str) -> list[str]:
        self._text += text
        return [text] if text else []


def _ends_of_lines(sentence: str) -> str:
    return "\n" * sentence[len(sentence.rstrip()) :].count("\n")
