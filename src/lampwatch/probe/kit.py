"""The network kit: what a method measures with. Every step is recorded, and every failure is a value."""

import ssl
from collections.abc import Sequence
from random import Random

import msgspec

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe import http1, http2
from lampwatch.probe.clock import Clock
from lampwatch.probe.control import Control
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.http import MOST_BODY, Exchange, Request
from lampwatch.probe.network import Network
from lampwatch.probe.own_addresses import OwnAddresses
from lampwatch.probe.record import Entry, Mark, Record, binary, text_or_binary
from lampwatch.probe.resolver import Resolver
from lampwatch.probe.step import Step, T, perform
from lampwatch.probe.timeouts import Timeouts
from lampwatch.probe.tls import Handshaken, Session, TlsStream
from lampwatch.probe.trust import Trust
from lampwatch.probe.watched import Watched

HTTP_ALPN = ("h2", "http/1.1")


class Connection(msgspec.Struct, frozen=True):
    """An open stream, TCP or TLS over it, with what was agreed."""

    stream: Watched | TlsStream
    mark: Mark
    protocol: str = ""
    """What ALPN agreed on; empty without TLS."""
    refused: Failure | None = None
    """Why the certificates are not believed; set only where they were not to be verified."""

    def close(self) -> None:
        """Give it up at once."""
        self.stream.close()


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe has around it: the same for all its measurements."""

    network: Network
    clock: Clock
    trust: Trust
    timeouts: Timeouts
    random: Random
    resolvers: tuple[Resolver, ...]
    """All that a name is asked of, the system's own first."""
    control: Control | None = None
    own: OwnAddresses = msgspec.field(default_factory=OwnAddresses)


class Kit:
    """Measures over one network, for one measurement."""

    def __init__(self, around: Surroundings) -> None:
        self.network = around.network
        self.clock = around.clock
        self.trust = around.trust
        self.timeouts = around.timeouts
        self.random = around.random
        self.resolvers = around.resolvers
        self.control = around.control
        self.own = around.own
        self.record = Record(around.clock)

    async def connect(self, ip: str, port: int, mark: Mark, *, ttl: int | None = None) -> Connection | Failed:
        """Open a TCP connection. ttl limits the hops of what is sent over it."""
        t0 = self.record.now()
        found = await self.network.connect(ip, port, timeout_s=self.timeouts.connect_s, ttl=ttl)
        failure = failure_text(found)
        status = {"failure": failure, "success": failure is None}
        self.record.tcp_connect.append(
            {"ip": ip, "port": port, "status": status, **self.record.times(t0, mark)}
        )
        if isinstance(found, Failed):
            return found
        return Connection(Watched(found, self.record, mark), mark)

    async def handshake(
        self,
        connection: Connection,
        server_name: str,
        *,
        verified_name: str = "",
        alpn: Sequence[str] = HTTP_ALPN,
        verify: bool = True,
        trust: Trust | None = None,
        at_most: ssl.TLSVersion | None = None,
    ) -> Connection | Failed:
        """Shake hands over a TCP connection, and check the certificates.

        server_name goes into the ClientHello (empty: none is sent); the certificate must be for it, or for
        verified_name where that is given. trust replaces the usual authorities. The stream is closed on failure.
        """
        under = connection.stream
        if isinstance(under, TlsStream):
            message = "TLS inside TLS"
            raise TypeError(message)
        session = Session(server_name, alpn, at_most=at_most)
        mark, t0 = connection.mark, self.record.now()
        self.record.event("tls_handshake_start", mark, address=under.address, proto="tcp")
        under.tls_begins()
        outcome = await self._talk(session.handshake(), under, self.timeouts.handshake_s)
        under.tls_stands()
        refused: Failure | None = None
        failed = outcome if isinstance(outcome, Failed) else None
        if isinstance(outcome, Handshaken):
            refused = (trust or self.trust).refusal(outcome.chain, verified_name or server_name)
            if refused is not None and verify:
                failed = Failed(refused, Operation.TLS_HANDSHAKE)
        agreed = outcome if isinstance(outcome, Handshaken) else None
        entry = handshake_entry("tcp", under.address, server_name, agreed, failed, verify=verify)
        self.record.tls_handshakes.append({**entry, **self.record.times(t0, mark)})
        self.record.event("tls_handshake_done", mark, address=under.address, proto="tcp")
        if failed is not None or agreed is None:
            connection.close()
            return failed or Failed(Failure.TLS_FAILED_HANDSHAKE, Operation.TLS_HANDSHAKE)
        stream = TlsStream(session, under, self.clock)
        return Connection(stream, mark, agreed.protocol, refused)

    async def fetch(
        self, connection: Connection, request: Request, *, most_body: int = MOST_BODY
    ) -> Exchange:
        """Ask once, by the version that was agreed on, and close the connection."""
        exchange_over = http2.exchange if connection.protocol == "h2" else http1.exchange
        mark, t0 = connection.mark, self.record.now()
        self.record.event("http_transaction_start", mark)
        asking = exchange_over(request, most_body=most_body)
        exchange = await self._talk(asking, connection.stream, self.timeouts.fetch_s)
        self.note_exchange(exchange, request, connection.stream.address, connection.protocol, t0, mark)
        self.record.event("http_transaction_done", mark)
        connection.close()
        return exchange

    async def _talk(self, step: Step[T], stream: Watched | TlsStream, timeout_s: float) -> T:
        """Carry a step out; where it is broken off nobody is left to close the stream."""
        try:
            return await perform(step, stream, clock=self.clock, timeout_s=timeout_s)
        except BaseException:
            stream.close()
            raise

    def note_exchange(
        self, exchange: Exchange, request: Request, address: str, protocol: str, t0: float, mark: Mark
    ) -> None:
        """Write down an exchange that began at t0."""
        self.record.requests.append(
            {
                "network": "udp" if protocol == "h3" else "tcp",
                "address": address,
                "alpn": protocol,
                "failure": exchange.failed.text if exchange.failed else None,
                "request": _request_entry(request, "udp" if protocol == "h3" else "tcp", self.own),
                "response": _response_entry(exchange, self.own),
                **self.record.times(t0, mark),
            }
        )


