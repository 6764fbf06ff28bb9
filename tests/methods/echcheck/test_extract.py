from pathlib import Path
from typing import Any

from lampwatch.methods.echcheck import extract
from tests.methods.judging import Method, observations_in

METHOD = Method("echcheck")
WHERE = {"address": "104.18.10.118:443", "server_name": "cloudflare-ech.com", "failure": None}


def protocols(test_keys: dict[str, Any]) -> list[str]:
    return [shake.protocol for shake in METHOD.observed(test_keys).probe.handshakes]


def test_handshakes_are_told_apart_by_extension_and_outer_name() -> None:
    grease = WHERE | {"echconfig": "GREASE"}
    entries = [
        WHERE,
        grease | {"outer_server_name": "cloudflare-ech.com"},
        grease | {"outer_server_name": "cloudflare.com"},
        grease,
    ]
    assert protocols({"tls_handshakes": entries}) == [
        extract.PLAIN,
        extract.WITH_ECH,
        extract.WITH_ECH_OTHER_NAME,
        extract.WITH_ECH,
    ]


def test_version_0_1_has_a_control_and_a_target() -> None:
    assert protocols({"control": WHERE, "target": WHERE}) == [extract.PLAIN, extract.WITH_ECH]


def test_the_empty_objects_of_version_0_1_are_no_handshakes() -> None:
    empty = {"address": "", "failure": None, "server_name": ""}
    assert protocols({"control": empty, "target": empty}) == []


def test_nulls_are_nothing_observed() -> None:
    assert protocols({"tls_handshakes": None, "control": None, "target": None}) == []


def test_the_real_example_has_one_handshake_of_each_kind(shared_data: Path) -> None:
    found = observations_in((shared_data / "measurements/spec-examples/ts-039-echcheck.json").read_bytes())
    assert [shake.protocol for shake in found.probe.handshakes] == [
        extract.PLAIN,
        extract.WITH_ECH,
        extract.WITH_ECH_OTHER_NAME,
    ]
