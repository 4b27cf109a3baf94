"""What failed in a run, spoken of by a word: `what depends on it`, `who owns the model that broke`."""

from __future__ import annotations

import re

__all__ = ["BROKEN", "FAILURES", "OF_NODES", "PRONOUN"]

FAILURES = frozenset({"dbt_failed_runs", "dbt_run_details"})
"""Reports that name what failed in a run."""
PRONOUN = re.compile(
    r"\b(?:(?P<many>they|them|their|those|these)(?! (?:days|weeks))|its?"
    r"|(?:that|this) (?:very )?(?:job|model|run|one|table)|(?<=\bon )(?:that|this)$|(?<=\bof )(?:that|this)$)\b"
)
BROKEN = re.compile(
    r"\bthe (?:models?|nodes?|tests?|ones?|things?) (?:that|which) (?:broke|failed|errored"
    r"|(?:is|was) (?:broken|failing))\b"
    r"|\bthe (?:failed|failing|broken) (?:models?|nodes?|ones?|tests?)\b|(?<=\bon )what (?:broke|failed)$"
)
OF_NODES = frozenset({"lineage", "health", "details", "coverage"})
"""Topics of which `it`, after a failed run, is the model that failed."""
