"""Lampwatch's own CSV of series, as `lampwatch series export` writes it."""

from collections.abc import Iterator
from typing import Final

from lampwatch.formats import series_csv
from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.series import Values
from lampwatch.signals.importing import Options
from lampwatch.signals.table import header_of

NAME: Final = "series-csv"
ABOUT: Final = "Lampwatch's own CSV of series, as `series export` writes it"
LICENCE: Final = ""
DELAY_S: Final = 0


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """The columns that every such file has."""
    return series_csv.is_ours(header_of(head))


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:  # noqa: ARG001  it says all itself
    """Give the series as they were written, with when each value arrived."""
    return series_csv.read(content, name)
