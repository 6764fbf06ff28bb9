"""Test lists that a data directory keeps: snapshots of them at rest, and how they are brought up to date.

    references/lists/current                    the name of the folder in force
    references/lists/lists-20261123-1a2b3c4d/   global.csv, kz.csv, …, snapshot.json

Nothing is changed in place, so a failed update changes nothing, and a probe that reads a list keeps what it has read.
"""

import datetime as dt
import hashlib
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.test_list import (
    ATTRIBUTION,
    LICENCE,
    MAX_LIST_BYTES,
    TestListEntry,
    read_test_list,
)
from lampwatch.model.errors import UserError
from lampwatch.store.references.renewal import alone
from lampwatch.store.references.snapshot import (
    CURRENT,
    RECORD,
    Snapshot,
    SnapshotFile,
    put_in_force,
    sha256_of,
)
from lampwatch.store.references.web import Progress, Web

LISTS: Final = Path("references") / "lists"
"""Where test lists live in the data directory."""
GLOBAL: Final = "global"
"""The list of what is measured in every country."""
PUBLIC_LISTS: Final = "https://raw.githubusercontent.com/citizenlab/test-lists/master/lists"

_NAME: Final = re.compile(r"global|[a-z]{2}")
_FOLDER: Final = re.compile(r"lists-\d{8}-[0-9a-f]{8}")


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """How to update: where lists come from (an address, a folder or a file), the way out, the time, whom to tell."""

    place: str
    web: Web
    now: dt.datetime
    progress: Progress


class Updated(msgspec.Struct, frozen=True):
    """What is in force after an update, and the rows of the new lists that are left out."""

    snapshot: Snapshot
    malformed: tuple[MalformedRow, ...]


class _Given(msgspec.Struct, frozen=True):
    """A list that was put into the new folder: its name and date, and where it came from."""

    name: str
    date: dt.date
    source: str


def update_lists(directory: Path, countries: Collection[str], how: Update) -> Updated:
    """Put new lists in force in a data directory, all or nothing; lists that are not renewed stay as they are.

    countries are names of lists such as kz. Where none is named, a folder gives all that it holds, and an address gives
    those that are in force, and the global one. Raises UserError, with everything as it was, where anything fails.
    """
    names = sorted({_checked(country) for country in countries})
    with alone(directory / LISTS, "lampwatch lists update", "test lists") as made:
        before = lists_in_force(directory)
        given = _gathered(how, names, before, made)
        malformed: list[MalformedRow] = []
        files = [_described(one, made, malformed) for one in given]
        renewed = {one.role for one in files}
        for file in before[0].files if before else ():
            if before and file.role not in renewed:
                shutil.copyfile(before[1] / file.file, made / file.file)
                files.append(file)
        files.sort(key=lambda file: file.role)
        snapshot = Snapshot(_version_of(files), how.now.isoformat(timespec="seconds"), tuple(files))
        put_in_force(directory / LISTS, made, snapshot)
        return Updated(snapshot, tuple(malformed))


