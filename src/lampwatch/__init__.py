"""Lampwatch: what is blocked or switched off on the Internet, where, how, since when, and on what evidence."""

from importlib.metadata import version
from typing import Final

__version__: Final = version("lampwatch")
