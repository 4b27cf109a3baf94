"""The home loop: an account works from wherever it is asked, and ends cleanly."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import BlockingCall, DbtAccount, DbtDiscoveryError, Settings
from dbt_discovery.home import HomeLoop, at_home, blocking

from tests.core.upstream import Answering, Upstream

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


class House:
    """Something at home on a loop."""

    def __init__(self) -> None:
        self.home = HomeLoop()
        self.stopped = threading.Event()
        self.entered = threading.Event()

    @at_home
    async def awhere(self) -> asyncio.AbstractEventLoop:
        """The loop it runs on."""
        return asyncio.get_running_loop()

    @at_home
    async def awho(self) -> str:
        return WHO.get()

    @at_home
    async def aadd(self, one: int, *, other: int = 1) -> int:
        await asyncio.sleep(0)
        return one + other

    @at_home
    async def afail(self) -> None:
        raise ValueError("no")

    @at_home
    async def await_long(self) -> None:
        self.entered.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.stopped.set()
            raise

    where = blocking(awhere)
    who = blocking(awho)
    add = blocking(aadd)
    fail = blocking(afail)
    wait_long = blocking(await_long)


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.home.release()


def test_plain_form_gives_what_the_asynchronous_form_gives(house: House) -> None:
    assert house.add(1, other=2) == 3
    assert house.add(1) == 2
    with pytest.raises(ValueError, match="no"):
        house.fail()


def test_plain_form_has_the_name_and_words_of_its_twin() -> None:
    assert (House.where.__name__, House.where.__qualname__) == ("where", "House.where")
    assert House.where.__doc__ == House.awhere.__doc__ == "The loop it runs on."


def test_plain_then_asynchronous_share_one_home(house: House) -> None:
    home = house.where()
    assert asyncio.run(house.awhere()) is home


def test_two_event_loops_one_after_the_other_share_one_home(house: House) -> None:
    homes = {asyncio.run(house.awhere()) for _ in range(2)}
    assert homes == {house.where()}


async def test_in_a_running_loop_that_is_not_home_both_forms_work(house: House) -> None:
    """As in a notebook."""
    assert await house.awhere() is house.where()
    assert house.where() is not asyncio.get_running_loop()


def test_many_threads_share_one_home(house: House) -> None:
    with ThreadPoolExecutor(16) as pool:
        homes = set(pool.map(lambda _: house.where(), range(64)))
    assert len(homes) == 1


async def test_an_adopted_loop_is_home(house: House) -> None:
    assert house.home.adopt()
    assert await house.awhere() is asyncio.get_running_loop()
    assert not house.home.adopt()


def test_a_plain_call_on_the_home_loop_raises_at_once(house: House) -> None:
    raised: list[BaseException] = []

    async def serve() -> None:
        house.home.adopt()
        try:
            house.where()
        except BlockingCall as error:
            raised.append(error)

    # in a thread of its own: should the call block after all, the tests do not
    serving = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    serving.start()
    serving.join(5)
    assert [type(error) for error in raised] == [BlockingCall]
    assert "Await its twin with an a in front" in str(raised[0])


async def test_threads_of_a_server_may_use_plain_forms(house: House) -> None:
    house.home.adopt()
    assert await asyncio.to_thread(house.where) is asyncio.get_running_loop()


def test_context_variables_go_along(house: House) -> None:
    WHO.set("the caller")
    assert house.who() == "the caller"

    async def elsewhere() -> str:
        WHO.set("another")
        return await house.awho()

    assert asyncio.run(elsewhere()) == "another"
    assert house.who() == "the caller"


async def test_cancellation_goes_along(house: House) -> None:
    waiting = asyncio.create_task(house.await_long())
    await asyncio.to_thread(house.entered.wait, 5)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await asyncio.to_thread(house.stopped.wait, 5)


def test_release_ends_the_thread(house: House) -> None:
    house.where()
    assert "dbt-discovery" in [thread.name for thread in threading.enumerate()]
    house.home.release()
    assert "dbt-discovery" not in [thread.name for thread in threading.enumerate()]


def test_release_lets_those_go_that_wait(house: House) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(house.wait_long)
        assert house.entered.wait(5)
        house.home.release()
        assert waiting.exception(timeout=5) is not None
    assert house.stopped.is_set()


def test_after_release_nothing_can_be_asked(house: House) -> None:
    house.where()
    house.home.release()
    with pytest.raises(DbtDiscoveryError, match="closed"):
        house.where()
    with pytest.raises(DbtDiscoveryError, match="closed"):
        asyncio.run(house.awhere())


def projects(names: list[str]) -> Answering:
    def answer(request: httpx.Request) -> httpx.Response:
        rows = [{"id": n, "name": name} for n, name in enumerate(names)] if "projects" in request.url.path else []
        extra = {"pagination": {"count": len(rows), "total_count": len(rows)}}
        return httpx.Response(200, json={"data": rows, "extra": extra})

    return answer


@pytest.fixture
def make(settings: Settings) -> Iterator[Callable[[], DbtAccount]]:
    made = []

    def account() -> DbtAccount:
        made.append(DbtAccount(token="t", account_id=1, transport=Upstream(projects(["a", "b"])), settings=settings))
        return made[-1]

    yield account
    for each in made:
        each.close()


def names(account: DbtAccount) -> list[str]:
    return [project.name for project in account.get_projects()]


async def anames(account: DbtAccount) -> list[str]:
    return [project.name for project in await account.aget_projects()]


def test_account_is_asked_plainly_then_from_two_loops(make: Callable[[], DbtAccount]) -> None:
    account = make()
    assert names(account) == asyncio.run(anames(account)) == asyncio.run(anames(account)) == ["a", "b"]
    assert account.requests == 3


def test_account_is_asked_by_many_threads_at_once(make: Callable[[], DbtAccount]) -> None:
    account = make()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: names(account), range(32))) == [["a", "b"]] * 32
    assert account.requests == 3


async def test_account_adopts_the_loop_of_its_with_block(make: Callable[[], DbtAccount]) -> None:
    async with make() as account:
        assert await anames(account) == ["a", "b"]
    assert "dbt-discovery" not in [thread.name for thread in threading.enumerate()]


def test_account_closes_at_the_end_of_a_plain_with_block(make: Callable[[], DbtAccount]) -> None:
    with make() as account:
        names(account)
    with pytest.raises(DbtDiscoveryError, match="closed"):
        names(account)


@pytest.mark.parametrize("used", [True, False])
def test_closing_twice_is_closing_once(used: bool, make: Callable[[], DbtAccount]) -> None:
    account = make()
    if used:
        names(account)
    account.close()
    account.close()
    asyncio.run(account.aclose())


def test_closing_while_a_question_is_under_way_frees_the_one_who_asked(settings: Settings) -> None:
    entered = threading.Event()

    async def never(request: httpx.Request) -> httpx.Response:
        entered.set()
        await asyncio.sleep(60)
        raise AssertionError("never awaited so long")

    account = DbtAccount(token="t", account_id=1, transport=Upstream(never), settings=settings)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(account.get_projects)
        assert entered.wait(5)
        account.close()
        assert waiting.exception(timeout=5) is not None


def test_handles_ask_from_wherever_they_are(settings: Settings, world: sandbox.World) -> None:
    account = DbtAccount(transport=sandbox.transport(world), settings=settings)
    try:
        project = asyncio.run(account.aget_project("finance analytics"))
        assert len(project.get_jobs()) == sum(job.project_id == int(project.project_id) for job in world.jobs())
    finally:
        account.close()
