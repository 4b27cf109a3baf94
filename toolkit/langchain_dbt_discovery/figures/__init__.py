"""The guard of figures: no number of a model's prose is seen that was not found in a report."""

from __future__ import annotations

from langchain_dbt_discovery.figures.evidence import Evidence
from langchain_dbt_discovery.figures.release import LEFT_OUT, NO_REPORT, Release

__all__ = ["LEFT_OUT", "NO_REPORT", "Evidence", "Release"]
