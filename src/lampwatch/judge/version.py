"""The rule book's version: raised by hand whenever any rule, or the facts rules rest on, change what they say."""

from typing import Final

RULES_VERSION: Final = "2026.11.1"