def handshake_entry(
    network: str,
    address: str,
    server_name: str,
    agreed: Handshaken | None,
    failed: Failed | None,
    *,
    verify: bool,
) -> Entry:
    """A handshake as df-006 writes it, but for its times."""
    return {
        "network": network,
        "address": address,
        "cipher_suite": agreed.cipher if agreed else "",
        "failure": failed.text if failed else None,
        "negotiated_protocol": agreed.protocol if agreed else "",
        "no_tls_verify": not verify,
        "peer_certificates": [binary(der) for der in agreed.chain] if agreed else [],
        "server_name": server_name,
        "tls_version": agreed.version if agreed else "",
    }


def _request_entry(request: Request, transport: str, own: OwnAddresses) -> Entry:
    def told(text: str) -> str:
        # A redirect or a cookie brings back what a page was told of us.
        return own.without(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")

    pairs = [(name, told(value)) for name, value in sorted([("Host", request.host), *request.headers])]
    return {
        "method": request.method,
        "url": told(request.url),
        "headers": dict(reversed(pairs)),
        "headers_list": [list(pair) for pair in pairs],
        "body": text_or_binary(request.body),
        "body_is_truncated": False,
        "x_transport": transport,
        "tor": {"exit_ip": None, "exit_name": None, "is_tor": False},
    }


def _response_entry(exchange: Exchange, own: OwnAddresses) -> Entry:
    response = exchange.response
    if response is None:
        return {"body": "", "body_is_truncated": False, "code": 0, "headers": {}, "headers_list": []}
    pairs = [(name.decode("latin-1"), text_or_binary(own.without(value))) for name, value in response.headers]
    return {
        "body": text_or_binary(own.without(response.body)),
        "body_is_truncated": response.truncated,
        "code": response.status,
        "headers": dict(reversed(pairs)),
        "headers_list": [list(pair) for pair in pairs],
    }
