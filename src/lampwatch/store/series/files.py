"""Parquet files that are written once: values in them, the headers of their series in their metadata.

A file that was merged from others names them; whoever meets both reads the merged one alone. So a merge that was cut
short at any moment costs nothing.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series
from lampwatch.store.durable import sync

SUFFIX: Final = ".parquet"
SCHEMA: Final = pa.schema(
    [
        ("series", pa.dictionary(pa.int32(), pa.string())),
        ("start", pa.int64()),
        ("value", pa.float64()),
        ("arrived", pa.int64()),
    ]
)
"""start and arrived in seconds since 1970 (UTC); value is null where the source had a gap."""
_HEADER: Final = b"lampwatch.series"


class _Written(msgspec.Struct):
    """A series as a file's metadata has it: an entity is its code."""

    entity: str
    source: str
    signal: str
    family: Family
    unit: str
    quantity: Quantity
    resolution_s: int
    licence: str = ""
    label: str = ""


class Header(msgspec.Struct):
    """What a file says of itself: its series, the span of bins and arrivals, and which files it took the place of."""

    series: list[_Written]
    first: int
    last: int
    first_arrived: int
    last_arrived: int
    replaces: list[str] = msgspec.field(default_factory=list)

    def headers(self) -> list[Series]:
        """The series that the file holds values of."""
        return [
            Series(
                Entity.of(one.entity),
                one.source,
                one.signal,
                one.family,
                one.unit,
                one.quantity,
                one.resolution_s,
                one.licence,
                one.label,
            )
            for one in self.series
        ]


class ValueFile(msgspec.Struct, frozen=True):
    """One file, and what it says of itself."""

    path: Path
    header: Header


def write(
    directory: Path, name: str, table: pa.Table, series: Iterable[Series], *, replaces: Sequence[str] = ()
) -> Path:
    """Write values as a new file; when this returns, the file is whole and durable, and before that it is not there."""
    starts, arrivals = table["start"].to_numpy(), table["arrived"].to_numpy()
    header = Header(
        [
            _Written(
                one.entity.code,
                one.source,
                one.signal,
                one.family,
                one.unit,
                one.quantity,
                one.resolution_s,
                one.licence,
                one.label,
            )
            for one in series
        ],
        int(starts.min()),
        int(starts.max()),
        int(arrivals.min()),
        int(arrivals.max()),
        list(replaces),
    )
    described = table.cast(SCHEMA).replace_schema_metadata({_HEADER: msgspec.json.encode(header)})
    directory.mkdir(parents=True, exist_ok=True)
    path, temporary = directory / (name + SUFFIX), directory / f".{name}.{os.getpid()}.part"
    try:
        with temporary.open("wb") as out:
            pq.write_table(described, out, compression="zstd", row_group_size=1024 * 1024)
            out.flush()
            os.fsync(out.fileno())
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(directory)
    return path


def in_force(directory: Path, known: Mapping[str, ValueFile] | None = None) -> list[ValueFile]:
    """The files that count, by name: whole ones, without those that another took the place of.

    known are files looked at before, by name; they never change. Raises UserError for a file that is damaged.
    """
    found = {}
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        found[path.name] = (known or {}).get(path.name) or ValueFile(path, _header(path))
    replaced = {name for file in found.values() for name in file.header.replaces}
    return [file for name, file in found.items() if name not in replaced]


def _header(path: Path) -> Header:
    try:
        metadata = pq.read_schema(path).metadata or {}
        return msgspec.json.decode(metadata[_HEADER], type=Header)
    except (pa.ArrowException, OSError, KeyError, msgspec.DecodeError) as error:
        raise UserError(
            f"{path} is damaged or no file of ours; move it away, and import what it held again"
        ) from error
