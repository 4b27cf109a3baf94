"""Blanks in questions, and what of an earlier report fills them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langchain_dbt_discovery.text import clean

__all__ = ["Filling", "Slot", "blank", "fill", "filling_of", "known_by_then", "stand_in"]

_KEYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "job": (("job", "job_id"),),
    "model": (("model", "unique_id"), ("model", "tested_model_id")),
    "source": (("model", "unique_id"),),
    "test": (("model", "tested_model_id"), ("model", "unique_id")),
    "run": (("run", "run_id"), ("run", "max_run_id")),
    "": (("model", "unique_id"), ("job", "job_id"), ("run", "run_id")),
}
"""Where a row has a thing of a kind, and as what it is asked about."""
_NAMES = {"job": "job_name", "model": "name"}
_MOST = 20
_LONGEST = 120
_NODE = re.compile(r"\b(?P<type>model|test|seed|snapshot|source|node) (?P<name>[\w.]+)")


@dataclass(frozen=True, slots=True)
class Slot:
    """What a blank stands for.

    Attributes:
        source: The number of the step that finds it.
        kind: `model`, `job`, `run`, `test`, `source`; `node` for what failed in a run; empty for what a row is about.
        several: Whether all rows are meant, rather than the first.
        ranked: Whether the rows are ranked, so that the first is the one that was asked for.
    """

    source: int
    kind: str = ""
    several: bool = False
    ranked: bool = True

    def nothing(self, filling: Filling) -> str:
        """What is said where there is nothing to fill it with."""
        if filling.test:
            return f"I cannot tell which model the test {filling.test} tests, so I stop there."
        if self.kind == "node":
            return "dbt names no model or test that failed in it, so I stop there."
        return f"So there is no {self.kind or 'row'} to look further into."

    def remarks(self, filling: Filling, report: Mapping[str, Any]) -> list[str]:
        """What to say of the choice, where a reader may not see which one was taken."""
        if filling.test:
            return [f"{filling.test} is a test of {filling.name}"]
        if self.ranked or len(filling.ids) > 1 or not filling.name or report.get("total_rows", 0) < 2:
            return []
        return [f"There are several; I took the first, {filling.name}"]


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills a blank.

    Attributes:
        kind: As what it is asked about: `model`, `job` or `run`.
        ids: Its ids or names; none where there is nothing to fill it with.
        name: What it is called.
        test: The name of a test whose model is meant, which the report does not tell.
    """

    kind: str = ""
    ids: tuple[str, ...] = ()
    name: str = ""
    test: str = ""

    @property
    def first(self) -> Filling:
        """The first of them alone."""
        return replace(self, ids=self.ids[:1])


def blank(slot: Slot) -> str:
    """The blank as it stands in a question's words."""
    return stand_in(slot.kind, slot.source)


def stand_in(kind: str, source: int) -> str:
    """Words that stand for a thing of a kind until it is known; they are read as its name."""
    noun = {"run": "run", "job": "job", "model": "model", "test": "model", "source": "model", "node": "model"}.get(kind)
    return f"run 9900000{source}" if noun == "run" else f'{noun or "model"} "zz{source}"'


def known_by_then(settled: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """What words mean once blanks are filled, for a look ahead at what a question will come to."""
    return {**{f"zz{source}": ("0",) for source in range(_MOST)}, **settled}


def fill(question: str, slot: Slot, filling: Filling) -> tuple[str, dict[str, Sequence[str]]]:
    """The question with its blank filled, and what the words that fill it mean."""
    if filling.kind == "run":
        return question.replace(blank(slot), f"run {filling.ids[0]}"), {}
    said = f"zz{slot.source}"
    return question.replace(blank(slot), f'{filling.kind} "{said}"'), {said: filling.ids}


def filling_of(slot: Slot, arguments: Mapping[str, Any], report: Mapping[str, Any]) -> Filling:
    """What a report has for a blank.

    Args:
        slot: What is wanted.
        arguments: What the report was called with: of a report about one thing, `it` is that.
        report: The report.
    """
    rows = report.get("rows") or ()
    if slot.kind == "node":
        return _failing_node(rows)
    for field in ("model", "job", "models", "jobs") if slot.kind == "" else ():
        named = arguments.get(field)
        names = (named,) if isinstance(named, str) else tuple(named or ())
        if len(names) == 1 or (names and slot.several):
            kind = field.removesuffix("s")
            return Filling(kind, names, _called(names[0], kind, rows))
    for kind, key in _KEYS[slot.kind]:
        found = [row for row in (rows if slot.several else rows[:1]) if _is_one(row.get(key), kind)]
        if found:
            ids = tuple(dict.fromkeys(str(row[key]) for row in found))[:_MOST]
            return Filling(kind, ids, clean(str(found[0].get(_NAMES.get(kind, "job_name")) or ""), _LONGEST))
    return Filling()


def _called(given: str, kind: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """What a thing is called that is given by its id or name."""
    key = "job_id" if kind == "job" else "unique_id"
    return clean(next((str(row[_NAMES[kind]]) for row in rows if row.get(key) == given), given), _LONGEST)


def _is_one(value: Any, kind: str) -> bool:
    if kind == "run":
        return str(value or "").isdigit()
    return bool(value) and (kind != "model" or not str(value).startswith("test."))


def _failing_node(rows: Sequence[Mapping[str, Any]]) -> Filling:
    """The first node that a run's row says failed."""
    nodes = [match.groupdict() for row in rows[:1] for match in _NODE.finditer(str(row.get("failed_nodes") or ""))]
    model = next((node["name"] for node in nodes if node["type"] != "test"), "")
    if model:
        return Filling("model", (model,), model)
    return Filling(test=nodes[0]["name"]) if nodes else Filling()
