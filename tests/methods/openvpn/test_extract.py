from pathlib import Path
from typing import Any

import msgspec
import pytest

from lampwatch.methods.openvpn import extract
from lampwatch.model.failure import Failure
from lampwatch.model.observation import Observations
from tests.methods.judging import Method, observations_in

METHOD = Method("openvpn")
INPUT = "openvpn://riseup.corp/?address=192.0.2.1:1194&transport=tcp"


def observed(test_keys: dict[str, Any], given: str = INPUT) -> Observations:
    return METHOD.observed(test_keys, given)


def failure_of(entry: dict[str, Any]) -> Failure | None:
    return observed({"openvpn_handshake": [entry]}).probe.handshakes[0].failure


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        (INPUT, "riseup"),
        ("openvpn+obfs4://TunnelBear.corp/?address=192.0.2.1:1194&transport=tcp", "tunnelbear"),
        ("openvpn://192.0.2.1:443/udp/&provider=tunnelbear", "tunnelbear"),
        ("riseupvpn", "riseupvpn"),
        ("openvpn://unknown.corp/?address=192.0.2.1:1194&transport=udp", ""),
        ("openvpn://192.0.2.1:443/udp", ""),
        ("openvpn://host-192-0-2-1.corp/?transport=udp", ""),
        ("openvpn://a.example.org/", ""),
        ("openvpn://[broken/", ""),
        ("", ""),
    ],
)
def test_a_provider_is_a_label_and_never_an_address(text: str, provider: str) -> None:
    assert extract.provider_of(text) == provider


@pytest.mark.parametrize(
    ("entry", "failure"),
    [
        ({"failure": None}, None),
        ({"failure": "generic_timeout_error"}, Failure.TIMEOUT),
        ({"failure": "context deadline exceeded"}, Failure.TIMEOUT),
        ({"failure": "read tcp: connection reset by peer"}, Failure.CONNECTION_RESET),
        ({"failure": "something else"}, Failure.UNKNOWN),
        ({"status": {"failure": "", "success": True}}, None),
        ({"status": {"failure": "eof", "success": False}}, Failure.EOF),
        ({"status": {"failure": "", "success": False}}, Failure.UNKNOWN),
    ],
)
def test_an_outcome_is_read_in_every_spelling(entry: dict[str, Any], failure: Failure | None) -> None:
    assert failure_of(entry) is failure


def test_there_is_no_handshake_where_the_connect_failed() -> None:
    connect = {
        "ip": "192.0.2.1",
        "port": 1194,
        "status": {"failure": "generic_timeout_error"},
        "transaction_id": 1,
    }
    seen = observed(
        {
            "tcp_connect": [connect],
            "openvpn_handshake": [{"failure": "generic_timeout_error", "transaction_id": 1}],
        }
    )
    assert len(seen.probe.tcp) == 1
    assert seen.probe.handshakes == []


@pytest.mark.parametrize(
    ("events", "progress"),
    [
        ([{"operation": "packet_out"}], extract.SILENT),
        ([{"operation": "packet_out"}, {"operation": "packet_in"}, {"operation": "state"}], extract.ANSWERED),
        ([{"operation": "packet_in", "tags": ["server_hello"]}, {"operation": "packet_in"}], extract.HELLO),
    ],
)
def test_packets_tell_how_far_the_handshake_got(events: list[dict[str, Any]], progress: str) -> None:
    assert observed({"network_events": events}).notes == {"0": progress}


def test_obfs4_has_a_protocol_of_its_own() -> None:
    seen = observed(
        {"openvpn_handshake": [{}]}, "openvpn+obfs4://riseup.corp/?address=192.0.2.1:1&transport=tcp"
    )
    assert seen.probe.handshakes[0].protocol == "openvpn+obfs4"


def test_nothing_of_the_page_of_the_old_test_is_kept(shared_data: Path) -> None:
    # The page names the client's address: "Your IP".
    found = observations_in((shared_data / "measurements/spec-examples/ts-016-openvpn.json").read_bytes())
    assert b"94.242" not in msgspec.json.encode(found)


def test_nulls_are_nothing_observed() -> None:
    seen = observed({"openvpn_handshake": None, "tcp_connect": None, "network_events": [None]})
    assert seen.probe.handshakes == []
