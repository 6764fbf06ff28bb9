"""CSV of strangers, row by row: what is wrong with one row never costs the others."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

import msgspec

from lampwatch.formats.printable import printable

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class MalformedRow(msgspec.Struct, frozen=True):
    """A row that cannot be used: where it stood (its last line, from 1) and why it is left out."""

    source: str
    line: int
    reason: str


class RowError(ValueError):
    """Why one row is left out."""


class _CsvReader(Protocol):
    """What csv.reader gives; the type has no public name."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


class CsvRows:
    """The rows of one file's bytes, first its header and then all that are not blank.

    malformed holds those that are no CSV, and those that the reader of this left out.
    """

    def __init__(self, content: bytes, source: str, *, delimiter: str = ",") -> None:
        # A row in another encoding must not cost the others: its bytes become surrogates, and the row is left out.
        text = content.decode("utf-8-sig", "surrogateescape")
        self._reader: _CsvReader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
        self._source = source
        self.malformed: list[MalformedRow] = []
        self.header: list[str] = next(iter(self), [])
        """The first row; empty where there is none."""
        self.malformed.clear()

    def __iter__(self) -> Iterator[list[str]]:
        while True:
            try:
                row = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.leave_out(f"not CSV: {error}")
                continue
            if any(row):
                yield row

    def leave_out(self, reason: str) -> None:
        """Count the row that came last as malformed. The reason may quote it."""
        self.malformed.append(MalformedRow(self._source, self._reader.line_num, printable(reason)))


def is_utf8(row: Iterable[str]) -> bool:
    """Whether all cells of a row were text in UTF-8."""
    return not any(_SURROGATE.search(cell) for cell in row)
