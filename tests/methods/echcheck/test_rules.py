from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State
from tests.methods.judging import Method, bears, verdict_in

METHOD = Method("echcheck")
TIMEOUT, RESET = "generic_timeout_error", "connection_reset"
ADDRESS = "104.18.10.118:443"


def verdict(*handshakes: dict[str, Any]) -> Verdict:
    return METHOD.verdict({"tls_handshakes": list(handshakes)})


def plain(failure: str | None, address: str = ADDRESS) -> dict[str, Any]:
    return {"address": address, "server_name": "cloudflare-ech.com", "failure": failure}


def ech(failure: str | None, outside: str = "cloudflare-ech.com", address: str = ADDRESS) -> dict[str, Any]:
    return plain(failure, address) | {"echconfig": "GREASE", "outer_server_name": outside}


def test_a_handshake_that_completes_with_the_extension_passes() -> None:
    found = verdict(plain(None), ech(None), ech(None, "cloudflare.com"))
    assert (found.target, found.hostname) == ("echcheck", "cloudflare-ech.com")
    assert (found.state, found.rule_id) == (State.OK, "echcheck.passes")


@pytest.mark.parametrize(
    ("failure", "rule_id", "mechanism"),
    [
        (RESET, "echcheck.reset", Mechanism.PROTOCOL_RESET),
        ("eof_error", "echcheck.reset", Mechanism.PROTOCOL_RESET),
        (TIMEOUT, "echcheck.dropped", Mechanism.PROTOCOL_DROP),
    ],
)
def test_only_the_handshake_with_the_extension_failing_is_a_block(
    failure: str, rule_id: str, mechanism: Mechanism
) -> None:
    found = verdict(plain(None), ech(failure))
    assert (found.state, found.rule_id, found.mechanism) == (State.BLOCKED, rule_id, mechanism)
    assert (found.layer, found.evidence, found.control) == (Layer.TLS, Evidence.INFERRED, Control.ABSENT)


def test_the_extension_blocked_only_with_its_own_outer_name_is_blocked() -> None:
    found = verdict(plain(None), ech(TIMEOUT), ech(None, "cloudflare.com"))
    assert found.rule_id == "echcheck.dropped"


def test_only_another_outer_name_failing_is_ok() -> None:
    found = verdict(plain(None), ech(None), ech(RESET, "cloudflare.com"))
    assert (found.state, found.rule_id) == (State.OK, "echcheck.other_name_fails")


@pytest.mark.parametrize("failure", [TIMEOUT, RESET, "network_unreachable"])
def test_where_the_plain_handshake_fails_as_well_nobody_is_accused(failure: str) -> None:
    found = verdict(plain(failure), ech(failure))
    assert found.state is State.UNKNOWN


def test_the_plain_handshake_failing_is_said() -> None:
    assert verdict(plain(TIMEOUT), ech(TIMEOUT)).rule_id == "echcheck.plain_fails"


def test_the_extension_passing_where_the_plain_handshake_failed_is_ok() -> None:
    assert verdict(plain(TIMEOUT), ech(None)).rule_id == "echcheck.passes"


def test_a_server_that_does_not_bear_the_extension_is_no_censor() -> None:
    found = verdict(plain(None), ech("ssl_failed_handshake"))
    assert (found.state, found.rule_id) == (State.UNKNOWN, "echcheck.unknown")


def test_handshakes_with_different_addresses_are_not_compared() -> None:
    assert verdict(plain(None), ech(TIMEOUT, address="192.0.2.1:443")).rule_id == "echcheck.unknown"


def test_no_handshakes_are_unknown() -> None:
    assert verdict().state is State.UNKNOWN


def test_the_real_example_passes(shared_data: Path) -> None:
    found = verdict_in((shared_data / "measurements/spec-examples/ts-039-echcheck.json").read_bytes())
    assert (found.state, found.rule_id) == (State.OK, "echcheck.passes")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([TIMEOUT, ADDRESS]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["address", "server_name", "failure", "echconfig", "outer_server_name", "peer_certificates", "tags"]
SHAKE = st.fixed_dictionaries({}, optional={name: st.text(max_size=9) | JSON for name in NAMES})
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "tls_handshakes": st.lists(SHAKE | JSON, max_size=3) | JSON,
        "control": SHAKE | JSON,
        "target": SHAKE | JSON,
        "tcp_connect": JSON,
        "queries": JSON,
    },
)


@given(KEYS | JSON)
def test_whatever_the_keys_hold_is_judged_or_set_aside(test_keys: Any) -> None:
    bears(METHOD.document(test_keys))
