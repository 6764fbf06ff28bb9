"""A witness holds by its bytes and its certificates, and never by the probe's word alone."""

from pathlib import Path

import msgspec
import pytest

from lampwatch.judge.certificates import Soundness
from lampwatch.model.errors import UserError
from lampwatch.model.vocabulary import Mechanism
from lampwatch.pipeline.witness import Recheck, mozilla, recheck, rechecked, witness
from tests.judge.chains import AT, HOST, Chain, authorities, between, censor, issued, root, self_made
from tests.methods.web_connectivity.measuring import RESET, SITE, shake
from tests.pipeline.making import kernel, opened, raw_lines
from tests.pipeline.witnesses import INVALID, UNKNOWN, WRONG_NAME, changed, measured, shown, stored, uid_of

KERNEL = kernel()


def checked(raw: bytes, *, target: str = "", beside: Chain = ()) -> Recheck:
    """What a re-check finds of a measurement that is stored as it was judged."""
    return recheck(raw, uid_of(raw), stored(raw), KERNEL, authorities(), target=target, beside=beside)


def told(found: Recheck) -> str:
    return "\n".join(found.findings)


def test_what_its_bytes_say_again_holds() -> None:
    found = checked(measured(shake(SITE, RESET)), target=HOST)
    assert found.holds
    assert "its bytes say the same of www.example.com: blocked (tls · tls_sni_reset)" in told(found)
    assert found.certificates == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [("state", "ok"), ("layer", "dns"), ("mechanism", "dns_spoof"), ("rule_id", "web.tls.other")],
)
def test_what_is_stored_otherwise_does_not_hold(field: str, value: str) -> None:
    raw = measured(shake(SITE, RESET))
    (row,) = stored(raw)
    other = msgspec.structs.replace(row, **{field: value}, rules_version="2020.1")
    found = recheck(raw, row.uid, [other], KERNEL, authorities())
    assert not found.holds
    assert "judged again, www.example.com is blocked (tls · tls_sni_reset)" in told(found)
    assert "by rules 2020.1, now" in told(found)


def test_other_bytes_are_no_witness() -> None:
    raw = measured(shake(SITE, RESET))
    other = changed(raw, report_id="another")
    found = recheck(other, uid_of(raw), stored(raw), KERNEL, authorities())
    assert (found.holds, found.findings) == (
        False,
        (f"its bytes are another measurement's, {uid_of(other)}",),
    )


@pytest.mark.parametrize("raw", [b"", b"junk", b'{"test_name": "web_connectivity"}', b"\xff"])
def test_bytes_that_cannot_be_read_are_no_witness(raw: bytes) -> None:
    found = recheck(raw, "uid", [], KERNEL, authorities())
    assert not found.holds
    assert "its bytes cannot be read" in told(found)


def test_a_target_that_nothing_is_stored_of_has_no_witness() -> None:
    found = checked(measured(shake(SITE, RESET)), target="other.example")
    assert not found.holds
    assert "nothing is stored of other.example" in told(found)


def test_a_foreign_certificate_proves_interception() -> None:
    raw = measured(shown(issued(HOST, by=censor())))
    assert stored(raw)[0].mechanism == Mechanism.TLS_INTERCEPTION
    found = checked(raw, target=HOST)
    assert found.holds
    assert "leads to no known authority: it was issued by" in told(found)
    assert "O=The Censor" in told(found)
    assert "from outside, the control says, the server shows a certificate that holds" in told(found)
    (certificate,) = found.certificates
    assert certificate.examined.soundness is Soundness.UNKNOWN_AUTHORITY
    assert certificate.told.startswith(f"{HOST} at {SITE}, refused by the probe (ssl_unknown_authority): ")


@pytest.mark.parametrize(
    ("chain", "claim", "why"),
    [
        (self_made(), UNKNOWN, "issued by itself"),
        (issued("blockpage.example"), WRONG_NAME, "is for blockpage.example"),
        (issued("blockpage.example", by=censor()), WRONG_NAME, "is for blockpage.example"),
    ],
)
def test_whose_it_is_is_told(chain: Chain, claim: str, why: str) -> None:
    found = checked(measured(shown(chain, claim)))
    assert found.holds
    assert why in told(found)


@pytest.mark.parametrize("claim", [UNKNOWN, INVALID, WRONG_NAME])
def test_a_probe_that_refuses_a_sound_certificate_is_no_witness(claim: str) -> None:
    found = checked(measured(shown(issued(HOST), claim)))
    assert not found.holds
    assert f"({claim}), which is sound: its clock or its list of authorities is wrong, or it lies" in told(
        found
    )


def test_nor_is_it_of_anything_else_in_the_measurement() -> None:
    others = shown(issued("other.example"), server_name="other.example")
    found = checked(measured(shake(SITE, RESET), others), target=HOST)
    assert not found.holds
    assert "other.example at 93.184.216.34" in told(found)


def test_a_certificate_that_names_the_host_is_not_for_another_name() -> None:
    found = checked(measured(shown(issued(HOST, by=censor()), WRONG_NAME)))
    assert not found.holds
    assert "is for another name, and it is for this one" in told(found)


