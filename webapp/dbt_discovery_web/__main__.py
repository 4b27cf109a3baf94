"""`python -m dbt_discovery_web` is the command `dbt-discovery`."""

from __future__ import annotations

from dbt_discovery_web.cli import main

if __name__ == "__main__":
    main(prog_name="dbt-discovery")
