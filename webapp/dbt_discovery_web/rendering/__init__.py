"""Reports as people read them outside a browser: a table in a terminal, plain text in a pipe, CSV in a spreadsheet."""

from __future__ import annotations

from dbt_discovery_web.rendering.comma_separated import report_csv
from dbt_discovery_web.rendering.printing import print_report, print_table
from dbt_discovery_web.rendering.words import one_line, source_line

__all__ = ["one_line", "print_report", "print_table", "report_csv", "source_line"]
