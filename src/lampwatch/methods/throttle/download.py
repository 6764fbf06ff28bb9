"""A body read as fast as it comes, with the times at which it came."""

from collections.abc import Callable
from typing import Final

import h11
import msgspec

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.http import Request
from lampwatch.probe.step import Receive, Send, Step

MOST_SAMPLES: Final = 64
_LONGEST_HEAD: Final = 65_536


class Download(msgspec.Struct):
    """What came of a body: bytes of it, seconds from the request to the last of them or to the end of patience.

    samples are pairs of seconds and bytes so far, at most MOST_SAMPLES; failed says what ended it too soon.
    """

    status: int = 0
    size: int = 0
    seconds: float = 0.0
    failed: Failed | None = None
    samples: list[tuple[float, int]] = msgspec.field(default_factory=list)


def download(request: Request, most: int, monotonic: Callable[[], float]) -> Step[Download]:
    """Ask over HTTP/1.1 on a fresh connection, and read at most so many bytes of the body."""
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    headers = [("Host", request.host), *request.headers]
    asked = http.send(h11.Request(method=request.method, target=request.path, headers=headers))
    http.send(h11.EndOfMessage())
    found, began = Download(), monotonic()
    sent = yield Send(asked or b"")
    if isinstance(sent, Failed):
        found.failed = sent
    while found.failed is None and found.size < most:
        try:
            event = http.next_event()
        except h11.RemoteProtocolError as error:
            cut = http.trailing_data[1]
            found.failed = unknown(
                str(error), Operation.READ, Failure.EOF if cut else Failure.HTTP_REQUEST_FAILED
            )
            break
        if isinstance(event, h11.Response):
            found.status = event.status_code
        elif isinstance(event, h11.Data):
            found.size += len(event.data)
            _sample(found, monotonic() - began, most)
        elif event is h11.NEED_DATA:
            heard = yield Receive()
            if isinstance(heard, Failed):
                found.failed = heard.during(Operation.HTTP_ROUND_TRIP)
            elif not heard and not found.status:
                found.failed = Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP)
            else:
                http.receive_data(heard)
        elif not isinstance(event, h11.InformationalResponse):
            break
    found.seconds = round(monotonic() - began, 6)
    return found


def _sample(found: Download, seconds: float, most: int) -> None:
    """Note how far it is, unless it is hardly further than last time."""
    last = found.samples[-1][1] if found.samples else 0
    if (found.size - last) * MOST_SAMPLES >= most and len(found.samples) < MOST_SAMPLES:
        found.samples.append((round(seconds, 6), found.size))
