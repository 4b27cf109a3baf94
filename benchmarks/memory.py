"""Memory of a client that knows a large account, and whether asking again makes it grow.

`python -m benchmarks.memory '{"large": …, "ordinary": …, "refreshes": 1000}'` is such a client; it prints JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dbt_discovery import DbtAccount

from benchmarks.measuring import Row
from benchmarks.serving import ROOT, Served
from benchmarks.sizes import HISTORY
from benchmarks.stage import Stage, account_on

__all__ = ["memory_with_a_store", "memory_without_a_store"]

_MOST = 250
_FLAT = 0.05
_SAMPLES = 10
_MEGABYTE = 2**20


def memory_with_a_store(stage: Stage) -> Iterator[Row]:
    """Memory with all models and runs known and the runs in a store, and over many refreshes of a small question."""
    found = _asked(stage, {"store": f"{stage.folder / 'memory.sqlite'}", "refreshes": stage.sizes.refreshes})
    yield from _rows(found, "with a store")
    samples = [sample / _MEGABYTE for sample in found["samples"]]
    drift = max(abs(sample / samples[0] - 1) for sample in samples)
    what = f"memory over {stage.sizes.refreshes:,} refreshes: change"
    yield Row(what, drift, "ratio", _FLAT, f"{samples[0]:.0f} MB to {samples[-1]:.0f} MB")


def memory_without_a_store(stage: Stage) -> Iterator[Row]:
    """Memory with all models and runs known by a client that has no store."""
    yield from _rows(_asked(stage, {"store": None, "refreshes": 0}), "no store")


def _asked(stage: Stage, given: dict[str, Any]) -> dict[str, Any]:
    """What a client in a process of its own found out about itself."""
    given |= {"large": asdict(stage.large), "ordinary": asdict(stage.ordinary)}
    command = [sys.executable, "-m", "benchmarks.memory", json.dumps(given)]
    with stage.large.at_once(), stage.ordinary.at_once():
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _rows(found: dict[str, Any], how: str) -> Iterator[Row]:
    what = f"memory with {found['models']:,} models and {found['runs']:,} runs, {how}"
    began = f"{found['start'] / _MEGABYTE:.0f} MB before the first question"
    yield Row(what, found["known"] / _MEGABYTE, "MB", _MOST, began)
    yield Row(f"{what}: peak", found["peak"] / _MEGABYTE, "MB", _MOST)


def main() -> None:
    """Asks the large account for everything, then the ordinary one for today's runs again and again."""
    given = json.loads(sys.argv[1])
    store = Path(given["store"]) if given["store"] else None
    large, ordinary = (account_on(Served(**given[name]), store) for name in ("large", "ordinary"))
    with large, ordinary:
        found: dict[str, Any] = {"start": resident(), "models": len(large.get_models())}
        coverage = large.run_report("longest_running_jobs", period=HISTORY).coverage
        found["runs"] = coverage.considered + sum(coverage.left_out.values())
        found |= {"known": resident(), "peak": most_resident()}
        found["samples"] = [_refreshed(ordinary, given["refreshes"] // _SAMPLES) for _ in range(_SAMPLES)]
    print(json.dumps(found))


def _refreshed(dbt: DbtAccount, times: int) -> int:
    """Bytes of memory after a small question was asked again so many times."""
    for _ in range(times):
        dbt.run_report("longest_running_jobs", period="today", refresh=True)
    return resident()


def resident() -> int:
    """Bytes of memory that this process has now."""
    if _STATUS.exists():
        return _counted("VmRSS")
    shown = subprocess.run(["ps", "-o", "rss=", "-p", f"{os.getpid()}"], stdout=subprocess.PIPE, check=True)
    return int(shown.stdout) * 1024


def most_resident() -> int:
    """Bytes of memory that this process had at most.

    On Linux `getrusage` counts what the parent had too, so the kernel's own figure is taken where there is one.
    """
    if _STATUS.exists():
        return _counted("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS counts bytes


_STATUS = Path("/proc/self/status")


def _counted(name: str) -> int:
    """Bytes that the kernel counted."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
