"""Files of address data, whatever their format -> one MaxMind-format file of a snapshot, checked for what it holds."""

import datetime as dt
import gzip
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from maxminddb import InvalidDatabaseError

from lampwatch.formats.address_csv import Malformed, country_ranges, network_ranges
from lampwatch.formats.mmdb_build import AddressRange, write_mmdb
from lampwatch.formats.mmdb_record import asn_of, country_of, open_mmdb
from lampwatch.model.errors import UserError
from lampwatch.store.references.registry import MAX_UNPACKED
from lampwatch.store.references.snapshot import SnapshotFile, sha256_of
from lampwatch.store.references.web import Progress

MOST_MALFORMED: Final = 0.01
"""The share of rows that may be unusable before a CSV counts as something else."""

_TOLD_EVERY: Final = 10_000


class _Kind(NamedTuple):
    """What a role is about: how its CSV is read, what its files are called and hold, how a record answers it."""

    ranges: Callable[[Iterable[str], Malformed], Iterator[AddressRange]]
    database_type: str
    holds: str
    columns: str
    answers: Callable[[Mapping[str, object]], object]


_KIND: Final = {
    "asn": _Kind(network_ranges, "Lampwatch-ASN", "network numbers", "number,name", asn_of),
    "country": _Kind(country_ranges, "Lampwatch-Country", "country codes", "country code", country_of),
}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Files on the disk that answer one role, and what is known of them."""

    files: tuple[Path, ...]
    name: str
    date: dt.date
    licence: str = ""
    attribution: str = ""
    caveat: str = ""


def built_file(role: str, source: Source, work: Path, made: Path, progress: Progress) -> SnapshotFile:
    """Make a role's file in the new folder made, unpacking into the folder work.

    Raises UserError where the source is no address data, or holds nothing that the role is asked for.
    """
    out = made / f"{role}.mmdb"
    plain = [_unzipped(file, work / f"unpacked-{n}") for n, file in enumerate(source.files)]
    suffixes = {path.suffix.lower() for path in plain}
    if suffixes == {".mmdb"} and len(plain) == 1:
        shutil.copyfile(plain[0], out)
    elif suffixes == {".csv"}:
        _build_from_csv(role, plain, source.date, out, progress)
    else:
        message = f"{source.name}: give one .mmdb, or .csv files, each perhaps as .gz."
        raise UserError(message)
    date = _date_of(out, role, source.name)
    return SnapshotFile(
        role=role,
        file=out.name,
        data_date=date.isoformat(),
        sha256=sha256_of(out),
        size=out.stat().st_size,
        source=source.name,
        licence=source.licence,
        attribution=source.attribution,
        caveat=source.caveat,
    )


def _date_of(path: Path, role: str, name: str) -> dt.date:
    """When a MaxMind-format file was built. Raises UserError where it holds nothing that its role is asked for."""
    with open_mmdb(path) as reader:
        answers = _KIND[role].answers
        try:
            date = dt.datetime.fromtimestamp(reader.metadata().build_epoch, dt.UTC).date()
            useful = any(isinstance(record, dict) and answers(record) for _, record in reader)
        except (OverflowError, ValueError, InvalidDatabaseError) as error:
            message = f"{name} is damaged: {error}. Nothing was replaced."
            raise UserError(message) from error
    if not useful:
        message = (
            f"{name} holds no {_KIND[role].holds}: it cannot be used for --{role}. Nothing was replaced."
        )
        raise UserError(message)
    return date


def _build_from_csv(role: str, files: Sequence[Path], date: dt.date, out: Path, progress: Progress) -> None:
    kind = _KIND[role]
    malformed = Malformed()
    epoch = int(dt.datetime.combine(date, dt.time(), dt.UTC).timestamp())

    def ranges() -> Iterator[AddressRange]:
        for path in files:
            with path.open(encoding="utf-8", errors="replace", newline="") as lines:
                for n, found in enumerate(kind.ranges(lines, malformed)):
                    if n % _TOLD_EVERY == 0:
                        progress(f"build {role}", malformed.read, None)
                    yield found

    with out.open("wb") as file:
        built = write_mmdb(ranges(), file, database_type=kind.database_type, build_epoch=epoch)
    if built.ranges == 0 or malformed.rows > malformed.read * MOST_MALFORMED:
        message = (
            f"{', '.join(path.name for path in files)}: {malformed.rows} of {malformed.read} rows are no address "
            f"ranges ({malformed.first or 'it is empty'}). Rows are first,last,{kind.columns}. Nothing was replaced."
        )
        raise UserError(message)


def _unzipped(file: Path, into: Path) -> Path:
    """A file as it is, or unpacked into a new folder where its name ends in .gz."""
    if file.suffix.lower() != ".gz":
        return file
    into.mkdir()
    unpacked = into / file.stem
    size = 0
    try:
        with gzip.open(file, "rb") as packed, unpacked.open("wb") as out:
            while block := packed.read(1024 * 1024):
                size += len(block)
                if size > MAX_UNPACKED:
                    message = f"it unpacks to more than {MAX_UNPACKED} bytes"
                    raise OSError(message)  # noqa: TRY301  told in one place, below
                out.write(block)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{file.name} cannot be unpacked: {error}. Nothing was replaced."
        raise UserError(message) from error
    return unpacked
