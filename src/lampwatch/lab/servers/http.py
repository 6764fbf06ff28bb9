"""HTTP/1.1 and HTTP/2 servers: an app turns a request into a response."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Final

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import msgspec

from lampwatch.lab.servers.listening import StreamHandler

ALPN: Final = ("h2", "http/1.1")
_LONGEST_HEAD: Final = 64 * 1024
_LONGEST_BODY: Final = 16 * 1024 * 1024
_IDLE_S: Final = 60.0


class Request(msgspec.Struct, frozen=True):
    """A request. headers are as they came, in order; host is without its port; peer is the visitor's address."""

    method: str
    path: str
    host: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    peer: str
    address: str
    over_tls: bool


class Response(msgspec.Struct, frozen=True):
    """A response, and how long to think before it is sent. A stream of parts may follow the body without end."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    pause_s: float = 0.0


App = Callable[[Request], Response]
_REASONS: Final = {200: "OK", 301: "Moved Permanently", 302: "Found", 403: "Forbidden", 404: "Not Found"}


def web(app: App, *, over_tls: bool) -> StreamHandler:
    """A connection's handler: HTTP/2 where TLS agreed on it, else HTTP/1.1."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handshake = writer.get_extra_info("ssl_object")
        if isinstance(handshake, ssl.SSLObject) and handshake.selected_alpn_protocol() == "h2":
            await _Http2(reader, writer, app).serve()
            return
        while await _http1(reader, writer, app, over_tls=over_tls):
            continue

    return serve


async def _http1(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, app: App, *, over_tls: bool
) -> bool:
    """Serve one request; whether another may follow on the connection."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _IDLE_S)
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, version = [*first.split(" "), "", "", ""][:3]
    pairs = (line.partition(":") for line in lines if line)
    headers = tuple((name, value.strip()) for name, _, value in pairs)
    named = {name.lower(): value for name, value in headers}
    length = min(int(named.get("content-length", "0")), _LONGEST_BODY)
    body = await reader.readexactly(length) if length else b""
    peer, address = writer.get_extra_info("peername")[0], writer.get_extra_info("sockname")[0]
    host = named.get("host", "").rpartition(":")[0] or named.get("host", "")
    response = app(Request(method, path, host.lower(), headers, body, peer, address, over_tls))
    await asyncio.sleep(response.pause_s)
    close = version != "HTTP/1.1" or named.get("connection", "").lower() == "close"
    # HEAD tells the length of the body that GET would bring.
    sent = b"" if method == "HEAD" else response.body
    writer.write(_head(response, close=close) + sent)
    await writer.drain()
    return not close


def _head(response: Response, *, close: bool) -> bytes:
    reason = _REASONS.get(response.status, "Status")
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    if not any(name.lower() == "transfer-encoding" for name, _ in response.headers):
        lines.append(f"Content-Length: {len(response.body)}")
    lines.append(f"Connection: {'close' if close else 'keep-alive'}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class _Http2:
    """One HTTP/2 connection: requests are answered in the order in which they end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, app: App) -> None:
        self._reader = reader
        self._writer = writer
        self._app = app
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self._connection = h2.connection.H2Connection(config)
        self._heads: dict[int, tuple[tuple[str, str], ...]] = {}
        self._bodies: dict[int, bytes] = {}
        self._left: dict[int, bytes] = {}

    async def serve(self) -> None:
        """Serve until the client leaves."""
        self._connection.initiate_connection()
        await self._flush()
        while received := await asyncio.wait_for(self._reader.read(64 * 1024), _IDLE_S):
            with contextlib.suppress(h2.exceptions.StreamClosedError):
                for event in self._connection.receive_data(received):
                    await self._on(event)
            for stream in list(self._left):
                self._send_more(stream)
            await self._flush()

    async def _on(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.RequestReceived) and event.stream_id is not None:
            self._heads[event.stream_id] = tuple((str(k), str(v)) for k, v in event.headers or ())
        if isinstance(event, h2.events.DataReceived) and event.stream_id is not None:
            self._bodies[event.stream_id] = self._bodies.get(event.stream_id, b"") + (event.data or b"")
            self._connection.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
        if isinstance(event, h2.events.StreamEnded) and event.stream_id is not None:
            await self._answer(event.stream_id)

    async def _answer(self, stream: int) -> None:
        pseudo = dict(self._heads[stream])
        headers = tuple((k, v) for k, v in self._heads.pop(stream) if not k.startswith(":"))
        peer, address = (self._writer.get_extra_info(what)[0] for what in ("peername", "sockname"))
        host = pseudo.get(":authority", "").partition(":")[0].lower()
        request = Request(
            pseudo.get(":method", ""), pseudo.get(":path", ""), host, headers, self._bodies.pop(stream, b""), peer,
            address, over_tls=True,
        )  # fmt: skip
        response = self._app(request)
        await asyncio.sleep(response.pause_s)
        head = [(":status", str(response.status)), *((k.lower(), v) for k, v in response.headers)]
        head.append(("content-length", str(len(response.body))))
        self._connection.send_headers(stream, head)
        self._left[stream] = b"" if request.method == "HEAD" else response.body
        self._send_more(stream)

    def _send_more(self, stream: int) -> None:
        """Send as much of a body as the client's window lets us."""
        left = self._left[stream]
        try:
            room = min(
                self._connection.local_flow_control_window(stream), self._connection.max_outbound_frame_size
            )
            while left and room > 0:
                self._connection.send_data(stream, left[:room])
                left = left[room:]
                room = min(
                    self._connection.local_flow_control_window(stream),
                    self._connection.max_outbound_frame_size,
                )
            self._left[stream] = left
            if not left:
                del self._left[stream]
                self._connection.end_stream(stream)
        except h2.exceptions.ProtocolError:
            self._left.pop(stream, None)

    async def _flush(self) -> None:
        self._writer.write(self._connection.data_to_send())
        await self._writer.drain()
