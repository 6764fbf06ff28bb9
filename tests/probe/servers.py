"""Servers for `ScriptedNetwork`: TLS in memory, HTTP/1.1 and HTTP/2 inside it, and DNS in all its clothes."""

import ssl
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from urllib.parse import parse_qs, urlsplit

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import h2.config
import h2.connection
import h2.events
import h11
import trustme

from lampwatch.probe.failed import Failed
from lampwatch.probe.trust import Trust
from tests.probe.scripted import After, Said, ScriptedClock, Server


@cache
def authority() -> trustme.CA:
    """An authority of the tests' own."""
    return trustme.CA()


def trusting(clock: ScriptedClock) -> Trust:
    """Trust in that authority alone."""
    return Trust(authority().cert_pem.bytes(), clock.utc)


@cache
def certificate(*names: str, issuer: trustme.CA | None = None) -> trustme.LeafCert:
    """A certificate of that authority, or of another."""
    return (issuer or authority()).issue_cert(*names)


class TlsServer:
    """A TLS server whose plain text another server answers.

    instead holds what is said to a first packet in which a name stands, in the place of any handshake.
    """

    def __init__(
        self,
        inner: Server,
        leaf: trustme.LeafCert,
        alpn: Sequence[str] = ("h2", "http/1.1"),
        instead: Mapping[str, Sequence[Said]] | None = None,
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        self._inner = inner
        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._arrived, self._leaving, server_side=True)
        self._instead = instead or {}
        self._begun = self._stands = False

    def hear(self, sent: bytes) -> Sequence[Said]:
        """Go on with the handshake, or answer what is inside."""
        if not self._begun:
            self._begun = True
            for name, said in self._instead.items():
                if name.encode() in sent:
                    return said
        self._arrived.write(sent)
        try:
            if not self._stands:
                self._tls.do_handshake()
                self._stands = True
            told = self._answers()
        except ssl.SSLWantReadError:
            told = []
        except ssl.SSLError:
            return [self._leaving.read(), b""]
        left = self._leaving.read()
        return [*([left] if left else []), *told]

    def _answers(self) -> list[Said]:
        told: list[Said] = []
        while True:
            try:
                plain = self._tls.read(65_536)
            except ssl.SSLWantReadError:
                return told
            except ssl.SSLZeroReturnError:
                return told
            told += [self._sealed(piece) for piece in self._inner.hear(plain)]

    def _sealed(self, piece: Said) -> Said:
        assert not isinstance(piece, After), "a line is slow outside of TLS"
        if not isinstance(piece, bytes) or not piece:
            return piece
        self._tls.write(piece)
        return self._leaving.read()


def over_tls(
    inner: Callable[[], Server], *names: str, alpn: Sequence[str] = ("h2", "http/1.1")
) -> Callable[[], Server]:
    """A TLS server for each connection, with a certificate for these names."""
    return lambda: TlsServer(inner(), certificate(*names), alpn)


class Paced:
    """Another server behind a line that carries so many bytes a second, by what the first packet holds."""

    PIECE = 4096

    def __init__(self, inner: Server, rate_of: Callable[[bytes], float]) -> None:
        self._inner = inner
        self._rate_of = rate_of
        self._rate = 0.0

    def hear(self, sent: bytes) -> Sequence[Said]:
        """What the other says, in pieces that take their time."""
        self._rate = self._rate or self._rate_of(sent)
        says: list[Said] = []
        for said in self._inner.hear(sent):
            if not isinstance(said, bytes) or not said:
                says.append(said)
                continue
            pieces = [said[at : at + self.PIECE] for at in range(0, len(said), self.PIECE)]
            says += [After(len(piece) / self._rate, piece) for piece in pieces]
        return says


