"""Prose: the words of an answer, told while the chat model writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from langchain_core.messages import AIMessage, AIMessageChunk

from dbt_discovery_web.chat.turn_events import Token

__all__ = ["Prose", "Releasing"]


class Releasing(Protocol):
    """Holds a model's words back until they may be read: `langchain_dbt_discovery.figures.Release` is one."""

    def feed(self, text: str) -> list[str]:
        """The pieces that more text lets go."""

    def end(self) -> list[str]:
        """The rest."""


class Prose:
    """The words of one answer: what was told, piece after piece, is exactly its text.

    What a model says before any tool has answered waits until it is known whether the message calls tools, and is
    dropped if it does: it can only be an announcement. Later words are told as they are released. Where a message comes
    to nothing, what was told of it stays, and the next try does not say the same sentences again.

    Args:
        tell: Hears each piece.
        informed: Whether a tool has answered.
        releasing: Makes what looks a message's words over.

    Attributes:
        text: All that was told.
        concluded: Whether the last message of the model was an answer, and not a call or empty.
    """

    def __init__(
        self, tell: Callable[[Token], None], informed: Callable[[], bool], releasing: Callable[[], Releasing]
    ) -> None:
        self.text = ""
        self.concluded = False
        self._tell = tell
        self._informed = informed
        self._releasing = releasing
        self._release: Releasing | None = None
        self._space = ""
        self._held = ""
        self._begun = self._spoke = False
        self._said: list[str] = []
        self._abandoned: frozenset[str] = frozenset()

    def take(self, piece: AIMessage) -> None:
        """A piece of the message that the model is writing, or the whole of one that came at once."""
        if self._begun and not isinstance(piece, AIMessageChunk):
            return  # the whole of what came in pieces
        self._begun = True
        self._release = self._release or self._releasing()
        self._held += piece.text
        if self._informed():
            self._let_go()

    def end(self, message: AIMessage) -> None:
        """The model has written a message."""
        self.take(message)
        calls = bool(message.tool_calls or message.invalid_tool_calls)
        malformed = bool(message.invalid_tool_calls) and not message.tool_calls
        if not calls:
            self._let_go()
        for piece in self._release.end() if self._release else ():
            self._say(piece)
        self.concluded = self._spoke and not calls
        self._begin(again=malformed)

    def break_off(self) -> None:
        """The model has failed within a message: what was released of it stays, and the rest is dropped."""
        self._begin(again=True)

    def add(self, paragraph: str) -> None:
        """A paragraph of the product's own."""
        self._begin()
        self._say(paragraph)

    def complete(self, text: str) -> None:
        """Adds those paragraphs of an answer that nobody has told yet, and ends it."""
        for paragraph in text.split("\n\n"):
            if paragraph.strip() and paragraph.strip() not in self.text:
                self.add(paragraph)
        self.concluded = self.concluded or bool(text.strip())

    def _begin(self, *, again: bool = False) -> None:
        """Makes room for the next message; one that is a new try of this says nothing that this has said."""
        self._abandoned = frozenset(self._said) if again else frozenset()
        self._said = []
        self._begun = self._spoke = False
        self._held = ""
        self._release = None
        self._space = "\n\n" if self.text else ""

    def _let_go(self) -> None:
        held, self._held = self._held, ""
        for piece in self._release.feed(held) if self._release else ():
            self._say(piece)

    def _say(self, piece: str) -> None:
        """Tells a piece without the white space around it, which comes before the next piece, if there is one."""
        if sentence := piece.strip():
            self._said.append(sentence)
        if sentence in self._abandoned:
            self._spoke = True
            return
        said = self._space + piece if self.text else piece.lstrip()
        words = said.rstrip()
        self._space = said[len(words) :]
        if words:
            self._spoke = True
            self.text += words
            self._tell(Token(text=words))
