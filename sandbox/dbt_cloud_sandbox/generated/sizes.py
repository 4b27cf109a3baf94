"""The sizes of a generated world, and the projects and jobs that fill them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from dbt_cloud_sandbox.generated.blueprint import Blueprint, blueprints, model_plans
from dbt_cloud_sandbox.generated.pace import Staffed, is_free, paced, runs_a_day
from dbt_cloud_sandbox.generated.regions import Area, company, grown, jobs_of_area, jobs_of_region

MODELS_A_PROJECT = 1_250
MOST_JOBS = 1_000
FIXED_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is in a generated world; what is None is as the rest has it.

    Attributes:
        projects: Projects of the account.
        models: Models of all projects together.
        jobs: Jobs of the account.
        runs: Runs of the whole days before the clock's own.
        days: How many such days there are; it matters to runs alone.
    """

    models: int | None = None
    jobs: int | None = None
    runs: int | None = None
    days: int = 0
    projects: int | None = None

    @property
    def given(self) -> bool:
        """Whether any of them is."""
        return self != Sizes()


def sized(sizes: Sizes) -> tuple[Blueprint, ...]:
    """The projects of a world of these sizes: the blueprints themselves when none is given.

    Raises:
        ValueError: When there can be no such world, with the reason.
    """
    if not sizes.given:
        return blueprints()
    if sizes.projects is not None and sizes.projects < 1:
        raise ValueError(f"A generated world has at least 1 project, not {sizes.projects}.")
    smallest = company(sizes.projects or len(blueprints()))
    least = sum(map(_count, smallest))
    models = least if sizes.models is None else sizes.models
    if models < least:
        raise ValueError(f"A generated world {_named(sizes)}has at least {least} models, not {models}.")
    wanted = company(sizes.projects or max(len(smallest), -(-models // MODELS_A_PROJECT)))
    projects = [grown(blueprint, count) for blueprint, count in _shares(wanted, models)]
    jobs = _chosen(projects, sizes)
    if sizes.runs is not None:
        jobs = paced(jobs, sizes.runs, sizes.days)
    return tuple(replace(project, jobs=tuple(job for home, job in jobs if home is project)) for project, _ in projects)


def _count(blueprint: Blueprint) -> int:
    return sum(1 for _ in model_plans(blueprint))


def _named(sizes: Sizes) -> str:
    """How many projects were asked for, in words that fit after "world"."""
    return "" if sizes.projects is None else f"of {sizes.projects} project{'s' if sizes.projects > 1 else ''} "


def _shares(projects: list[Blueprint], models: int) -> list[tuple[Blueprint, int]]:
    """The projects and how many models each has: the first is the largest, the second two thirds of it, and so on."""
    smallest = [_count(project) for project in projects]
    weights = [1 / (1 + place / 2) for place in range(len(projects))]
    spare, shares, given = models - sum(smallest), [], 0
    for place, least in enumerate(smallest):
        upto = round(spare * sum(weights[: place + 1]) / sum(weights))
        shares.append(least + upto - given)
        given = upto
    return list(zip(projects, shares, strict=True))


def _chosen(projects: list[tuple[Blueprint, tuple[Area, ...]]], sizes: Sizes) -> list[Staffed]:
    """The jobs, each with its project.

    Without a number of either there is every area's set. With a number of jobs, or of runs, as many as that takes: the
    areas' first jobs, their second ones, and so on, then the regions' own.

    Raises:
        ValueError: When there are not as many jobs.
    """
    sets = [[(project, job) for job in jobs_of_area(project, area)] for project, areas in projects for area in areas]
    if sizes.jobs is None and sizes.runs is None:
        return [job for jobs in sets for job in jobs]
    everything = (job for layer in zip_longest(*sets) for job in layer if job is not None)
    found = [*everything, *islice(_of_regions(projects), MOST_JOBS)][:MOST_JOBS]
    if sizes.jobs is not None:
        if not 1 <= sizes.jobs <= len(found):
            models = sum(_count(project) for project, _ in projects)
            raise ValueError(f"With {models} models there can be 1 to {len(found)} jobs, not {sizes.jobs}.")
        return found[: sizes.jobs] if sizes.runs is None else _mixed(found, sizes.jobs)
    return _enough(found, (sizes.runs or 0) / max(1, sizes.days))


def _mixed(jobs: list[Staffed], count: int) -> list[Staffed]:
    """As many of the jobs, at least every other one a job whose pace can be changed."""
    chosen: list[Staffed] = []
    fixed = 0
    for pair in jobs:
        if len(chosen) < count and (is_free(pair[1]) or fixed < count // 2):
            chosen.append(pair)
            fixed += not is_free(pair[1])
    return chosen


def _enough(jobs: list[Staffed], wanted: float) -> list[Staffed]:
    """The first of the jobs that make as many runs a day; most of them by jobs whose pace can be changed."""
    chosen: list[Staffed] = []
    rate = fixed = 0.0
    for pair in jobs:
        more = runs_a_day(*pair)
        if not is_free(pair[1]):
            if fixed + more > FIXED_SHARE * wanted:
                continue
            fixed += more
        chosen.append(pair)
        rate += more
        if rate >= wanted:
            break
    return chosen


def _of_regions(projects: list[tuple[Blueprint, tuple[Area, ...]]]) -> Iterator[Staffed]:
    """The jobs of single regions: of each project's first region, of each one's second, and so on."""
    sets = [[(project, job) for job in jobs_of_region(project, areas)] for project, areas in projects]
    return (job for layer in zip_longest(*sets) for job in layer if job is not None)
