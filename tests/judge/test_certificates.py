"""A chain proves what it proves, whatever a probe made of it."""

import datetime as dt
from pathlib import Path

import certifi
import pytest

from lampwatch.judge.certificates import Authorities, Examined, Soundness
from tests.judge.chains import (
    AT,
    HOST,
    Chain,
    authorities,
    censor,
    issued,
    root,
    self_made,
    signed_by_a_server,
)


def found(chain: Chain, name: str = HOST, at: dt.datetime = AT, beside: Chain = ()) -> Examined:
    return authorities().examined(chain, name, at, beside)


def test_a_chain_to_a_known_authority_is_sound() -> None:
    proved = found(issued(HOST))
    assert proved.soundness is Soundness.SOUND
    assert proved.names == (HOST,)
    assert (proved.dated, proved.own, proved.logged) == (True, False, False)


def test_an_address_is_proved_like_a_name() -> None:
    assert found(issued("192.0.2.1"), "192.0.2.1").soundness is Soundness.SOUND
    assert found(issued("192.0.2.1"), "192.0.2.2").soundness is Soundness.OTHER_NAME
    assert found(issued("2001:db8::1"), "2001:db8::1").soundness is Soundness.SOUND


def test_a_chain_to_nobody_is_unknown_and_its_issuer_named() -> None:
    proved = found(issued(HOST, by=censor()))
    assert proved.soundness is Soundness.UNKNOWN_AUTHORITY
    assert "O=The Censor" in proved.issuer


def test_one_who_signs_for_himself_is_unknown() -> None:
    proved = found(self_made())
    assert (proved.soundness, proved.own) == (Soundness.UNKNOWN_AUTHORITY, True)


def test_a_known_authority_s_name_is_not_its_signature() -> None:
    assert found(self_made(signer="The Believed Authority")).soundness is Soundness.UNKNOWN_AUTHORITY


def test_a_server_s_certificate_makes_no_others() -> None:
    assert found(signed_by_a_server()).soundness is Soundness.UNKNOWN_AUTHORITY


@pytest.mark.parametrize(("since", "until"), [(2020, 2025), (2027, 2030)])
def test_what_speaks_against_it_may_be_its_dates_alone(since: int, until: int) -> None:
    proved = found(issued(HOST, since=since, until=until))
    assert (proved.soundness, proved.dated) == (Soundness.OUT_OF_DATE, False)


def test_another_name_is_another_name_whoever_signed() -> None:
    assert found(issued("other.example")).soundness is Soundness.OTHER_NAME
    assert found(issued("other.example", by=censor())).names == ("other.example",)


def test_a_wildcard_is_for_the_names_below_it() -> None:
    assert found(issued("*.example.com")).soundness is Soundness.SOUND
    assert found(issued("*.example.com"), "example.com").soundness is Soundness.OTHER_NAME


def test_what_is_missing_in_a_chain_may_come_from_beside() -> None:
    whole = issued(HOST)
    assert found(whole[:1]).soundness is Soundness.UNKNOWN_AUTHORITY
    assert found(whole[:1], beside=whole[1:]).soundness is Soundness.SOUND


def test_timestamps_of_public_logs_are_seen() -> None:
    assert found(self_made(logged=True)).logged


@pytest.mark.parametrize(
    "chain", [(), (b"",), (b"no certificate",), (b"\x30\x03\x02\x01\x07",), (b"\x30\x80" * 9000,)]
)
def test_what_is_no_certificate_is_unreadable(chain: Chain) -> None:
    assert found(chain).soundness is Soundness.UNREADABLE


def test_junk_behind_a_certificate_costs_nothing() -> None:
    whole = issued(HOST)
    assert found((whole[0], b"junk", *whole[1:])).soundness is Soundness.SOUND


def test_every_cut_and_flip_of_a_certificate_is_borne() -> None:
    (whole, *rest) = issued(HOST)
    for at in range(0, len(whole), 7):
        flipped = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        for broken in (whole[:at], flipped):
            assert found((broken, *rest)).soundness is not Soundness.SOUND


@pytest.mark.parametrize(
    "name", ["", "a" * 300, "exa mple", "münchen.example", "-", "xn--", "1.2.3.4.5", "\x00"]
)
def test_names_that_are_none_prove_nothing(name: str) -> None:
    assert found(issued(HOST), name).soundness is Soundness.OTHER_NAME


def test_what_an_issuer_writes_cannot_act_on_the_terminal() -> None:
    assert "\x1b" not in found(self_made(signer="A\x1b[2J")).issuer


def test_the_bundle_that_ships_is_read_without_a_word() -> None:
    bundle = Authorities(Path(certifi.where()).read_bytes())
    assert bundle.examined(issued(HOST), HOST, AT).soundness is Soundness.UNKNOWN_AUTHORITY


def test_a_bundle_s_broken_certificate_leaves_the_others() -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    bundle = Authorities(broken + root().cert_pem.bytes())
    assert bundle.examined(issued(HOST), HOST, AT).soundness is Soundness.SOUND
    with pytest.raises(ValueError, match="no certificate in PEM"):
        Authorities(broken)
