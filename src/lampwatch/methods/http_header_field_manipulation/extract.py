"""The OONI test http_header_field_manipulation (ts-006) -> how a request differs from what the server says it got."""

from collections.abc import Iterable
from typing import Final

import msgspec

from lampwatch.formats.scrub import SCRUBBED, scrubbed
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Echo, Facts, HttpExchange, Observations
from lampwatch.observe.archival import Binary, FailureText, Request, Transaction, exchanges

NAMES: Final = ("http_header_field_manipulation",)
NEEDS_INPUT: Final = False

FLAG: Final = "flag."
"""Marks a change that only the probe's own flags speak of."""
OTHER_PAGE: Final = "body"
"""Marks a response that is no echo at all."""

_SUBJECT: Final = "request"
_SHOWN: Final = 1000
_MOST_CHANGES: Final = 32
_LONGEST_BODY: Final = 65_536
_OK: Final = 200
# The client adds it by itself, and the test does not list it among what it sends.
_OWN: Final = frozenset({"connection"})

Value = str | Binary | list[str] | None


class SentRequest(Request, gc=False):
    """The request as the probe meant it, its names in mixed capitals."""

    headers: dict[str, Value] | None = None
    headers_list: list[tuple[str, Value]] | None = None


class SentTransaction(Transaction, gc=False):
    """The one exchange, with the headers of its request."""

    request: SentRequest | None = None


class Received(msgspec.Struct, gc=False):
    """What the server says it got."""

    request_line: str | None = None
    headers_dict: dict[str, str | list[str]] | None = None
    request_headers: list[tuple[str, str]] | None = None


class TestKeys(msgspec.Struct, gc=False):
    """ts-006, as far as it is used here."""

    requests: list[SentTransaction] | None = None
    failure: FailureText = None
    tampering: dict[str, bool | list[str] | None] | bool | None = None


_RECEIVED: Final = msgspec.json.Decoder(Received)


def extract(test_keys: TestKeys, _measurement: Measurement) -> Observations:
    """One echo: the parts of the request that came out changed, by our own comparison.

    Where nothing can be compared, the probe's own flags are taken over, marked as such. Values that were added on the
    way are never kept, and whatever looks like an address is replaced in the others.
    Raises MalformedError where a body says that it is base64 and is not.
    """
    entries = test_keys.requests or []
    request = entries[0].request if entries else None
    if request is None or not (request.headers or request.headers_list):
        return _observed(_flagged(test_keys, failure_of(test_keys.failure)))
    [exchange] = exchanges(entries[:1])
    failure = _failure(exchange, failure_of(test_keys.failure))
    if failure is not None:
        return _observed(_flagged(test_keys, failure))
    received = _received(exchange.body)
    if received is None:
        return _observed(Echo(_SUBJECT, "", "", (OTHER_PAGE,)))
    return _observed(_compared(request, received))


def _observed(echo: Echo) -> Observations:
    return Observations(Facts(echoes=[echo]))


def _failure(exchange: HttpExchange, whole: Failure | None) -> Failure | None:
    """Why the response says nothing of the request; None where it does. whole is how the measurement failed."""
    if exchange.status == 0:
        return exchange.failure or whole or Failure.UNKNOWN
    if exchange.status != _OK:
        return Failure.HTTP_UNEXPECTED_STATUS
    return None if exchange.body else exchange.failure or Failure.EOF


def _received(body: str) -> Received | None:
    """What the server says it got; None where the body is not its answer."""
    if len(body) > _LONGEST_BODY:
        return None
    try:
        received = _RECEIVED.decode(body.encode("utf-8", "surrogatepass"))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return received if received.headers_dict is not None or received.request_headers is not None else None


def _flagged(test_keys: TestKeys, failure: Failure | None) -> Echo:
    """What the probe's flags say, where there is nothing to compare; `total` alone says that nothing came back."""
    flags = test_keys.tampering if isinstance(test_keys.tampering, dict) else {}
    changed = sorted([name for name, flag in flags.items() if flag is True and name != "total"])
    if changed:
        return Echo(_SUBJECT, "", "", tuple([FLAG + scrubbed(name, 40) for name in changed[:_MOST_CHANGES]]))
    # All flags down is the state before the comparison as well as after it.
    return Echo(_SUBJECT, "", "", (), failure or Failure.UNKNOWN)


def _compared(request: SentRequest, received: Received) -> Echo:
    sent = _by_name(request.headers.items() if request.headers else request.headers_list or ())
    got = _by_name(received.headers_dict.items() if received.headers_dict else received.request_headers or ())
    changed: list[str] = []
    line = _request_line(request)
    if received.request_line is not None and received.request_line != line:
        changed.append("request_line")
    for name in sorted(sent.keys() | got.keys()):
        part = _change(name, sent.get(name), got.get(name))
        if part:
            changed.append(f"{part}.{scrubbed(name, 40)}")
    return Echo(
        _SUBJECT,
        _shown(line, sent, sent.keys()),
        _shown(received.request_line or "", got, sent.keys()),
        tuple(changed[:_MOST_CHANGES]),
    )


Headers = dict[str, tuple[str, list[str | None]]]
"""Lower-case name -> the name as written, and its values; None for one that is no text."""


def _by_name(pairs: Iterable[tuple[str, Value]]) -> Headers:
    headers: Headers = {}
    for name, value in pairs:
        _, values = headers.setdefault(name.lower(), (name, []))
        if isinstance(value, list):
            values += value
        else:
            values.append(value if isinstance(value, str) else None)
    return headers


def _change(
    name: str, sent: tuple[str, list[str | None]] | None, got: tuple[str, list[str | None]] | None
) -> str:
    """How one header was changed, empty where it was not."""
    if sent is None:
        return "" if name in _OWN else "added"
    if got is None:
        return "removed"
    if sent[0] != got[0]:
        return "capitals"
    return "value" if sent[1] != got[1] and None not in sent[1] else ""


def _request_line(request: SentRequest) -> str:
    parts = (request.url or "").split("/", 3)
    return f"{request.method or 'GET'} /{parts[3] if len(parts) > 3 else ''} HTTP/1.1"  # noqa: PLR2004  after the host


def _shown(line: str, headers: Headers, ours: Iterable[str]) -> str:
    """A request for reading. Of headers that are not ours only the name: their values may name the client."""
    known = set(ours)
    lines = [
        f"{written}: {', '.join([value or '' for value in values]) if name in known else SCRUBBED}"
        for name, (written, values) in sorted(headers.items())
    ]
    return scrubbed("\n".join([line, *lines]), _SHOWN)
