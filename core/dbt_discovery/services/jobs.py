"""Jobs, over the Admin API."""

from __future__ import annotations

from dbt_discovery.models.records import JobRecord
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import AdminOperation, Answer
from dbt_discovery.services.parsing import parse_job
from dbt_discovery.services.refresh import Refresh

__all__ = ["JobService"]


class JobService:
    """Answers about jobs."""

    def __init__(self, client: DbtClient) -> None:
        self._client = client
        self._jobs: AdminOperation[tuple[JobRecord, ...]] = AdminOperation(
            name="jobs",
            variables=(("include_related", '["most_recent_run","most_recent_completed_run"]'), ("order_by", "id")),
            scope="jobs",
            path="v2/accounts/{account}/jobs/",
            paged=True,
            parse=lambda rows: tuple(parse_job(row, client.wire.run_url) for row in rows),
        )

    async def jobs(self, *, refresh: bool | Refresh = False) -> Answer[tuple[JobRecord, ...]]:
        """Every job of the account, each with its most recent runs."""
        return await self._client.ask(self._jobs, refresh=refresh)
