"""Writes the examples in `docs/doctor.md` by running them on the sandbox. A test says when they are out of date."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner
from dbt_cloud_sandbox import generated_world
from dbt_discovery import Settings
from dbt_discovery_web.cli import main as command

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from tests.servers.running import closed_port  # noqa: E402
from tests.servers.sandbox_server import SandboxServer, sandbox_server  # noqa: E402

PAGE = HERE / "doctor.md"
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
EXAMPLE = re.compile(r"(```console\n\$ dbt-discovery doctor\n).*?(```)", re.DOTALL)


def page() -> str:
    """The whole page, with what the command says now in the place of each example."""
    said = examples()
    return EXAMPLE.sub(lambda match: f"{match[1]}{next(said)}{match[2]}", PAGE.read_text(encoding="utf-8"))


def examples() -> Iterator[str]:
    """What the doctor says in each example, in the order of the page."""
    always = {"DBT_DISCOVERY_NOW": NOW.isoformat(), "DBT_DISCOVERY_DATABASE_URL": "sqlite://"}
    unset = {str(each.validation_alias): None for each in Settings.model_fields.values()}
    with sandbox_server(generated_world(now=lambda: NOW)) as served:
        for variables in cases(served):
            with tempfile.TemporaryDirectory() as folder, chdir(folder):  # without a `.env`
                said = CliRunner(env={**unset, **always, **variables}).invoke(command, ["doctor"]).stdout
            yield re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:54321", said)


def cases(served: SandboxServer) -> list[dict[str, str]]:
    """The variables of each example: a good token, a wrong one, one for metadata without and with ids, a wrong host."""
    good, metadata_only = served.environment("dbtc_example"), served.environment("metadata-only")
    production = (str(each.id) for each in served.world.environments() if each.deployment_type == "production")
    nobody = f"http://127.0.0.1:{closed_port()}"
    return [
        good,
        served.environment("invalid"),
        metadata_only,
        metadata_only | {"DBT_ENVIRONMENT_IDS": ",".join(production)},
        good | {"DBT_ADMIN_URL": nobody, "DBT_METADATA_URL": f"{nobody}/graphql"},
    ]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
