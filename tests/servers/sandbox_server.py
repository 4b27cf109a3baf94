"""The sandbox as a server of its own, as `dbt-discovery sandbox` serves it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from dbt_cloud_sandbox import create_app
from dbt_cloud_sandbox.faults import Faults
from dbt_cloud_sandbox.world import World

from .running import running

__all__ = ["SandboxServer", "sandbox_server"]


@dataclass(frozen=True)
class SandboxServer:
    """A sandbox that is being served.

    Attributes:
        url: Its address.
        world: Whose records it serves.
        faults: What goes wrong; may be changed while it runs.
        requests: Method and path of every request so far.
    """

    url: str
    world: World
    faults: Faults
    requests: Sequence[tuple[str, str]]

    def environment(self, token: str = "sandbox") -> dict[str, str]:
        """The variables that point a client here."""
        return {
            "DBT_SERVICE_TOKEN": token,
            "DBT_ACCOUNT_ID": str(self.world.account.id),
            "DBT_ADMIN_URL": self.url,
            "DBT_METADATA_URL": f"{self.url}/graphql",
        }


@contextmanager
def sandbox_server(world: World, faults: Faults | None = None) -> Iterator[SandboxServer]:
    """Serves a world on a free loopback port."""
    app = create_app(world, faults=faults)
    with running(app) as url:
        yield SandboxServer(url, world, app.state.faults, app.state.requests)
