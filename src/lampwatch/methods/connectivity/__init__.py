"""Connectivity: what is left of the Internet where nothing works (README.md)."""
