"""Reports as people read them outside a browser: in a terminal, in a pipe, in a spreadsheet, in a comment."""

from __future__ import annotations

from dbt_discovery_web.rendering.comma_separated import report_csv
from dbt_discovery_web.rendering.markdown import report_markdown
from dbt_discovery_web.rendering.printing import print_report, print_table
from dbt_discovery_web.rendering.words import one_line, source_line

__all__ = ["one_line", "print_report", "print_table", "report_csv", "report_markdown", "source_line"]
