"""The run store: finished runs and their per-model results, kept for ever, and summed up where they lie."""