@pytest.mark.parametrize(("since", "until"), [(2020, 2025), (2027, 2030)])
def test_a_wrong_clock_is_no_interception(since: int, until: int) -> None:
    chain = issued(HOST, since=since, until=until)
    for kept in (chain, chain[:1]):
        found = checked(measured(shown(kept, INVALID)))
        assert not found.holds
        assert "only its dates speak against the certificate" in told(found)


def test_a_certificate_that_may_be_genuine_proves_nothing() -> None:
    found = checked(measured(shown(self_made(logged=True, signer="An authority since dropped"))))
    assert not found.holds
    assert "bears timestamps of public logs" in told(found)


def test_without_a_certificate_there_is_the_probe_s_word_alone() -> None:
    found = checked(measured(shake(SITE, UNKNOWN)))
    assert not found.holds
    assert "no certificate of www.example.com was kept" in told(found)


def test_a_certificate_that_cannot_be_read_proves_nothing() -> None:
    found = checked(measured(shown((b"junk",))))
    assert not found.holds
    assert "cannot be read, so it proves nothing" in told(found)


def test_what_a_refused_chain_lacks_may_come_from_beside() -> None:
    whole = issued(HOST)
    raw = measured(shown(whole[:1]))
    assert checked(raw).holds, "a certificate alone leads nowhere"
    assert "which is sound" in told(checked(raw, beside=whole[1:]))
    with_another = measured(shown(whole[:1]), shown(issued(HOST), None))
    assert "which is sound" in told(checked(with_another))


def test_a_chain_that_the_probe_believed_is_told_and_no_contradiction() -> None:
    found = checked(measured(shown(issued(HOST, by=censor()), None), shake(SITE, RESET)))
    assert found.holds
    assert "believed by the probe: it leads to no authority that is known here" in found.certificates[0].told


def test_a_handshake_that_checked_nothing_refused_nothing() -> None:
    unchecked = shown(issued(HOST), UNKNOWN, no_tls_verify=True, server_name="other.example")
    found = checked(measured(shake(SITE, RESET), unchecked))
    assert found.holds
    assert "not checked by the probe" in found.certificates[0].told


def test_no_measurement_makes_it_work_for_long() -> None:
    chains = [shown((*issued(HOST, by=censor())[:1], bytes([n]))) for n in range(99)]
    assert len(checked(measured(*chains)).certificates) == 64


def test_the_first_candidate_that_holds_is_the_witness(tmp_path: Path) -> None:
    whole = issued(HOST)
    lie, truth = measured(shown(whole[:1])), measured(shown(issued(HOST, by=censor())), report_id="b")
    helping = measured(shown(whole, None), report_id="c")
    lines = [lie, truth, helping]
    uids = [uid_of(raw) for raw in lines]
    with opened(tmp_path) as (store, archive):
        worked = KERNEL.work(raw_lines(lines))
        store.commit(worked.tables, archive.append(worked.archive))
        # Alone, nothing shows the lie: the chain that shows it is another measurement's.
        assert rechecked(store, KERNEL, authorities(), uids[0], target=HOST).holds
        chosen = witness(store, KERNEL, authorities(), [uids[0], uids[2], uids[1]], target=HOST)
        assert chosen is not None
        assert (chosen.uid, chosen.holds) == (uids[1], True)
        # One that found it open holds, and is no witness of a block.
        none = witness(store, KERNEL, authorities(), [uids[0], uids[2]], target=HOST)
        assert none is not None
        assert (none.uid, none.holds) == (uids[0], False)
        assert witness(store, KERNEL, authorities(), [], target=HOST) is None
        unknown = witness(store, KERNEL, authorities(), ["none"], target=HOST)
        assert unknown == Recheck(
            "none", HOST, holds=False, findings=("its bytes cannot be had from this archive",)
        )


def test_bytes_that_are_gone_are_no_witness(tmp_path: Path) -> None:
    raw = measured(shake(SITE, RESET))
    with opened(tmp_path) as (store, archive):
        worked = KERNEL.work(raw_lines([raw]))
        store.commit(worked.tables, archive.append(worked.archive))
        for segment in (tmp_path / "raw").glob("*.zst"):
            segment.write_bytes(segment.read_bytes()[:-9])
        found = rechecked(store, KERNEL, authorities(), uid_of(raw))
    assert (found.holds, found.findings) == (False, ("its bytes cannot be had from this archive",))


def test_more_authorities_stand_beside_mozilla_s(tmp_path: Path) -> None:
    path = tmp_path / "more.pem"
    path.write_bytes(root().cert_pem.bytes())
    assert mozilla(path).examined(issued(HOST, by=between()), HOST, AT).soundness is Soundness.SOUND
    assert mozilla().examined(issued(HOST), HOST, AT).soundness is Soundness.UNKNOWN_AUTHORITY
    path.write_bytes(b"none")
    with pytest.raises(UserError, match="holds no certificate"):
        mozilla(path)
    with pytest.raises(UserError, match="cannot be read"):
        mozilla(tmp_path / "absent.pem")
