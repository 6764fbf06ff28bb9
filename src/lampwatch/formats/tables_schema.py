"""The tables that everything at rest is in, as Arrow schemas. Column order is part of the promise.

Only signed 64-bit integers, float64, text, booleans, lists of text or integers, and UTC timestamps without a zone at
microseconds: engines agree on these to the bit. A day is text, YYYY-MM-DD.
"""

from typing import Final

import pyarrow as pa

TEXT: Final[pa.DataType] = pa.string()
INTEGER: Final[pa.DataType] = pa.int64()
REAL: Final[pa.DataType] = pa.float64()
TRUTH: Final[pa.DataType] = pa.bool_()
TIME: Final[pa.DataType] = pa.timestamp("us")
TEXTS: Final[pa.DataType] = pa.list_(TEXT)
INTEGERS: Final[pa.DataType] = pa.list_(INTEGER)

MEASUREMENT: Final = pa.schema(
    [
        ("uid", TEXT),
        ("day", TEXT),
        ("start_time", TIME),
        ("method", TEXT),
        ("method_version", TEXT),
        ("input", TEXT),
        ("probe_cc", TEXT),
        ("probe_asn", INTEGER),
        ("network_name", TEXT),
        ("report_id", TEXT),
        ("software_name", TEXT),
        ("software_version", TEXT),
        ("source", TEXT),
        ("position", INTEGER),
        ("size", INTEGER),
        ("n", INTEGER),
        ("states", TEXTS),
        ("anomaly", TRUTH),
        ("confirmed", TRUTH),
        ("failure", TRUTH),
    ]
)
"""One row a measurement. n is the index of its line in the archive frame, -1 where it is not archived."""

VERDICT: Final = pa.schema(
    [
        ("uid", TEXT),
        ("target", TEXT),
        ("day", TEXT),
        ("start_time", TIME),
        ("method", TEXT),
        ("input", TEXT),
        ("probe_cc", TEXT),
        ("probe_asn", INTEGER),
        ("network_name", TEXT),
        ("source", TEXT),
        ("state", TEXT),
        ("layer", TEXT),
        ("mechanism", TEXT),
        ("evidence", TEXT),
        ("rule_id", TEXT),
        ("rules_version", TEXT),
        ("because", TEXT),
        ("control", TEXT),
        ("hostname", TEXT),
        ("fingerprint", TEXT),
        ("findings", TEXTS),
        ("layers", TEXTS),
        ("witnesses", TEXTS),
        ("networks_version", TEXT),
        ("fingerprints_version", TEXT),
        ("voter", INTEGER),
        ("software", TEXT),
    ]
)
"""One row for each measurement and target. layers are the deciding rule's and the findings', each once.

voter is a number made of the session (see `voters.voter_of`); software is name and version, `ooniprobe-android 5.2.1`.
"""

OWNER: Final = (("uid", TEXT), ("day", TEXT), ("vantage", TEXT), ("n", INTEGER))
"""Whose fact it is: n counts from 0 within measurement, vantage and kind, as witnesses cite it."""

_WHEN: Final = (("transaction_id", INTEGER), ("depth", INTEGER), ("t", REAL))

OBSERVATIONS: Final[dict[str, pa.Schema]] = {
    "dns": pa.schema(
        [
            *OWNER,
            ("hostname", TEXT),
            ("query_type", TEXT),
            ("engine", TEXT),
            ("resolver", TEXT),
            ("failure", TEXT),
            ("answers", TEXTS),
            ("asns", INTEGERS),
            *_WHEN,
            ("late", TRUTH),
        ]
    ),
    "tcp": pa.schema([*OWNER, ("ip", TEXT), ("port", INTEGER), ("failure", TEXT), *_WHEN]),
    "handshake": pa.schema(
        [
            *OWNER,
            ("protocol", TEXT),
            ("server_name", TEXT),
            ("ip", TEXT),
            ("port", INTEGER),
            ("failure", TEXT),
            ("verified", TRUTH),
            ("version", TEXT),
            ("certificate", TEXT),
            *_WHEN,
        ]
    ),
    "http": pa.schema(
        [
            *OWNER,
            ("url", TEXT),
            ("method", TEXT),
            ("ip", TEXT),
            ("port", INTEGER),
            ("failure", TEXT),
            ("status", INTEGER),
            ("header_names", TEXTS),
            ("server", TEXT),
            ("location", TEXT),
            ("title", TEXT),
            ("body_length", INTEGER),
            ("body_truncated", TRUTH),
            ("over_tls", TRUTH),
            *_WHEN,
        ]
    ),
    "echo": pa.schema(
        [*OWNER, ("subject", TEXT), ("sent", TEXT), ("received", TEXT), ("changed", TEXTS), ("failure", TEXT)]
    ),
}
"""One table a kind of fact. A response's body and header values are never stored, but for server and location."""

QUARANTINE: Final = pa.schema(
    [
        ("id", TEXT),
        ("source", TEXT),
        ("position", INTEGER),
        ("reason", TEXT),
        ("detail", TEXT),
        ("size", INTEGER),
        ("raw", pa.binary()),
        ("n", INTEGER),
    ]
)
"""One row for each document set aside. n is the index of its line in the archive frame, -1 where it has none."""

SCHEMAS: Final[dict[str, pa.Schema]] = {
    "measurement": MEASUREMENT,
    "verdict": VERDICT,
    **OBSERVATIONS,
    "quarantine": QUARANTINE,
}
"""Every table by name."""
