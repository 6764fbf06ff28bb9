"""Real certificates, checked here: what the network showed years ago, and what today's authorities say of it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lampwatch.judge.certificates import Soundness
from lampwatch.observe.certificates import shown
from lampwatch.pipeline.certificates import Certificate, examined
from lampwatch.pipeline.witness import Recheck, mozilla, recheck
from tests.external.reading import cases, read
from tests.pipeline.making import kernel
from tests.pipeline.witnesses import stored

AUTHORITIES = mozilla()
DROPPED = ("web.whatsapp.com", "v.whatsapp.net", "www.example.com", "dns.google")
"""Shown in 2020 to 2022 under authorities that the bundle no longer has."""


def examples(shared: Path) -> list[Path]:
    found = sorted((shared / "measurements" / "spec-examples").glob("*.json"))
    if not found:
        pytest.skip(f"no examples of OONI's specifications in {shared}")
    return found


def certificates(file: Path) -> list[Certificate]:
    document = read(file)
    return examined(shown(file.read_bytes()), AUTHORITIES, document.measurement.start_time)


def checked(shared: Path) -> Iterator[tuple[str, Recheck]]:
    for folder in cases(shared):
        raw = (folder / "measurement.json").read_bytes()
        (uid,) = {row.uid for row in stored(raw)}
        yield folder.name, recheck(raw, uid, stored(raw), kernel(), AUTHORITIES)


def test_every_real_chain_of_a_web_site_is_sound(shared_data: Path) -> None:
    found = [one for folder in cases(shared_data) for one in certificates(folder / "measurement.json")]
    assert len(found) == 17
    assert {one.examined.soundness for one in found} == {Soundness.SOUND}
    assert {one.handshake.failure for one in found} == {None}


def test_genuine_chains_of_dropped_authorities_are_seen_to_be_logged(shared_data: Path) -> None:
    found = [one for file in examples(shared_data) if _is_read(file) for one in certificates(file)]
    unknown = [one for one in found if one.examined.soundness is Soundness.UNKNOWN_AUTHORITY]
    public = [one for one in unknown if not one.handshake.server_name.endswith(".signal.org")]
    assert {one.handshake.server_name for one in public} <= set(DROPPED)
    assert public
    assert all(one.examined.logged for one in public)


def test_a_decoy_s_certificate_is_for_another_name(shared_data: Path) -> None:
    file = shared_data / "measurements" / "spec-examples" / "ts-039-echcheck.json"
    if not file.exists():
        pytest.skip(f"no {file}")
    names = {one.examined.names[0]: one.examined.soundness for one in certificates(file)}
    assert names == {"cloudflare-ech.com": Soundness.SOUND, "cloudflare.com": Soundness.OTHER_NAME}


def test_every_real_measurement_holds_by_its_bytes(shared_data: Path) -> None:
    found = dict(checked(shared_data))
    assert {name: one.findings for name, one in found.items() if not one.holds} == {}
    assert any("blocked" in finding for one in found.values() for finding in one.findings)


def _is_read(file: Path) -> bool:
    """Whether a file of the examples is one document; some are fragments."""
    try:
        return isinstance(msgspec.json.decode(file.read_bytes()), dict) and bool(shown(file.read_bytes()))
    except msgspec.DecodeError:
        return False
