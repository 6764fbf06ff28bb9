"""The shared shapes of test_keys in the OONI data format (df-001 to df-008), and their observations.

The types name only what is used, and take every spelling that the format's history wrote: `failure: false`, bodies and
header values as text or base64, headers as a mapping or a list of pairs, ports as text.
"""

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Iterable
from typing import Final

import msgspec

from lampwatch.formats.names import endpoint, is_address, url_parts
from lampwatch.formats.page_title import title_of
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Reason
from lampwatch.model.observation import DnsLookup, Handshake, HttpExchange, TcpConnect
from lampwatch.observe.malformed import MalformedError

FailureText = str | bool | None
"""How a failure is written: null or false for none. `true` is an unknown failure."""
Tags = tuple[str, ...] | None

# Python 3.11 takes ten times as long to find a member in its class, and this one is asked for at every connect.
_UNKNOWN: Final = Failure.UNKNOWN
_SYSTEM_ENGINES: Final = frozenset({"system", "getaddrinfo", "golang_net_resolver", "netgo", "unknown", ""})
_BEGINNING_BYTES: Final = 8_192
_MOST_DEPTHS: Final = 4096
_MOST_TAGS: Final = 16
_LONGEST_TAGS: Final = 512
_LONGEST_ESCAPE: Final = 12
_HALF_OF_A_PAIR: Final = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")
_QUOTE: Final = ord('"')
_LAST_CHARACTER: Final = re.compile(rb"[\xc0-\xff][\x80-\xbf]{0,3}\Z")


class Binary(msgspec.Struct, gc=False):
    """Bytes that are no UTF-8 text, as {"format": "base64", "data": …}."""

    data: str | None = None
    format: str | None = None


Text = str | Binary | None
Pairs = list[tuple[str, str | Binary]]


class Answer(msgspec.Struct, gc=False):
    """One record of a DNS answer."""

    ipv4: str | None = None
    ipv6: str | None = None
    asn: int | str | None = None


class Query(msgspec.Struct, gc=False):
    """df-002: one DNS query."""

    hostname: str | None = None
    query_type: str | None = None
    engine: str | None = None
    failure: FailureText = None
    answers: list[Answer] | None = None
    resolver_address: str | None = None
    resolver_hostname: str | None = None
    transaction_id: int | None = None
    tags: Tags = None
    t: float | None = None


class ConnectStatus(msgspec.Struct, gc=False):
    """The outcome of a TCP connect."""

    failure: FailureText = None
    success: bool | None = None


class Connect(msgspec.Struct, gc=False):
    """df-005: one TCP connect."""

    ip: str | None = None
    port: int | str | None = None
    status: ConnectStatus | None = None
    transaction_id: int | None = None
    tags: Tags = None
    t: float | None = None


class TlsHandshake(msgspec.Struct, gc=False):
    """df-006: one TLS or QUIC handshake."""

    address: str | None = None
    server_name: str | None = None
    failure: FailureText = None
    no_tls_verify: bool | None = None
    tls_version: str | None = None
    transaction_id: int | None = None
    tags: Tags = None
    t: float | None = None
    peer_certificates: msgspec.Raw = msgspec.Raw()


class Request(msgspec.Struct, gc=False):
    """The request of an HTTP exchange."""

    url: str | None = None
    method: str | None = None


class Response(msgspec.Struct, gc=False):
    """The response of an HTTP exchange."""

    code: int | None = None
    body: msgspec.Raw = msgspec.Raw()
    body_is_truncated: bool | None = None
    headers: dict[str, Text] | None = None
    headers_list: msgspec.Raw = msgspec.Raw()


class Transaction(msgspec.Struct, gc=False):
    """df-001: one HTTP exchange."""

    request: Request | None = None
    response: Response | None = None
    failure: FailureText = None
    address: str | None = None
    transaction_id: int | None = None
    tags: Tags = None
    t: float | None = None


_BODY: Final = msgspec.json.Decoder(Text)
_CERTIFICATES: Final = msgspec.json.Decoder(list[Binary] | None)
_PAIRS: Final = msgspec.json.Decoder(Pairs | None)
_NO_RAW: Final = msgspec.Raw()


