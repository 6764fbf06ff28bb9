"""Model objects -> Arrow record batches, at about ten microseconds a measurement.

Objects are gathered as they are and turned into columns at the end, one comprehension and one conversion a column: the
fastest of the ways measured (tuples and zip, attrgetter and dictionary encoding cost half as much again to twice).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from lampwatch.formats.tables_facts import FACT_COLUMNS
from lampwatch.formats.tables_schema import (
    INTEGER,
    MEASUREMENT,
    OBSERVATIONS,
    OWNER,
    QUARANTINE,
    SCHEMAS,
    TEXT,
    VERDICT,
)
from lampwatch.formats.voters import voter_of
from lampwatch.model.measurement import Measurement, SetAside
from lampwatch.model.observation import Facts, Observations
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import State, Vantage

ID_LENGTH: Final = 32
_FROM_MEASUREMENT: Final = (
    "uid",
    "day",
    "start_time",
    "method",
    "input",
    "probe_cc",
    "probe_asn",
    "network_name",
    "source",
)
_OF_KIND: Final = {
    "dns": "dns",
    "tcp": "tcp",
    "handshake": "handshakes",
    "http": "http",
    "echo": "echoes",
}
"""Where the facts of each kind stand, in the order of the tables."""
# Python 3.11 takes ten times as long to find a member in its class, and these are asked for in every measurement.
_PROBE: Final = Vantage.PROBE
_CONTROL: Final = Vantage.CONTROL
_EMPTY: Final = {
    name: pa.RecordBatch.from_arrays([pa.array([], type_) for type_ in schema.types], schema=schema)
    for name, schema in SCHEMAS.items()
}
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1


Column: TypeAlias = "pa.Array[Any]"


class Rows:
    """Gathers what a batch of documents became, and gives it as one record batch a table.

    Not thread-safe; made anew for each batch. Numbers beyond 64 bits and text that is no Unicode, as hostile documents
    bring them, are stored as the nearest that can be.
    """

    def __init__(self, *, rules_version: str, networks_version: str, fingerprints_version: str) -> None:
        self._versions = (rules_version, networks_version, fingerprints_version)
        self._measurements: list[tuple[Measurement, str, str, int, Sequence[Verdict]]] = []
        self._facts: list[tuple[str, str, Vantage, Facts]] = []
        self._set_aside: list[tuple[SetAside, int]] = []

    def add(
        self,
        measurement: Measurement,
        observations: Observations | None,
        verdicts: Sequence[Verdict],
        *,
        network_name: str,
        n: int = -1,
    ) -> None:
        """Take one measurement with its facts and verdicts. n is the index of its line in the archive frame."""
        day = measurement.start_time.date().isoformat()
        self._measurements.append((measurement, day, network_name, n, verdicts))
        if observations is None:
            return
        self._facts.append((measurement.uid, day, _PROBE, observations.probe))
        if observations.control is not None:
            self._facts.append((measurement.uid, day, _CONTROL, observations.control))

    def set_aside(self, document: SetAside, *, n: int = -1) -> None:
        """Take one document that could not be judged. n is the index of its line in the archive frame, if any."""
        self._set_aside.append((document, n))

    def tables(self) -> dict[str, pa.RecordBatch]:
        """Every table of `tables_schema.SCHEMAS` by name, in the order things were added; empty ones too."""
        measurements = self._measurement_table()
        return {
            "measurement": measurements,
            "verdict": self._verdict_table(measurements),
            **self._observation_tables(),
            "quarantine": self._quarantine_table(),
        }

    def _measurement_table(self) -> pa.RecordBatch:
        rows = self._measurements
        headers = [row[0] for row in rows]
        blocked, unknown = State.BLOCKED, State.UNKNOWN
        states = [[verdict.state for verdict in row[4]] for row in rows]
        return _batch(
            MEASUREMENT,
            {
                "day": [row[1] for row in rows],
                "network_name": [row[2] for row in rows],
                "n": [row[3] for row in rows],
                "states": states,
                "anomaly": [blocked in of for of in states],
                "confirmed": [any([_is_confirmed(verdict) for verdict in row[4]]) for row in rows],
                "failure": [all([state is unknown for state in of]) for of in states],
            },
            headers,
        )

    def _verdict_table(self, measurements: pa.RecordBatch) -> pa.RecordBatch:
        verdicts = [verdict for row in self._measurements for verdict in row[4]]
        rules, networks, fingerprints = self._versions
        places, _ = _places_and_numbers([len(row[4]) for row in self._measurements])
        return _batch(
            VERDICT,
            {name: measurements.column(name).take(places) for name in _FROM_MEASUREMENT}
            | {
                "voter": _voters(measurements).take(places),
                "software": _software(measurements).take(places),
                "findings": [[finding.rule_id for finding in verdict.findings] for verdict in verdicts],
                "layers": [_layers(verdict) for verdict in verdicts],
                "witnesses": [verdict.witnesses for verdict in verdicts],
                "rules_version": _same(rules, len(verdicts)),
                "networks_version": _same(networks, len(verdicts)),
                "fingerprints_version": _same(fingerprints, len(verdicts)),
            },
            verdicts,
        )

    def _observation_tables(self) -> dict[str, pa.RecordBatch]:
        # Uid, day and vantage are converted once and repeated by Arrow; only the facts themselves cost by row.
        owners = [_column([row[place] for row in self._facts], TEXT) for place in range(3)]
        seen = [row[3] for row in self._facts]
        return {
            kind: _observation_table(kind, owners, list(map(attrgetter(attribute), seen)))
            for kind, attribute in _OF_KIND.items()
        }

    def _quarantine_table(self) -> pa.RecordBatch:
        if not self._set_aside:
            return _EMPTY["quarantine"]
        documents = [document for document, _ in self._set_aside]
        return _batch(
            QUARANTINE,
            {"id": [quarantine_id(document) for document in documents], "n": [n for _, n in self._set_aside]},
            documents,
        )


def quarantine_id(document: SetAside) -> str:
    """The same document at the same place, set aside for the same reason, always has the same name."""
    place = f"{document.source}\0{document.position}\0{document.reason}\0".encode("utf-8", "replace")
    return hashlib.sha256(place + document.raw).hexdigest()[:ID_LENGTH]


def _voters(measurements: pa.RecordBatch) -> Column:
    pairs: Any = zip(measurements["report_id"].to_pylist(), measurements["uid"].to_pylist(), strict=True)
    sessions = [report_id or uid for report_id, uid in pairs]
    # A report has many measurements: each session is hashed once.
    numbers = {session: voter_of(session) for session in set(sessions)}
    return pa.array([numbers[session] for session in sessions], INTEGER)


def _software(measurements: pa.RecordBatch) -> Column:
    space: Any = " "  # The stubs know no plain text here.
    both = (measurements["software_name"], measurements["software_version"])
    named: Column = pc.utf8_trim(pc.binary_join_element_wise(*both, space), " ")
    return named


def _is_confirmed(verdict: Verdict) -> bool:
    return bool(verdict.fingerprint) and verdict.state is State.BLOCKED


def _layers(verdict: Verdict) -> list[str]:
    if not verdict.findings:
        return [verdict.layer] if verdict.layer is not None else []
    layers = (verdict.layer, *(finding.layer for finding in verdict.findings))
    return list(dict.fromkeys(layer for layer in layers if layer is not None))


def _observation_table(kind: str, owners: Sequence[Column], found: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """The facts of one kind, as each owner found them."""
    facts = list(chain.from_iterable(found))
    if not facts:
        return _EMPTY[kind]
    places, n = _places_and_numbers(list(map(len, found)))
    schema = OBSERVATIONS[kind]
    types = schema.types[len(OWNER) :]
    columns = [_column(values, type_) for values, type_ in zip(FACT_COLUMNS[kind](facts), types, strict=True)]
    return pa.RecordBatch.from_arrays([*[owner.take(places) for owner in owners], n, *columns], schema=schema)


def _places_and_numbers(counts: Iterable[int]) -> tuple[Column, Column]:
    """For each row the place of its owner, and its number from 0 with this owner, where each has so many rows."""
    starts: Any = pa.array(list(accumulate(counts, initial=0)), pa.int32())
    rows: Column = pa.arange(0, starts[-1].as_py())  # type: ignore[attr-defined]  # the stubs lack it
    places: Column = pa.ListArray.from_arrays(starts, rows).value_parent_indices()
    return places, pc.subtract(rows, starts.take(places))


def _same(value: str, count: int) -> Column:
    # A scalar with its type: to infer one, pyarrow looks for pandas each time.
    text: Any = pa.scalar(value, TEXT)
    repeated: Column = pa.repeat(text, count)
    return repeated


def _batch(
    schema: pa.Schema, given: Mapping[str, "Sequence[Any] | Column"], objects: Sequence[Any]
) -> pa.RecordBatch:
    """A record batch of the given columns; every other column is the attribute of that name."""
    columns = []
    for field in schema:
        values = given.get(field.name)
        if values is None:
            values = list(map(attrgetter(field.name), objects))
        columns.append(values if isinstance(values, pa.Array) else _column(values, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(values: Sequence[Any], type_: pa.DataType) -> Column:
    try:
        return pa.array(values, type_)
    except (OverflowError, UnicodeEncodeError, pa.ArrowInvalid):
        return pa.array([_storable(value) for value in values], type_)


def _storable(value: object) -> object:
    """The nearest value that a column can hold: integers within 64 bits, text without lone surrogates."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return min(max(value, _LEAST), _MOST)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_storable(part) for part in value]
    return value
