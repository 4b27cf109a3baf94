"""All models of a large environment, against the same pages fetched bare."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from dbt_discovery.resources.project import Project

from benchmarks.bare import BareClient
from benchmarks.measuring import Row, best, ratio, requests_of, seconds_of
from benchmarks.serving import Served
from benchmarks.stage import Stage, account_on

__all__ = ["all_models"]

_PAGE = 500
"""Most models that the Discovery API gives at once."""


def all_models(stage: Stage) -> Iterator[Row]:
    """A project that is known is asked for its models: requests, and time against the bare pages."""
    served = stage.large
    with BareClient(served) as bare:
        home = next(row["id"] for row in bare.rows("environments") if row["deployment_type"] == "production")
        with served.at_once():  # the sandbox makes its pages
            count = len(bare.models_of(home, _PAGE))
            with _known_project(served) as project:
                project.get_models()
        theirs = best(lambda: seconds_of(lambda: bare.models_of(home, _PAGE)))
    with _known_project(served) as project:
        requests = requests_of(served, project.get_models)
    what = f"all models of an environment with {count:,}"
    yield Row(f"{what}: requests", requests, "requests", ceil(count / _PAGE) + 1)
    yield ratio(f"{what}: time / the pages bare", best(lambda: _asked(served)), theirs, 1.5, "bare")


def _asked(served: Served) -> float:
    with _known_project(served) as project:
        return seconds_of(project.get_models)


@contextmanager
def _known_project(served: Served) -> Iterator[Project]:
    """The account's project, of whose models nothing is known yet."""
    with account_on(served) as dbt:
        with served.at_once():
            (project,) = dbt.get_projects()
        yield project
