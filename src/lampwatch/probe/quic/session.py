"""One QUIC connection without I/O: how aioquic is set up, what was agreed, and what its endings are called."""

import logging
import ssl
from collections.abc import Sequence
from typing import Final

from aioquic import tls
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ConnectionTerminated
from aioquic.quic.packet import QuicErrorCode, QuicProtocolVersion
from cryptography.hazmat.primitives.serialization import Encoding

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.tls import Handshaken

# aioquic logs what the other end says, client addresses among it. Without this, warnings would go to standard error.
_log = logging.getLogger("quic")
_log.propagate = False
_log.addHandler(logging.NullHandler())

_WINDOW: Final = 1_048_576
"""Bytes that the other end may send ahead of us: what a connection holds at most before it is read."""

_CIPHERS: Final = {
    tls.CipherSuite.AES_128_GCM_SHA256: "TLS_AES_128_GCM_SHA256",
    tls.CipherSuite.AES_256_GCM_SHA384: "TLS_AES_256_GCM_SHA384",
    tls.CipherSuite.CHACHA20_POLY1305_SHA256: "TLS_CHACHA20_POLY1305_SHA256",
}
_NO_COMMON_VERSION: Final = "Could not find a common protocol version"
_IDLE: Final = "Idle timeout"
_ALERTS: Final = range(QuicErrorCode.CRYPTO_ERROR, QuicErrorCode.CRYPTO_ERROR + 256)
_FINE: Final = (QuicErrorCode.NO_ERROR, 0x100)
"""How a connection ends where nothing is wrong: by QUIC's own code, or HTTP/3's H3_NO_ERROR."""


def client(server_name: str, alpn: Sequence[str], idle_s: float) -> QuicConnection:
    """A QUIC version 1 client that believes every certificate: whether rightly is asked afterwards, as for TLS.

    server_name is sent in the ClientHello unless it is an address; empty for none. Secrets are logged nowhere.
    """
    return QuicConnection(
        configuration=QuicConfiguration(
            alpn_protocols=list(alpn),
            idle_timeout=idle_s,
            max_data=_WINDOW,
            max_stream_data=_WINDOW,
            server_name=server_name or None,
            # As browsers: one version, so that whoever filters by it is seen to.
            supported_versions=[QuicProtocolVersion.VERSION_1],
            verify_mode=ssl.CERT_NONE,
        )
    )


def agreed(quic: QuicConnection) -> Handshaken:
    """What a handshake that was completed agreed on, with the certificates that were sent."""
    context = quic.tls
    leaf = context._peer_certificate  # noqa: SLF001  aioquic shows it nowhere else
    others = context._peer_certificate_chain  # noqa: SLF001  aioquic shows it nowhere else
    schedule = context.key_schedule
    return Handshaken(
        version="TLSv1.3",
        cipher=_CIPHERS.get(schedule.cipher_suite, "") if schedule else "",
        protocol=context.alpn_negotiated or "",
        chain=tuple(certificate.public_bytes(Encoding.DER) for certificate in (leaf, *others) if certificate),
    )


def ended_by(end: ConnectionTerminated, operation: Operation, *, versions_heard: bool) -> Failed:
    """Name the end of a connection. versions_heard tells whether the server had sent the versions that it speaks."""
    detail = f"QUIC error {end.error_code:#x} {end.reason_phrase}"
    if versions_heard and end.reason_phrase == _NO_COMMON_VERSION:
        return Failed(Failure.QUIC_INCOMPATIBLE_VERSION, operation)
    if end.reason_phrase == _IDLE:
        return Failed(Failure.TIMEOUT, operation)
    # An application's own codes (no frame type) begin anew: HTTP/3's lie where the alerts of TLS do.
    if end.frame_type is not None and end.error_code in _ALERTS:
        alert = end.error_code - QuicErrorCode.CRYPTO_ERROR
        return unknown(f"TLS alert {alert} {end.reason_phrase}", operation, Failure.TLS_FAILED_HANDSHAKE)
    if operation is Operation.QUIC_HANDSHAKE:
        return unknown(detail, operation, Failure.CONNECTION_ABORTED)
    if end.error_code in _FINE:
        return Failed(Failure.EOF, operation)
    return unknown(detail, operation, Failure.HTTP_REQUEST_FAILED)


def is_version_list(datagram: bytes) -> bool:
    """Whether a packet is a server's list of the versions it speaks (RFC 9000, section 17.2.1)."""
    return len(datagram) > 4 and bool(datagram[0] & 0x80) and datagram[1:5] == bytes(4)  # noqa: PLR2004  header bytes
