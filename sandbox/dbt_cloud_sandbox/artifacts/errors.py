"""What can be wrong with a folder of artifacts."""

from __future__ import annotations


class ArtifactsError(Exception):
    """The folder cannot be a world: it is missing, or no run in it can be used."""