class _Depths(dict[Tags, int]):
    """The redirects that came before, by the tags. The few combinations that probes write are remembered."""

    def __missing__(self, tags: Tags) -> int:
        tags = tags or ()
        depth = _depth_of(tags)
        # Checked only where something new is met: hostile tags must fill no memory.
        if len(self) < _MOST_DEPTHS and len(tags) <= _MOST_TAGS and sum(map(len, tags)) <= _LONGEST_TAGS:
            self[tags] = depth
        return depth


_depths: Final = _Depths({None: 0})


def _depth_of(tags: tuple[str, ...]) -> int:
    for tag in tags:
        if tag.startswith("depth="):
            number = tag[6:9]
            return int(number) if number.isascii() and number.isdigit() else 0
    return 0


def lookups(queries: Iterable[Query] | None, *, late: bool = False) -> list[DnsLookup]:
    """The DNS observations of df-002 queries."""
    return [_lookup(query, late=late) for query in queries or ()]


def _lookup(query: Query, *, late: bool) -> DnsLookup:
    engine = query.engine or ""
    answers = query.answers
    addresses: tuple[str, ...] = ()
    asns: tuple[int, ...] = ()
    if answers:
        if len(answers) == 1:
            answer = answers[0]
            address = answer.ipv4 or answer.ipv6
            if address:
                addresses, asns = (address,), (_asn(answer.asn),)
        else:
            pairs = [(answer.ipv4 or answer.ipv6, answer.asn) for answer in answers]
            addresses = tuple([address for address, _ in pairs if address])
            asns = tuple([_asn(asn) for address, asn in pairs if address])
    return DnsLookup(
        query.hostname or "",
        query.query_type or "",
        "system" if engine in _SYSTEM_ENGINES else engine,
        query.resolver_address or query.resolver_hostname or "",
        None if query.failure is None else failure_of(query.failure),
        addresses,
        asns,
        query.transaction_id or 0,
        _depths[query.tags],
        query.t,
        late,
    )


def _asn(value: int | str | None) -> int:
    if type(value) is int:
        return value if 0 <= value < 2**32 else 0
    text = str(value or "").upper().removeprefix("AS")[:10]
    return int(text) if text.isascii() and text.isdigit() else 0


def connects(entries: Iterable[Connect] | None) -> list[TcpConnect]:
    """The TCP observations of df-005 entries; an entry without a usable address is not one."""
    return [_connect(entry) for entry in entries or () if entry.ip]


def _connect(entry: Connect) -> TcpConnect:
    status = entry.status
    failure: Failure | None = _UNKNOWN
    if status is not None and (status.failure is not None or status.success is not False):
        failure = None if status.failure is None else failure_of(status.failure)
    port = entry.port
    return TcpConnect(
        entry.ip or "",
        port if type(port) is int else _port(port),
        failure,
        entry.transaction_id or 0,
        _depths[entry.tags],
        entry.t,
    )


def _port(value: int | str | None) -> int:
    text = str(value or "")[:5]
    return int(text) if text.isascii() and text.isdigit() else 0


def handshakes(entries: Iterable[TlsHandshake] | None, protocol: str = "tls") -> list[Handshake]:
    """The TLS (or, with protocol `quic`, QUIC) observations of df-006 entries."""
    return [_handshake(entry, protocol) for entry in entries or ()]


def _handshake(entry: TlsHandshake, protocol: str) -> Handshake:
    ip, port = endpoint(entry.address or "")
    failure = None if entry.failure is None else failure_of(entry.failure)
    return Handshake(
        protocol,
        entry.server_name or "",
        ip,
        port,
        failure,
        not entry.no_tls_verify,
        entry.tls_version or "",
        _first_certificate(entry.peer_certificates) if failure is not None else "",
        entry.transaction_id or 0,
        _depths[entry.tags],
        entry.t,
    )


