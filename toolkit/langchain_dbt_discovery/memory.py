"""What an agent remembers of a long thread: enough for the next question to lean on, and never more than so much.

Nothing is summarised by a model: what is left away is left away by rules, so that the same thread is always remembered
in the same way, without a call that costs, takes time or may put a figure wrong.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from operator import add
from typing import Annotated, Any, NotRequired

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain.agents.middleware.types import PrivateStateAttr
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.modifier import RemoveMessage
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from langgraph.runtime import Runtime

from langchain_dbt_discovery.text import FENCE_END, FENCE_START, cut

__all__ = ["CHARACTERS", "MOST_TURNS", "WHOLE_TURNS", "Memory", "Remembering", "remember", "turns_in"]

WHOLE_TURNS = 2
"""Turns before the question whose results a model reads as they were given."""
MOST_TURNS = 30
"""Turns before the question of which anything is remembered."""
CHARACTERS = 40_000
"""Most characters of the turns before the question."""

_OLDER_ROWS = 20
_FINDING = "Finding: "
_SHORT = 400
_SHORTENED = "Shortened: what else this result held is left out by now. Call the tool again for it."
_KEPT = ("name", "title", "finding", "source", "arguments", "period", "total_rows", "as_of", "path")
"""What later questions may need of a report, beside the ids of its rows."""
_CELLS = ("name", "job_name", "project_name", "start_time", "runtime", "avg_runtime", "failed_nodes")
"""Cells of its first rows that they may need: what a row is called, which is the last or the longest, what failed."""
_CELL = 200


class Remembering(AgentState[Any]):
    """The state of a thread, with how many turns of it are forgotten, and what it was before the last: `rewinding`."""

    forgotten: NotRequired[Annotated[int, add]]
    before: NotRequired[Annotated[dict[str, Any] | None, PrivateStateAttr]]


class Memory(AgentMiddleware[Remembering, Any, Any]):
    """Cuts the turns before a question down to what it may need, in the thread and so in what the model is sent."""

    state_schema = Remembering

    def before_agent(self, state: Remembering, runtime: Runtime[Any]) -> dict[str, Any] | None:
        """The thread as it is remembered, before the question."""
        *_, question = turns_in(state["messages"]) or [[]]
        earlier = state["messages"][: len(state["messages"]) - len(question)]
        return remember(earlier, question)

    async def abefore_agent(self, state: Remembering, runtime: Runtime[Any]) -> dict[str, Any] | None:
        """The same, for an agent that is awaited."""
        return self.before_agent(state, runtime)

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """Tells the model that the thread was longer."""
        return handler(_telling(request))

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """The same, for an agent that is awaited."""
        return await handler(_telling(request))


def remember(earlier: Sequence[AnyMessage], question: Sequence[AnyMessage] = ()) -> dict[str, Any] | None:
    """The change of a thread's state by which its earlier turns are cut down; None where there is nothing to cut.

    The last turns stay as they are but for the cells of their rows; of older ones the results' findings stay; the
    oldest are forgotten. A turn is kept or forgotten whole, since providers refuse a tool's call without its result.
    Doing it again changes nothing.

    Args:
        earlier: The messages of turns that have ended.
        question: The messages of the turn that is under way.
    """
    turns = turns_in(earlier)
    kept = _kept(turns)
    opening = earlier[: len(earlier) - sum(map(len, turns))]
    messages = [*opening, *(message for turn in kept for message in turn)]
    if len(messages) == len(earlier) and all(map(_same, messages, earlier)):
        return None
    removed = RemoveMessage(id=REMOVE_ALL_MESSAGES)
    return {"messages": [removed, *messages, *question], "forgotten": len(turns) - len(kept)}


def turns_in(messages: Sequence[AnyMessage]) -> list[list[AnyMessage]]:
    """The messages by turns, each of which a person's message begins; what comes before the first is in none."""
    turns: list[list[AnyMessage]] = []
    for message in messages:
        if isinstance(message, HumanMessage):
            turns.append([message])
        elif turns:
            turns[-1].append(message)
    return turns


