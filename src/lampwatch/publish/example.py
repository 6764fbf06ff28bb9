"""Which sources are the lab recording that Lampwatch ships, so that nobody takes it for the world."""

from collections.abc import Iterable
from typing import Final, Protocol

LABEL: Final = "Lab recording, made in Lampwatch's own laboratory \u2014 not measurements of any real network"
_PREFIXES: Final = ("example/", "example:")


class HasSource(Protocol):
    """A row that names the file or object it came from."""

    @property
    def source(self) -> str:
        """The name of the file or object."""
        ...


def is_example(row: HasSource) -> bool:
    """Whether a row came from the shipped recording."""
    return row.source.startswith(_PREFIXES)


def any_example(rows: Iterable[HasSource]) -> bool:
    """Whether some of the rows came from the shipped recording."""
    return any(is_example(row) for row in rows)
