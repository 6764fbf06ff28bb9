"""Files of series on this machine: which there are below a path, and what an importer reads from one."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.printable import printable
from lampwatch.formats.unpacked import Unpacked, unpacked
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.signals.importing import FileImporter, Options, UnrecognisedError, recognised

MOST_FILE_BYTES: Final = 2 * 1024 * 1024 * 1024
MAPPED: Final = "mapped-csv"
"""The importer that reads what a mapping file describes."""


class ReadFile(msgspec.Struct, frozen=True):
    """What one file brought: the importer that read it, its series, and the rows that are left out."""

    importer: FileImporter
    series: list[Values]
    malformed: list[MalformedRow]


def files_in(path: Path) -> Iterator[Path]:
    """Give the file of this path, or all files in this folder and below, in the order of their names.

    Hidden ones are passed over. Raises UserError where there is nothing of the kind.
    """
    if not path.is_dir():
        if not path.exists():
            raise UserError(f"{printable(str(path))} does not exist; name a file or a folder of series")
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(folder) / name


def read_file(path: Path, options: Options, wanted: str = "") -> ReadFile:
    """Read one file whole, by the importer wanted or the one that recognises it. Raises UserError where none can."""
    shown = printable(str(path))
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise UserError(f"{shown} is larger than {MOST_FILE_BYTES} bytes; split it by time or by country")
        packed = path.read_bytes()
    except OSError as error:
        raise UserError(f"{shown} cannot be read: {error.strerror or error}") from error
    file = unpacked(packed)
    content = _whole_lines(file) if file.trouble else file.content
    try:
        importer = recognised(content, str(path), MAPPED if options.mapping and not wanted else wanted)
    except UnrecognisedError as error:
        raise (UserError(f"{shown} {file.trouble}") if file.trouble else error) from None
    series: list[Values] = []
    malformed: list[MalformedRow] = []
    for one in importer.read(content, str(path), options):
        if isinstance(one, MalformedRow):
            malformed.append(one)
        elif len(one):
            series.append(one)
    if file.trouble:
        malformed.append(MalformedRow(str(path), content.count(b"\n") + 1, f"the file {file.trouble}"))
    if not series:
        first = f": line {malformed[0].line}, {malformed[0].reason}" if malformed else ""
        raise UserError(f"{shown} holds no value that can be used{first}")
    return ReadFile(importer, series, malformed)


def _whole_lines(file: Unpacked) -> bytes:
    """Content that ends early, up to the last whole line: half a number is another number."""
    return file.content[: file.content.rfind(b"\n") + 1]
