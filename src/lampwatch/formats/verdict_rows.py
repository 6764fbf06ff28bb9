"""A stored verdict -> the row the public sees, under the same names in the API, in files and on the command line."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa

PUBLIC_NAMES: Final[dict[str, str]] = {
    "uid": "measurement_uid",
    "start_time": "measurement_start_time",
    "source": "source",
    "method": "test_name",
    "input": "input",
    "probe_cc": "probe_cc",
    "probe_asn": "probe_asn",
    "network_name": "network_name",
    "target": "target",
    "hostname": "hostname",
    "state": "state",
    "layer": "layer",
    "mechanism": "mechanism",
    "evidence": "evidence",
    "control": "control",
    "because": "because",
    "rule_id": "rule_id",
    "findings": "findings",
    "layers": "layers",
    "witnesses": "witnesses",
    "fingerprint": "fingerprint",
    "rules_version": "rules_version",
    "networks_version": "networks_version",
    "fingerprints_version": "fingerprints_version",
}
"""Stored column -> public name, in the order of the public columns."""

COLUMNS: Final = tuple(PUBLIC_NAMES.values())
"""The public columns in order, as CSV has them."""

_PARTS_SHOWN: Final = 3
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def public_verdict(row: object, *, published: bool = False) -> dict[str, Any]:
    """One verdict under its public names. row has the store's columns as attributes, or is a mapping of them.

    Times become `2026-11-23T14:32:00Z`; probe_asn is a number, 0 where not known; layer and mechanism are None where
    nothing is accused. published shortens the source to what others may know (see published_source).
    """
    if isinstance(row, Mapping):
        public = {public: _plain(row[stored]) for stored, public in PUBLIC_NAMES.items()}
    else:
        public = {public: _plain(getattr(row, stored)) for stored, public in PUBLIC_NAMES.items()}
    if published:
        public["source"] = published_source(str(public["source"]))
    return public


def public_batch(batch: pa.RecordBatch, *, published: bool = False) -> pa.RecordBatch:
    """The same for a whole batch of stored verdicts, with columns typed as they are stored."""
    columns = {name: batch.column(name) for name in PUBLIC_NAMES}
    if published:
        shortened = [published_source(str(source)) for source in columns["source"].to_pylist()]
        columns["source"] = pa.array(shortened, columns["source"].type)
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(COLUMNS))


def published_source(source: str) -> str:
    """A source as others may see it: of a path on this machine only the last three parts.

    The folders above may hold a person's name. Addresses and the names of example sets stay as they are.
    """
    return "…/" + "/".join(source.split("/")[-_PARTS_SHOWN:]) if source.startswith("/") else source


def csv_row(row: Mapping[str, Any]) -> list[str]:
    """One public row as CSV cells, in the order of COLUMNS."""
    return [csv_cell(row[column]) for column in COLUMNS]


def csv_cell(value: object) -> str:
    """One value as a CSV cell: lists with `|` between their parts, nothing for None.

    Text that a spreadsheet would run as a formula has an apostrophe put before it: whoever submits a measurement
    chooses its text.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, Iterable):
        return csv_cell("|".join(str(part) for part in value))
    return str(value)


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return iso_z(value)
    return value


def iso_z(time: dt.datetime) -> str:
    """A UTC time without a zone, as OONI's API writes it: `2026-11-23T14:32:00Z`."""
    return f"{time:%Y-%m-%dT%H:%M:%S}Z"
