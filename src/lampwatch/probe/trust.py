"""Whether a chain of certificates is to be believed: one check for TLS and QUIC, made after the handshake.

The handshake itself never refuses a certificate, so that what was sent is always seen and kept.
"""

import datetime as dt
import re
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import certifi
import service_identity
from cryptography import x509
from OpenSSL import crypto
from service_identity.cryptography import verify_certificate_hostname, verify_certificate_ip_address

from lampwatch.formats.names import is_address
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure

_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
UNTRUSTED: Final = frozenset({2, 18, 19, 20, 21, 27})
"""OpenSSL's X509_V_ERR codes for an issuer that is not known, or is known and not trusted."""


class Trust:
    """The authorities that are believed, at the time that a clock tells."""

    def __init__(self, pem: bytes, utc: Callable[[], dt.datetime]) -> None:
        """Believe the authorities in a PEM text; utc gives the time without a zone. ValueError where it holds none."""
        self._store = crypto.X509Store()
        self._utc = utc
        found = _PEM.findall(pem)
        if not found:
            message = "no certificate in PEM"
            raise ValueError(message)
        for certificate in found:
            try:
                self._store.add_cert(crypto.load_certificate(crypto.FILETYPE_PEM, certificate))
            except crypto.Error as error:
                message = "a certificate that cannot be read"
                raise ValueError(message) from error

    def refusal(self, chain: Sequence[bytes], server_name: str) -> Failure | None:
        """Why a chain (DER, the server's own first) is not believed for a name or an address; None where it is."""
        try:
            leaf = x509.load_der_x509_certificate(chain[0])
            certificates = [crypto.load_certificate(crypto.FILETYPE_ASN1, der) for der in chain]
        except (ValueError, IndexError, crypto.Error):
            return Failure.TLS_INVALID_CERTIFICATE
        now = self._utc()
        if not leaf.not_valid_before_utc <= now.replace(tzinfo=dt.UTC) <= leaf.not_valid_after_utc:
            return Failure.TLS_INVALID_CERTIFICATE
        if not _names(leaf, server_name):
            return Failure.TLS_INVALID_HOSTNAME
        self._store.set_time(now)
        try:
            crypto.X509StoreContext(self._store, certificates[0], certificates[1:]).verify_certificate()
        except crypto.X509StoreContextError as error:
            code = error.errors[0] if error.errors else 0
            return Failure.TLS_UNKNOWN_AUTHORITY if code in UNTRUSTED else Failure.TLS_INVALID_CERTIFICATE
        return None


def _names(leaf: x509.Certificate, server_name: str) -> bool:
    try:
        if is_address(server_name):
            verify_certificate_ip_address(leaf, server_name)
        else:
            verify_certificate_hostname(leaf, server_name)
    except (
        service_identity.VerificationError,
        service_identity.CertificateError,
        # What cryptography raises of names that it does not know, or that stand twice: none of them is ours.
        x509.UnsupportedGeneralNameType,
        x509.DuplicateExtension,
        ValueError,
    ):
        return False
    return True


def trust_of(path: Path | None, utc: Callable[[], dt.datetime]) -> Trust:
    """The authorities of a PEM file; without a file those of Mozilla, as certifi ships them.

    Raises UserError where the file cannot be read or holds no certificate.
    """
    source = path or Path(certifi.where())
    try:
        return Trust(source.read_bytes(), utc)
    except OSError as error:
        raise UserError(
            f"{source} cannot be read: {error.strerror}; name a PEM file of authorities"
        ) from error
    except ValueError as error:
        raise UserError(f"{source} holds {error}; name a PEM file of authorities") from error


def believing(path: Path | None) -> ssl.SSLContext:
    """A context for clients that do not measure, with the same authorities as `trust_of`, and the same UserError."""
    source = path or Path(certifi.where())
    try:
        return ssl.create_default_context(cafile=str(source))
    except (OSError, ssl.SSLError) as error:
        raise UserError(
            f"{source} cannot be read as authorities: {error.strerror or error}; name a PEM file"
        ) from error
