"""Snapshots of address data at rest: one folder each, named by content, and one file that says which is in force.

    references/geoip/current                       the name of the folder in force
    references/geoip/geoip-asn…-country…-1a2b3c4d/ asn.mmdb, country.mmdb, names.csv, snapshot.json

Nothing is changed in place, so a run that holds a snapshot open keeps it, and a failed update changes nothing.
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from lampwatch.formats.mmdb import AddressBook
from lampwatch.model.errors import UserError
from lampwatch.store.durable import sync

GEOIP: Final = Path("references") / "geoip"
"""Where address data lives in the data directory."""
CURRENT: Final = "current"
NAMES: Final = "names.csv"
RECORD: Final = "snapshot.json"

_FOLDER: Final = re.compile(r"geoip-[a-z0-9-]{1,80}")
_BLOCK: Final = 1024 * 1024


class SnapshotFile(msgspec.Struct, frozen=True):
    """One file of a snapshot: what it answers (`asn` or `country`), whence and from when it is, and under what terms.

    data_date is YYYY-MM-DD. caveat is what its publisher warns of, empty where there is nothing.
    """

    role: str
    file: str
    data_date: str
    sha256: str
    size: int
    source: str
    licence: str = ""
    attribution: str = ""
    caveat: str = ""


class Snapshot(msgspec.Struct, frozen=True):
    """Address data as verdicts cite it. made_at is UTC, ISO 8601; folder is where its files are."""

    version: str
    made_at: str
    files: tuple[SnapshotFile, ...]

    def path_of(self, role: str, folder: Path) -> Path | None:
        """The file for a role, None where the snapshot has none."""
        return next((folder / f.file for f in self.files if f.role == role), None)


def version_of(files: Sequence[SnapshotFile]) -> str:
    """Name files by their dates and content: `geoip-asn20260617-country20260617-1a2b3c4d`."""
    ordered = sorted(files, key=lambda f: f.role)
    dates = "-".join(f"{f.role}{f.data_date.replace('-', '')}" for f in ordered)
    digest = hashlib.sha256("\n".join(f"{f.role} {f.sha256}" for f in ordered).encode()).hexdigest()
    return f"geoip-{dates}-{digest[:8]}"


def in_force(directory: Path) -> tuple[Snapshot, Path] | None:
    """The snapshot in force in a data directory and its folder; None where none was ever fetched.

    Raises UserError where its record is damaged.
    """
    home = directory / GEOIP
    pointer = home / CURRENT
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(_damaged(pointer, error)) from error
    if not _FOLDER.fullmatch(name):
        raise UserError(_damaged(pointer, f"{name[:40]!r} names no snapshot"))
    record = home / name / RECORD
    try:
        snapshot = msgspec.json.decode(record.read_bytes(), type=Snapshot)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(_damaged(record, error)) from error
    if any(Path(f.file).name != f.file for f in snapshot.files):
        raise UserError(_damaged(record, "it names a file elsewhere"))
    return snapshot, home / name


def open_networks(directory: Path) -> AddressBook | None:
    """The address book in force in a data directory, None where there is none. Raises UserError as in_force does."""
    found = in_force(directory)
    if found is None:
        return None
    snapshot, folder = found
    names = folder / NAMES
    return AddressBook(
        asn=snapshot.path_of("asn", folder),
        country=snapshot.path_of("country", folder),
        version=snapshot.version,
        names=names if names.exists() else None,
    )


def put_in_force(home: Path, made: Path, snapshot: Snapshot) -> Path:
    """Give a finished folder its name and put it in force, all or nothing; return where it is.

    A snapshot of the same content that is there already stays as it is.
    """
    (made / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(snapshot)) + b"\n")
    for file in made.iterdir():
        sync(file)
    sync(made)
    folder = home / snapshot.version
    if not (folder / RECORD).exists():
        made.rename(folder)
    pointer = home / f"{CURRENT}.new"
    pointer.write_text(f"{snapshot.version}\n", encoding="utf-8")
    sync(pointer)
    pointer.replace(home / CURRENT)
    sync(home)
    return folder


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _damaged(path: Path, why: object) -> str:
    return f"{path} is damaged ({why}): run `lampwatch geoip update` to replace it."
