from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_examples_of_the_page_are_what_the_command_says() -> None:
    page = runpy.run_path(str(DOCS / "write_doctor.py"))["page"]()
    assert (DOCS / "doctor.md").read_text(encoding="utf-8") == page, "run: python docs/write_doctor.py"
    assert page.count("$ dbt-discovery doctor\n") == 5
