"""One HTTP/1.1 exchange that may have no end: a playlist or a piece is read whole, a station is listened to.

Also takes the answers of old stations, which begin with `ICY 200 OK` where HTTP has its version.
"""

from collections.abc import Callable
from typing import Final

import h11
import msgspec

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.http import Exchange, Request, Response
from lampwatch.probe.http1 import spelled
from lampwatch.probe.step import Receive, Send, Step

_LONGEST_HEAD: Final = 65_536
_MOST_SOUND: Final = 4_194_304
"""Bytes of one station that are listened to: more than six seconds of the finest sound."""
_ICY: Final = b"ICY "
_STATION: Final = (b"audio/", b"application/ogg")
_PLAYLIST: Final = b"mpegurl"


class Heard(msgspec.Struct, frozen=True):
    """What came of a station: bytes of sound and metadata, over how long, and the longest silence between two reads.

    metadata_blocks counts the blocks with something in them, as ICY has them between the sound.
    """

    bytes: int
    seconds: float
    longest_gap_s: float
    metadata_blocks: int


class Tuned(msgspec.Struct, frozen=True):
    """An exchange, and what was heard where the answer was a station's; None where it was none."""

    exchange: Exchange
    heard: Heard | None = None


def tuned(request: Request, *, most_body: int, listen_s: float, now: Callable[[], float]) -> Step[Tuned]:
    """Ask once on a fresh connection, and read at most most_body bytes; a station's answer for listen_s seconds.

    now tells the time, in seconds. A station that goes silent has failed with TIMEOUT; what it said before is kept.
    """
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    try:
        asked = spelled(http, request)
    except (h11.LocalProtocolError, UnicodeError) as error:
        return Tuned(Exchange(None, _broken(str(error))))
    sent = yield Send(asked)
    if isinstance(sent, Failed):
        return Tuned(Exchange(None, sent.during(Operation.HTTP_ROUND_TRIP)))
    answer = _Answer(most_body, listen_s, now)
    beginning: bytes | None = b""
    while not answer.ended:
        try:
            event = http.next_event()
        except h11.RemoteProtocolError as error:
            failure = Failure.EOF if http.trailing_data[1] else Failure.HTTP_REQUEST_FAILED
            return answer.tuned(unknown(str(error), Operation.HTTP_ROUND_TRIP, failure))
        if event is not h11.NEED_DATA:
            answer.hear(event)
            continue
        heard = yield Receive()
        if isinstance(heard, Failed):
            return answer.tuned(heard.during(Operation.HTTP_ROUND_TRIP))
        if beginning is not None and heard:
            beginning += heard
            if len(beginning) < len(_ICY) and _ICY.startswith(beginning):
                continue
            heard, beginning = _as_http(beginning), None
        elif not heard and answer.head is None and not http.trailing_data[0]:
            return answer.tuned(Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP))
        http.receive_data(heard)
    return answer.tuned(None)


def _as_http(beginning: bytes) -> bytes:
    return b"HTTP/1.0 " + beginning[len(_ICY) :] if beginning.startswith(_ICY) else beginning


class _Answer:
    """What has come of one response so far."""

    def __init__(self, most_body: int, listen_s: float, now: Callable[[], float]) -> None:
        self._most_body = most_body
        self._listen_s = listen_s
        self._now = now
        self._body = bytearray()
        self._station: _Station | None = None
        self.head: h11.Response | None = None
        self.ended = False

    def hear(self, event: object) -> None:
        """Take in one event; interim responses (1xx) are passed over."""
        if isinstance(event, h11.Response):
            self.head = event
            if event.status_code == 200 and _is_station(event):  # noqa: PLR2004  the only status with sound
                self._station = _Station(event, self._now())
        elif isinstance(event, h11.Data) and self._station is not None:
            self._station.hear(bytes(event.data), self._now())
            heard = self._station.heard
            self.ended = heard.seconds >= self._listen_s or heard.bytes >= _MOST_SOUND
        elif isinstance(event, h11.Data):
            self._body += event.data
            self.ended = len(self._body) >= self._most_body
        elif not isinstance(event, h11.InformationalResponse):
            self.ended = True

    def tuned(self, failed: Failed | None) -> Tuned:
        """The answer as it stands, with what ended it."""
        if self.head is None:
            return Tuned(Exchange(None, failed or Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP)))
        heard = self._station.heard if self._station is not None else None
        truncated = heard is not None or len(self._body) >= self._most_body
        # A station's sound is left out: nobody reads it in a measurement.
        body = bytes(self._body[: self._most_body])
        response = Response(self.head.status_code, tuple(self.head.headers.raw_items()), body, truncated)
        return Tuned(Exchange(response, failed), heard)


class _Station:
    """Sound as it comes, and the metadata in it: after every so many bytes one that tells a length, in 16 bytes."""

    def __init__(self, head: h11.Response, began: float) -> None:
        told = next((value for name, value in head.headers if name == b"icy-metaint"), b"")
        self._every = int(told) if told.isdigit() and len(told) < 9 and int(told) else 0  # noqa: PLR2004  no real one has so many digits
        self._until_length = self._every
        self._metadata_left = 0
        self._began = self._last = began
        self._bytes = self._blocks = 0
        self._gap_s = 0.0

    @property
    def heard(self) -> Heard:
        """What came so far."""
        return Heard(self._bytes, round(self._last - self._began, 6), round(self._gap_s, 6), self._blocks)

    def hear(self, piece: bytes, now: float) -> None:
        """Take in what came."""
        self._gap_s = max(self._gap_s, now - self._last)
        self._last = now
        self._bytes += len(piece)
        at = 0
        while self._every and at < len(piece):
            if self._metadata_left:
                step = min(self._metadata_left, len(piece) - at)
                self._metadata_left -= step
            elif self._until_length:
                step = min(self._until_length, len(piece) - at)
                self._until_length -= step
            else:
                step = 1
                self._metadata_left = piece[at] * 16
                self._blocks += 1 if piece[at] else 0
                self._until_length = self._every
            at += step


def _is_station(head: h11.Response) -> bool:
    headers = dict(head.headers)
    kind = headers.get(b"content-type", b"").lower()
    if _PLAYLIST in kind or b"content-length" in headers:
        return False
    return kind.startswith(_STATION) or any(name.startswith(b"icy-") for name in headers)


def _broken(detail: str) -> Failed:
    return unknown(detail, Operation.HTTP_ROUND_TRIP, Failure.HTTP_REQUEST_FAILED)
