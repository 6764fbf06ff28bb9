"""Fingerprint lists on disk -> one named snapshot."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.fingerprints import fingerprints_version, read_fingerprints
from lampwatch.model.errors import UserError
from lampwatch.model.fingerprint import Fingerprint

MAX_LIST_BYTES: Final = 64 * 1024 * 1024
"""The largest list that is read; real ones are under 300 KB."""


class FingerprintSnapshot(msgspec.Struct, frozen=True):
    """All fingerprints of a run, their version, and the rows that are left out, each with its reason."""

    fingerprints: tuple[Fingerprint, ...]
    malformed: tuple[MalformedRow, ...]
    version: str


def load_fingerprints(paths: Iterable[Path]) -> FingerprintSnapshot:
    """Read lists and folders of lists (their *.csv) as one snapshot, whatever their order.

    Raises UserError where a list cannot be read, or a folder holds none.
    """
    fingerprints: list[Fingerprint] = []
    malformed: list[MalformedRow] = []
    for file in sorted({file for path in paths for file in lists_in(path)}):
        rows = read_fingerprints(_content(file), str(file))
        fingerprints += rows.fingerprints
        malformed += rows.malformed
    return FingerprintSnapshot(tuple(fingerprints), tuple(malformed), fingerprints_version(fingerprints))


def lists_in(path: Path) -> list[Path]:
    """The lists that a path names: itself, or a folder's *.csv. Raises UserError where there is none."""
    try:
        found = (
            [file for file in path.iterdir() if file.suffix.lower() == ".csv"] if path.is_dir() else [path]
        )
    except OSError as error:
        raise UserError(_unreadable(path, error)) from error
    if not found:
        message = f"{path} holds no *.csv: give the folder of OONI's blocking-fingerprints, or a list itself."
        raise UserError(message)
    return found


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_LIST_BYTES + 1)
    except OSError as error:
        raise UserError(_unreadable(path, error)) from error
    if len(content) > MAX_LIST_BYTES:
        message = f"{path} is larger than {MAX_LIST_BYTES} bytes: it is no list of fingerprints."
        raise UserError(message)
    return content


def _unreadable(path: Path, error: OSError) -> str:
    return f"cannot read fingerprints from {path}: {error.strerror or error}."
