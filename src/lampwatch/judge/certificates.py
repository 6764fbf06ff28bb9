"""Whether a chain of certificates leads to an authority that is believed, as found out here and not by the probe. Pure.

The check is that of cryptography's X.509 verifier. Of authorities it asks for all that browsers ask for; of a server's
own certificate for its names, its dates and its signature, since one that is sloppily made is no other's for that.
"""

import datetime as dt
import ipaddress
import re
import warnings
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Final

import msgspec
import service_identity
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtensionOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)
from service_identity.cryptography import verify_certificate_hostname, verify_certificate_ip_address

from lampwatch.formats.names import is_address
from lampwatch.formats.printable import printable

_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_DEEPEST: Final = 5
"""So many certificates may stand between a server's and an authority: a hostile chain must not cost minutes."""
_MOST: Final = 24
_MOST_NAMES: Final = 4
_AUTHORITY_POLICY: Final = ExtensionPolicy.webpki_defaults_ca()
_SERVER_POLICY: Final = ExtensionPolicy.permit_all().require_present(
    x509.SubjectAlternativeName, Criticality.AGNOSTIC, None
)
_SECOND: Final = dt.timedelta(seconds=1)
_MALFORMED: Final = (
    ValueError,
    TypeError,
    OverflowError,
    x509.UnsupportedGeneralNameType,
    x509.DuplicateExtension,
)
"""What cryptography raises of certificates that are none, or hold what no certificate should."""


class Soundness(StrEnum):
    """What a chain of certificates proves of a server's name at a time.

    sound              it leads to a known authority: the server is who it says
    out_of_date        it does at another time; at this one it had not begun to hold, or no longer held
    other_name         the server's own certificate is for other names
    unknown_authority  it leads to no authority that is known, or not by the rules
    unreadable         there is no certificate in it that can be read
    """

    SOUND = "sound"
    OUT_OF_DATE = "out_of_date"
    OTHER_NAME = "other_name"
    UNKNOWN_AUTHORITY = "unknown_authority"
    UNREADABLE = "unreadable"


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """A chain, looked at.

    issuer and names are those that the server's own certificate writes, made safe to show, names at most four. dated:
    it held at the time by its own dates. own: it was signed by itself. logged: it bears timestamps of public logs of
    certificates, as those of public authorities do; they are not verified.
    """

    soundness: Soundness
    issuer: str = ""
    names: tuple[str, ...] = ()
    dated: bool = False
    own: bool = False
    logged: bool = False


_UNREADABLE: Final = Examined(soundness=Soundness.UNREADABLE)


class Authorities:
    """The authorities that are believed."""

    def __init__(self, pem: bytes) -> None:
        """Believe those in a PEM text; one that cannot be read is left out. Raises ValueError where it holds none."""
        found = [read for block in _PEM.findall(pem) if (read := _from_pem(block)) is not None]
        if not found:
            message = "no certificate in PEM"
            raise ValueError(message)
        self._store = Store(found)

    def examined(
        self, chain: Sequence[bytes], name: str, at: dt.datetime, beside: Iterable[bytes] = ()
    ) -> Examined:
        """What a chain (DER, the server's own certificate first) proves of a name or address at a time (UTC, no zone).

        beside are other certificates that may complete the chain: probes keep only the first where they refuse it.
        """
        leaf = _from_der(chain[0]) if chain else None
        if leaf is None:
            return _UNREADABLE
        others = [read for der in (*chain[1:], *beside)[:_MOST] if (read := _from_der(der)) is not None]
        try:
            return self._examined(leaf, others, name, at)
        except _MALFORMED:
            return _UNREADABLE

    def _examined(
        self, leaf: x509.Certificate, others: list[x509.Certificate], name: str, at: dt.datetime
    ) -> Examined:
        first, last = _naive(leaf.not_valid_before_utc), _naive(leaf.not_valid_after_utc)
        if not _is_for(leaf, name):
            soundness = Soundness.OTHER_NAME
        elif self._leads(leaf, others, name, at):
            soundness = Soundness.SOUND
        elif any(
            self._leads(leaf, others, name, time)
            for time in (first + _SECOND, first + (last - first) / 2, last - _SECOND)
        ):
            soundness = Soundness.OUT_OF_DATE
        else:
            soundness = Soundness.UNKNOWN_AUTHORITY
        return Examined(
            soundness=soundness,
            issuer=printable(leaf.issuer.rfc4514_string()),
            names=_names(leaf),
            dated=first <= at <= last,
            own=leaf.issuer == leaf.subject,
            logged=_bears_timestamps(leaf),
        )

    def _leads(
        self, leaf: x509.Certificate, others: list[x509.Certificate], name: str, at: dt.datetime
    ) -> bool:
        try:
            subject = x509.IPAddress(ipaddress.ip_address(name)) if is_address(name) else x509.DNSName(name)
            policy = PolicyBuilder().store(self._store).time(at).max_chain_depth(_DEEPEST)
            asked = policy.extension_policies(ca_policy=_AUTHORITY_POLICY, ee_policy=_SERVER_POLICY)
            with _hushed():
                asked.build_server_verifier(subject).verify(leaf, others)
        except (VerificationError, *_MALFORMED):
            return False
        return True


def _hushed() -> AbstractContextManager[object]:
    """Silence for what old authorities and strangers wrote into certificates, which is nobody's mistake here."""
    return warnings.catch_warnings(action="ignore", category=CryptographyDeprecationWarning)


def _from_pem(pem: bytes) -> x509.Certificate | None:
    try:
        with _hushed():
            return x509.load_pem_x509_certificate(pem)
    except _MALFORMED:
        return None


def _from_der(der: bytes) -> x509.Certificate | None:
    try:
        with _hushed():
            return x509.load_der_x509_certificate(der)
    except _MALFORMED:
        return None


def _naive(time: dt.datetime) -> dt.datetime:
    return time.astimezone(dt.UTC).replace(tzinfo=None)


def _is_for(leaf: x509.Certificate, name: str) -> bool:
    """Whether a certificate names a server."""
    try:
        if is_address(name):
            verify_certificate_ip_address(leaf, name)
        else:
            verify_certificate_hostname(leaf, name)
    except (service_identity.VerificationError, service_identity.CertificateError, *_MALFORMED):
        return False
    return True


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    """The servers that a certificate names, at most four; where it names none so, what it calls its subject."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, *_MALFORMED):
        return (printable(leaf.subject.rfc4514_string()),)
    return tuple(printable(str(name.value)) for name in list(names)[:_MOST_NAMES])


def _bears_timestamps(leaf: x509.Certificate) -> bool:
    try:
        leaf.extensions.get_extension_for_oid(ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS)
    except (x509.ExtensionNotFound, *_MALFORMED):
        return False
    return True
