"""Both twins are asked the same questions, and what they say is brought to the same words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
from dbt_cloud_sandbox.world import World
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.chat.conversation import ChatAnswer, Conversation
from langchain_core.messages import ToolMessage
from langchain_dbt_discovery.offline import OfflineChatModel
from langchain_dbt_discovery.text import clean

from tests.conftest import NOW
from tests.redteam.hostile import TEXTS
from tests.redteam.questions import CONVERSATIONS
from tests.redteam.twins import Twin, Wardrobe

__all__ = ["DAYS", "Listening", "Told", "same_answers", "told"]

DAYS = 12
"""How far back the account's history goes."""
_TEXTS = [text.replace("\0", "\ufffd") for text in TEXTS.values()]
"""The texts as they arrive: dbt Cloud's answers are read without zero bytes."""
_PLAIN = "plainly"
"""What the benign twin wears."""


class Listening(httpx.AsyncBaseTransport):
    """A transport to a sandbox that remembers what it was asked.

    Attributes:
        requests: All of it, in order.
    """

    def __init__(self, world: World) -> None:
        self.requests: list[httpx.Request] = []
        self._inner = sandbox.transport(world)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return await self._inner.handle_async_request(request)


@dataclass(frozen=True, slots=True)
class Told:
    """What a hostile twin said, and the benign one.

    Attributes:
        questions: What they were asked, in order.
        hostile: The hostile twin's answers.
        benign: The benign twin's.
        contents: What the tools of the hostile twin told the model.
        requests: What the hostile twin's dbt Cloud was asked.
        exact: The benign words for each hostile text, as they are.
        cleaned: The same as doors show them.
    """

    questions: tuple[str, ...]
    hostile: tuple[ChatAnswer, ...]
    benign: tuple[ChatAnswer, ...]
    contents: tuple[str, ...]
    requests: tuple[httpx.Request, ...]
    exact: dict[str, str]
    cleaned: tuple[tuple[str, str], ...]

    def values(self, value: Any) -> Any:
        """JSON values with the benign words for the hostile texts."""
        if isinstance(value, dict):
            return {key: self.values(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.values(each) for each in value]
        if not isinstance(value, str) or not any(text in value for text in _TEXTS):
            return value
        return self.exact.get(value) or _replaced(value, self.exact.items())

    def words(self, text: str) -> str:
        """Words with the benign ones for the hostile texts, as doors show them."""
        return _replaced(text, self.cleaned)


@lru_cache
def told(deal: int) -> Told:
    """What a hostile twin and the benign one say to all the questions."""
    wardrobe = Wardrobe(deal, TEXTS.__getitem__)
    theirs, contents, requests = asyncio.run(_asked(Twin(_world(), wardrobe)))
    pairs = {(text.replace("\0", "\ufffd"), f"{words} {_PLAIN}") for text, (_, words) in wardrobe.worn.items()}
    cleaned = {(clean(text, 400), clean(words, 400)) for text, words in pairs}
    return Told(
        tuple(question for conversation in CONVERSATIONS for question in conversation),
        tuple(theirs),
        _benign(),
        tuple(contents),
        tuple(requests),
        dict(sorted(pairs, key=_longest_first)),
        tuple(sorted(cleaned, key=_longest_first)),
    )


def same_answers(one: str, other: str) -> bool:
    """Whether two answers are the same, but for where a line that is too long was cut."""
    lines, others = one.splitlines(), other.splitlines()
    return len(lines) == len(others) and all(map(_same_lines, lines, others))


def _same_lines(line: str, other: str) -> bool:
    if line.endswith("…") or other.endswith("…"):
        shared = min(len(line), len(other)) - 1
        return shared > 300 and line[: shared // 2] == other[: shared // 2]
    return line == other


async def _asked(world: World) -> tuple[Sequence[ChatAnswer], Sequence[str], Sequence[httpx.Request]]:
    transport, answers, contents = Listening(world), [], []

    class Watched(OfflineChatModel):
        def _next(self, messages: Any, names: Any, kwargs: Any) -> Any:
            contents.extend(message.text for message in messages[-1:] if isinstance(message, ToolMessage))
            return super()._next(messages, names, kwargs)

    async with DbtAccount(transport=transport, settings=Settings(fixed_now=NOW)) as account:
        model = Watched(clock=account.now, vocabulary=account.avocabulary)
        conversation = Conversation(account, model)
        for place, questions in enumerate(CONVERSATIONS):
            answers += [await conversation.ask(question, str(place)) for question in questions]
    return answers, contents, transport.requests


@lru_cache
def _benign() -> tuple[ChatAnswer, ...]:
    answers, *_ = asyncio.run(_asked(Twin(_world(), Wardrobe(0, lambda name: _PLAIN))))
    return tuple(answers)


@lru_cache
def _world() -> World:
    return sandbox.generated_world(now=lambda: NOW, days=DAYS)


def _longest_first(pair: tuple[str, str]) -> tuple[int, tuple[str, str]]:
    return -len(pair[0]), pair


def _replaced(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for hostile, plain in pairs:
        text = text.replace(hostile, plain)
    return text
