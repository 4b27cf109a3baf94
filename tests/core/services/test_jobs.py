"""What is asked about jobs."""

from __future__ import annotations

import json

import httpx
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.jobs import JobService

from tests.core.upstream import Upstream, rows, wire_to


async def test_related_objects_are_asked_for_with_one_json_array() -> None:
    upstream = Upstream(lambda request: rows(request, 0))
    await JobService(DbtClient(wire_to(upstream), CachingStrategy())).jobs()
    asked = [httpx.QueryParams(request.url.query).get_list("include_related") for request in upstream.requests]
    assert [json.loads(text) for (text,) in asked] == [["most_recent_run", "most_recent_completed_run"]]


async def test_jobs_are_asked_for_in_the_second_version_where_alone_they_are() -> None:
    upstream = Upstream(lambda request: rows(request, 0))
    await JobService(DbtClient(wire_to(upstream), CachingStrategy())).jobs()
    assert upstream.paths == ["/api/v2/accounts/1/jobs/"]