def _kept(turns: Sequence[Sequence[AnyMessage]]) -> list[list[AnyMessage]]:
    """What is kept of each turn, oldest first: the latest, the latest with a report, and others as there is room."""
    with_report = next((at for at in range(len(turns) - 1, -1, -1) if any(map(_rows, turns[at]))), -1)
    kept: list[list[AnyMessage]] = []
    room = CHARACTERS
    for at in range(len(turns) - 1, -1, -1):
        age = len(turns) - 1 - at
        slim = [_slim(message, None if at == with_report else _OLDER_ROWS) for message in turns[at]]
        short = [_shortened(message) for message in slim]
        turn = slim if age < WHOLE_TURNS and _length(slim) <= room else short
        room = room - _length(turn) if age < MOST_TURNS else -1
        if room >= 0 or age == 0 or at == with_report:
            kept.append(turn)
        if room < 0 and at <= with_report:
            break
    return kept[::-1]


def _slim(message: AnyMessage, most: int | None) -> AnyMessage:
    """A tool's message whose report has of its rows only the ids, by which a later question points at them.

    What its first rows are called, and which columns it had, stands beside them.
    """
    if not isinstance(message, ToolMessage) or _rows(message) is None:
        return message
    ids = [{key: value for key, value in row.items() if key.endswith("_id")} for row in _rows(message)[:most]]
    artifact = {key: message.artifact[key] for key in _KEPT if key in message.artifact} | {"rows": ids}
    artifact |= {key: value for key, value in _pointers(message.artifact).items() if value}
    return message if artifact == message.artifact else message.model_copy(update={"artifact": artifact})


def _pointers(artifact: Mapping[str, Any]) -> dict[str, Any]:
    """The cells of a report's first rows that a question may point by, and its columns that hold anything."""
    if "columns" not in artifact:
        return {key: artifact.get(key) for key in ("cells", "filled")}
    rows = artifact["rows"]
    cells = [{key: _cell(row[key]) for key in _CELLS if row.get(key)} for row in rows[:_OLDER_ROWS]]
    keys = [str(column["key"]) for column in artifact["columns"]]
    filled = [key for key in keys if any(row.get(key) not in (None, "") for row in rows)]
    return {"cells": cells if any(cells) else [], "filled": filled}


def _cell(value: Any) -> Any:
    return cut(value, _CELL) if isinstance(value, str) else value


def _shortened(message: AnyMessage) -> AnyMessage:
    """A tool's message with nothing but its finding."""
    if not isinstance(message, ToolMessage) or len(message.text) <= _SHORT or message.text.endswith(_SHORTENED):
        return message
    found = next((line for line in message.text.splitlines() if line.startswith(_FINDING)), cut(message.text, _SHORT))
    data = found.replace(FENCE_START, "").replace(FENCE_END, "").strip()
    return message.model_copy(update={"content": f"{FENCE_START}\n{data}\n{FENCE_END}\n{_SHORTENED}"})


def _rows(message: BaseMessage) -> Any:
    """The rows of the report that a message holds; None if it holds none."""
    artifact = message.artifact if isinstance(message, ToolMessage) else None
    return artifact.get("rows") if isinstance(artifact, dict) else None


def _length(turn: Sequence[BaseMessage]) -> int:
    """The characters that a model is sent of a turn."""
    calls = (call for message in turn if isinstance(message, AIMessage) for call in message.tool_calls)
    return sum(len(message.text) for message in turn) + sum(len(str(call["args"])) for call in calls)


def _same(one: BaseMessage, other: BaseMessage) -> bool:
    return one is other


def _telling(request: ModelRequest[Any]) -> ModelRequest[Any]:
    forgotten = request.state.get("forgotten", 0)
    if not forgotten:
        return request
    rules = request.system_message.text if request.system_message else ""
    told = f"{rules}\nThe conversation is longer than this: its first {forgotten} questions are not shown any more."
    return request.override(system_message=SystemMessage(told.strip()))
