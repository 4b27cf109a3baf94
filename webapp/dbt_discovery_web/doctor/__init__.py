"""The doctor: looks at the settings, at each API by itself, and at what is kept, and says what to do."""

from __future__ import annotations

from dbt_discovery_web.doctor.examination import examine
from dbt_discovery_web.doctor.findings import Check, Diagnosis, Status
from dbt_discovery_web.doctor.variables import Variables

__all__ = ["Check", "Diagnosis", "Status", "Variables", "examine"]
