"""Which addresses and ports are measured for a question, and what comes of connecting to each."""

import asyncio
from typing import Any, Final

import msgspec

from lampwatch.formats.names import is_address
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.control_service.lookup import Found
from lampwatch.probe.control_service.outpost import Outpost
from lampwatch.probe.control_service.question import Question
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.kit import Connection
from lampwatch.probe.network import joined
from lampwatch.probe.quic import connect_quic

MOST_MEASURED: Final = 64
"""Endpoints of one question that are connected to."""
_MOST_OWN: Final = 16
"""Addresses of our own lookup that are connected to."""
_HTTP_PORT: Final = 80
_TLS_PORT: Final = 443
_LATE: Final = str(Failure.TIMEOUT)


class Endpoint(msgspec.Struct, frozen=True):
    """An address that may be connected to, and a port. over_tls: a handshake is tried too; over_udp: and QUIC."""

    ip: str
    port: int
    over_tls: bool
    over_udp: bool


def endpoints_of(question: Question, found: Found, outpost: Outpost) -> list[Endpoint]:
    """What is measured: at our own addresses and those that the probe found, the ports that the URL is about.

    A plain URL is about ports 80 and 443, since a valid certificate there vouches for an address. Addresses that may
    not be connected to are left out, as OONI does: a failure in their place would read as if the server were down.
    """
    url = question.url
    ports = (_HTTP_PORT, _TLS_PORT) if url.port == _HTTP_PORT else (url.port,)
    addresses = [*found.reachable[:_MOST_OWN], *(ip for ip, _ in question.endpoints)]
    wanted = dict.fromkeys([(ip, port) for ip in addresses for port in ports])
    wanted |= dict.fromkeys(question.endpoints)
    permitted = [(ip, port) for ip, port in wanted if outpost.guard.permits(ip)]
    found_here = set(found.reachable)
    return [
        Endpoint(
            ip,
            port,
            over_tls := port == _TLS_PORT or (url.scheme == "https" and port == url.port),
            # What is sent over UDP needs no consent: an asker's own addresses get it at the port of web sites only.
            over_tls and (port == _TLS_PORT or ip in found_here),
        )
        for ip, port in permitted[:MOST_MEASURED]
    ]


class Connects:
    """What came of each endpoint so far, by `address:port`, in the protocol's form. What is not over is a timeout."""

    def __init__(self) -> None:
        self.tcp: dict[str, dict[str, Any]] = {}
        self.tls: dict[str, dict[str, Any]] = {}
        self.quic: dict[str, dict[str, Any]] = {}

    async def measure(
        self, endpoints: list[Endpoint], hostname: str, outpost: Outpost, *, wants_quic: bool
    ) -> None:
        """Connect to all of them side by side."""
        async with asyncio.TaskGroup() as measuring:
            for endpoint in endpoints:
                measuring.create_task(self._connect(endpoint, hostname, outpost))
                if wants_quic and endpoint.over_udp:
                    measuring.create_task(self._connect_quic(endpoint, hostname, outpost))

    async def _connect(self, endpoint: Endpoint, hostname: str, outpost: Outpost) -> None:
        name = joined(endpoint.ip, endpoint.port)
        self.tcp[name] = {"status": False, "failure": _LATE}
        kit = outpost.kit()
        connection = await kit.connect(endpoint.ip, endpoint.port, kit.record.mark())
        self.tcp[name] = _status(connection)
        if isinstance(connection, Failed):
            return
        try:
            if endpoint.over_tls:
                self.tls[name] = {"server_name": hostname, "status": False, "failure": _LATE}
                shaken = await kit.handshake(connection, _sent_name(hostname), verified_name=hostname)
                self.tls[name] = {"server_name": hostname, **_status(shaken)}
                _close(shaken)
        finally:
            connection.close()

    async def _connect_quic(self, endpoint: Endpoint, hostname: str, outpost: Outpost) -> None:
        name = joined(endpoint.ip, endpoint.port)
        self.quic[name] = {"server_name": hostname, "status": False, "failure": _LATE}
        kit = outpost.kit()
        link = await connect_quic(
            kit, endpoint.ip, endpoint.port, _sent_name(hostname), kit.record.mark(), verified_name=hostname
        )
        self.quic[name] = {"server_name": hostname, **_status(link)}
        if not isinstance(link, Failed):
            try:
                await link.end()
            finally:
                link.close()


def _sent_name(hostname: str) -> str:
    """What goes into the ClientHello: a name, never an address (RFC 6066)."""
    return "" if is_address(hostname) else hostname


def _status(outcome: object) -> dict[str, Any]:
    failure = failure_text(outcome)
    return {"status": failure is None, "failure": failure}


def _close(outcome: Connection | Failed) -> None:
    if isinstance(outcome, Connection):
        outcome.close()


NO_TIME: Final = Failed(Failure.TIMEOUT, Operation.TOP_LEVEL)
