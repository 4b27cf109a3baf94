"""Processes that share a Redis, a PostgreSQL or both, and one dbt Cloud between them: real servers, real processes."""
