"""Handles: what leaves the core, able to be asked more."""
