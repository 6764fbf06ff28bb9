"""The certificates in a document: what each TLS and QUIC handshake was shown, as the probe kept it. Pure.

Observations keep no more than one certificate's digest; whoever looks closer reads the document again, by this.
"""

import hashlib
from base64 import b64decode
from collections.abc import Iterator
from typing import Final

import msgspec

from lampwatch.formats.names import endpoint
from lampwatch.model.failure import Failure, failure_of
from lampwatch.observe.archival import Binary, TlsHandshake

_MOST_HANDSHAKES: Final = 4096
_MOST_CERTIFICATES: Final = 10
"""So many of each are read; no real document has more."""


class Shown(msgspec.Struct, frozen=True):
    """One handshake and the certificates (DER, the server's own first) that were shown in it.

    failure is None where the probe believed them. verified is false where it was told to believe anything.
    """

    server_name: str
    ip: str
    port: int
    failure: Failure | None
    verified: bool
    chain: tuple[bytes, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 of the first certificate, in hex, as observations have it."""
        return hashlib.sha256(self.chain[0]).hexdigest()


class _Handshakes(msgspec.Struct, gc=False):
    tls_handshakes: list[TlsHandshake] | None = None
    quic_handshakes: list[TlsHandshake] | None = None


class _Keys(_Handshakes, gc=False):
    """Most tests write handshakes straight into their keys; dnscheck those of each address that it asks."""

    lookups: msgspec.Raw = msgspec.Raw()


class _Document(msgspec.Struct, gc=False):
    test_keys: _Keys | None = None


_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_LOOKUPS: Final = msgspec.json.Decoder(dict[str, _Handshakes | None])
_CHAIN: Final = msgspec.json.Decoder(list[Binary] | None)


def shown(raw: bytes) -> list[Shown]:
    """Every handshake of a document that has certificates which can be read, in order. Never raises."""
    try:
        keys = _DOCUMENT.decode(raw).test_keys
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []
    if keys is None:
        return []
    entries = [entry for one in (keys, *_lookups(keys.lookups)) for entry in _entries(one)]
    return [read for entry in entries[:_MOST_HANDSHAKES] if (read := _shown(entry)) is not None]


def _lookups(raw: msgspec.Raw) -> list[_Handshakes]:
    try:
        return [one for one in _LOOKUPS.decode(raw).values() if one is not None]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # Other tests have other lookups, or none.
        return []


def _entries(keys: _Handshakes) -> Iterator[TlsHandshake]:
    yield from keys.tls_handshakes or ()
    yield from keys.quic_handshakes or ()


def _shown(entry: TlsHandshake) -> Shown | None:
    try:
        chain = _CHAIN.decode(entry.peer_certificates) or []
        certificates = [b64decode(one.data or "", validate=True) for one in chain[:_MOST_CERTIFICATES]]
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError):
        return None
    if not certificates or not certificates[0]:
        return None
    ip, port = endpoint(entry.address or "")
    return Shown(
        (entry.server_name or "").lower(),
        ip,
        port,
        failure_of(entry.failure),
        not entry.no_tls_verify,
        tuple(certificates),
    )
