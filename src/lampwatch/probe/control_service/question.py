"""What a probe asks of the control, read with suspicion."""

from typing import Final

import msgspec

from lampwatch.formats.names import endpoint, is_address
from lampwatch.probe.control_service.guard import USUAL_PORTS, canonical, is_permitted_port, is_public_name
from lampwatch.probe.http import BROWSER, Headers
from lampwatch.probe.url import Url, read_url

MOST_BYTES: Final = 65_536
"""Of a question's JSON: OONI's probes send about one KiB."""
MOST_ENDPOINTS: Final = 128
"""Asked for in one question. OONI's probes send a few, and some dozens where a site has many addresses."""
_LONGEST_URL: Final = 4096
_LONGEST_HEADER: Final = 1024


class Refused(msgspec.Struct, frozen=True):
    """Why a question is not answered: an HTTP status, and one line for a person."""

    status: int
    line: str


class Question(msgspec.Struct, frozen=True):
    """A question that can be answered. endpoints are addresses in their usual spelling, each with its port."""

    url: Url
    headers: Headers
    endpoints: tuple[tuple[str, int], ...]
    wants_quic: bool


class _Asked(msgspec.Struct):
    """The question as OONI's probes spell it."""

    http_request: str
    http_request_headers: dict[str, list[str]] | None = None
    tcp_connect: list[str] | None = None
    x_quic_enabled: bool = False


_ASKED: Final = msgspec.json.Decoder(_Asked)


def question_of(body: bytes) -> Question | Refused:
    """Read a question. Whatever the bytes are, this returns."""
    if len(body) > MOST_BYTES:
        return Refused(413, f"the question is larger than {MOST_BYTES} bytes")
    try:
        asked = _ASKED.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Refused(400, "the question is not JSON as the protocol has it: http_request is wanted, a URL")
    if len(asked.tcp_connect or ()) > MOST_ENDPOINTS:
        return Refused(400, f"tcp_connect names more than {MOST_ENDPOINTS} endpoints")
    url = readable(asked.http_request)
    if url is None:
        return Refused(
            400, "http_request is not an http or https URL of a public host at a port for web sites"
        )
    return Question(
        url,
        _forwarded(asked.http_request_headers or {}),
        _endpoints(asked.tcp_connect or (), url),
        asked.x_quic_enabled,
    )


def readable(text: str) -> Url | None:
    """The URL's parts where the control may ask for it; whether its addresses are public is seen later."""
    if len(text) > _LONGEST_URL:
        return None
    try:
        url = read_url(text)
    except ValueError:
        return None
    return url if url is not None and may_ask(url) else None


def may_ask(url: Url) -> bool:
    """Whether host and port of a URL may be asked for; an odd spelling of an address is neither name nor address."""
    if not is_permitted_port(url.port):
        return False
    return bool(canonical(url.hostname)) if is_address(url.hostname) else is_public_name(url.hostname)


def _forwarded(headers: dict[str, list[str]]) -> Headers:
    """The browser's three headers, as the probe has them where they are fit to be sent on. No others are."""
    given = {name.lower(): values[0] for name, values in headers.items() if values}
    return tuple((name, _fit(given.get(name.lower(), "")) or usual) for name, usual in BROWSER)


def _fit(value: str) -> str:
    """A header's value, empty where it could be mistaken for more than that."""
    is_plain = value.isascii() and value.isprintable() and value == value.strip()
    return value if is_plain and len(value) <= _LONGEST_HEADER else ""


def _endpoints(asked: list[str] | tuple[str, ...], url: Url) -> tuple[tuple[str, int], ...]:
    """The endpoints at the ports that this question is about; what is none, or at another port, is left out."""
    found = dict.fromkeys([(canonical(ip), port) for ip, port in map(endpoint, asked)])
    return tuple((ip, port) for ip, port in found if ip and port in USUAL_PORTS | {url.port})
