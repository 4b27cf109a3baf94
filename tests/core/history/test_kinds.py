"""Results of models and of tests stand in the run store side by side, and neither is taken for the other."""

from __future__ import annotations

from dbt_discovery.history.store import StoreSession
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.results import RunResults

MODELS = RunResults(("model.shop.a",), (NodeStatus.SUCCESS,), (6.0,))
TESTS = RunResults(("test.shop.a", "test.shop.b"), (NodeStatus.FAIL, NodeStatus.WARN), (0.5, None))


async def test_each_kind_of_a_run_is_kept_for_itself(session: StoreSession) -> None:
    await session.put_results({"1": MODELS, "2": None})
    assert await session.with_results(["1", "2"], "tests") == set()
    assert await session.results(["1", "2"], "tests") == {}
    await session.put_results({"1": TESTS, "3": None}, "tests")
    assert await session.results(["1", "2", "3"], "tests") == {"1": TESTS, "3": None}
    assert await session.results(["1", "2", "3"]) == {"1": MODELS, "2": None}
    assert await session.with_results(["1", "2", "3"], "tests") == {"1", "3"}


async def test_later_results_replace_those_of_their_own_kind(session: StoreSession) -> None:
    await session.put_results({"1": MODELS})
    await session.put_results({"1": None}, "tests")
    await session.put_results({"1": TESTS}, "tests")
    assert (await session.results(["1"]), await session.results(["1"], "tests")) == ({"1": MODELS}, {"1": TESTS})


async def test_only_results_of_models_are_counted_and_all_are_removed(session: StoreSession) -> None:
    await session.put_results({"1": MODELS})
    await session.put_results({"1": TESTS, "2": TESTS}, "tests")
    assert (await session.describe())[1][0].results == 1
    await session.clear("mine")
    assert await session.with_results(["1", "2"], "tests") == set()
