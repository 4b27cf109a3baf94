"""Reports with every row, for doors that have room for them."""

from __future__ import annotations

from dbt_discovery import DbtAccount
from dbt_discovery.reports import find_report


async def test_every_row_is_given_unless_a_limit_was(account: DbtAccount) -> None:
    declaration = find_report("list_models")
    whole = await account.arun_report("list_models", declaration.parse({}).whole())
    assert len(whole.rows) == whole.total_rows > 50
    limited = await account.arun_report("list_models", declaration.parse({"limit": 50}).whole())
    assert len(limited.rows) == 50  # although that is the default
    assert limited.rows == whole.rows[:50]


async def test_a_whole_report_names_no_limit_that_nobody_may_give(account: DbtAccount) -> None:
    report = await account.arun_report("failed_runs", find_report("failed_runs").parse({"period": "last_week"}).whole())
    assert "limit" not in report.arguments
    assert "limit" not in report.path
    assert not any("limit" in other.arguments for each in report.reading for other in each.alternatives)
    assert await account.arun_report("failed_runs", **report.arguments)
