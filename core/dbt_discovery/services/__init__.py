"""Everything that speaks to dbt Cloud."""
