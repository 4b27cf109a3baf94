"""The generated world: a seeded account whose past never changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dbt_cloud_sandbox.world import World


def generated_world(*, seed: int = 7, days: int = 90, now: Callable[[], datetime] | None = None) -> World:
    """An invented account: three projects, about 150 models, 17 jobs and their runs up to the clock.

    A run's id, times and outcome depend only on the seed, the job and its scheduled slot.

    Args:
        seed: Another seed is another history of the same projects.
        days: How far back the history goes.
        now: The clock; the machine's when left out.
    """
    from dbt_cloud_sandbox.generated.world import GeneratedWorld

    return GeneratedWorld(seed=seed, days=days, now=now)


__all__ = ["generated_world"]
