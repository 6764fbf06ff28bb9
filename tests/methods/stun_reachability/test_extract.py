from pathlib import Path
from typing import Any

import pytest

from lampwatch.methods.stun_reachability import extract
from lampwatch.model.failure import Failure
from lampwatch.model.observation import Observations
from tests.methods.judging import Method, observations_in

METHOD = Method("stun_reachability")
NAMED = [{"hostname": "stun.example.org", "answers": [{"ipv4": "93.184.216.34"}]}]


def observed(test_keys: dict[str, Any], given: str | None = "stun://stun.example.org:3478") -> Observations:
    return METHOD.observed(test_keys, given)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("stun://Stun.Example.org:3478", ("stun.example.org", 3478)),
        ("stun.example.org:3478", ("stun.example.org", 3478)),
        ("stun.example.org", ("stun.example.org", 0)),
        ("[2001:db8::1]:3478", ("2001:db8::1", 3478)),
        ("stun://[broken", ("", 0)),
        ("", ("", 0)),
    ],
)
def test_the_server_is_found_in_every_spelling(text: str, server: tuple[str, int]) -> None:
    assert extract.server_of(text) == server


def test_an_exchange_has_the_servers_name_and_address() -> None:
    events = [{"operation": "resolve_done"}, {"operation": "connect", "address": "93.184.216.34:3478"}]
    [shake] = observed({"queries": NAMED, "network_events": events}).probe.handshakes
    assert (shake.protocol, shake.server_name, shake.ip, shake.port, shake.failure) == (
        "stun",
        "stun.example.org",
        "93.184.216.34",
        3478,
        None,
    )


def test_the_librarys_own_words_for_no_answer_are_a_timeout() -> None:
    seen = observed({"queries": NAMED, "failure": "unknown_failure: transaction is timed out"})
    assert seen.probe.handshakes[0].failure is Failure.TIMEOUT


@pytest.mark.parametrize(
    "test_keys",
    [
        {"queries": [{"failure": "dns_nxdomain_error"}], "failure": "dns_nxdomain_error"},
        {"queries": None, "failure": "dns_nxdomain_error"},
    ],
)
def test_nothing_is_sent_to_a_name_that_was_not_found(test_keys: dict[str, Any]) -> None:
    assert observed(test_keys).probe.handshakes == ()


def test_success_with_nothing_that_led_to_it_is_an_interrupted_measurement() -> None:
    assert observed({}).probe.handshakes[0].failure is Failure.INTERRUPTED


def test_a_measurement_that_names_no_server_has_no_exchange() -> None:
    assert observed({"failure": None}, None).probe.handshakes == ()


def test_the_real_example_has_one_exchange_that_worked(shared_data: Path) -> None:
    found = observations_in(
        (shared_data / "measurements/spec-examples/ts-025-stun-reachability.json").read_bytes()
    )
    assert [shake.failure for shake in found.probe.handshakes] == [None]
