"""Brings address data up to date: fetched from a registry or an address, or taken from files, built, put in force."""

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from lampwatch.formats.network_names import names_in, write_names
from lampwatch.model.errors import UserError
from lampwatch.store.references.build import Source, built_file
from lampwatch.store.references.registry import MAX_PACKED, fetch_package
from lampwatch.store.references.renewal import MADE, alone
from lampwatch.store.references.snapshot import (
    GEOIP,
    NAMES,
    Snapshot,
    SnapshotFile,
    in_force,
    put_in_force,
    version_of,
)
from lampwatch.store.references.web import Progress, Web

ROLES: Final = ("asn", "country")
_VERSION_DATE: Final = re.compile(r"(20\d\d)(\d\d)(\d\d)\d\d$")


class Package(msgspec.Struct, frozen=True):
    """A package of the npm registry that publishes address data, the files to take, and what to know of it."""

    name: str
    files: tuple[str, ...]
    caveat: str = ""


_CAVEAT: Final = (
    "its publisher calls the npm releases of June 2026 the last and faulty in places, and gives corrected, current "
    "files at https://github.com/sapics/ip-location-db/releases; take those with --asn and --country"
)
DEFAULTS: Final[Mapping[str, Package]] = {
    "asn": Package("@ip-location-db/asn", ("asn-ipv4.csv", "asn-ipv6.csv"), _CAVEAT),
    "country": Package(
        "@ip-location-db/geo-whois-asn-country-mmdb", ("geo-whois-asn-country.mmdb",), _CAVEAT
    ),
}
"""What is fetched where nothing is named: free, without an account, CC BY 4.0."""


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """How to update: the registry, the way out, the time (UTC), whom to tell."""

    registry: str
    web: Web
    now: dt.datetime
    progress: Progress


def update_geoip(directory: Path, given: Mapping[str, Sequence[str]], how: Update) -> tuple[Snapshot, Path]:
    """Put new address data in force in a data directory, all or nothing; return it and its folder.

    given maps `asn` and `country` to files or addresses of .mmdb or .csv, each also .gz. A role that is not given
    keeps what is in force; where nothing at all is given, both are fetched from the registry. Raises UserError, with
    everything as it was, where anything fails.
    """
    home = directory / GEOIP
    with alone(home, "lampwatch geoip update", "address data") as made:
        files = [file for role in ROLES if (file := _renewed(role, given, directory, made, how)) is not None]
        if any(file.role == "asn" for file in files):
            how.progress("name networks", 0, None)
            write_names(names_in(made / "asn.mmdb"), made / NAMES)
        snapshot = Snapshot(version_of(files), how.now.isoformat(timespec="seconds"), tuple(files))
        return snapshot, put_in_force(home, made, snapshot)


def _renewed(
    role: str, given: Mapping[str, Sequence[str]], directory: Path, made: Path, how: Update
) -> SnapshotFile | None:
    """Make one role's file in the new folder; None where it is not given and nothing is in force."""
    if given.get(role) or not any(given.values()):
        with tempfile.TemporaryDirectory(prefix=MADE, dir=made.parent) as scratch:
            work = Path(scratch)
            source = _named(given[role], work, how) if given.get(role) else _default(role, work, how)
            return built_file(role, source, work, made, how.progress)
    before = in_force(directory)
    kept = next((f for f in before[0].files if f.role == role), None) if before else None
    if before and kept:
        shutil.copyfile(before[1] / kept.file, made / kept.file)
    return kept


def _default(role: str, work: Path, how: Update) -> Source:
    package = DEFAULTS[role]
    got = fetch_package(
        package.name, package.files, registry=how.registry, into=work, web=how.web, progress=how.progress
    )
    dated = _VERSION_DATE.search(got.version)
    try:
        date = dt.date(int(dated[1]), int(dated[2]), int(dated[3])) if dated else how.now.date()
    except ValueError:
        date = how.now.date()
    return Source(
        files=tuple(got.files[name] for name in package.files),
        name=f"npm {package.name} {got.version}",
        date=date,
        licence=got.licence,
        attribution=got.licence_texts,
        caveat=package.caveat,
    )


def _named(places: Sequence[str], work: Path, how: Update) -> Source:
    """Files and addresses that the user named, the latter fetched; as old as the oldest of them."""
    files: list[Path] = []
    dates: list[dt.date] = []
    for n, place in enumerate(places):
        if "://" in place:
            file = work / f"{n}-{Path(urlsplit(place).path).name}"
            saved = how.web.save(place, file, limit=MAX_PACKED, progress=how.progress)
            dates.append(_modified(saved.modified) or how.now.date())
        else:
            file = Path(place)
            dates.append(_changed(file))
        files.append(file)
    return Source(files=tuple(files), name=", ".join(places), date=min(dates))


def _modified(header: str) -> dt.date | None:
    try:
        return parsedate_to_datetime(header).date()
    except ValueError:
        return None


def _changed(file: Path) -> dt.date:
    try:
        return dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC).date()
    except OSError as error:
        message = f"cannot read {file}: {error.strerror or error}."
        raise UserError(message) from error
