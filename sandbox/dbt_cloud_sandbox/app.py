"""The app: dbt Cloud's two APIs over a world, and the transport that reaches them without a socket."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware

from dbt_cloud_sandbox import admin, discovery
from dbt_cloud_sandbox.artifacts import artifacts_world
from dbt_cloud_sandbox.faults import Faults
from dbt_cloud_sandbox.front import Front
from dbt_cloud_sandbox.generated import generated_world
from dbt_cloud_sandbox.world import World

if TYPE_CHECKING:
    import httpx


REQUESTS_REMEMBERED = 10_000
"""A served sandbox runs for long: older requests are forgotten."""


def create_app(world: World, *, faults: Faults | None = None) -> Starlette:
    """An ASGI app that answers the Admin API below ``/api`` and the Discovery API at ``/graphql``.

    ``app.state.requests`` holds ``(method, path)`` of the latest requests, ``app.state.faults`` its faults,
    ``app.state.world`` its world.
    """
    faults = faults or Faults()
    requests: deque[tuple[str, str]] = deque(maxlen=REQUESTS_REMEMBERED)
    app = Starlette(
        routes=[*admin.routes(world), *discovery.routes(world)],
        middleware=[Middleware(Front, world=world, faults=faults, requests=requests)],
    )
    app.router.redirect_slashes = False
    app.state.world, app.state.faults, app.state.requests = world, faults, requests
    return app


def transport(
    world: World | None = None,
    *,
    artifacts: Path | str | None = None,
    now: Callable[[], datetime] | None = None,
    faults: Faults | None = None,
) -> httpx.AsyncBaseTransport:
    """An httpx transport to a fresh app, so that a client runs the same code on it as on dbt Cloud.

    Without a world it is the artifacts world of a folder, if one is given, else the generated world.
    The app is its attribute ``app``.

    Raises:
        ArtifactsError: When the folder holds no usable run.
    """
    from dbt_cloud_sandbox.bridge import SandboxTransport

    if world is None:
        world = generated_world(now=now) if artifacts is None else artifacts_world(artifacts, now=now)
    return SandboxTransport(create_app(world, faults=faults))
