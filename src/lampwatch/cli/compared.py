"""What a control said of a host, in a few words for a person to read beside what was seen here."""

from typing import Any, Final

import msgspec

from lampwatch.formats.names import endpoint, url_parts
from lampwatch.formats.printable import printable
from lampwatch.probe.asking import NO_CONTROL
from lampwatch.probe.failed import Failed
from lampwatch.probe.record import Comparison
from lampwatch.publish.words import failure_in_words

NOT_ASKED: Final = "control \u2013 this method asks none: it goes by what is seen from here"
"""Under a measurement that compared with no control."""
_NO_SUCH_NAME: Final = "dns_name_error"
"""As controls spell it."""


class _Tried(msgspec.Struct):
    """A step that the control tried."""

    failure: str | None = None
    status: bool | None = None


_Endpoints = dict[str, _Tried | None] | None


class _Said(msgspec.Struct):
    """As much of an answer as is shown."""

    http_request: _Tried | None = None
    http3_request: _Tried | None = None
    tcp_connect: _Endpoints = None
    tls_handshake: _Endpoints = None
    quic_handshake: _Endpoints = None


def asked_host(comparison: Comparison) -> str:
    """The host that the control was asked about; empty where the question names none."""
    return url_parts(_url(comparison)).host


def control_cell(comparison: Comparison) -> str:
    """A tick where the page came from outside, and of how many endpoints; a cross where it failed there too.

    A dash where that is not known: no control was named, or it gave no answer. Dots while it is being asked.
    """
    answer = comparison.answer
    if answer is None:
        return "\u2026"
    if answer == NO_CONTROL:
        return "\u2013 none named"
    said = None if isinstance(answer, Failed) else _read(answer)
    if said is None or said.http_request is None:
        why = f" ({printable(failure_in_words(str(answer.failure)))})" if isinstance(answer, Failed) else ""
        return f"\u2013 no answer{why}"
    page, endpoints = _about(comparison, said)
    if page.failure:
        words = "no such name" if page.failure == _NO_SUCH_NAME else failure_in_words(page.failure)
        return f"\u2717 {printable(words)}"
    worked = sum(tried.failure is None and tried.status is not False for tried in endpoints)
    return f"\u2713 {worked} of {len(endpoints)}" if len(endpoints) > 1 else "\u2713"


def _url(comparison: Comparison) -> str:
    return str(comparison.question.get("http_request", ""))


def _read(answer: dict[str, Any]) -> _Said | None:
    try:
        return msgspec.convert(answer, _Said)
    except msgspec.ValidationError:
        return None


def _about(comparison: Comparison, said: _Said) -> tuple[_Tried, list[_Tried]]:
    """The page, and the endpoints at the URL's own port, by the last step that leads to it: QUIC, TLS or TCP."""
    url = url_parts(_url(comparison))
    page, steps = said.http_request or _Tried(), said.tcp_connect
    if comparison.question.get("x_quic_enabled") and said.http3_request is not None:
        page, steps = said.http3_request, said.quic_handshake
    elif url.scheme == "https":
        steps = said.tls_handshake
    tried = [one for name, one in (steps or {}).items() if one is not None and endpoint(name)[1] == url.port]
    return page, tried
