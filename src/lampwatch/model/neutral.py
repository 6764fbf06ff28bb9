"""A name that nobody blocks, asked for beside a service's own: what befalls it too is not about the service."""

from typing import Final

NEUTRAL_NAME: Final = "example.org"
"""Kept by IANA for examples (RFC 2606), up for decades, and of no interest to anybody."""
