"""Sites that speak TCP and QUIC, each in a script, and a control that says what it was told to say."""

import asyncio
from collections.abc import Mapping
from typing import Any

from lampwatch.model.failure import Failure, Operation
from lampwatch.model.verdict import Verdict
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit
from lampwatch.probe.network import Datagrams, joined
from tests.methods.judging import Method
from tests.probe.quic.server import Http3, QuicServer, ServerDatagrams, TurnedClock
from tests.probe.scripted import ScriptedNetwork, Serving, kit_over
from tests.probe.servers import authority, page, trusting, website

HOST = "site.test"
URL = "https://site.test/news"
IP = "93.184.216.34"
OTHER_IP = "93.184.216.35"
METHOD = Method("quic")
H3 = b'Alt-Svc: h3=":443"; ma=86400\r\n'


def http3(name: str = HOST) -> QuicServer:
    """A server that gives a page over HTTP/3."""
    return QuicServer(TurnedClock(), name, Http3(200, b"<title>A page</title>"), authority())


def https(head: bytes = H3) -> Serving:
    """A server that gives the same page over TLS, and announces HTTP/3 unless told otherwise."""
    return website(HOST, page(head=head))


class Site(ScriptedNetwork):
    """A network with servers by TCP, and others by QUIC; to all other addresses no datagram leads."""

    def __init__(
        self,
        quic: Mapping[str, QuicServer],
        tcp: Mapping[str, Serving] | None = None,
        names: Mapping[str, list[str] | Failure] | None = None,
    ) -> None:
        super().__init__(names or {HOST: list(quic)}, tcp or dict.fromkeys(quic, https()))
        self.quic = quic
        self.quic_ends: list[ServerDatagrams] = []

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Datagrams | Failed:
        if ip not in self.quic:
            return await super().datagrams(ip, port, ttl=ttl)
        self.quic_ends.append(ServerDatagrams(self.quic[ip], joined(ip, port)))
        return self.quic_ends[-1]


class Outside:
    """A control with an answer prepared; None for one that cannot be reached."""

    address = "https://control.test/"

    def __init__(self, answer: dict[str, Any] | None) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    async def ask(self, question: dict[str, Any], *, timeout_s: float) -> dict[str, Any] | Failed:
        assert timeout_s > 0
        await asyncio.sleep(0)
        self.asked.append(question)
        return Failed(Failure.TIMEOUT, Operation.TOP_LEVEL) if self.answer is None else self.answer


def seen_outside(
    quic: str | None = None, *, ips: tuple[str, ...] = (IP,), tries_quic: bool = True, tls: str | None = None
) -> dict[str, Any]:
    """The control's answer: all well over TCP, unless tls says how TLS failed; quic says how QUIC failed."""

    def ends(failure: str | None) -> dict[str, Any]:
        return {f"{ip}:443": {"status": failure is None, "failure": failure} for ip in ips}

    well: dict[str, Any] = {
        "body_length": 22,
        "failure": None,
        "headers": {},
        "status_code": 200,
        "title": "A page",
    }
    return {
        "dns": {"failure": None, "addrs": list(ips)},
        "tcp_connect": ends(None),
        "tls_handshake": ends(tls),
        "quic_handshake": ends(quic) if tries_quic else None,
        "http_request": {**well, "failure": tls, "status_code": 0 if tls else 200},
        "http3_request": well if quic is None and tries_quic else None,
    }


def kit_at(site: Site, outside: Outside) -> Kit:
    """What a site is measured with."""
    return kit_over(site, trust=trusting(site.clock), control=outside)


def measured(site: Site, outside: dict[str, Any] | None, url: str = URL) -> dict[str, Any]:
    """What the method writes of a site; nothing that it opened is open at the end."""
    keys = METHOD.measured(kit_at(site, Outside(outside)), url)
    assert site.left_open == []
    assert [end.address for end in site.quic_ends if end.open] == []
    return keys


def verdict(site: Site, outside: dict[str, Any] | None) -> Verdict:
    """What a site is judged to be."""
    (found,) = METHOD.judged(measured(site, outside), URL).values()
    return found
