from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.methods.tor import extract
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State
from tests.methods.judging import Method, bears, document, verdicts_in

METHOD = Method("tor")
TIMEOUT, REFUSED, RESET = "generic_timeout_error", "connection_refused", "connection_reset"

Targets = dict[str, dict[str, Any]]


def verdicts(test_keys: dict[str, Any], name: str = "tor") -> dict[str, Verdict]:
    return verdicts_in(document(name, test_keys))


def servers(
    protocol: str, count: int, *, connect: str | None = None, handshake: str | None = None, network: int = 1
) -> Targets:
    return {
        f"{protocol} {network} {n}": {
            "failure": connect or handshake,
            "target_address": f"198.51.{network}.{n}:443",
            "target_protocol": protocol,
            "tcp_connect": [{"ip": f"198.51.{network}.{n}", "port": 443, "status": {"failure": connect}}],
        }
        for n in range(count)
    }


def authorities(count: int, **how: Any) -> Targets:
    return servers("or_port_dirauth", count, **how)


def bridges(count: int, **how: Any) -> Targets:
    return servers("obfs4", count, **how)


def tor(targets: Targets, target: str = "tor") -> Verdict:
    return verdicts({"targets": targets})[target]


def test_most_authorities_reached_is_ok() -> None:
    found = tor(authorities(6) | authorities(5, connect=TIMEOUT, network=2))
    assert (found.state, found.rule_id) == (State.OK, "tor.authorities.reached")


def test_half_of_the_authorities_reached_is_not_most() -> None:
    found = tor(authorities(5) | authorities(5, connect=TIMEOUT, network=2))
    assert (found.state, found.rule_id) == (State.UNKNOWN, "tor.authorities.some_reached")


@pytest.mark.parametrize(
    ("how", "rule_id", "layer", "mechanism"),
    [
        ({"connect": TIMEOUT}, "tor.authorities.dropped", Layer.IP, Mechanism.IP_DROP),
        ({"connect": REFUSED}, "tor.authorities.refused", Layer.IP, Mechanism.IP_REFUSE),
        ({"handshake": TIMEOUT}, "tor.authorities.handshake_dropped", Layer.TLS, Mechanism.PROTOCOL_DROP),
        ({"handshake": RESET}, "tor.authorities.handshake_reset", Layer.TLS, Mechanism.PROTOCOL_RESET),
    ],
)
def test_hardly_an_authority_reached_while_a_bridge_was_is_blocked(
    how: dict[str, str], rule_id: str, layer: Layer, mechanism: Mechanism
) -> None:
    found = tor(authorities(5, **how) | bridges(1))
    assert (found.state, found.rule_id, found.layer, found.mechanism) == (
        State.BLOCKED,
        rule_id,
        layer,
        mechanism,
    )
    assert (found.evidence, found.control) == (Evidence.INFERRED, Control.ABSENT)
    assert found.witnesses


def test_one_authority_in_five_may_be_forgotten_by_the_censor() -> None:
    found = tor(authorities(1) | authorities(4, connect=TIMEOUT, network=2))
    assert (found.state, found.rule_id) == (State.BLOCKED, "tor.authorities.dropped")


def test_one_authority_in_four_is_too_many_for_a_block() -> None:
    found = tor(authorities(2) | authorities(6, connect=TIMEOUT, network=2))
    assert (found.state, found.rule_id) == (State.UNKNOWN, "tor.authorities.some_reached")


def test_four_authorities_are_too_few_to_accuse() -> None:
    assert tor(authorities(4, connect=TIMEOUT) | bridges(1)).rule_id == "tor.unknown"


def test_failures_that_look_like_nothing_accuse_nobody() -> None:
    assert tor(authorities(9, handshake="ssl_failed_handshake")).rule_id == "tor.unknown"


@pytest.mark.parametrize("failure", [TIMEOUT, REFUSED, "network_down"])
def test_where_nothing_whatever_worked_nobody_is_accused(failure: str) -> None:
    found = verdicts({"targets": authorities(9, connect=failure) | bridges(9, connect=failure)})
    assert [(v.state, v.rule_id) for v in found.values()] == [(State.UNKNOWN, "tor.nothing_worked")] * 2


