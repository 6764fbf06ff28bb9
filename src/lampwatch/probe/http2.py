"""HTTP/2 as a step."""

import re
from typing import Final

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import hyperframe.frame

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.http import MOST_BODY, Exchange, Request, Response
from lampwatch.probe.step import Receive, Send, Step

_THREE_DIGITS: Final = re.compile(rb"[1-9][0-9]{2}")
_OURS: Final = 1
"""The stream of the one request that a connection carries."""


class _Connection(h2.connection.H2Connection):
    """HTTP/2 that hears a server out which says that it takes no further request, and still answers ours.

    h2 refuses every frame after a GOAWAY. Servers send one before the answer where they are being restarted, or take
    one request a connection (RFC 9113, section 6.8).
    """

    def _receive_goaway_frame(
        self, frame: hyperframe.frame.GoAwayFrame
    ) -> tuple[list[hyperframe.frame.Frame], list[h2.events.Event]]:
        if frame.error_code == h2.errors.ErrorCodes.NO_ERROR and frame.last_stream_id >= _OURS:
            return [], []
        return super()._receive_goaway_frame(frame)


class _Answer:
    """What has come of one response so far."""

    def __init__(self, most_body: int) -> None:
        self._most_body = most_body
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self.ended = False
        self.failed: Failed | None = None

    def hear(self, http: h2.connection.H2Connection, event: h2.events.Event) -> None:
        """Take in one event."""
        match event:
            case h2.events.ResponseReceived():
                pairs = [(_bytes(name), _bytes(value)) for name, value in event.headers or ()]
                self._status = next(
                    (int(v) for n, v in pairs if n == b":status" and _THREE_DIGITS.fullmatch(v)), 0
                )
                self._headers = [(name, value) for name, value in pairs if not name.startswith(b":")]
            case h2.events.DataReceived():
                self._body += event.data or b""
                if event.flow_controlled_length:
                    http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                self.ended = self.ended or len(self._body) >= self._most_body
            case h2.events.StreamEnded():
                self.ended = True
            case h2.events.StreamReset() | h2.events.ConnectionTerminated():
                code = event.error_code
                if not self.ended:
                    self.failed = unknown(
                        f"HTTP/2 error {code}", Operation.HTTP_ROUND_TRIP, Failure.HTTP_REQUEST_FAILED
                    )
            case _:
                return

    def exchange(self, failed: Failed | None) -> Exchange:
        """The answer as it stands, with what ended it."""
        if not self._status:
            return Exchange(None, failed or Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP))
        kept = bytes(self._body[: self._most_body])
        truncated = len(self._body) >= self._most_body
        return Exchange(Response(self._status, tuple(self._headers), kept, truncated), failed)


def exchange(request: Request, *, most_body: int = MOST_BODY) -> Step[Exchange]:
    """Ask once on a fresh connection, and read the answer up to most_body bytes of its body."""
    http = _Connection(h2.config.H2Configuration(client_side=True, header_encoding=None))
    http.local_settings[h2.settings.SettingCodes.ENABLE_PUSH] = 0
    http.initiate_connection()
    http.increment_flow_control_window(most_body)
    stream_id = http.get_next_available_stream_id()
    headers = [
        (":method", request.method),
        (":authority", request.host),
        (":scheme", request.scheme),
        (":path", request.path),
        *((name.lower(), value) for name, value in request.headers),
    ]
    http.send_headers(stream_id, headers, end_stream=not request.body)
    unsent = request.body
    answer = _Answer(most_body)
    while True:
        if not (answer.ended or answer.failed):
            unsent = _left_after(http, stream_id, unsent)
        if leaving := http.data_to_send():
            sent = yield Send(leaving)
            if isinstance(sent, Failed):
                return answer.exchange(sent.during(Operation.HTTP_ROUND_TRIP))
        if answer.ended or answer.failed:
            return answer.exchange(answer.failed)
        heard = yield Receive()
        if isinstance(heard, Failed):
            return answer.exchange(heard.during(Operation.HTTP_ROUND_TRIP))
        if not heard:
            return answer.exchange(Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP))
        try:
            for event in http.receive_data(heard):
                answer.hear(http, event)
        except h2.exceptions.ProtocolError as error:
            return answer.exchange(
                unknown(str(error), Operation.HTTP_ROUND_TRIP, Failure.HTTP_REQUEST_FAILED)
            )


def _left_after(http: h2.connection.H2Connection, stream_id: int, unsent: bytes) -> bytes:
    """Send as much of a body as the other end takes now, in its frames; gives what is left."""
    while (
        unsent and (room := min(http.local_flow_control_window(stream_id), http.max_outbound_frame_size)) > 0
    ):
        http.send_data(stream_id, unsent[:room], end_stream=len(unsent) <= room)
        unsent = unsent[room:]
    return unsent


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
