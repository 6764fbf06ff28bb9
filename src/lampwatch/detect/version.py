"""The version of the rules of detection, which every revision of an incident names."""

from typing import Final

DETECTOR_VERSION: Final = "2026.11.3"
"""Raised with every change of what a series is called, or an incident is made of."""
