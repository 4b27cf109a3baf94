"""Raw records as the Admin API writes them, odd nulls and three timestamp formats included (quirks: timestamps)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from dbt_cloud_sandbox.admin.logs import step_logs
from dbt_cloud_sandbox.humanize import clock, span
from dbt_cloud_sandbox.records import (
    CANCELLED,
    ERROR,
    QUEUED,
    RUNNING,
    STARTING,
    STATUS_NAMES,
    SUCCESS,
    Account,
    Environment,
    Job,
    Project,
    Run,
    RunStep,
)
from dbt_cloud_sandbox.world import World

STATUS_COLORS = {SUCCESS: "#43b53d", ERROR: "#e34d4c", CANCELLED: "#8c8c8c"}


def spaced(moment: datetime | None) -> str | None:
    """The format of runs and of v3: a space between date and time."""
    return moment.isoformat(sep=" ", timespec="microseconds") if moment else None


def joined(moment: datetime | None) -> str | None:
    """The format of jobs and accounts: a T between date and time."""
    return moment.isoformat(timespec="microseconds") if moment else None


def account(record: Account) -> dict[str, Any]:
    """An account."""
    return {
        "id": record.id,
        "name": record.name,
        "state": 1,
        "plan": record.plan,
        "pending_cancel": False,
        "run_slots": 15,
        "queue_limit": 50,
        "run_duration_limit_seconds": 86400,
        "locked": False,
        "identifier": record.name.lower().replace(" ", "-"),
        "docs_job_id": None,
        "freshness_job_id": None,
        "created_at": joined(record.created_at),
        "updated_at": joined(record.created_at),
    }


def project(record: Project) -> dict[str, Any]:
    """A project; its connection and repository are null unless asked for, and here even then."""
    return {
        "id": record.id,
        "account_id": record.account_id,
        "name": record.name,
        "description": record.description,
        "state": 1,
        "dbt_project_subdirectory": None,
        "connection_id": None,
        "repository_id": None,
        "semantic_layer_config_id": None,
        "skipped_setup": False,
        "docs_job_id": None,
        "freshness_job_id": None,
        "docs_job": None,
        "freshness_job": None,
        "connection": None,
        "repository": None,
        "environments": None,
        "group_permissions": [],
        "created_at": spaced(record.created_at),
        "updated_at": spaced(record.created_at),
    }


def environment(record: Environment, project_record: Project | None = None) -> dict[str, Any]:
    """An environment."""
    return {
        "id": record.id,
        "account_id": record.account_id,
        "project_id": record.project_id,
        "name": record.name,
        "type": record.type,
        "deployment_type": record.deployment_type,
        "dbt_version": record.dbt_version,
        "raw_dbt_version": record.dbt_version,
        "use_custom_branch": False,
        "custom_branch": None,
        "supports_docs": record.type == "deployment",
        "credentials_id": None,
        "connection_id": None,
        "extended_attributes_id": None,
        "state": 1,
        "project": project(project_record) if project_record else None,
        "connection": None,
        "credentials": None,
        "repository": None,
        "created_at": spaced(record.created_at),
        "updated_at": spaced(record.created_at),
    }


def job(record: Job, world: World, related: Collection[str] = ()) -> dict[str, Any]:
    """A job; ``next_run`` is null when it is not scheduled, though its cron is there."""
    next_run, now = world.next_run(record.id), world.second()
    runs = world.ledger().where("job_id", record.id) if "most_recent" in "".join(related) else ()
    runs = sorted(runs, key=lambda run: run.created_at)  # ids of artifacts' runs are hashes, and tell no order
    done = [run for run in runs if run.finished_at is not None]
    home = next(e for e in world.environments() if e.id == record.environment_id)
    body: dict[str, Any] = {
        "id": record.id,
        "account_id": record.account_id,
        "project_id": record.project_id,
        "environment_id": record.environment_id,
        "name": record.name,
        "description": record.description,
        "dbt_version": None,
        "raw_dbt_version": None,
        "deferring_environment_id": None,
        "deferring_job_definition_id": None,
        "execute_steps": list(record.execute_steps),
        "execution": {"timeout_seconds": record.timeout_seconds},
        "generate_docs": record.generate_docs,
        "run_generate_sources": record.run_generate_sources,
        "generate_sources": record.run_generate_sources,
        "is_deferrable": False,
        "job_type": record.job_type,
        "lifecycle_webhooks": False,
        "lifecycle_webhooks_url": None,
        "run_failure_count": 0,
        "settings": {"threads": record.threads, "target_name": record.target_name},
        "state": 1,
        "triggers_on_draft_pr": False,
        "triggers": {
            "github_webhook": record.job_type == "ci",
            "git_provider_webhook": None,
            "custom_branch_only": None,
            "on_merge": None,
            "schedule": record.scheduled,
        },
        "job_completion_trigger_condition": None,
        "schedule": {
            "cron": record.cron,
            "date": {"type": "custom_cron", "cron": record.cron},
            "time": {"type": "every_hour", "interval": 1},
        },
        "cron_humanized": record.cron_humanized,
        "next_run": joined(next_run),
        "next_run_humanized": span(next_run - now) if next_run else None,
        "created_at": joined(record.created_at),
        "updated_at": joined(record.created_at),
        "account": None,
        "project": None,
        "environment": environment(home) if "environment" in related else None,
    }
    if "most_recent_run" in related:
        body["most_recent_run"] = run(runs[-1], world) if runs else None
    if "most_recent_completed_run" in related:
        body["most_recent_completed_run"] = run(done[-1], world) if done else None
    return body


def run(record: Run, world: World, related: Collection[str] = ()) -> dict[str, Any]:
    """A run. Related objects are null, and the steps an empty list, unless asked for."""
    now, status = world.second(), record.status
    ended = record.finished_at or now
    queued = (record.started_at or ended) - record.created_at
    ran = ended - record.started_at if record.started_at else timedelta()
    path = f"{record.account_id}/projects/{record.project_id}/runs/{record.id}"
    updated = record.finished_at or record.started_at or record.dequeued_at or record.created_at
    return {
        "id": record.id,
        "trigger_id": record.id + 1,
        "account_id": record.account_id,
        "environment_id": record.environment_id,
        "project_id": record.project_id,
        "job_definition_id": record.job_id,
        "job_id": record.job_id,
        "status": status,
        "status_humanized": STATUS_NAMES[status],
        "status_message": record.status_message,
        "dbt_version": record.dbt_version,
        "git_branch": record.git_branch,
        "git_sha": record.git_sha,
        "owner_thread_id": None,
        "executed_by_thread_id": f"dbt-run-{record.id}" if record.started_at else None,
        "deferring_run_id": None,
        "retrying_run_id": None,
        "artifacts_saved": record.has_artifacts,
        "artifact_s3_path": f"runs/{record.id}/artifacts/target" if record.has_artifacts else None,
        "has_docs_generated": record.has_docs_generated,
        "has_sources_generated": record.has_sources_generated,
        "notifications_sent": record.finished_at is not None,
        "blocked_by": list(record.blocked_by),
        "created_at": spaced(record.created_at),
        "updated_at": spaced(updated),
        "dequeued_at": spaced(record.dequeued_at),
        "started_at": spaced(record.started_at),
        "finished_at": spaced(record.finished_at),
        "last_checked_at": None,
        "last_heartbeat_at": None,
        "should_start_at": spaced(record.created_at),
        "in_progress": status in (QUEUED, STARTING, RUNNING),
        "is_complete": status in (SUCCESS, ERROR, CANCELLED),
        "is_success": status == SUCCESS,
        "is_error": status == ERROR,
        "is_cancelled": status == CANCELLED,
        "is_running": None,
        "used_repo_cache": None,
        "duration": clock(ended - record.created_at),
        "queued_duration": clock(queued),
        "run_duration": clock(ran),
        "duration_humanized": span(ended - record.created_at),
        "queued_duration_humanized": span(queued),
        "run_duration_humanized": span(ran),
        "created_at_humanized": f"{span(now - record.created_at)} ago",
        "finished_at_humanized": f"{span(now - ended)} ago" if record.finished_at else "0 minutes from now",
        "href": f"https://{world.account.host}/deploy/{path}/",
        **_related(record, world, related),
    }


def _related(record: Run, world: World, related: Collection[str]) -> dict[str, Any]:
    jobs = [job(j, world) for j in world.jobs() if j.id == record.job_id] if "job" in related else []
    homes = [e for e in world.environments() if e.id == record.environment_id] if "environment" in related else []
    steps = [run_step(record, step, world) for step in record.steps] if "run_steps" in related else []
    return {
        "trigger": _trigger(record) if "trigger" in related else None,
        "job": jobs[0] if jobs else None,
        "environment": environment(homes[0]) if homes else None,
        "run_steps": steps,
    }


def _trigger(record: Run) -> dict[str, Any]:
    return {
        "id": record.id + 1,
        "cause": record.cause,
        "cause_category": record.cause_category,
        "job_definition_id": record.job_id,
        "git_branch": record.git_branch,
        "git_sha": record.git_sha,
        "github_pull_request_id": record.pull_request_id,
        "created_at": spaced(record.created_at),
    }


def run_step(record: Run, step: RunStep, world: World) -> dict[str, Any]:
    """One step of a run with its console log."""
    ended = step.finished_at or world.second()
    taken = ended - step.started_at if step.started_at else timedelta()
    return {
        "id": record.id * 10 + step.index,
        "run_id": record.id,
        "account_id": record.account_id,
        "index": step.index,
        "name": step.name,
        "status": step.status,
        "status_humanized": STATUS_NAMES[step.status],
        "status_color": STATUS_COLORS.get(step.status, "#0094b3"),
        "logs": step_logs(record, step, world),
        "debug_logs": None,
        "truncated_debug_logs": None,
        "log_path": None,
        "debug_log_path": None,
        "created_at": spaced(record.created_at),
        "updated_at": spaced(step.finished_at or step.started_at),
        "started_at": spaced(step.started_at),
        "finished_at": spaced(step.finished_at),
        "duration": clock(taken),
        "duration_humanized": span(taken),
    }
