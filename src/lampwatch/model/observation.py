"""Observations: one network fact each, as a probe or its control saw it.

They say what happened and never what it means. `failure` is None where the step succeeded. Times `t` are seconds
since the measurement began, None where the probe did not say. `transaction_id` is 0 where there is none; `depth`
counts the redirects that came before.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from lampwatch.model.failure import Failure

_REMEMBERED: Final = 1024
"""So many witnesses are made once: a few dozen numbers of each vantage and kind recur all the time."""


class DnsLookup(msgspec.Struct, frozen=True, gc=False):
    """One query to one resolver and what it answered.

    engine is `system`, `udp`, `tcp`, `dot`, `doh` or `doq`; resolver is its address or URL where it was named, else
    empty. answers are addresses in the order given; asns stand beside them as the measurement names them, 0 where it
    does not. late marks an answer that came after the one that was taken.
    """

    hostname: str
    query_type: str
    engine: str
    resolver: str
    failure: Failure | None
    answers: tuple[str, ...]
    asns: tuple[int, ...]
    transaction_id: int = 0
    depth: int = 0
    t: float | None = None
    late: bool = False


class TcpConnect(msgspec.Struct, frozen=True, gc=False):
    """One attempt to connect to an address and port."""

    ip: str
    port: int
    failure: Failure | None
    transaction_id: int = 0
    depth: int = 0
    t: float | None = None


class Handshake(msgspec.Struct, frozen=True, gc=False):
    """One handshake over a transport: protocol is `tls`, `quic`, `stun`, `openvpn`, `obfs4`, `or_port` and the like.

    verified is true where the certificate was checked against the name and a root store. certificate is the SHA-256,
    in hex, of the first certificate received, kept only where the handshake failed; empty elsewhere.
    """

    protocol: str
    server_name: str
    ip: str
    port: int
    failure: Failure | None
    verified: bool = False
    version: str = ""
    certificate: str = ""
    transaction_id: int = 0
    depth: int = 0
    t: float | None = None


class HttpExchange(msgspec.Struct, frozen=True, gc=False):
    """One request and its response, or how it failed.

    status is 0 and headers are empty where no response began. headers map lower-case names to the first value; only
    their names, `server` and `location` are ever stored. body_length is in bytes, -1 where unknown. body is for
    judging only and is never stored with the observation; the raw archive holds it.
    """

    url: str
    method: str
    ip: str
    port: int
    failure: Failure | None
    status: int = 0
    headers: Mapping[str, str] = {}
    title: str = ""
    body_length: int = -1
    body_truncated: bool = False
    over_tls: bool = False
    transaction_id: int = 0
    depth: int = 0
    t: float | None = None
    body: str = ""


class Echo(msgspec.Struct, frozen=True, gc=False):
    """What was sent to a server that sends it back, and what came back: a middlebox shows in the difference.

    changed names the parts that differ. sent and received are shown for reading; they hold no client address.
    """

    subject: str
    sent: str
    received: str
    changed: tuple[str, ...]
    failure: Failure | None = None


class Facts(msgspec.Struct, frozen=True, gc=False):
    """All observations from one vantage, each kind in the order of the measurement."""

    dns: tuple[DnsLookup, ...] | list[DnsLookup] = ()
    tcp: tuple[TcpConnect, ...] | list[TcpConnect] = ()
    handshakes: tuple[Handshake, ...] | list[Handshake] = ()
    http: tuple[HttpExchange, ...] | list[HttpExchange] = ()
    echoes: tuple[Echo, ...] | list[Echo] = ()


class Observations(msgspec.Struct, frozen=True, gc=False):
    """What one measurement saw: the probe's facts, and the control's, None where no control answered.

    notes are what the probe concluded by itself and a rule may need (for instance that a step was skipped).
    """

    probe: Facts
    control: Facts | None = None
    notes: Mapping[str, str] = {}


Witness: TypeAlias = str
"""The place of one observation in its measurement, as `probe.tcp.3`: vantage, kind, and n from 0 within the kind."""


@lru_cache(maxsize=_REMEMBERED)
def witnessed(vantage: str, kind: str, n: int) -> Witness:
    """Name the place of an observation."""
    return f"{vantage}.{kind}.{n}"
