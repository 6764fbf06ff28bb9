"""Label files of any kind we know -> labels. What a file is, is told by its content.

Known: IODA's curated CSV, Access Now's #KeepItOn STOP dataset as CSV, Tor Metrics' news.json, and a CSV of our own.
Each may be compressed with gzip.
"""

import re
import zlib
from typing import Final

from lampwatch.formats import labels_ioda, labels_stop
from lampwatch.formats.csv_rows import CsvRows
from lampwatch.formats.label_rows import Columns, LabelRows
from lampwatch.formats.labels_ioda import read_ioda
from lampwatch.formats.labels_simple import is_simple, read_simple
from lampwatch.formats.labels_stop import read_stop
from lampwatch.formats.labels_tor import read_tor_news
from lampwatch.model.errors import UserError

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""The largest label file that is read, unpacked; the largest real one is under 5 MB."""

_GZIP: Final = b"\x1f\x8b"
_EITHER_HEADER: Final = 32 + zlib.MAX_WBITS
_COMMENT: Final = re.compile(rb"^[ \t]*#[^\r\n]*", re.MULTILINE)


def read_labels(content: bytes, source: str) -> LabelRows:
    """Read one label file's bytes; source is what to call the file. Bad rows are counted and explained.

    Raises UserError where the file is none that we know.
    """
    content = _unpacked(content, source)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}:
        return read_tor_news(content, source)
    # The lines stay, so that a row is told by the line where it stands.
    plain = content if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"#" else _COMMENT.sub(b"", content)
    rows = CsvRows(plain, source)
    columns = Columns(rows.header)
    if columns.has(*labels_ioda.NEEDED):
        return read_ioda(rows)
    if columns.has(*labels_stop.NEEDED):
        return read_stop(rows)
    if is_simple(columns):
        return read_simple(rows, source)
    raise UserError(
        f"{source} is no label file that we know: its first line needs the columns entity (or country) and begin, "
        "or those of IODA's list or of Access Now's STOP dataset"
    )


def _unpacked(content: bytes, source: str) -> bytes:
    if content.startswith(_GZIP):
        unpack = zlib.decompressobj(_EITHER_HEADER)
        try:
            content = unpack.decompress(content, MAX_FILE_BYTES + 1)
        except zlib.error as error:
            raise UserError(f"{source} is no whole gzip file: {error}") from error
    if len(content) > MAX_FILE_BYTES:
        raise UserError(f"{source} is larger than {MAX_FILE_BYTES} bytes: it is no label file")
    return content
