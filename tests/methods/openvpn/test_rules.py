from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.methods.openvpn import extract
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Mechanism, State
from tests.methods.judging import Method, bears, document, verdict_in

METHOD = Method("openvpn")
TIMEOUT, RESET = "generic_timeout_error", "connection_reset"
INPUT = "openvpn://riseup.corp/?address=192.0.2.1:1194&transport=tcp"
PACKETS = {
    "": [],
    "silent": [{"operation": "packet_out", "transaction_id": 1}],
    "answered": [{"operation": "packet_in", "transaction_id": 1}],
    "hello": [{"operation": "packet_in", "tags": ["server_hello"], "transaction_id": 1}],
}


def verdict(test_keys: dict[str, Any], given: str | None = INPUT, name: str = "openvpn") -> Verdict:
    return verdict_in(document(name, test_keys, given))


def over_tcp(handshake: str | None, packets: str = "silent", connect: str | None = None) -> Verdict:
    where = {"ip": "192.0.2.1", "port": 1194, "transaction_id": 1}
    return verdict(
        {
            "tcp_connect": [where | {"status": {"failure": connect}}],
            "openvpn_handshake": [where | {"failure": handshake}],
            "network_events": PACKETS[packets],
        }
    )


def over_udp(handshake: str | None, packets: str = "silent") -> Verdict:
    where = {"ip": "192.0.2.1", "port": 1194, "transaction_id": 1}
    return verdict(
        {"openvpn_handshake": [where | {"failure": handshake}], "network_events": PACKETS[packets]}
    )


def test_a_handshake_that_completes_is_ok() -> None:
    found = over_tcp(None, "hello")
    assert (found.target, found.state, found.rule_id) == (
        "openvpn-riseup",
        State.OK,
        "openvpn.handshake_completes",
    )


@pytest.mark.parametrize(
    ("failure", "packets", "rule_id", "mechanism"),
    [
        (RESET, "answered", "openvpn.answered_then_reset", Mechanism.PROTOCOL_RESET),
        (TIMEOUT, "answered", "openvpn.answered_then_dropped", Mechanism.PROTOCOL_DROP),
        (RESET, "silent", "openvpn.connected_then_reset", Mechanism.PROTOCOL_RESET),
        (TIMEOUT, "silent", "openvpn.connected_then_dropped", Mechanism.PROTOCOL_DROP),
    ],
)
def test_a_live_server_cut_off_in_the_handshake_is_blocked(
    failure: str, packets: str, rule_id: str, mechanism: Mechanism
) -> None:
    found = over_tcp(failure, packets)
    assert (found.state, found.rule_id, found.mechanism) == (State.BLOCKED, rule_id, mechanism)
    assert (found.evidence, bool(found.witnesses)) == (Evidence.INFERRED, True)


def test_over_udp_a_server_that_answered_once_is_alive() -> None:
    assert over_udp(TIMEOUT, "answered").rule_id == "openvpn.answered_then_dropped"


@pytest.mark.parametrize("failure", [TIMEOUT, RESET])
def test_after_the_servers_hello_it_may_be_the_credentials(failure: str) -> None:
    found = over_tcp(failure, "hello")
    assert (found.state, found.rule_id) == (State.UNKNOWN, "openvpn.failed_after_server_hello")


@pytest.mark.parametrize("failure", [TIMEOUT, "connection_refused", "network_unreachable"])
def test_a_server_that_is_never_connected_to_accuses_nobody(failure: str) -> None:
    found = over_tcp(failure, connect=failure)
    assert (found.state, found.rule_id) == (State.UNKNOWN, "openvpn.not_reached")


def test_udp_that_is_never_answered_accuses_nobody() -> None:
    assert over_udp(TIMEOUT).rule_id == "openvpn.not_reached"


def test_without_packets_on_record_a_failed_handshake_accuses_nobody() -> None:
    assert over_tcp(TIMEOUT, "").rule_id == "openvpn.unknown"


def test_a_failure_that_looks_like_nothing_accuses_nobody() -> None:
    assert over_tcp("unknown_failure: bad certificate").rule_id == "openvpn.unknown"


def test_an_empty_measurement_is_unknown() -> None:
    assert verdict({}).rule_id == "openvpn.unknown"


def test_no_address_becomes_a_target() -> None:
    assert verdict({}, "openvpn://192.0.2.1:443/udp").target == "openvpn"


def test_the_old_client_that_did_not_come_up_accuses_nobody() -> None:
    assert verdict({"success": False}, None, "openvpn_client_test").state is State.UNKNOWN


def test_the_old_real_example_is_ok(shared_data: Path) -> None:
    found = verdict_in((shared_data / "measurements/spec-examples/ts-016-openvpn.json").read_bytes())
    assert (found.target, found.state) == ("openvpn", State.OK)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([TIMEOUT, RESET]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
STATUS = st.fixed_dictionaries({}, optional={"failure": JSON, "success": JSON})
SERVER: dict[Any, Any] = {
    "ip": st.text(max_size=8) | JSON,
    "port": JSON,
    "status": STATUS | JSON,
    "transaction_id": JSON,
}
EVENT = st.fixed_dictionaries(
    {},
    optional={
        "operation": st.sampled_from(["packet_in", "state"]) | JSON,
        "tags": JSON,
        "transaction_id": JSON,
    },
)
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "success": JSON,
        "openvpn_handshake": st.lists(
            st.fixed_dictionaries({}, optional=SERVER | {"failure": JSON, "provider": JSON}) | JSON,
            max_size=3,
        ),
        "tcp_connect": st.lists(st.fixed_dictionaries({}, optional=SERVER) | JSON, max_size=3),
        "network_events": st.lists(EVENT | JSON, max_size=3),
    },
)


@given(KEYS | JSON, st.sampled_from(extract.NAMES), st.text(max_size=30) | st.just(INPUT))
def test_whatever_the_keys_hold_is_judged_or_set_aside(test_keys: Any, name: str, given: str) -> None:
    bears(document(name, test_keys, given))
