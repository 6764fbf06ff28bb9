import datetime as dt
import ssl
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.probe.trust import Trust, trust_of
from tests.probe.scripted import ScriptedClock
from tests.probe.servers import authority, certificate, trusting

TRUST = trusting(ScriptedClock())


def chain(leaf: trustme.LeafCert) -> list[bytes]:
    return [ssl.PEM_cert_to_DER_cert(pem.bytes().decode()) for pem in leaf.cert_chain_pems]


def refusal(leaf: trustme.LeafCert, name: str = "site.test") -> Failure | None:
    return TRUST.refusal(chain(leaf), name)


def test_a_certificate_of_a_known_authority_for_the_name_is_believed() -> None:
    assert refusal(certificate("site.test")) is None


def test_a_wildcard_is_for_the_names_below_it() -> None:
    leaf = certificate("*.site.test")
    assert refusal(leaf, "www.site.test") is None
    assert refusal(leaf, "site.test") is Failure.TLS_INVALID_HOSTNAME


def test_an_address_is_believed_where_the_certificate_names_it() -> None:
    leaf = certificate("192.0.2.1", "2001:db8::1")
    assert refusal(leaf, "192.0.2.1") is None
    assert refusal(leaf, "2001:db8::1") is None
    assert refusal(leaf, "192.0.2.2") is Failure.TLS_INVALID_HOSTNAME


def test_an_unknown_authority_is_said() -> None:
    assert refusal(trustme.CA().issue_cert("site.test")) is Failure.TLS_UNKNOWN_AUTHORITY


def test_another_name_is_said() -> None:
    assert refusal(certificate("other.test")) is Failure.TLS_INVALID_HOSTNAME


@pytest.mark.parametrize("until", [2020, 2026])
def test_an_expired_certificate_is_invalid(until: int) -> None:
    leaf = authority().issue_cert("site.test", not_after=dt.datetime(until, 1, 1, tzinfo=dt.UTC))
    assert refusal(leaf) is Failure.TLS_INVALID_CERTIFICATE


def test_a_certificate_that_is_not_yet_valid_is_invalid() -> None:
    leaf = authority().issue_cert("site.test", not_before=dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    assert refusal(leaf) is Failure.TLS_INVALID_CERTIFICATE


def test_the_time_is_the_clocks_and_not_the_machines() -> None:
    leaf = authority().issue_cert("site.test", not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    then = ScriptedClock(dt.datetime(2019, 6, 1))  # noqa: DTZ001  UTC without a zone, as Clock has it
    assert trusting(then).refusal(chain(leaf), "site.test") is None


@pytest.mark.parametrize("given", [[], [b""], [b"\x30\x03\x02\x01\x01"]])
def test_what_is_no_certificate_is_invalid(given: list[bytes]) -> None:
    assert TRUST.refusal(given, "site.test") is Failure.TLS_INVALID_CERTIFICATE


@pytest.mark.parametrize("rest", [b"", b"garbage", b"\x30\x03\x02\x01\x01"])
def test_a_chain_that_goes_on_with_what_is_no_certificate_is_invalid(rest: bytes) -> None:
    good = chain(certificate("site.test"))
    assert TRUST.refusal([*good, rest], "site.test") is Failure.TLS_INVALID_CERTIFICATE


def test_a_chain_that_lacks_its_middle_leads_to_no_known_authority() -> None:
    middle = authority().create_child_ca()
    leaf = middle.issue_cert("site.test")
    assert TRUST.refusal(chain(leaf), "site.test") is None
    assert TRUST.refusal(chain(leaf)[:1], "site.test") is Failure.TLS_UNKNOWN_AUTHORITY


def test_without_a_file_mozillas_authorities_are_believed_and_not_ours() -> None:
    trust = trust_of(None, ScriptedClock().utc)
    assert trust.refusal(chain(certificate("site.test")), "site.test") is Failure.TLS_UNKNOWN_AUTHORITY


def test_a_file_of_authorities_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    authority().cert_pem.write_to_path(path)
    assert trust_of(path, ScriptedClock().utc).refusal(chain(certificate("site.test")), "site.test") is None


def test_a_file_that_holds_no_certificate_is_the_users_mistake(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("nothing")
    with pytest.raises(UserError, match="no certificate"):
        trust_of(path, ScriptedClock().utc)
    with pytest.raises(UserError, match="cannot be read"):
        trust_of(tmp_path / "missing.pem", ScriptedClock().utc)


def test_a_certificate_that_cannot_be_read_is_a_mistake() -> None:
    pem = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    with pytest.raises(ValueError, match="cannot be read"):
        Trust(pem, ScriptedClock().utc)


@pytest.mark.parametrize("name", ["site.test", "192.0.2.7"])
def test_names_that_cannot_be_read_name_nobody(name: str) -> None:
    now, key = ScriptedClock().utc(), ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site.test")])
    built = x509.CertificateBuilder(
        who, who, key.public_key(), 5, now - dt.timedelta(1), now + dt.timedelta(1)
    )
    x400 = x509.UnrecognizedExtension(x509.OID_SUBJECT_ALTERNATIVE_NAME, b"\x30\x04\xa3\x02\x30\x00")
    signed = built.add_extension(x400, critical=False).sign(key, hashes.SHA256())
    given = [signed.public_bytes(Encoding.DER)]
    assert TRUST.refusal(given, name) is Failure.TLS_INVALID_HOSTNAME