def test_a_probe_without_ipv6_is_not_censored() -> None:
    sixth = {
        key: target | {"target_address": f"[2001:db8::{n}]:443"}
        for n, (key, target) in enumerate(authorities(9, connect="host_unreachable", network=6).items(), 1)
    }
    assert tor(authorities(3) | sixth).rule_id == "tor.authorities.reached"


def test_one_bridge_that_answers_shows_that_obfs4_works() -> None:
    found = tor(bridges(1) | bridges(14, connect=TIMEOUT, network=2), "tor-obfs4")
    assert (found.state, found.rule_id) == (State.OK, "tor.obfs4.reached")


@pytest.mark.parametrize(
    ("how", "rule_id", "mechanism"),
    [
        ({"connect": TIMEOUT}, "tor.obfs4.dropped", Mechanism.IP_DROP),
        ({"connect": REFUSED}, "tor.obfs4.refused", Mechanism.IP_REFUSE),
        ({"handshake": TIMEOUT}, "tor.obfs4.handshake_dropped", Mechanism.PROTOCOL_DROP),
        ({"handshake": RESET}, "tor.obfs4.handshake_reset", Mechanism.PROTOCOL_RESET),
    ],
)
def test_no_bridge_reached_while_the_authorities_are_is_a_block_of_obfs4_alone(
    how: dict[str, str], rule_id: str, mechanism: Mechanism
) -> None:
    found = verdicts({"targets": authorities(9) | bridges(5, **how)})
    assert found["tor"].state is State.OK
    blocked = found["tor-obfs4"]
    assert (blocked.state, blocked.rule_id, blocked.mechanism) == (State.BLOCKED, rule_id, mechanism)


def test_four_dead_bridges_are_too_few_to_accuse() -> None:
    assert tor(authorities(9) | bridges(4, connect=TIMEOUT), "tor-obfs4").rule_id == "tor.unknown"


def test_obfs4_is_not_judged_where_no_bridge_was_tried() -> None:
    assert set(verdicts({"targets": authorities(9)})) == {"tor"}


def test_a_measurement_without_targets_is_unknown() -> None:
    assert tor({}).state is State.UNKNOWN


def test_a_client_that_came_up_is_ok() -> None:
    found = verdicts({"success": True, "transport_name": "vanilla"}, "vanilla_tor")
    assert found["tor"].rule_id == "tor.bootstrap.came_up"


def test_a_client_that_did_not_come_up_accuses_nobody() -> None:
    found = verdicts({"success": False, "error": "timeout-reached"}, "torsf")["tor-snowflake"]
    assert (found.state, found.rule_id) == (State.UNKNOWN, "tor.bootstrap.did_not")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ts-023-tor.json", {"tor": State.OK, "tor-obfs4": State.OK}),
        ("ts-016-vanilla-tor.json", {"tor": State.OK}),
        ("ts-030-torsf.json", {"tor-snowflake": State.OK}),
    ],
)
def test_the_real_examples_are_ok(shared_data: Path, name: str, expected: dict[str, State]) -> None:
    found = verdicts_in((shared_data / "measurements/spec-examples" / name).read_bytes())
    assert {target: v.state for target, v in found.items()} == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([TIMEOUT, "obfs4"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
STATUS = st.fixed_dictionaries({}, optional={"failure": JSON, "success": JSON})
CONNECTS = st.lists(
    st.fixed_dictionaries({}, optional={"ip": JSON, "port": JSON, "status": STATUS | JSON}), max_size=2
)
TARGET = st.fixed_dictionaries(
    {},
    optional={
        "failure": JSON,
        "summary": st.dictionaries(st.sampled_from(["connect", "handshake"]), JSON, max_size=2) | JSON,
        "target_address": st.text(max_size=20) | JSON,
        "target_name": JSON,
        "target_protocol": st.sampled_from(["obfs4", "or_port_dirauth", "dir_port"]) | JSON,
        "tcp_connect": CONNECTS | JSON,
    },
)
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "targets": st.dictionaries(st.text(max_size=8), TARGET | JSON, max_size=4) | JSON,
        "success": JSON,
        "failure": JSON,
        "error": JSON,
        "transport_name": JSON,
    },
)


@given(KEYS | JSON, st.sampled_from(extract.NAMES))
def test_whatever_the_keys_hold_is_judged_or_set_aside(test_keys: Any, name: str) -> None:
    bears(document(name, test_keys))
