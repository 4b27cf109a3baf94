"""Asks the same questions twice of a served sandbox that answers as slowly as a network, and compares.

Run it with `make bench`. It prints a table: upstream requests and seconds of the first and the second ask, and the
ratio of the two. Nothing is asserted. `python -m benchmarks --models 10000 --runs 100000` asks a larger account; each
question is then asked once before it is measured, so that the sandbox has its pages and the client's own work is seen.
"""

from __future__ import annotations

import argparse
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import dbt_cloud_sandbox
import uvicorn
from dbt_cloud_sandbox.faults import Faults
from dbt_discovery import DbtAccount, Settings

LATENCY = 0.08
"""Seconds added to every answer, about what a request to dbt Cloud takes on the way."""

QUESTIONS: dict[str, Callable[[DbtAccount], object]] = {
    "longest jobs, last week": lambda dbt: dbt.run_report("longest_running_jobs", period="last_week"),
    "longest jobs, last 30 days": lambda dbt: dbt.run_report("longest_running_jobs", period="last_30_days"),
    "slowest models": lambda dbt: dbt.run_report("slowest_models"),
    "slowest models, last week": lambda dbt: dbt.run_report("slowest_models", period="last_week"),
    "slowest models, last 10 runs": lambda dbt: dbt.run_report("slowest_models", last_n_runs=10),
    "failed runs, last 7 days": lambda dbt: dbt.run_report("failed_runs"),
    "all models": lambda dbt: dbt.get_models(),
}


@contextmanager
def served_sandbox(**sizes: int) -> Iterator[str]:
    """A generated account on a loopback port. Its clock stands still, so that its pages stay as they are."""
    moment = datetime.now(UTC)
    world = dbt_cloud_sandbox.generated_world(now=lambda: moment, **sizes)
    app = dbt_cloud_sandbox.create_app(world, faults=Faults(latency=LATENCY))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def measure(dbt: DbtAccount, ask: Callable[[DbtAccount], object]) -> tuple[int, float]:
    """Upstream requests and seconds of one ask."""
    before, start = dbt.requests, time.perf_counter()
    ask(dbt)
    return dbt.requests - before, time.perf_counter() - start


def sizes_asked() -> dict[str, int]:
    """The sizes of the account that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    for name in ("models", "runs", "jobs", "days"):
        parser.add_argument(f"--{name}", type=int)
    return {name: size for name, size in vars(parser.parse_args()).items() if size is not None}


def main() -> None:
    """Prints the table; each question is asked of an account that knows nothing yet, and then again."""
    sizes = sizes_asked()
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        del os.environ[name]
    print(f"{'question':32} {'requests':>9} {'seconds':>9} {'again':>9} {'seconds':>9} {'ratio':>9}")
    with served_sandbox(**sizes) as url:
        for name, ask in QUESTIONS.items():
            with _account(url) as dbt:
                measure(dbt, ask)
            with _account(url) as dbt:
                (cold, first), (warm, second) = measure(dbt, ask), measure(dbt, ask)
            print(f"{name:32} {cold:9} {first:9.3f} {warm:9} {second:9.4f} {second / first:9.4f}")


def _account(url: str) -> DbtAccount:
    return DbtAccount("any", admin_url=url, metadata_url=f"{url}/graphql", settings=Settings())


if __name__ == "__main__":
    main()
