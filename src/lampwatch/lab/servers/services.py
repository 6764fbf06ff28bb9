"""Look-alikes of services that methods measure, at the services' own addresses and names.

Each makes a Population: the names it has, and who listens. Sources: the methods' own lists in 3-measuring of the OONI
specification (ts-018, 019, 020, 025, 029, 006, 007).
"""

import asyncio
import json
import struct
from collections.abc import Callable
from typing import Final, cast

import msgspec

from lampwatch.lab.servers.authority import Authority
from lampwatch.lab.servers.http import ALPN, App, Request, Response, web
from lampwatch.lab.servers.listening import Listener, Tcp, Udp
from lampwatch.lab.world import Certificate

TELEGRAM: Final = (
    "149.154.175.50",
    "149.154.167.51",
    "149.154.175.100",
    "149.154.167.91",
    "149.154.171.5",
    "95.161.76.100",
)
HTTP_ECHO: Final = "37.218.241.93"
TCP_ECHO: Final = "37.218.241.94"
ORIGIN: Final = ("origin.test", "151.101.1.10")
_ORIGIN_BYTES: Final = 4 * 1024 * 1024
_LONGEST_ECHO: Final = 64 * 1024


class Population(msgspec.Struct, frozen=True):
    """Names with their addresses, and who listens at them."""

    names: dict[str, tuple[str, ...]]
    listeners: tuple[Listener, ...]


def telegram(authority: Authority) -> Population:
    """Telegram's data centres: POST / is answered, as they do, with 501 or 404; and the web client."""

    def centre(request: Request) -> Response:
        return Response(404 if request.method == "GET" else 501, (("Server", "nginx/1.18.0"),))

    there = [Tcp(address, port, web(centre, over_tls=False)) for address in TELEGRAM for port in (80, 443)]
    page = _https(
        {"web.telegram.org": "149.154.167.99"}, authority, _page("Telegram Web", "Server", "nginx/1.18.0")
    )
    return Population(page.names, (*there, *page.listeners))


def whatsapp(authority: Authority) -> Population:
    """WhatsApp's sixteen endpoints on two ports, the registration service and the web client."""
    endpoints = {f"e{n}.whatsapp.net": f"157.240.20.{n}" for n in range(1, 17)}
    there = [Tcp(address, port, _silent) for address in endpoints.values() for port in (443, 5222)]
    pages = _https(
        {"v.whatsapp.net": "157.240.20.60", "web.whatsapp.com": "157.240.20.61"},
        authority,
        lambda request: Response(
            400 if request.host == "v.whatsapp.net" else 200,
            (("Content-Type", "text/html"),),
            b"<html><head><title>WhatsApp Web</title></head></html>",
        ),
    )
    return Population({**_single(endpoints), **pages.names}, (*there, *pages.listeners))


def signal(authority: Authority) -> Population:
    """Signal's four servers, and its name that tells of outages."""
    names = {
        f"{host}.signal.org": f"76.223.92.{165 + n}"
        for n, host in enumerate(("cdsi", "chat", "sfu.voip", "storage"))
    }
    found = _https(names, authority, lambda _: Response(404))
    return Population({**found.names, "uptime.signal.org": ("127.0.0.1",)}, found.listeners)


def facebook_messenger(_authority: Authority) -> Population:
    """Facebook's endpoints at addresses of its own network, and the name of its STUN server."""
    hosts = ("b-api.facebook.com", "b-graph.facebook.com", "edge-mqtt.facebook.com", "external.xx.fbcdn.net",
             "scontent.xx.fbcdn.net", "star.c10r.facebook.com")  # fmt: skip
    names = {host: f"31.13.64.{n + 1}" for n, host in enumerate(hosts)}
    there = tuple(Tcp(address, 443, _silent) for address in names.values())
    return Population({**_single(names), "stun.fbsbx.com": ("31.13.64.51",)}, there)


def stun(_authority: Authority) -> Population:
    """STUN servers that tell a client its address."""
    names = {"stun.l.google.com": "74.125.250.129", "stun.fbsbx.com": "31.13.64.51"}
    there = tuple(
        Udp(address, port, Stun) for address, port in zip(names.values(), (19302, 3478), strict=True)
    )
    return Population(_single(names), there)


def middlebox_echo(_authority: Authority) -> Population:
    """The helpers of the two tests for middleboxes: one echoes bytes, one tells the request's headers in JSON."""

    def tell(request: Request) -> Response:
        told = {
            "headers_dict": {name: [value] for name, value in request.headers},
            "request_line": f"{request.method} {request.path} HTTP/1.1",
            "request_headers": [list(pair) for pair in request.headers],
        }
        return Response(200, (("Content-Type", "application/json"),), json.dumps(told).encode())

    there = (Tcp(HTTP_ECHO, 80, web(tell, over_tls=False)), Tcp(TCP_ECHO, 80, _echo))
    return Population({"header-echo.test": (HTTP_ECHO,), "line-echo.test": (TCP_ECHO,)}, there)


def origin(authority: Authority) -> Population:
    """A server of large files: any path, four megabytes, or as many bytes as `?bytes=` says."""

    def large(request: Request) -> Response:
        asked = request.path.rpartition("bytes=")[2]
        size = min(int(asked), 16 * _ORIGIN_BYTES) if asked.isdigit() else _ORIGIN_BYTES
        return Response(200, (("Content-Type", "application/octet-stream"),), b"\0" * size)

    return _https(dict([ORIGIN]), authority, large)


class Stun(asyncio.DatagramProtocol):
    """Answers STUN binding requests with the sender's address. Source: RFC 8489."""

    _COOKIE = 0x2112A442

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are sent by."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a binding request, and nothing else."""
        if len(data) < 20 or data[:2] != b"\x00\x01":  # noqa: PLR2004  the size of its header
            return
        ip = struct.unpack("!I", bytes(int(part) for part in addr[0].split(".")))[0] ^ self._COOKIE
        mapped = struct.pack("!HHBBHI", 0x0020, 8, 0, 1, addr[1] ^ (self._COOKIE >> 16), ip)
        self._transport.sendto(
            struct.pack("!HHI", 0x0101, len(mapped), self._COOKIE) + data[8:20] + mapped, addr
        )


async def _silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Accept, and say nothing: what is measured is that a connection comes about."""
    while await reader.read(_LONGEST_ECHO):
        continue


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send back what comes."""
    while received := await reader.read(_LONGEST_ECHO):
        writer.write(received)
        await writer.drain()


def _single(names: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: (address,) for name, address in names.items()}


def _page(title: str, *header: str) -> App:
    body = f"<html><head><title>{title}</title></head><body>{title}</body></html>".encode()
    return lambda _: Response(200, (("Content-Type", "text/html"), (header[0], header[1])), body)


def _https(names: dict[str, str], authority: Authority, app: App) -> Population:
    """Web servers on both ports, each name with a certificate of its own."""
    there: list[Listener] = []
    for name, address in names.items():
        context = authority.context((name,), Certificate.VALID, ALPN)
        there += [
            Tcp(address, 80, web(app, over_tls=False)),
            Tcp(address, 443, web(app, over_tls=True), context),
        ]
    return Population(_single(names), tuple(there))


SERVICES: Final[dict[str, Callable[[Authority], Population]]] = {
    "telegram": telegram,
    "whatsapp": whatsapp,
    "signal": signal,
    "facebook_messenger": facebook_messenger,
    "stun": stun,
    "middlebox_echo": middlebox_echo,
    "origin": origin,
}
"""By the name that a World lists."""
