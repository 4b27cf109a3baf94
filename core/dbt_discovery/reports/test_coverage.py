"""Which models have no test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import ModelFields, ProjectFilter
from dbt_discovery.models.report import Column, Coverage, Row
from dbt_discovery.models.tests import TestRecord
from dbt_discovery.models.unique_ids import NodeKey
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import order_reading, state_reading
from dbt_discovery.words import count, either, few, percent

__all__ = ["TestCoverage", "test_coverage"]

_WORDS = {"untested": "fewest tests first", "name": "name", "project": "project, fewest tests first"}
_COLUMNS = columns(
    "name",
    "project_name",
    "test_count",
    Column(key="tested_columns", label="Tested columns", type="number", unit="count"),
    "failing_tests",
    Column(key="test_kinds", label="Kinds"),
    "access",
    "materialization",
    Column(key="project_coverage", label="Tested in project", type="number", unit="ratio"),
    "environment_name",
    "unique_id",
)


class TestCoverage(Limited, ModelFields, ProjectFilter):
    """Arguments of `test_coverage`."""

    order_by: Literal["untested", "name", "project"] = Field(
        default="untested",
        description="Sort by number of tests, fewest first (public models before others), by name, or by project.",
    )


@report(
    title="Test coverage",
    group="tests",
    examples=("What is our test coverage?", "Which models have no tests?", "Test coverage of marketing"),
    sample={"projects": ["marketing"]},
)
async def test_coverage(inquiry: Inquiry, arguments: TestCoverage) -> Findings:
    """The models with how many tests each has, those without any first.

    A model is covered if at least one test is of it: a generic, singular or unit test that dbt attaches to the
    model or, where it attaches a test to nothing, one that reads the model. Coverage is the share of such models
    among those that fit the question; `project_coverage` the same within the model's project. `tested_columns`
    counts the columns that tests name. It is set against no number of columns: dbt knows these only of models that
    a documentation run has seen. `failing_tests` counts the tests whose last run failed or ended in an error, and
    `test_kinds` names what they check. Tests of sources, seeds and snapshots are not those of a model: how many
    there are is said. Models and tests are those that the environment's runs have touched so far.
    """
    homes = await inquiry.state_environments(arguments)
    models, tests = await inquiry.select_models(arguments), await inquiry.tests_in(homes)
    by_model: dict[NodeKey, list[TestRecord]] = {model.key: [] for model in models}
    for test in tests:
        for key in {(test.environment_id, unique_id) for unique_id in test.subjects} & by_model.keys():
            by_model[key].append(test)
    _tell_of_others(inquiry, tests)
    all_of, tested_of = Counter(m.project_id for m in models), Counter(m.project_id for m in models if by_model[m.key])
    names = await Names.of_places(inquiry)
    rows: list[Row] = [
        {
            **names.model(model),
            **_measures(by_model[model.key]),
            "access": model.access,
            "materialization": model.materialization,
            "project_coverage": tested_of[model.project_id] / all_of[model.project_id],
        }
        for model in models
    ]
    rows.sort(key=lambda row: (row["name"].casefold(), row["project_id"], row["environment_id"]))
    if arguments.order_by != "name":
        rows.sort(key=lambda row: (row["test_count"], row["access"] != "public"))
    if arguments.order_by == "project":
        rows.sort(key=lambda row: ((row["project_name"] or "").casefold(), row["project_id"]))
    return Findings(
        finding=_finding(rows),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="models", considered=len(rows)),
        reading=[
            await state_reading(inquiry, arguments),
            order_reading(arguments, _WORDS, "Sorted by"),
        ],
        limit=arguments.limit,
    )


def _measures(tests: Sequence[TestRecord]) -> Row:
    """What a model's tests amount to."""
    kinds = Counter(test.test_name or test.test_type or "unknown" for test in tests)
    return {
        "test_count": len(tests),
        "tested_columns": len({test.column.casefold() for test in tests if test.column}),
        "failing_tests": sum(test.is_failing for test in tests),
        "test_kinds": ", ".join(f"{number} {kind}" for kind, number in kinds.most_common()),
    }


def _tell_of_others(inquiry: Inquiry, tests: Sequence[TestRecord]) -> None:
    """Says how many tests are of no model."""
    kinds = Counter(test.subjects[0].partition(".")[0] for test in tests if test.subjects)
    others = [f"{count(kinds[kind], 'test')} of {kind}s" for kind in ("source", "seed", "snapshot") if kinds[kind]]
    if others:
        inquiry.tell(f"Beside the tests of models there are {either(others, 'and')}, which do not count here.")


def _finding(rows: Sequence[Row]) -> str:
    if not rows:
        return "No model fits the question."
    untested = [row["name"] for row in rows if not row["test_count"]]
    tested = len(rows) - len(untested)
    whole = f"{tested:,} of {count(len(rows), 'model')} {'has' if tested == 1 else 'have'} at least one test"
    whole += f" ({percent(tested / len(rows))}"
    shares = {row["project_name"] or row["project_id"]: row["project_coverage"] for row in rows}
    lowest = min(shares, key=lambda name: (shares[name], name))
    whole += f"; {lowest} has the lowest share, {percent(shares[lowest])})" if len(shares) > 1 else ")"
    if not untested:
        return f"{whole}."
    public = sum(row["access"] == "public" for row in rows if not row["test_count"])
    which = f", of which {public:,} {'is' if public == 1 else 'are'} public" if public else ""
    return f"{whole}: none for {few(untested)}{which}."
