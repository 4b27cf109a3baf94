"""The generated world: a seeded account whose past never changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dbt_cloud_sandbox.world import World


def generated_world(
    *,
    seed: int = 7,
    days: int = 90,
    now: Callable[[], datetime] | None = None,
    projects: int | None = None,
    models: int | None = None,
    jobs: int | None = None,
    runs: int | None = None,
) -> World:
    """An invented account: three projects, about 150 models, 17 jobs and their runs up to the clock.

    A run's id, times and outcome depend only on the seed, the job and its scheduled slot. A world with sizes is made
    of the same projects: they have more regions, there are more of them, and each region and area has jobs of its own.
    A world of other sizes is another world, with runs of its own.

    Args:
        seed: Another seed is another history of the same projects.
        days: How far back the history goes.
        now: The clock; the machine's when left out.
        projects: Exactly as many projects; one alone holds all the models in one production environment.
        models: Exactly as many models, all projects together.
        jobs: Exactly as many jobs.
        runs: As many runs in the whole days before the clock's own, or up to 2 % more; those of its own day so far
            come on top.

    Raises:
        ValueError: When there can be no world of these sizes, with the reason.
    """
    from dbt_cloud_sandbox.generated.sizes import Sizes
    from dbt_cloud_sandbox.generated.world import GeneratedWorld

    return GeneratedWorld(seed=seed, days=days, now=now, sizes=Sizes(models, jobs, runs, projects=projects))


__all__ = ["generated_world"]
