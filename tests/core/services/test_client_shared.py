"""The second tier: processes that share answers ask dbt Cloud once between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import PackageNotFoundError
from typing import Any

import httpx
import pytest
from dbt_discovery import CachingStrategy, NotFound, Unreachable
from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.services import bodies
from dbt_discovery.services.aliases import AliasedField
from dbt_discovery.services.bodies import Bodies
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.finished_run import FinishedRun
from dbt_discovery.services.operation import Operation
from dbt_discovery.services.refresh import Refresh

from tests.core.shared import FakeStore, FakeTier, NetworkedWire, idle
from tests.core.upstream import NOW, Upstream, admin, wire_to

COUNT = admin(parse=lambda data: data["count"])
RUN = admin("v2/accounts/{account}/runs/{id}/", variables=(("id", "7"),), parse=lambda data: data["count"])
SQUARES = AliasedField(name="Squares", field="square(count: $count)", text="")


def square(n: int) -> Operation[int]:
    return Operation(name="square", variables=(("count", n),), scope="models", parse=lambda part: part["of"])


class Cloud:
    """Counts its requests, and answers with the count; or with squares. Several clients share its answers.

    Attributes:
        failure: What it answers instead.
        mark: What it says of itself, if it is a sandbox.
        store: What the clients share.
    """

    def __init__(self) -> None:
        self.failure: httpx.Response | None = None
        self.mark = ""
        self.upstream = Upstream(self)
        self.store = FakeStore()

    def process(self, **options: Any) -> DbtClient:
        """A client in a process of its own."""
        wire = NetworkedWire(self.upstream, **options)
        return DbtClient(wire, CachingStrategy(100, timer=lambda: self.store.seconds), FakeTier(self.store))

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        count = self.asked
        await asyncio.sleep(0.001)
        if self.failure:
            return self.failure
        if request.method == "POST":
            variables = json.loads(request.content)["variables"]
            return httpx.Response(200, json={"data": {f"r{n[5:]}": {"of": v * v} for n, v in variables.items()}})
        headers = {"X-Dbt-Cloud-Sandbox": self.mark} if self.mark else {}
        return httpx.Response(200, json={"data": {"count": count}}, headers=headers)

    @property
    def asked(self) -> int:
        return len(self.upstream.requests)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


async def values(client: DbtClient, numbers: Sequence[int], *, refresh: bool = False) -> list[int]:
    answers = await client.ask_batched([square(n) for n in numbers], SQUARES.query, 4, refresh=refresh)
    return [answer.value for answer in answers]


async def test_what_one_process_asked_for_another_does_not(cloud: Cloud) -> None:
    one, other = cloud.process(), cloud.process()
    first = await one.ask(COUNT)
    cloud.store.seconds += 99
    assert await other.ask(COUNT) == first
    assert cloud.asked == 1
    cloud.failure = httpx.Response(503)
    reads = cloud.store.reads
    assert await other.ask(COUNT) == first, "from its own memory"
    assert cloud.store.reads == reads


async def test_two_processes_that_ask_at_once_send_one_request_and_so_do_two_that_refresh(cloud: Cloud) -> None:
    clients = [cloud.process(), cloud.process()]
    for number, refresh in ((1, False), (2, True)):
        answers = await asyncio.gather(*(client.ask(COUNT, refresh=refresh) for client in clients))
        assert [answer.value for answer in answers] == [number, number]
        cloud.store.seconds += 1


async def test_a_refresh_takes_nothing_that_was_asked_for_before_it(cloud: Cloud) -> None:
    one, other = cloud.process(), cloud.process()
    await one.ask(COUNT)
    cloud.store.seconds += 0.001
    assert (await other.ask(COUNT, refresh=True)).value == 2


async def test_a_refresh_takes_what_another_process_asked_for_since_it_began(cloud: Cloud) -> None:
    one, other, refresh = cloud.process(), cloud.process(), Refresh(True)
    await one.ask(COUNT, refresh=refresh)
    cloud.store.seconds += 1
    assert (await values(other, range(3)), cloud.asked) == ([0, 1, 4], 2)
    cloud.store.seconds += 1
    operations = [square(n) for n in range(3)]
    answers = await one.ask_batched(operations, SQUARES.query, 4, refresh=refresh)
    assert ([answer.value for answer in answers], cloud.asked) == ([0, 1, 4], 2)
    later = await one.ask_batched(operations, SQUARES.query, 4, refresh=Refresh(True))
    assert ([answer.value for answer in later], cloud.asked) == ([0, 1, 4], 3)


async def test_answer_tells_other_processes_who_gave_it(cloud: Cloud) -> None:
    cloud.mark = "kind=sandbox; world=ab12; label=A%20world"
    await cloud.process().ask(COUNT)
    other = cloud.process()
    await other.ask(COUNT)
    assert (await other.wire.source()).label == "A world"
    assert cloud.asked == 1


async def test_answer_of_another_world_at_the_same_address_is_left_aside(cloud: Cloud) -> None:
    cloud.mark = "kind=sandbox; world=ab12; label=A%20world"
    await cloud.process().ask(COUNT)
    other, cloud.mark = cloud.process(), "kind=sandbox; world=cd34; label=Another"
    assert (await other.wire.source()).label == "Another"
    assert (await other.ask(COUNT)).value == 3


async def test_hundred_who_ask_look_into_the_second_tier_once(cloud: Cloud) -> None:
    await cloud.process().ask(COUNT)
    client, reads = cloud.process(), cloud.store.reads
    answers = await asyncio.gather(*(client.ask(COUNT) for _ in range(100)))
    assert {answer.value for answer in answers} == {1}
    assert cloud.store.reads == reads + 1
    assert client.caching.statistics().shared_hits == 100


async def test_how_long_it_is_fresh_counts_from_when_it_was_asked_for(cloud: Cloud) -> None:
    one, other = cloud.process(), cloud.process()
    await one.ask(COUNT)
    cloud.store.seconds += 90
    await other.ask(COUNT)
    cloud.store.seconds += 110
    assert (await other.ask(COUNT)).value == 2, "no longer given, whatever memory it came through"


async def test_one_that_has_outlived_its_time_is_given_while_it_is_asked_for_again(cloud: Cloud) -> None:
    await cloud.process().ask(COUNT)
    cloud.store.seconds += 150
    other = cloud.process()
    assert (await other.ask(COUNT)).value == 1
    await idle()
    assert cloud.asked == 2
    assert (await other.ask(COUNT)).value == 2
    assert other.caching.statistics().stale_served == 1


async def test_of_two_processes_that_ask_behind_what_they_give_one_does(cloud: Cloud) -> None:
    clients = [cloud.process(), cloud.process()]
    await asyncio.gather(*(client.ask(COUNT) for client in clients))
    cloud.store.seconds += 150
    assert {(await client.ask(COUNT)).value for client in clients} == {1}
    await idle()
    assert {(await client.ask(COUNT)).value for client in clients} == {2}
    assert cloud.asked == 2


async def test_an_answer_that_cannot_change_is_shared_for_a_day(cloud: Cloud) -> None:
    final = admin(lasts=lambda value: FINAL)
    await cloud.process().ask(final)
    cloud.store.seconds += 86_000
    await cloud.process().ask(final)
    assert cloud.asked == 1


async def test_an_answer_that_says_how_long_it_lasts_is_read_so_by_every_process(cloud: Cloud) -> None:
    brief = admin(lasts=lambda value: timedelta(seconds=10))
    await cloud.process().ask(brief)
    cloud.store.seconds += 11
    assert (await cloud.process().ask(brief)).value == {"count": 2}


async def test_what_the_run_store_keeps_is_handed_on_for_a_minute_and_not_in_memory(cloud: Cloud) -> None:
    stored = admin(kept=False, lasts=lambda value: FINAL)
    one, other = cloud.process(), cloud.process()
    await asyncio.gather(one.ask(stored), other.ask(stored))
    assert cloud.asked == 1
    assert (one.caching.statistics().entries, other.caching.statistics().entries) == (0, 0)
    cloud.store.seconds += 61
    await one.ask(stored)
    assert cloud.asked == 2


async def test_out_of_reach_each_process_asks_for_itself(cloud: Cloud) -> None:
    cloud.store.away = True
    clients = [cloud.process(), cloud.process()]
    for _ in range(2):
        assert [(await client.ask(COUNT)).value for client in clients] == [1, 2]
    assert (await clients[0].ask(COUNT, refresh=True)).value == 3
    cloud.store.away = False
    assert (await clients[0].ask(COUNT, refresh=True)).value == 4
    assert (await cloud.process().ask(COUNT)).value == 4


async def test_a_body_that_cannot_be_read_counts_as_none(cloud: Cloud) -> None:
    await cloud.process().ask(COUNT)
    (key,) = cloud.store.kept
    cloud.store.kept[key] = ('{"number": 7}', *cloud.store.kept[key][1:])
    assert (await cloud.process().ask(COUNT)).value == 2
    assert (await cloud.process().ask(COUNT)).value == 2


async def test_what_one_process_invalidates_no_other_gives_any_more(cloud: Cloud) -> None:
    one, other, third = cloud.process(), cloud.process(), cloud.process()
    things = [COUNT, admin(name="others", scope="runs")]
    for client in (one, other):
        for thing in things:
            await client.ask(thing)
    assert await one.invalidate("jobs") == 1
    cloud.store.seconds += 1
    asked = cloud.asked
    assert (await other.ask(COUNT)).value == asked + 1
    assert (await one.ask(COUNT)).value == asked + 1
    await other.ask(things[1])
    await third.ask(things[1])
    assert cloud.asked == asked + 1, "the other scope is still known"


async def test_another_token_and_another_account_share_nothing(cloud: Cloud) -> None:
    await cloud.process().ask(COUNT)
    assert (await cloud.process(token="another").ask(COUNT)).value == 2
    assert (await cloud.process(account_id="2").ask(COUNT)).value == 3
    assert not any("another" in repr(key) for key in cloud.store.kept)


async def test_an_account_that_only_this_process_reaches_shares_nothing(cloud: Cloud) -> None:
    client = DbtClient(wire_to(cloud.upstream), CachingStrategy(), FakeTier(cloud.store))
    await client.ask(COUNT)
    assert await client.invalidate() == 1
    assert (cloud.store.kept, cloud.store.reads, cloud.store.drops) == ({}, 0, [])


async def test_an_account_that_shares_nothing_makes_no_key(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def key(self: Bodies, operation: object) -> None:
        raise AssertionError("a key that nobody needs")

    monkeypatch.setattr(Bodies, "_key", key)
    client = DbtClient(wire_to(cloud.upstream), CachingStrategy(100), FakeTier(cloud.store))
    assert (await client.ask(COUNT)).value == 1


async def test_without_the_packages_metadata_answers_are_shared_all_the_same(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(bodies, "version", version)
    bodies._release.cache_clear()
    try:
        assert [(await cloud.process().ask(COUNT)).value for _ in range(2)] == [1, 1]
    finally:
        bodies._release.cache_clear()


async def test_where_caching_is_switched_off_nothing_is_shared(cloud: Cloud) -> None:
    tier = FakeTier(cloud.store)
    client = DbtClient(NetworkedWire(cloud.upstream), CachingStrategy(enable_caching=False), tier)
    await client.ask(COUNT)
    assert (cloud.store.kept, cloud.store.reads) == ({}, 0)


async def test_what_is_shared_keeps_until_dbt_cloud_is_back(cloud: Cloud) -> None:
    one = cloud.process()
    await one.ask(COUNT)
    cloud.store.seconds += 1000
    cloud.failure = httpx.Response(503)
    assert (await one.ask(COUNT)).stale
    with pytest.raises(Unreachable):
        await cloud.process().ask(COUNT)


async def test_that_something_is_not_there_is_not_shared(cloud: Cloud) -> None:
    cloud.failure = httpx.Response(404, json={})
    for number in (1, 2):
        with pytest.raises(NotFound):
            await cloud.process().ask(RUN)
        assert cloud.asked == number


async def test_what_is_gone_does_not_come_back_from_before(cloud: Cloud) -> None:
    one, other = cloud.process(), cloud.process()
    final = replace(RUN, lasts=lambda value: FINAL)
    await one.ask(final)
    cloud.failure = httpx.Response(404, json={})
    cloud.store.seconds += 10
    with pytest.raises(NotFound):
        await one.ask(final, refresh=True)
    for client, later in ((other, 0), (one, 31), (other, 31)):
        cloud.store.seconds += later
        with pytest.raises(NotFound):
            await client.ask(final)
    cloud.failure = None
    cloud.store.seconds += 31
    again = await one.ask(final)
    assert await other.ask(final) == again, "what is there again is shared again"


async def test_what_is_gone_does_not_come_back_from_a_tier_that_could_not_be_told(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = cloud.process()
    await client.ask(RUN)
    cloud.failure, cloud.store.away = httpx.Response(404, json={}), True
    monkeypatch.setattr(client.wire, "now", lambda: NOW + timedelta(seconds=10))
    with pytest.raises(NotFound):
        await client.ask(RUN, refresh=True)
    cloud.store.away = False
    cloud.store.seconds += 40
    with pytest.raises(NotFound):
        await client.ask(RUN)


async def test_the_parts_of_a_batch_are_shared_one_by_one_in_any_other_batches(cloud: Cloud) -> None:
    assert await values(cloud.process(), [1, 2, 3, 4, 5, 6]) == [1, 4, 9, 16, 25, 36]
    cloud.upstream.requests.clear()
    other = cloud.process()
    assert await values(other, [9, 6, 1, 8, 3, 7]) == [81, 36, 1, 64, 9, 49]
    assert [sorted(each.values()) for each in cloud.upstream.variables] == [[7, 8, 9]]
    assert other.caching.statistics().shared_hits == 3


async def test_processes_that_ask_the_same_batches_at_once_send_each_once(cloud: Cloud) -> None:
    for number, refresh in ((3, False), (6, True)):
        clients = [cloud.process(), cloud.process()]
        for found in await asyncio.gather(*(values(each, range(10), refresh=refresh) for each in clients)):
            assert found == [n * n for n in range(10)]
        assert cloud.asked == number
        cloud.store.seconds += 1


async def test_closing_closes_the_second_tier(cloud: Cloud) -> None:
    tier = FakeTier(cloud.store)
    await DbtClient(NetworkedWire(cloud.upstream), CachingStrategy(), tier).aclose()
    assert tier.closed


async def test_what_a_finished_run_made_old_is_dropped_for_every_process(cloud: Cloud) -> None:
    one, other = cloud.process(), cloud.process()
    of_job = admin(variables=(("job_definition_id", "2"),), parse=lambda data: data["count"])
    of_another = admin(variables=(("job_definition_id", "3"),), parse=lambda data: data["count"])
    for process in (one, other):
        assert [(await process.ask(each)).value for each in (of_job, of_another)] == [1, 2]
    cloud.store.seconds += 2
    assert await one.invalidate_run(FinishedRun("7", job_id="2")) == 1
    assert (await one.ask(of_another)).value == 2  # known here, and not of the run's job
    cloud.store.seconds += 2
    assert (await one.ask(of_job)).value == 3
    assert (await other.ask(of_job)).value == 3
    assert (await other.ask(of_another)).value == 4  # the others are told of scopes alone
