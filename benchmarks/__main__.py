"""Runs the benchmarks and prints their table. Nothing is asserted; the README beside this file says how to read it.

`make bench`, or `python -m benchmarks [names…] [--quick]`.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator

from benchmarks.all_models import all_models
from benchmarks.concurrent_callers import callers_of_a_report, callers_of_all_models
from benchmarks.further_reports import (
    longest_jobs_over_all_runs,
    requests_of_further_reports,
    slowest_models_over_all_models,
)
from benchmarks.kept_answers import kept_answers
from benchmarks.many_users import many_users
from benchmarks.measuring import Row, table
from benchmarks.memory import memory_with_a_store, memory_without_a_store
from benchmarks.page_weight import page_weight
from benchmarks.plain_client import plain_client_on_all_models, plain_client_on_longest_jobs
from benchmarks.sizes import LATENCY, MEASUREMENTS, Sizes
from benchmarks.stage import Stage
from benchmarks.ten_questions import ten_questions
from benchmarks.warm_store import second_start
from benchmarks.week_of_runs import week_of_runs

Benchmark = Callable[[Stage], Iterator[Row]]

BENCHMARKS: dict[str, Benchmark] = {
    benchmark.__name__: benchmark
    for benchmark in (
        all_models,
        week_of_runs,
        requests_of_further_reports,
        longest_jobs_over_all_runs,
        slowest_models_over_all_models,
        callers_of_a_report,
        callers_of_all_models,
        second_start,
        memory_with_a_store,
        memory_without_a_store,
        plain_client_on_longest_jobs,
        plain_client_on_all_models,
        ten_questions,
        kept_answers,
        many_users,
        page_weight,
    )
}


def main() -> None:
    """Runs the benchmarks that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(BENCHMARKS)}; all if left out")
    parser.add_argument("--quick", action="store_true", help="with a tenth of everything")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        del os.environ[name]
    logging.basicConfig(level=logging.ERROR)
    with Stage(Sizes().tenth() if options.quick else Sizes()) as stage:
        rows = [row for name in options.names or BENCHMARKS for row in _rows(name, stage)]
    print(f"{1000 * LATENCY:.0f} ms added to every answer; times are the best of {MEASUREMENTS}\n\n{table(rows)}")


def _rows(name: str, stage: Stage) -> Iterator[Row]:
    """The rows of one benchmark. One that cannot be run says so, and lets the others be."""
    start = time.perf_counter()
    try:
        yield from BENCHMARKS[name](stage)
    except Exception as error:
        traceback.print_exc()
        yield Row(name, None, absolute=f"could not be run: {error}")
    print(f"{name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
