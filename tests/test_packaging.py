"""What a door imports, its extra installs: an earlier install on a developer's machine must not hide a missing one."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from typing import Any

import pytest
from dbt_cloud_sandbox import World
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .conftest import NOW
from .servers.sandbox_server import sandbox_server

ROOT = Path(__file__).parent.parent
CORE = """
import dbt_discovery
dbt_discovery.DbtAccount("token", "1").close()
"""
TOOLKIT = """
import httpx, dbt_discovery
from langchain_dbt_discovery import DbtDiscoveryToolkit
account = dbt_discovery.DbtAccount(transport=httpx.MockTransport(lambda request: httpx.Response(404, json={})))
[tool.invoke({}) for tool in DbtDiscoveryToolkit(account=account).get_tools()]
account.close()
"""
SANDBOX = """
import dbt_discovery, dbt_cloud_sandbox
with dbt_discovery.DbtAccount(transport=dbt_cloud_sandbox.transport()) as account:
    account.run_report("slowest_models")
"""
WEB = """
import asyncio, httpx
from dbt_discovery_web.app import create_app
async def main():
    app = create_app()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000")
    async with app.router.lifespan_context(app), client:
        assert (await client.post("/chat", json={"message": "which models are slowest?"})).status_code == 200
        assert (await client.get("/chat")).status_code == 200
asyncio.run(main())
"""
ONE_TOOL = """
import json
from importlib.util import find_spec
from langchain_dbt_discovery import DbtDiscoveryToolkit
toolkit = DbtDiscoveryToolkit(include=["list_jobs"])
(tool,) = toolkit.get_tools()
with toolkit.account:
    message = tool.invoke({"type": "tool_call", "id": "1", "name": tool.name, "args": {"more": "job_type=ci"}})
others = ("langchain", "langgraph", "openai", "fastapi", "starlette", "graphql", "rapidfuzz", "click")
print(json.dumps({
    "status": message.status,
    "text": message.text,
    "jobs": [row["job_name"] for row in message.artifact["rows"]],
    "schema": tool.args,
    "others": [name for name in others if find_spec(name)],
}))
"""
ABSENT = """
import sys
class Absent:
    names = {names!r}
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {{name!r}}: the extra does not install it", name=name)
sys.meta_path.insert(0, Absent())
"""
"""Makes packages look as if they were not installed."""


def installed_by(requirement: str) -> set[str]:
    """The names of all distributions that installing a requirement brings, itself included."""
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(requirement)]
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *wanted.extras):
            key = (canonicalize_name(wanted.name), extra)
            if key in found:
                continue
            found.add(key)
            for line in distribution(wanted.name).requires or ():
                needed = Requirement(line)
                if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                    waiting.append(needed)
    return {name for name, _ in found}


@pytest.mark.parametrize(
    ("extra", "code"), [("", CORE), ("[toolkit]", TOOLKIT), ("[sandbox]", SANDBOX), ("[web]", WEB)]
)
def test_an_extra_installs_all_that_it_needs(extra: str, code: str, tmp_path: Path) -> None:
    allowed = installed_by(f"dbt-discovery{extra}")
    owners = packages_distributions()
    absent = {name for name, those in owners.items() if not allowed & set(map(canonicalize_name, those))}
    assert "pytest" in absent
    result = subprocess.run(
        [sys.executable, "-c", ABSENT.format(names=absent) + code],
        cwd=tmp_path,
        env={"PATH": "", "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.wheel
def test_the_wheel_with_the_toolkit_alone_answers_in_a_clean_environment(tmp_path: Path, world: World) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    done("building", *pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("dbt_discovery-*.whl")
    clean = tmp_path / "clean"
    done("making the environment", sys.executable, "-m", "venv", "--without-pip", clean)
    python = clean / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pinned = ("--constraint", ROOT / "constraints.txt")
    done("installing", *pip, "--python", python, "install", *pinned, f"dbt-discovery[toolkit] @ {wheel.as_uri()}")

    with sandbox_server(world) as server:
        variables = server.environment() | {"DBT_DISCOVERY_NOW": NOW.isoformat(), "HOME": str(tmp_path)}
        said = json.loads(done("calling a tool", python, "-I", "-c", ONE_TOOL, env=variables, cwd=tmp_path))

    assert said["others"] == []
    assert said["status"] == "success"
    assert said["jobs"] == sorted(job.name for job in world.jobs() if job.job_type == "ci")
    assert said["jobs"][0] in said["text"]
    assert "more" in said["schema"]


def done(what: str, *command: str | Path, **options: Any) -> str:
    """What a command says, which must end well."""
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)
    assert result.returncode == 0, f"{what}: {result.stdout}{result.stderr}"
    return result.stdout


def test_the_command_names_the_extra_it_lacks(tmp_path: Path) -> None:
    code = ABSENT.format(names={"click"}) + "from dbt_discovery_web.__main__ import run\nrun()"
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert result.returncode == 3
    assert result.stderr == "Error: The command line lacks click: run pip install 'dbt-discovery[web]'.\n"
