"""Answers whose bytes are known, beside a bare route that gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from benchmarks.load import Ask, Load, loaded
from benchmarks.measuring import Row
from benchmarks.stage import Stage
from benchmarks.web import REPORT, served_app, served_route

__all__ = ["kept_answers"]

_ROUNDS = 9
_USERS = 4
"""Few enough that a request waits for none but those of the same connection, and enough that the server never does."""


def kept_answers(stage: Stage) -> Iterator[Row]:
    """A report that is known, and the word that a client has it already, in requests a second of a bare route."""
    with (
        served_app(stage.ordinary, stage.folder / "kept.sqlite") as ours,
        served_route(f"{ours}{REPORT}", headers=True) as alike,
        served_route(f"{ours}{REPORT}", headers=False) as bare,
    ):
        tag = httpx.get(f"{ours}{REPORT}", headers={"Accept-Encoding": "identity"}).headers["etag"]
        known = Ask(REPORT, headers={"If-None-Match": tag})
        each = stage.sizes.callers
        loads = {
            "ours": Load(ours, (Ask(REPORT),), _USERS, each),
            "304": Load(ours, (known,), _USERS, each),
            "same headers": Load(alike, (Ask(REPORT),), _USERS, each),
            "bare": Load(bare, (Ask(REPORT),), _USERS, each),
        }
        best = dict.fromkeys(loads, 0.0)
        for _ in range(_ROUNDS):  # in turn, so that what else the machine does meets all alike
            for name, load in loads.items():
                best[name] = max(best[name], _rate(load, 304 if name == "304" else 200))
    against = f"{best['same headers']:,.0f} a second"
    ratio, unchanged = best["ours"] / best["same headers"], best["304"] / best["same headers"]
    absolute = f"{best['ours']:,.0f} requests a second; bare route {against}"
    yield Row("a kept report: rate / a bare route with the same bytes and headers", ratio, least=1, absolute=absolute)
    absolute = f"{best['304']:,.0f} requests a second; bare route {against}"
    yield Row("the same, unchanged (304): rate / that route", unchanged, least=1.2, absolute=absolute)
    absolute = f"bare route {best['bare']:,.0f} a second"
    yield Row("a kept report: rate / a bare route with two headers", best["ours"] / best["bare"], absolute=absolute)


def _rate(load: Load, status: int) -> float:
    seconds, answered = loaded(load)
    if wrong := [each for each in answered if each.status != status]:
        raise RuntimeError(f"{len(wrong)} answers were {wrong[0].status}, not {status}")
    return len(answered) / seconds
