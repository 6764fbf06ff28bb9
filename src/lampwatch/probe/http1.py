"""HTTP/1.1 as a step."""

from typing import Final

import h11

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.http import MOST_BODY, Exchange, Request, Response
from lampwatch.probe.step import Receive, Send, Step

_LONGEST_HEAD: Final = 262_144


def exchange(request: Request, *, most_body: int = MOST_BODY) -> Step[Exchange]:
    """Ask once on a fresh connection, and read the answer up to most_body bytes of its body."""
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    try:
        asked = spelled(http, request)
    except (h11.LocalProtocolError, UnicodeError) as error:
        return Exchange(None, unknown(str(error), Operation.HTTP_ROUND_TRIP, Failure.HTTP_REQUEST_FAILED))
    sent = yield Send(asked)
    if isinstance(sent, Failed):
        return Exchange(None, sent.during(Operation.HTTP_ROUND_TRIP))
    answer = _Answer(most_body)
    while not answer.ended:
        try:
            event = http.next_event()
        except h11.RemoteProtocolError as error:
            # The stream ended too soon, or what came is no HTTP.
            failure = Failure.EOF if http.trailing_data[1] else Failure.HTTP_REQUEST_FAILED
            return answer.exchange(unknown(str(error), Operation.HTTP_ROUND_TRIP, failure))
        if event is not h11.NEED_DATA:
            answer.hear(event)
            continue
        heard = yield Receive()
        if isinstance(heard, Failed):
            return answer.exchange(heard.during(Operation.HTTP_ROUND_TRIP))
        if not heard and answer.head is None and not http.trailing_data[0]:
            return answer.exchange(Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP))
        http.receive_data(heard)
    return answer.exchange(None)


class _Answer:
    """What has come of one response so far."""

    def __init__(self, most_body: int) -> None:
        self._most_body = most_body
        self._body = bytearray()
        self.head: h11.Response | None = None
        self.ended = False

    def hear(self, event: object) -> None:
        """Take in one event; interim responses (1xx) are passed over."""
        if isinstance(event, h11.Response):
            self.head = event
        elif isinstance(event, h11.Data):
            self._body += event.data
            self.ended = len(self._body) >= self._most_body
        elif not isinstance(event, h11.InformationalResponse):
            self.ended = True

    def exchange(self, failed: Failed | None) -> Exchange:
        """The answer as it stands, with what ended it."""
        if self.head is None:
            return Exchange(None, failed or Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP))
        kept = bytes(self._body[: self._most_body])
        truncated = len(self._body) >= self._most_body
        return Exchange(
            Response(self.head.status_code, tuple(self.head.headers.raw_items()), kept, truncated), failed
        )


def spelled(http: h11.Connection, request: Request) -> bytes:
    """A whole request as it goes out. Raises LocalProtocolError or UnicodeError where it cannot be one."""
    # A cookie goes back as it came, whatever bytes a server has put into it.
    given = [(name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers]
    headers = [(b"Host", request.host.encode("ascii")), *given, (b"Connection", b"close")]
    if request.body or request.method in {"POST", "PUT"}:
        headers.append((b"Content-Length", b"%d" % len(request.body)))
    opening = h11.Request(method=request.method, target=request.path, headers=headers)
    sent = [http.send(opening)]
    if request.body:
        sent.append(http.send(h11.Data(data=request.body)))
    sent.append(http.send(h11.EndOfMessage()))
    return b"".join(piece for piece in sent if piece)