def lists_in_force(directory: Path) -> tuple[Snapshot, Path] | None:
    """The snapshot in force in a data directory and its folder; None where none was ever taken.

    Raises UserError where its record is damaged.
    """
    home = directory / LISTS
    try:
        name = (home / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(_damaged(home / CURRENT, error)) from error
    record = home / name / RECORD
    try:
        if not _FOLDER.fullmatch(name):
            raise UserError(_damaged(home / CURRENT, f"{name[:40]!r} names no snapshot"))
        snapshot = msgspec.json.decode(record.read_bytes(), type=Snapshot)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(_damaged(record, error)) from error
    if any(not _NAME.fullmatch(file.role) or file.file != f"{file.role}.csv" for file in snapshot.files):
        raise UserError(_damaged(record, "it names a file elsewhere"))
    return snapshot, home / name


def entries_in_force(
    directory: Path, names: Collection[str] | None = None
) -> Mapping[str, Sequence[TestListEntry]]:
    """The entries of the lists in force by the list's name, in order of names; all lists where none is named."""
    found = lists_in_force(directory)
    if found is None:
        return {}
    snapshot, folder = found
    entries = {}
    for file in snapshot.files:
        if names is None or file.role in names:
            try:
                entries[file.role] = read_test_list((folder / file.file).read_bytes(), file.file).entries
            except OSError as error:
                raise UserError(_damaged(folder / file.file, error)) from error
    return entries


def _gathered(
    how: Update, names: Sequence[str], before: tuple[Snapshot, Path] | None, made: Path
) -> list[_Given]:
    if "://" in how.place:
        if urlsplit(how.place).path.endswith(".csv"):
            return [_fetched(how, how.place, _named(how.place, names), made)]
        known = [file.role for file in before[0].files] if before else []
        wanted = dict.fromkeys([GLOBAL, *(names or known)])
        return [_fetched(how, f"{how.place.rstrip('/')}/{name}.csv", name, made) for name in wanted]
    place = Path(how.place).expanduser()
    if not place.is_dir():
        return [_copied(place, _named(how.place, names), made)]
    held = sorted(file.stem for file in place.glob("*.csv") if _NAME.fullmatch(file.stem))
    missing = sorted(set(names) - set(held))
    if missing or not held:
        raise UserError(
            f"{place} holds no list {', '.join(missing) or 'at all, such as kz.csv or global.csv'}"
        )
    return [
        _copied(place / f"{name}.csv", name, made) for name in held if not names or name in {*names, GLOBAL}
    ]


def _named(place: str, names: Sequence[str]) -> str:
    """The name of the list in one file: its own, or else the one country that was named."""
    if len(names) == 1:
        return names[0]
    stem = Path(urlsplit(place).path).stem.lower()
    if names or not _NAME.fullmatch(stem):
        raise UserError(f"{place} is one list: name the one country that it is for")
    return stem


def _fetched(how: Update, url: str, name: str, made: Path) -> _Given:
    saved = how.web.save(url, made / f"{name}.csv", limit=MAX_LIST_BYTES, progress=how.progress)
    try:
        date = parsedate_to_datetime(saved.modified).date()
    except ValueError:
        date = how.now.date()
    return _Given(name, date, url)


def _copied(file: Path, name: str, made: Path) -> _Given:
    try:
        shutil.copyfile(file, made / f"{name}.csv")
        date = dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC).date()
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror or error}") from error
    return _Given(name, date, str(file))


def _described(given: _Given, made: Path, malformed: list[MalformedRow]) -> SnapshotFile:
    """What the record says of a list. Raises UserError where it is none, or holds nothing."""
    path = made / f"{given.name}.csv"
    rows = read_test_list(path.read_bytes(), given.source)
    if not rows.entries:
        raise UserError(f"{given.source} is no test list: it holds no URL")
    malformed += rows.malformed
    return SnapshotFile(
        role=given.name,
        file=path.name,
        data_date=given.date.isoformat(),
        sha256=sha256_of(path),
        size=path.stat().st_size,
        source=given.source,
        licence=LICENCE,
        attribution=ATTRIBUTION,
    )


def _version_of(files: Sequence[SnapshotFile]) -> str:
    newest = max(file.data_date for file in files).replace("-", "")
    digest = hashlib.sha256("\n".join(f"{file.role} {file.sha256}" for file in files).encode()).hexdigest()
    return f"lists-{newest}-{digest[:8]}"


def _checked(country: str) -> str:
    name = country.lower()
    if not _NAME.fullmatch(name):
        raise UserError(f"{country[:40]!r} is no country; write two letters, such as KZ, or global")
    return name


def _damaged(path: Path, why: object) -> str:
    return f"{path} is damaged ({why}): run `lampwatch lists update` to replace it"
