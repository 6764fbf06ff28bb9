"""Throttling: does a body come slower under the target's name than under another on the same path (README.md)."""
