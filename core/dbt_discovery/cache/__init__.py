"""Answers kept: policy, store, and the questions under way."""
