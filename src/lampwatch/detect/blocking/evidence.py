"""What detection of blocking looks at, under the name that this room has for it; the store makes the same."""

from lampwatch.formats.vote_tables import Evidence

__all__ = ["Evidence"]