def _first_certificate(raw: msgspec.Raw) -> str:
    """The SHA-256 of the first certificate of a chain, in hex; empty where there is none that can be read."""
    if raw == _NO_RAW:
        return ""
    try:
        chain = _CERTIFICATES.decode(raw)
        data = b64decode(chain[0].data or "", validate=True) if chain else b""
    except (msgspec.MsgspecError, ValueError):
        return ""
    return hashlib.sha256(data).hexdigest() if data else ""


def exchanges(entries: Iterable[Transaction] | None) -> list[HttpExchange]:
    """The HTTP observations of df-001 entries, in the document's order (newest first).

    Raises MalformedError where a body says that it is base64 and is not.
    """
    return [_exchange(entry) for entry in entries or ()]


def _exchange(entry: Transaction) -> HttpExchange:
    request = entry.request
    url = (request.url if request else "") or ""
    method = (request.method if request else "") or "GET"
    ip, port = endpoint(entry.address) if entry.address else ("", 0)
    over_tls = url_parts(url).scheme == "https"
    transaction_id = entry.transaction_id or 0
    depth = _depths[entry.tags]
    response = entry.response
    failure = None if entry.failure is None else failure_of(entry.failure)
    if response is None or not response.code:
        return HttpExchange(
            url,
            method,
            ip,
            port,
            failure,
            over_tls=over_tls,
            transaction_id=transaction_id,
            depth=depth,
            t=entry.t,
        )
    # What came whole over TLS was written by the server: it is never compared, so it is not built.
    body, length = _beginning(response.body) if over_tls and failure is None else _body(response.body)
    return HttpExchange(
        url,
        method,
        ip,
        port,
        failure,
        response.code if 0 < response.code < 1000 else 0,  # noqa: PLR2004  three digits by RFC 9110
        _headers(response),
        title_of(body),
        length,
        bool(response.body_is_truncated),
        over_tls,
        transaction_id,
        depth,
        entry.t,
        "" if length < 0 else body,
    )


def _beginning(raw: msgspec.Raw) -> tuple[str, int]:
    """The beginning of a long text body, and -1 for a length that is not known; other bodies whole."""
    text = memoryview(raw)
    if len(text) <= 2 * _BEGINNING_BYTES or text[0] != _QUOTE:
        return _body(raw)
    # The cut must go through no escape sequence and no character: what may be one is left out.
    cut = bytes(text[:_BEGINNING_BYTES])
    escape = cut.find(b"\\", -_LONGEST_ESCAPE)
    if escape >= 0:
        cut = _HALF_OF_A_PAIR.sub(b"", cut[:escape].rstrip(b"\\")).rstrip(b"\\")
    cut = _LAST_CHARACTER.sub(b"", cut)
    try:
        return str(_BODY.decode(cut + b'"')), -1
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return "", -1


def _body(raw: msgspec.Raw) -> tuple[str, int]:
    """The body as text for reading, and its length in bytes."""
    value = _BODY.decode(raw) if raw != _NO_RAW else None
    if value is None:
        return "", 0
    if isinstance(value, str):
        return value, len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
    data = _bytes(value)
    return data.decode("utf-8", "replace"), len(data)


def _bytes(value: Binary) -> bytes:
    if value.format != "base64":
        raise MalformedError(Reason.WRONG_TYPE, f"a body in the format {str(value.format)[:40]!r}")
    try:
        return b64decode(value.data or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError(Reason.BAD_BASE64, str(error)) from error


def _headers(response: Response) -> dict[str, str]:
    """Lower-case names and their first values."""
    if response.headers is not None:
        return {
            name.lower(): value if type(value) is str else _text(value)
            for name, value in response.headers.items()
        }
    if response.headers_list == _NO_RAW:
        return {}
    pairs = _PAIRS.decode(response.headers_list) or []
    return {name.lower(): _text(value) for name, value in reversed(pairs)}


def _text(value: Text) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else _bytes(value).decode("utf-8", "replace")


def addresses_only(values: Iterable[str]) -> tuple[str, ...]:
    """The values that are addresses; old controls put aliases among them."""
    return tuple([value for value in values if is_address(value)])
