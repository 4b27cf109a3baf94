"""dbt Discovery: answers to reporting questions about a dbt account, with numbers that code computed.

from dbt_discovery import DbtAccount, ModelFilter

dbt = DbtAccount(token="…", account_id="…")
slow = dbt.get_slowest_models(slowest_n=5, filter=ModelFilter(tags=["marketing"]))
report = dbt.run_report("longest_running_jobs", period="last_week")
"""

from __future__ import annotations

from dbt_discovery.account import DbtAccount
from dbt_discovery.account import DbtAccount as dbtAccount
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.exceptions import (
    AmbiguousName,
    BlockingCall,
    ComplexityExceeded,
    ConfigurationError,
    DbtDiscoveryError,
    InvalidArgument,
    MissingToken,
    NotFound,
    PermissionDenied,
    QueryRejected,
    RateLimited,
    Unauthorized,
    UnexpectedResponse,
    Unreachable,
    UpstreamError,
)
from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.filters import JobFilter, ModelFilter, ProjectFilter, RunFilter, SearchFilter
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.report import Report, Source
from dbt_discovery.resources.job import Job
from dbt_discovery.resources.model import Model
from dbt_discovery.resources.project import Project
from dbt_discovery.resources.rankings import JobRanking, ModelRanking
from dbt_discovery.resources.run import Run
from dbt_discovery.settings import Settings
from dbt_discovery.view import AccountView
from dbt_discovery.vocabulary import Vocabulary

__all__ = [
    "AccountView",
    "AmbiguousName",
    "BlockingCall",
    "CachingStrategy",
    "ComplexityExceeded",
    "ConfigurationError",
    "DbtAccount",
    "DbtDiscoveryError",
    "InvalidArgument",
    "Job",
    "JobFilter",
    "JobRanking",
    "Listing",
    "MissingToken",
    "Model",
    "ModelFilter",
    "ModelRanking",
    "NodeStatus",
    "NotFound",
    "PermissionDenied",
    "Project",
    "ProjectFilter",
    "QueryRejected",
    "RateLimited",
    "Report",
    "Run",
    "RunFilter",
    "RunStatus",
    "SearchFilter",
    "Settings",
    "Source",
    "Unauthorized",
    "UnexpectedResponse",
    "Unreachable",
    "UpstreamError",
    "Vocabulary",
    "dbtAccount",
]
