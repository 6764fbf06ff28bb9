"""Tables of strangers: CSV with a header, whatever its order of columns."""

import re
from collections.abc import Iterator
from typing import Final

from lampwatch.formats.csv_rows import CsvRows, MalformedRow, is_utf8
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError

_COMMENTS: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))+")
_DELIMITERS: Final = b",;\t"


def _without_comments(content: bytes) -> bytes:
    """The same without comments before the header; their lines stay, blank, so that lines keep their numbers."""
    before = _COMMENTS.match(content)
    if before is None:
        return content
    return b"\n" * len(before.group().splitlines()) + content[before.end() :]


def header_of(head: bytes) -> list[str]:
    """The names of a table's columns, in lower case, by the first bytes of it; empty where they are no table."""
    line = _without_comments(head).lstrip(b"\r\n").partition(b"\n")[0]
    if b"\0" in line or line[:1] in {b"{", b"["}:
        return []
    return [name.strip().lower() for name in CsvRows(line, "", delimiter=_delimiter(line)).header]


def _delimiter(line: bytes) -> str:
    """What stands between cells: the one of comma, semicolon and tab that the header has most of."""
    return max((bytes([one]) for one in _DELIMITERS), key=line.count).decode()


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


class Table:
    """The rows of one file below its header, each as long as the header. Names of columns are in lower case.

    malformed holds the rows that are left out, with the reasons.
    """

    def __init__(self, content: bytes, name: str) -> None:
        """Read the header. Raises UserError where there is none."""
        plain = _without_comments(content)
        first = plain.lstrip(b"\r\n").partition(b"\n")[0]
        self._rows = CsvRows(plain, name, delimiter=_delimiter(first))
        self.columns = [column.strip().lower() for column in self._rows.header]
        if not any(self.columns):
            raise UserError(f"{printable(name)} is empty or no CSV; nothing was read from it")
        self._name = name
        self._is_utf8 = _is_utf8(content)

    def column(self, *names: str) -> int | None:
        """Where the first of these columns that is there stands; None where there is none of them."""
        return next((self.columns.index(name) for name in names if name in self.columns), None)

    def needed(self, *names: str) -> int:
        """As column. Raises UserError where there is none of them."""
        found = self.column(*names)
        if found is None:
            shown = ", ".join(printable(name[:20]) for name in self.columns[:12])
            raise UserError(
                f"{printable(self._name)} has no column {' or '.join(names)}, only {shown}; "
                "say what its columns mean with --map FILE.toml"
            )
        return found

    def __iter__(self) -> Iterator[list[str]]:
        width = len(self.columns)
        for row in self._rows:
            if len(row) < width or any(row[width:]):
                self.leave_out(f"has {len(row)} cells instead of {width}")
            elif not (self._is_utf8 or is_utf8(row)):
                self.leave_out("is not UTF-8")
            else:
                yield row

    def leave_out(self, reason: str) -> None:
        """Count the row that came last as one that cannot be used."""
        self._rows.leave_out(reason)

    @property
    def malformed(self) -> list[MalformedRow]:
        """The rows left out so far."""
        return self._rows.malformed
