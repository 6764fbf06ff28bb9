import hashlib
from pathlib import Path
from typing import Any

import msgspec

from lampwatch.model.failure import Failure
from lampwatch.model.observation import Observations
from tests.methods.judging import Method, document, observations_in

METHOD = Method("tor")
HASH = hashlib.sha256(b"a bridge").hexdigest()


def observed(test_keys: dict[str, Any], name: str = "tor") -> Observations:
    return observations_in(document(name, test_keys))


def one(target: dict[str, Any], key: str = HASH) -> Observations:
    return observed({"targets": {key: target}})


def connect(failure: str | None, ip: str = "192.0.2.7") -> list[dict[str, Any]]:
    return [{"ip": ip, "port": 443, "status": {"failure": failure, "success": failure is None}}]


def test_an_authority_keeps_its_name_and_address() -> None:
    seen = one(
        {
            "failure": None,
            "target_address": "128.31.0.39:9101",
            "target_name": "moria1",
            "target_protocol": "or_port_dirauth",
            "tcp_connect": connect(None),
        },
        "128.31.0.39:9101",
    )
    [shake] = seen.probe.handshakes
    assert (shake.protocol, shake.server_name, shake.ip, shake.port) == (
        "or_port_dirauth",
        "moria1",
        "128.31.0.39",
        9101,
    )


def test_no_bridges_address_is_kept_anywhere() -> None:
    target = {
        "target_address": "203.0.113.9:443",
        "target_protocol": "obfs4",
        "tcp_connect": connect(None, "203.0.113.9"),
    }
    for key, source in ((HASH, ""), ("203.0.113.9:443", "bridgedb")):
        seen = one(target | {"target_source": source, "target_name": "203.0.113.9:443"}, key)
        assert b"203.0.113" not in msgspec.json.encode(seen)


def test_a_bridge_is_named_by_the_hash_the_test_gave_it() -> None:
    assert (
        one({"target_protocol": "obfs4", "tcp_connect": connect(None)}).probe.handshakes[0].server_name
        == HASH
    )


def test_a_scrubbed_target_is_observed_all_the_same() -> None:
    seen = one(
        {
            "target_address": "[scrubbed]",
            "target_protocol": "obfs4",
            "tcp_connect": connect(None, "[scrubbed]"),
        }
    )
    assert (len(seen.probe.tcp), len(seen.probe.handshakes)) == (1, 1)


def test_there_is_no_handshake_where_the_connect_failed() -> None:
    seen = one(
        {
            "failure": "generic_timeout_error",
            "target_protocol": "obfs4",
            "tcp_connect": connect("generic_timeout_error"),
        }
    )
    assert seen.probe.tcp[0].failure is Failure.TIMEOUT
    assert seen.probe.handshakes == []
    assert seen.notes == {"1": "obfs4"}


def test_one_of_several_connects_that_stood_is_enough() -> None:
    seen = one({"target_protocol": "obfs4", "tcp_connect": connect("generic_timeout_error") + connect(None)})
    assert seen.probe.tcp[0].failure is None


def test_the_summary_speaks_where_no_connect_is_listed() -> None:
    for written in ("connection_refused", {"failure": "connection_refused"}):
        seen = one({"target_protocol": "or_port", "summary": {"connect": written}})
        assert seen.probe.tcp[0].failure is Failure.CONNECTION_REFUSED


def test_the_failure_at_the_end_of_an_old_message_is_found() -> None:
    text = "Get http://199.58.81.140:80/tor/status-vote/current/consensus.z: eof_error"
    seen = one({"failure": text, "target_protocol": "dir_port", "tcp_connect": connect(None)})
    assert seen.probe.handshakes[0].failure is Failure.EOF


def test_a_bootstrap_in_the_middle_of_which_the_measurement_ended_says_nothing() -> None:
    assert observed({"tor_progress": 40}, "vanilla_tor").probe.handshakes == []


def test_a_bootstrap_that_ran_out_of_time_timed_out() -> None:
    seen = observed({"success": False, "failure": None, "error": "timeout-reached"}, "vanilla_tor")
    assert seen.probe.handshakes[0].failure is Failure.TIMEOUT


def test_nulls_and_missing_keys_are_nothing_observed() -> None:
    for keys in ({}, {"targets": None}, {"targets": {"x": None}}):
        assert observed(keys).probe.handshakes == []


def test_the_real_example_has_one_handshake_for_each_of_its_34_targets(shared_data: Path) -> None:
    found = observations_in((shared_data / "measurements/spec-examples/ts-023-tor.json").read_bytes())
    assert len(found.probe.handshakes) == 34
