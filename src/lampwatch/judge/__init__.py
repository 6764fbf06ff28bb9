"""Observations and control -> verdicts, by versioned rules. Pure: no clock, no network, no store."""
