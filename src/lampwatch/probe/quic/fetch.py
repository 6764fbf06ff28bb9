"""HTTP/3 over a QUIC connection."""

from typing import Final

from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.events import QuicEvent, StreamReset

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.http import MOST_BODY, Exchange, Request, Response
from lampwatch.probe.kit import Kit
from lampwatch.probe.quic.link import QuicLink

_MOST_BESIDE: Final = 1_048_576
"""Bytes heard beyond the body that is wanted: headers, repeats, and what nobody asked for."""


async def fetch_quic(kit: Kit, link: QuicLink, request: Request, *, most_body: int = MOST_BODY) -> Exchange:
    """Ask once by HTTP/3, and end the connection; recorded as a df-001 entry with the protocol `h3`.

    The answer holds at most most_body bytes of its body.
    """
    mark, t0 = link.mark, kit.record.now()
    kit.record.event("http_transaction_start", mark)
    try:
        answer = _Answer(link, request, most_body)
        failed = await link.until(answer.hear, Operation.HTTP_ROUND_TRIP, kit.timeouts.fetch_s)
        exchange = answer.exchange(failed)
        kit.note_exchange(exchange, request, link.address, "h3", t0, mark)
        kit.record.event("http_transaction_done", mark)
        await link.end()
    finally:
        link.close()
    return exchange


class _Answer:
    """What has come of one response so far."""

    def __init__(self, link: QuicLink, request: Request, most_body: int) -> None:
        self._link = link
        self._most_body = most_body
        self._most_bytes = link.bytes_received + most_body + _MOST_BESIDE
        self._status = 0
        self._headers: tuple[tuple[bytes, bytes], ...] = ()
        self._body = bytearray()
        self._failed: Failed | None = None
        self._http = H3Connection(link.quic)
        self._stream_id = link.quic.get_next_available_stream_id()
        self._http.send_headers(self._stream_id, _spelled(request), end_stream=not request.body)
        if request.body:
            self._http.send_data(self._stream_id, request.body, end_stream=True)

    def hear(self, event: QuicEvent) -> bool:
        """Take in one event, and say whether the answer is over."""
        if isinstance(event, StreamReset) and event.stream_id == self._stream_id:
            self._failed = _broken(f"HTTP/3 error {event.error_code:#x}")
            return True
        if self._link.bytes_received > self._most_bytes:
            self._failed = _broken("far more was sent than asked for")
            return True
        try:
            heard = self._http.handle_event(event)
        except Exception as error:  # noqa: BLE001  whatever hostile bytes make aioquic raise is the network's failure
            self._failed = _broken(f"no HTTP/3: {type(error).__name__}")
            return True
        return any([self._take(part) for part in heard])

    def _take(self, part: H3Event) -> bool:
        if not isinstance(part, HeadersReceived | DataReceived) or part.stream_id != self._stream_id:
            return False
        if isinstance(part, DataReceived):
            self._body += part.data
        elif not self._status:
            self._take_head(part)
        return part.stream_ended or len(self._body) >= self._most_body

    def _take_head(self, part: HeadersReceived) -> None:
        status = next((int(value) for name, value in part.headers if name == b":status"), 0)
        # Interim responses (1xx) are passed over; other fields after the first are trailers.
        if status >= 200:  # noqa: PLR2004  final responses
            self._status = status
            self._headers = tuple(pair for pair in part.headers if not pair[0].startswith(b":"))

    def exchange(self, failed: Failed | None) -> Exchange:
        """The answer as it stands, with what ended it."""
        failed = self._failed or failed
        if not self._status:
            return Exchange(None, failed or Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP))
        kept = bytes(self._body[: self._most_body])
        truncated = len(self._body) >= self._most_body
        return Exchange(Response(self._status, self._headers, kept, truncated), failed)


def _spelled(request: Request) -> list[tuple[bytes, bytes]]:
    headers = [
        (":method", request.method),
        (":scheme", request.scheme),
        (":authority", request.host),
        (":path", request.path),
        *((name.lower(), value) for name, value in request.headers),
    ]
    return [(name.encode(), value.encode()) for name, value in headers]


def _broken(detail: str) -> Failed:
    return unknown(detail, Operation.HTTP_ROUND_TRIP, Failure.HTTP_REQUEST_FAILED)
