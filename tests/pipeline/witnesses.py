"""Web measurements whose handshakes were shown certificates, and what the store would have of them."""

import json
from base64 import b64encode
from typing import Any

from lampwatch.store.rows import VerdictRow
from tests.judge.chains import AT, HOST, Chain
from tests.methods.web_connectivity.measuring import (
    HTTPS,
    SITE,
    Keys,
    connect,
    control,
    document,
    joined,
    resolved,
)
from tests.pipeline.making import kernel, raw_lines

UNKNOWN, WRONG_NAME, INVALID = "ssl_unknown_authority", "ssl_invalid_hostname", "ssl_invalid_certificate"


def shown(chain: Chain, failure: str | None = UNKNOWN, **changes: Any) -> Keys:
    """A handshake with the site that was shown a chain."""
    entry = {
        "address": f"{SITE}:443",
        "failure": failure,
        "no_tls_verify": False,
        "peer_certificates": [{"format": "base64", "data": b64encode(der).decode()} for der in chain],
        "server_name": HOST,
        "tags": ["depth=0"],
    }
    return {"tls_handshakes": [entry | changes]}


def measured(*parts: Keys, **header: Any) -> bytes:
    """One measurement of the site, which works from outside unless parts say otherwise."""
    header.setdefault("measurement_start_time", f"{AT:%Y-%m-%d %H:%M:%S}")
    return document(HTTPS, joined(resolved(HOST, SITE), connect(SITE), control(SITE), *parts), **header)


def stored(raw: bytes) -> list[VerdictRow]:
    """What the store has of a measurement."""
    return [VerdictRow(**row) for row in kernel().rows(raw_lines([raw]))["verdict"].to_pylist()]


def uid_of(raw: bytes) -> str:
    (row,) = kernel().rows(raw_lines([raw]))["measurement"].to_pylist()
    return str(row["uid"])


def changed(raw: bytes, **header: Any) -> bytes:
    """The same document with another header."""
    return json.dumps(json.loads(raw) | header).encode()
