"""dbt Discovery: answers to reporting questions about a dbt account, with numbers that code computed.

from dbt_discovery import DbtAccount, ModelFilter

dbt = DbtAccount(token="…", account_id="…")
slow = dbt.get_slowest_models(slowest_n=5, filter=ModelFilter(tags=["marketing"]))
report = dbt.run_report("longest_running_jobs", period="last_week")
"""

from __future__ import annotations

from dbt_discovery.account import DbtAccount
from dbt_discovery.account import DbtAccount as dbtAccount
from dbt_discovery.analysis.freshness import ModelFreshness
from dbt_discovery.analysis.lineage import Lineage, LineageNode
from dbt_discovery.cache.statistics import CacheStatistics
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
from dbt_discovery.history.records import StoredSource
from dbt_discovery.models.base import FreshnessStatus, NodeStatus, RunStatus
from dbt_discovery.models.filters import JobFilter, ModelFilter, ProjectFilter, RunFilter, SearchFilter
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.records import SourceFreshness
from dbt_discovery.models.report import Report, Source
from dbt_discovery.progress import Progress, watch
from dbt_discovery.resources.job import Job
from dbt_discovery.resources.model import Model
from dbt_discovery.resources.model_run import ModelRun
from dbt_discovery.resources.project import Project
from dbt_discovery.resources.rankings import JobRanking, ModelRanking
from dbt_discovery.resources.run import Run
from dbt_discovery.resources.runtime_reports import ModelRuntime, RuntimeReport
from dbt_discovery.settings import Settings
from dbt_discovery.upkeep import Fetched, Statistics, StoreInfo
from dbt_discovery.view import AccountView
from dbt_discovery.vocabulary import Vocabulary

__all__ = [
    "AccountView",
    "AmbiguousName",
    "BlockingCall",
    "CacheStatistics",
    "CachingStrategy",
    "ComplexityExceeded",
    "ConfigurationError",
    "DbtAccount",
    "DbtDiscoveryError",
    "Fetched",
    "FreshnessStatus",
    "InvalidArgument",
    "Job",
    "JobFilter",
    "JobRanking",
    "Lineage",
    "LineageNode",
    "Listing",
    "MissingToken",
    "Model",
    "ModelFilter",
    "ModelFreshness",
    "ModelRanking",
    "ModelRun",
    "ModelRuntime",
    "NodeStatus",
    "NotFound",
    "PermissionDenied",
    "Progress",
    "Project",
    "ProjectFilter",
    "QueryRejected",
    "RateLimited",
    "Report",
    "Run",
    "RunFilter",
    "RunStatus",
    "RuntimeReport",
    "SearchFilter",
    "Settings",
    "Source",
    "SourceFreshness",
    "Statistics",
    "StoreInfo",
    "StoredSource",
    "Unauthorized",
    "UnexpectedResponse",
    "Unreachable",
    "UpstreamError",
    "Vocabulary",
    "dbtAccount",
    "watch",
]
