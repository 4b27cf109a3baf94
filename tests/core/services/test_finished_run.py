from __future__ import annotations

import pytest
from dbt_discovery.services.finished_run import FinishedRun

RUN = FinishedRun("7", job_id="2", environment_id="3")


@pytest.mark.parametrize(
    ("variables", "old"),
    [
        ((), True),
        ((("order_by", "id"), ("include_related", "[]")), True),
        ((("environmentId", 3), ("first", 500)), True),
        ((("environmentId", 4), ("first", 500)), False),
        ((("jobId", 2),), True),
        ((("jobId", 5),), False),
        ((("jobId", 2), ("runId", 7)), True),
        ((("jobId", 2), ("runId", 6)), False),
        ((("job_definition_id", "2"), ("limit", "10")), True),
        ((("job_definition_id", "22"), ("limit", "10")), False),
        ((("id", "7"), ("include_related", '["run_steps"]')), True),
        ((("id", "8"), ("include_related", '["run_steps"]')), False),
        ((("environmentId", 3), ("uniqueId", "model.shop.a"), ("count", 10)), True),
    ],
)
def test_an_answer_is_old_unless_it_is_about_something_else(
    variables: tuple[tuple[str, object], ...], old: bool
) -> None:
    assert RUN.outdates(variables) is old


def test_what_is_not_known_of_a_run_narrows_nothing() -> None:
    unknown = FinishedRun("7")
    assert unknown.outdates((("jobId", 5),))
    assert unknown.outdates((("environmentId", 4),))
    assert not unknown.outdates((("jobId", 5), ("runId", 6)))
