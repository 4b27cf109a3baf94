"""Questions about what the report before found that need more than a row of it: what failed in a run, the last run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_dbt_discovery.offline.broken import BROKEN, FAILURES, OF_NODES, PRONOUN
from langchain_dbt_discovery.offline.call import Call
from langchain_dbt_discovery.offline.calling import Settled
from langchain_dbt_discovery.offline.decision import Setting, decide
from langchain_dbt_discovery.offline.draft import read_draft
from langchain_dbt_discovery.offline.phrase import Phrase, normal
from langchain_dbt_discovery.offline.plan import Step
from langchain_dbt_discovery.offline.pointed import are_runs, row_of
from langchain_dbt_discovery.offline.pointing import read_pointer
from langchain_dbt_discovery.offline.slots import Slot, blank
from langchain_dbt_discovery.offline.subject import asks_for_a_run
from langchain_dbt_discovery.offline.thread import Made, Turn

__all__ = ["led_on"]

_RUNS = "dbt_list_runs"
_LAST_RUN = re.compile(
    r"\b(?:the |our |my |that )?(?:(?:last|latest|newest|most recent) (?:finished "
    r"|completed )?(?:job )?(?:run|build)|last one)\b"
)
_COMPARED = re.compile(r"\b(?:chang|compar|diff|new)\w*\b|\b(?:since|against|than)\b")
_ENDED = ("success", "failure")


def led_on(turns: Sequence[Turn], setting: Setting, settled: Settled) -> tuple[Step, ...]:
    """The steps of a question that leads on from a run; none for any other.

    After a failed run, `what depends on it?` is asked of what failed in it. `The critical path of the last run` is that
    of the newest run of those just listed, or of all where nothing was said of any.
    """
    *earlier, current = turns
    previous = next((turn for turn in reversed(earlier) if turn.calls), None)
    words = normal(current.question)
    if previous and (steps := _of_what_failed(words, previous, setting)):
        return steps
    if not _LAST_RUN.search(words) or _COMPARED.search(words):
        return ()
    decision = decide(turns, setting, settled)
    if not (isinstance(decision, str) and asks_for_a_run(decision)):
        return ()
    slot = Slot(0, "run")
    then = Step(_LAST_RUN.sub(blank(slot), words, count=1), (slot,))
    rows = (previous.artifact or {}).get("rows") or () if previous else ()
    if previous and are_runs(rows):
        return (_given(previous, [max(rows, key=lambda row: str(row["start_time"]))]), then)
    if _RUNS not in setting.tools:
        return ()
    return (Step("", call=Call(_RUNS, {"run_status": list(_ENDED), "limit": 1})), then)


def _of_what_failed(words: str, previous: Turn, setting: Setting) -> tuple[Step, ...]:
    """The steps of a question about what failed in the run that was told of before."""
    made = previous.made[-1] if previous.made else None
    rows = (previous.artifact or {}).get("rows") or ()
    if made is None or made.tool not in FAILURES or not rows or not rows[0].get("failed_nodes"):
        return ()
    draft = read_draft(words, setting.lexicon, setting.now.date(), within_thread=True)
    if draft.mentions or not OF_NODES & set(draft.topics):
        return ()
    pointer = read_pointer(Phrase(words))
    match = BROKEN.search(words) or PRONOUN.search(words)
    if pointer and pointer.counted:
        words, place = words.replace(pointer.said, "it"), row_of(pointer, rows)
        match = PRONOUN.search(words)
    else:
        place = 0
    if match is None or place is None:
        return ()
    slot = Slot(0, "node")
    question = f"{words[: match.start()]}{blank(slot)}{words[match.end() :]}"
    return (_given(previous, [rows[place]]), Step(question, (slot,)))


def _given(previous: Turn, rows: Sequence[Mapping[str, Any]]) -> Step:
    """A step that is done already: the report before, with nothing but the rows that are meant."""
    made = previous.made[-1]
    artifact = {**(previous.artifact or {}), "rows": list(rows)}
    result = made.result.model_copy(update={"artifact": artifact})
    return Step(previous.question, given=Made(made.tool, made.arguments, result))
