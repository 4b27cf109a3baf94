"""The committed artifacts are real and small, tell the story of their README, and name no machine."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

ARTIFACTS = Path(__file__).parent / "fixtures" / "artifacts"
SLOW_MODEL = "model.coffee_shop.demand_forecast"


def run_folders() -> list[Path]:
    return sorted(folder for folder in ARTIFACTS.iterdir() if folder.is_dir())


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def run_results() -> dict[str, Any]:
    """Each run's run_results.json by its folder's name; freshness runs have none."""
    return {file.parent.name: read(file) for file in sorted(ARTIFACTS.glob("*/run_results.json"))}


def outcomes(run: str) -> dict[str, str]:
    return {result["unique_id"]: result["status"] for result in run_results()[run]["results"]}


def test_artifacts_stay_small() -> None:
    assert sum(file.stat().st_size for file in ARTIFACTS.rglob("*") if file.is_file()) < 2_000_000


def test_there_are_at_least_eight_runs_each_with_its_own_invocation() -> None:
    files = [*ARTIFACTS.glob("*/run_results.json"), *ARTIFACTS.glob("*/sources.json")]
    assert len(run_folders()) >= 8
    assert len({read(file)["metadata"]["invocation_id"] for file in files}) == len(run_folders())


def test_runs_come_from_several_commands() -> None:
    commands = {(run["args"]["which"], *run["args"]["select"]) for run in run_results().values()}
    assert {("build",), ("run", "tag:finance"), ("generate",)} <= commands
    assert list(ARTIFACTS.glob("*/sources.json"))


def test_folder_order_is_time_order() -> None:
    times = []
    for folder in run_folders():
        file = next(file for name in ("run_results.json", "sources.json") if (file := folder / name).exists())
        times.append(read(file)["metadata"]["generated_at"])
    assert times == sorted(times)


def test_a_model_fails_and_what_needs_it_is_skipped() -> None:
    outcome = outcomes("05-build-model-fails")
    assert outcome["model.coffee_shop.stg_deliveries"] == "error"
    assert outcome["model.coffee_shop.bean_cost"] == outcome["model.coffee_shop.stock_cover"] == "skipped"
    assert outcome["model.coffee_shop.daily_revenue"] == "success"


def test_a_test_fails_and_what_needs_its_model_is_skipped() -> None:
    outcome = outcomes("09-build-test-fails")
    failed = [unique_id for unique_id, status in outcome.items() if status == "fail"]
    assert len(failed) == 1
    assert failed[0].startswith("test.coffee_shop.accepted_values_stg_payments_method")
    assert outcome["model.coffee_shop.payment_reconciliation"] == "skipped"


def test_one_model_slows_down_from_build_to_build() -> None:
    times = [
        result["execution_time"]
        for run in run_results().values()
        if run["args"]["which"] == "build"
        for result in run["results"]
        if result["unique_id"] == SLOW_MODEL
    ]
    assert len(times) >= 5
    assert times[-1] >= 3 * times[0]
    assert all(later > 0.8 * earlier for earlier, later in pairwise(times))


def test_sources_are_fresh_late_and_stale() -> None:
    verdicts = [result for file in ARTIFACTS.glob("*/sources.json") for result in read(file)["results"]]
    assert {verdict["status"] for verdict in verdicts} == {"pass", "warn", "error"}


def test_every_result_is_in_the_nearest_manifest() -> None:
    for run, results in run_results().items():
        own = ARTIFACTS / run / "manifest.json"
        manifest = read(own if own.exists() else ARTIFACTS / "manifest.json")
        known = {*manifest["nodes"], *manifest["unit_tests"], *manifest["exposures"]}
        assert {result["unique_id"] for result in results["results"]} <= known, run


def test_a_later_manifest_knows_a_model_the_first_one_does_not() -> None:
    added = "model.coffee_shop.regulars"
    assert added not in read(ARTIFACTS / "manifest.json")["nodes"]
    assert added in read(ARTIFACTS / "13-build-later" / "manifest.json")["nodes"]


def test_artifacts_name_no_machine() -> None:
    machine = re.compile(r"(?<![\w./>)*-])/[\w.-]+/[\w.-]|\b[A-Z]:\\\\")  # a path that begins at a root; no URL has one
    assert machine.search(f"in {ARTIFACTS}")
    for file in ARTIFACTS.rglob("*.json"):
        found = machine.search(file.read_text(encoding="utf-8"))
        assert not found, f"{file.relative_to(ARTIFACTS)}: {found}"
