"""The sandbox's page says what there is, and what it shows works."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from dbt_cloud_sandbox import Faults, World, generated_world
from dbt_discovery_web.cli.sandbox import sandbox

from .conftest import NOW, Client, production

PAGE = (Path(__file__).parents[2] / "docs/sandbox.md").read_text()


def test_every_flag_is_explained() -> None:
    flags = {flag for option in sandbox.params for flag in option.opts}
    assert {flag for flag in flags if flag not in PAGE} == set()
    assert set(re.findall(r"^\| `(--\w+)`", PAGE, re.MULTILINE)) == flags - {"--port", "--artifacts"}


def test_every_fault_is_explained() -> None:
    arguments = list(inspect.signature(Faults).parameters)[1:]
    assert re.findall(r"^\| `(\w+)[`=]", PAGE, re.MULTILINE) == arguments


def test_its_python_runs_as_it_stands(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (result.returncode, result.stdout) == (0, "400 models\n"), result.stderr


def test_its_defaults_are_those_of_the_account(world: World) -> None:
    homes = [home.id for home in world.environments() if home.deployment_type == "production"]
    models = sum(node.resource_type == "model" for home in homes for node in world.nodes(home))
    assert f"three projects, {models} models, {len(world.jobs())} jobs" in PAGE
    assert f"| `--models` | {models} |" in PAGE
    assert f"| `--jobs` | {len(world.jobs())} |" in PAGE
    defaults = inspect.signature(generated_world).parameters
    assert f"| `--days` | {defaults['days'].default} |" in PAGE
    assert f"| `--seed` | {defaults['seed'].default} |" in PAGE
    same = generated_world(now=lambda: NOW, seed=7, days=90)
    assert (same.fingerprint, len(same.runs())) == (world.fingerprint, len(world.runs()))


async def test_metadata_is_kept_longer_than_two_months(client: Client) -> None:
    run = next(run for run in client.world.runs() if run.status == 10)
    assert (NOW - run.created_at).days > 80
    query = "query ($id: BigInt!, $run: BigInt) { job(id: $id, runId: $run) { runId } }"
    assert (await client.data(query, id=run.job_id, run=run.id))["job"] == {"runId": run.id}


@pytest.mark.parametrize("kind", ["metrics", "semanticModels", "savedQueries", "macros"])
async def test_what_it_says_discovery_does_not_have_is_refused(client: Client, kind: str) -> None:
    query = f"query ($id: BigInt!) {{ environment(id: $id) {{ definition {{ {kind} {{ totalCount }} }} }} }}"
    body = await client.graphql(query, answer=400, id=production(client.world, "finance"))
    assert f'Cannot query field "{kind}"' in body["errors"][0]["message"]
