"""A question of several steps asked again, with what belongs to all of it changed: `and the week before?`."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_dbt_discovery.offline.calling import Settled
from langchain_dbt_discovery.offline.decision import Setting, turned_to
from langchain_dbt_discovery.offline.plan import Step, plan
from langchain_dbt_discovery.offline.thread import Turn

__all__ = ["asked_again"]

_TIME = frozenset({"period"})
_PLACE = frozenset({"projects", "environment", "job_type"})


def asked_again(turns: Sequence[Turn], setting: Setting, settled: Settled) -> tuple[Step, ...]:
    """The steps of the question before, changed by the last one; none where that asks something of its own.

    A period or a project belongs to where a chain begins: the week before `slowest models of the longest job last week`
    has a longest job of its own. Of questions side by side each is changed. What else is said, such as `top 3` or
    `the second one`, is about the last step, like after a plain question.
    """
    *earlier, current = turns
    index = next((index for index in range(len(earlier) - 1, -1, -1) if earlier[index].calls), None)
    if index is None or len(earlier[index].calls) < 2:
        return ()
    previous = earlier[index]
    change = turned_to(current.question, setting, previous)
    if not change or not change <= _TIME | _PLACE:
        return ()
    steps = asked_again(earlier[: index + 1], setting, settled) or plan(previous.question, setting, settled)
    made = previous.made
    if len(made) != len(steps):
        return ()
    chained = any(step.slots for step in steps)
    first = made[0].arguments
    if chained and change <= _TIME and not _TIME & first.keys() and not steps[0].period:
        return ()
    return tuple(
        step
        if step.slots
        else Step(
            current.question,
            one=step.one,
            before=Turn(
                step.question,
                [{"name": each.tool, "args": each.arguments, "id": each.result.tool_call_id}],
                [each.result],
            ),
        )
        for step, each in zip(steps, made, strict=True)
    )