class RawWeb:
    """One request, answered once its head is whole with what is made of its very bytes."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._heard = b""

    def hear(self, sent: bytes) -> Sequence[Said]:
        """The answer, and the end."""
        self._heard += sent
        return [self._answer(self._heard), b""] if b"\r\n\r\n" in self._heard else []


def page(status: int = 200, body: bytes = b"<html><title>A page</title></html>", head: bytes = b"") -> bytes:
    """A response, byte by byte; head holds further lines, each with its end."""
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), head, body)


def website(
    name: str,
    answer: bytes = page(),
    issuer: trustme.CA | None = None,
    instead: Mapping[str, Sequence[Said]] | None = None,
) -> Callable[[], Server]:
    """A web site over TLS that answers everything with one page."""
    leaf = certificate(name, issuer=issuer)
    return lambda: TlsServer(RawWeb(lambda _: answer), leaf, ("http/1.1",), instead)


Page = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes], Page]
"""(method, path, headers in lower case, body) -> status, headers, body."""


class Http1Server:
    """One exchange of HTTP/1.1."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._http = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = b""

    def hear(self, sent: bytes) -> Sequence[bytes | Failed]:
        """Answer once the request is complete."""
        self._http.receive_data(sent)
        while (event := self._http.next_event()) is not h11.NEED_DATA and event is not h11.PAUSED:
            if isinstance(event, h11.Request):
                self._request = event
            elif isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return self._answer()
        return []

    def _answer(self) -> list[bytes | Failed]:
        assert self._request is not None
        asked = self._request
        headers = {name.decode(): value.decode() for name, value in asked.headers}
        status, given, body = self._handler(asked.method.decode(), asked.target.decode(), headers, self._body)
        said = [
            self._http.send(
                h11.Response(status_code=status, headers=[*given.items(), ("Content-Length", str(len(body)))])
            ),
            self._http.send(h11.Data(data=body)),
            self._http.send(h11.EndOfMessage()),
        ]
        return [b"".join(piece for piece in said if piece), b""]


class Http2Server:
    """One exchange of HTTP/2."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._http = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        )
        self._http.initiate_connection()
        self._headers: dict[str, str] = {}
        self._body = b""

    def hear(self, sent: bytes) -> Sequence[bytes | Failed]:
        """Answer once the request is complete."""
        for event in self._http.receive_data(sent):
            if isinstance(event, h2.events.RequestReceived):
                self._headers = {str(name): str(value) for name, value in event.headers or ()}
            elif isinstance(event, h2.events.DataReceived):
                self._body += event.data or b""
            elif isinstance(event, h2.events.StreamEnded) and event.stream_id is not None:
                method, path = self._headers[":method"], self._headers[":path"]
                status, given, body = self._handler(method, path, self._headers, self._body)
                headers = [
                    (":status", str(status)),
                    *((name.lower(), value) for name, value in given.items()),
                ]
                self._http.send_headers(event.stream_id, headers)
                self._http.send_data(event.stream_id, body, end_stream=True)
        return [self._http.data_to_send()]


Zone = dict[tuple[str, str], Sequence[str] | dns.rcode.Rcode]
"""(name, type) -> the records' text, a CNAME as `CNAME target`; or the rcode. What is missing has no record."""


def dns_reply(query: bytes, zone: Zone, *, number: int | None = None, truncated: bool = False) -> bytes:
    """What a resolver with this zone says to a query."""
    asked = dns.message.from_wire(query)
    reply = dns.message.make_response(asked, recursion_available=True)
    name, kind = asked.question[0].name, asked.question[0].rdtype.name
    found = zone.get((name.to_text(omit_final_dot=True), kind), ())
    if isinstance(found, dns.rcode.Rcode):
        reply.set_rcode(found)
    else:
        owner = name.to_text()
        for text in found:
            is_alias = text.startswith("CNAME ")
            value = text.removeprefix("CNAME ")
            reply.answer.append(dns.rrset.from_text(owner, 60, "IN", "CNAME" if is_alias else kind, value))
            owner = value if is_alias else owner
    if number is not None:
        reply.id = number
    if truncated:
        reply.flags |= dns.flags.TC
    return reply.to_wire()


class DnsByUdp:
    """A resolver over UDP; more says what else it sends, made of the query."""

    def __init__(self, zone: Zone, *more: Callable[[bytes], bytes], before: bool = False) -> None:
        self._zone, self._more, self._before = zone, more, before

    def hear(self, sent: bytes) -> Sequence[bytes | Failed]:
        """The answer, and what else there is after it or before."""
        answer, more = dns_reply(sent, self._zone), [make(sent) for make in self._more]
        return [*more, answer] if self._before else [answer, *more]


class DnsByStream:
    """A resolver over TCP."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._heard = b""

    def hear(self, sent: bytes) -> Sequence[bytes | Failed]:
        """The answer after its length, once the query is complete."""
        self._heard += sent
        size = int.from_bytes(self._heard[:2], "big")
        if len(self._heard) < 2 + size:
            return []
        reply = dns_reply(self._heard[2 : 2 + size], self._zone)
        self._heard = self._heard[2 + size :]
        return [len(reply).to_bytes(2, "big") + reply]


def dns_pages(zone: Zone) -> Handler:
    """The pages of a resolver over HTTPS, by POST and by GET."""

    def page(method: str, path: str, headers: dict[str, str], body: bytes) -> Page:
        del headers
        if method == "GET":
            text = parse_qs(urlsplit(path).query)["dns"][0]
            body = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return 200, {"Content-Type": "application/dns-message"}, dns_reply(body, zone)

    return page
