"""The command `dbt-discovery`, also as `python -m dbt_discovery_web`.

The base install has the command but not what it is made of: then it says which extra brings that.
"""

from __future__ import annotations

import sys

__all__ = ["run"]


def run() -> None:
    """Runs the command line."""
    try:
        from dbt_discovery_web.cli import main
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("dbt_discovery"):
            raise
        sys.stderr.write(f"Error: The command line lacks {error.name}: run pip install 'dbt-discovery[web]'.\n")
        sys.exit(3)
    main(prog_name="dbt-discovery")


if __name__ == "__main__":
    run()
