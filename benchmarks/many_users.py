"""Many users of the web app at once, who ask for lists and reports, and ask in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

import httpx

from benchmarks.load import Answered, Ask, Load, loaded
from benchmarks.measuring import Row
from benchmarks.stage import Stage
from benchmarks.web import REPORT, served_app

__all__ = ["many_users"]

_QUIET, _BUSY = 100, 1_000
_SAMPLES = 4
_READ = (
    REPORT,
    "/jobs",
    "/reports/slowest_models?limit=10",
    "/models?limit=20",
    "/reports/failed_runs?period=yesterday",
    "/projects",
    "/reports/list_jobs",
    "/runs?limit=20&period=yesterday",
    "/reports/test_coverage",
)
_SAID = '{"message": "what were the 3 longest running jobs last week?"}'
_MIX = (*map(Ask, islice(cycle(_READ), 19)), Ask("/chat", _SAID))
"""One request in twenty is a question in words, which costs as much as many others."""
_MEGABYTE = 2**20


def many_users(stage: Stage) -> Iterator[Row]:
    """A hundred users and a thousand: faults, how evenly kept answers come, and whether memory grows."""
    with stage.ordinary.at_once(), served_app(stage.ordinary, stage.folder / "users.sqlite") as url:
        loaded(Load(url, _MIX, 1, len(_MIX)))  # asks for everything once
        memory, answered = [], list[Answered]()
        for _ in range(_SAMPLES):
            seconds, more = loaded(Load(url, _MIX, _QUIET, max(1, stage.sizes.callers // 50)))
            answered += more
            memory.append(_memory(url))
        rate = len(answered) / _SAMPLES / seconds
        kept = sorted(each.seconds for each in answered if each.kept)
        yield _faults(_QUIET, answered)
        middle, last = kept[len(kept) // 2], kept[len(kept) * 99 // 100]
        known = f"{len(kept):,} of {len(answered):,} kept, {rate:,.0f} a second"
        absolute = f"{1000 * last:.0f} ms and {1000 * middle:.0f} ms; {known}"
        yield Row(f"{_QUIET} users: slowest hundredth of kept answers / median", last / middle, "ratio", 10, absolute)
        grown = memory[-1] / memory[0] - 1
        yield Row(
            f"{_QUIET} users: memory over {len(answered):,} requests: change",
            grown,
            target=0.05,
            absolute=f"{memory[0] / _MEGABYTE:.0f} MB to {memory[-1] / _MEGABYTE:.0f} MB",
        )
        seconds, answered = loaded(Load(url, _MIX, _BUSY, 2))
        yield _faults(_BUSY, answered, f"in {seconds:.1f} s")


def _faults(users: int, answered: list[Answered], more: str = "") -> Row:
    wrong = [each.status for each in answered if each.status >= 500]
    said = ", ".join(f"{wrong.count(status)} × {status}" for status in sorted(set(wrong)))
    absolute = f"{len(answered):,} requests {more}{': ' if said else ''}{said}".strip()
    return Row(f"{users:,} users: answers that are faults", len(wrong), "requests", 0, absolute)


def _memory(url: str) -> float:
    """Bytes of memory that the server has, as it tells itself; where it cannot, none."""
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith("process_resident_memory_bytes")), 1.0)
