"""Asks the same questions twice of a served sandbox that answers as slowly as a network, and compares.

Run it with `make bench`. It prints a table: upstream requests and seconds of the first and the second ask, and the
ratio of the two. Nothing is asserted.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
def served_sandbox() -> Iterator[str]:
    """A generated account on a loopback port."""
    app = dbt_cloud_sandbox.create_app(dbt_cloud_sandbox.generated_world(), faults=Faults(latency=LATENCY))
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


def main() -> None:
    """Prints the table; each question is asked of an account that knows nothing yet, and then again."""
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        del os.environ[name]
    print(f"{'question':32} {'requests':>9} {'seconds':>9} {'again':>9} {'seconds':>9} {'ratio':>9}")
    with served_sandbox() as url:
        for name, ask in QUESTIONS.items():
            with DbtAccount("any", admin_url=url, metadata_url=f"{url}/graphql", settings=Settings()) as dbt:
                (cold, first), (warm, second) = measure(dbt, ask), measure(dbt, ask)
            print(f"{name:32} {cold:9} {first:9.3f} {warm:9} {second:9.4f} {second / first:9.4f}")


if __name__ == "__main__":
    main()
