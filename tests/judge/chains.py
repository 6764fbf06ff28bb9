"""Chains of certificates as a public authority, a censor and a careless server would show them."""

import datetime as dt
import ssl
from functools import cache

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtensionOID, NameOID

from lampwatch.judge.certificates import Authorities

HOST = "www.example.com"
AT = dt.datetime(2026, 11, 23, 10)  # noqa: DTZ001  start times are UTC without a zone

Chain = tuple[bytes, ...]


@cache
def root() -> trustme.CA:
    """The one authority that is believed."""
    return trustme.CA(organization_name="The Believed Authority")


@cache
def between() -> trustme.CA:
    """An authority that the believed one vouches for."""
    return root().create_child_ca()


@cache
def censor() -> trustme.CA:
    """An authority that nobody believes."""
    return trustme.CA(organization_name="The Censor")


@cache
def authorities() -> Authorities:
    return Authorities(root().cert_pem.bytes())


def issued(*names: str, by: trustme.CA | None = None, since: int = 2024, until: int = 2030) -> Chain:
    """A chain for names, the server's own certificate first, that holds from one year to another."""
    leaf = (by or between()).issue_cert(
        *names,
        not_before=dt.datetime(since, 1, 1, tzinfo=dt.UTC),
        not_after=dt.datetime(until, 1, 1, tzinfo=dt.UTC),
    )
    return tuple(ssl.PEM_cert_to_DER_cert(pem.bytes().decode()) for pem in leaf.cert_chain_pems)


def self_made(name: str = HOST, *, logged: bool = False, signer: str = "") -> Chain:
    """A certificate that signs itself, or bears another issuer's name; logged: it bears timestamps of public logs."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, signer)]) if signer else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    if logged:
        # An empty list of timestamps, as TLS writes it: nobody verifies what is in it.
        oid = ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, b"\x04\x02\x00\x00"), critical=False)
    return (builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER),)


def signed_by_a_server(name: str = HOST) -> Chain:
    """A certificate for a name, signed with the certificate of another server, which is sound and no authority."""
    server = root().issue_cert("evil.example")
    signer = x509.load_pem_x509_certificate(server.cert_chain_pems[0].bytes())
    key = load_pem_private_key(server.private_key_pem.bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(signer.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
        .sign(key, hashes.SHA256())
    )
    return leaf.public_bytes(Encoding.DER), signer.public_bytes(Encoding.DER)
