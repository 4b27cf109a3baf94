"""Attention: what is not as it should be now, told by reports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from dbt_discovery import DbtDiscoveryError
from dbt_discovery.analysis.reliability import has_failed
from dbt_discovery.models.report import Row
from dbt_discovery.reports.declaration import MOST_ROWS
from dbt_discovery.services.together import together
from dbt_discovery.words import count

from dbt_discovery_web.browse.asked import address_of, page_of
from dbt_discovery_web.browse.asking import Asking
from dbt_discovery_web.browse.trouble import Way

__all__ = ["Concern", "concerns_of"]

_NAMED = 5
"""Things that are named of each kind; the report has all."""
_STALE = ("error", "warn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One kind of thing that may need attention.

    Attributes:
        number: How many do.
        words: What they are, with their number.
        page: The report that lists them all.
        first: The first of them.
        fault: Why nobody knows, if so.
    """

    number: int = 0
    words: str
    page: str
    first: tuple[Way, ...] = ()
    fault: str = ""

    @property
    def more(self) -> int:
        """How many are not named here."""
        return self.number - len(self.first)


async def concerns_of(asking: Asking) -> Sequence[Concern]:
    """What needs attention now; each kind is asked for by itself, and fails by itself."""
    return await together(*(_told(kind, page, ask(asking)) for kind, (page, ask) in _KINDS.items()))


async def _told(kind: str, page: str, asked: Awaitable[Concern]) -> Concern:
    try:
        return await asked
    except DbtDiscoveryError as error:
        return Concern(words=f"The {kind} could not be looked at", page=page, fault=str(error))


async def _jobs(asking: Asking) -> Concern:
    """The jobs whose latest run failed, as `list_jobs` counts them: one stopped at its time limit is one of them."""
    runs = {job: job.record.last_run for job in await asking.account.aget_jobs()}
    failed = {job: run for job, run in runs.items() if run and has_failed(run)}
    newest = sorted(failed, key=lambda job: failed[job].began, reverse=True)
    return Concern(
        number=len(failed),
        words=f"{count(len(failed), 'job')} whose latest run failed",
        page=_KINDS["jobs"][0],
        first=tuple(Way(job.name, page_of("job", job.job_id)) for job in newest[:_NAMED]),
    )


async def _models(asking: Asking) -> Concern:
    report = await asking.report("failing_models", limit=_NAMED)
    return _concern("models", f"{count(report.total_rows, 'model')} failing or held up", report.rows, report.total_rows)


async def _tests(asking: Asking) -> Concern:
    report = await asking.report("failing_tests", limit=MOST_ROWS)
    failed = [row for row in report.rows if row["last_run_status"] != "warn"]
    cut = len(failed) == len(report.rows) < report.total_rows  # warnings come last
    words = f"{count(len(failed), 'test')}{' or more' if cut else ''} failing"
    return _concern("tests", words, failed, len(failed))


async def _sources(asking: Asking) -> Concern:
    report = await asking.report("source_freshness", status=_STALE, limit=_NAMED)
    return _concern("sources", f"{count(report.total_rows, 'source')} stale", report.rows, report.total_rows)


def _concern(kind: str, words: str, rows: Sequence[Row], number: int) -> Concern:
    first = tuple(_way(row) for row in rows[:_NAMED])
    return Concern(number=number, words=words, page=_KINDS[kind][0], first=first)


def _way(row: Row) -> Way:
    """Where one of them is looked at: a model or a test on the model's page, a source with what it goes into."""
    reference = f"{row['project_id']}/{row['unique_id']}"
    tested, project = row.get("tested_model_id") or "", row["project_name"] or ""
    if "source" in row:
        return Way(row["source"], address_of("lineage", {"model": reference, "direction": "downstream"}), project)
    if tested.startswith("model."):
        return Way(row["name"], page_of("model", f"{row['project_id']}/{tested}"), project)
    if row["unique_id"].startswith("model."):
        return Way(row["name"], page_of("model", reference), project)
    return Way(row["name"], "", project)


_KINDS: Mapping[str, tuple[str, Callable[[Asking], Awaitable[Concern]]]] = {
    "jobs": (address_of("list_jobs", {"order_by": "last_run"}), _jobs),
    "models": (address_of("failing_models"), _models),
    "tests": (address_of("failing_tests"), _tests),
    "sources": (address_of("source_freshness", {"status": _STALE}), _sources),
}
"""What may need attention: the report that lists it whole, and who looks."""
