from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.methods.stun_reachability import extract
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State
from tests.methods.judging import Method, bears, document, verdict_in

METHOD = Method("stun_reachability")
TIMEOUT = "generic_timeout_error"
GOOGLE = "stun://stun.l.google.com:19302"
NAMED = [{"hostname": "stun.l.google.com", "answers": [{"ipv4": "74.125.250.129"}]}]
DENIED = [{"hostname": "stun.l.google.com", "failure": "dns_nxdomain_error"}]


def verdict(failure: str | None, queries: Any = NAMED, given: str = GOOGLE) -> Verdict:
    return METHOD.verdict({"queries": queries, "failure": failure}, given)


def test_an_answer_is_ok() -> None:
    found = verdict(None)
    assert (found.target, found.state, found.rule_id) == (
        "stun.l.google.com",
        State.OK,
        "stun_reachability.answers",
    )


def test_a_renowned_server_that_is_silent_after_its_name_was_answered_is_blocked() -> None:
    found = verdict(TIMEOUT)
    assert (found.state, found.rule_id) == (State.BLOCKED, "stun_reachability.dropped")
    assert (found.layer, found.mechanism, found.evidence) == (
        Layer.IP,
        Mechanism.PROTOCOL_DROP,
        Evidence.INFERRED,
    )


def test_a_strangers_silent_server_may_be_gone() -> None:
    found = verdict(TIMEOUT, given="stun://stun.example.org:3478")
    assert (found.state, found.rule_id) == (State.UNKNOWN, "stun_reachability.no_answer")


def test_a_renowned_server_that_turns_away_accuses_nobody() -> None:
    assert verdict("connection_refused").rule_id == "stun_reachability.no_answer"


@pytest.mark.parametrize(
    ("failure", "queries"), [(TIMEOUT, None), ("dns_nxdomain_error", DENIED), (None, DENIED)]
)
def test_where_nothing_whatever_worked_nobody_is_accused(failure: str | None, queries: Any) -> None:
    found = verdict(failure, queries)
    assert (found.state, found.rule_id) == (State.UNKNOWN, "stun_reachability.nothing_worked")


def test_a_name_that_was_answered_and_then_nothing_is_unknown() -> None:
    assert verdict("dns_nxdomain_error", NAMED).rule_id == "stun_reachability.unknown"


def test_a_measurement_that_names_no_server_says_nothing() -> None:
    assert METHOD.judged({"failure": TIMEOUT}) == {}


def test_the_real_example_is_ok(shared_data: Path) -> None:
    example = shared_data / "measurements/spec-examples/ts-025-stun-reachability.json"
    found = verdict_in(example.read_bytes())
    assert (found.target, found.state) == ("stun.l.google.com", State.OK)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([TIMEOUT, "8.8.8.8"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
QUERY = st.fixed_dictionaries({}, optional={"hostname": JSON, "failure": JSON, "answers": JSON, "tags": JSON})
EVENT = st.fixed_dictionaries({}, optional={"operation": st.just("connect") | JSON, "address": JSON})
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "endpoint": st.text(max_size=9) | JSON,
        "failure": JSON,
        "queries": st.lists(QUERY, max_size=2) | JSON,
        "network_events": st.lists(EVENT | JSON, max_size=2) | JSON,
    },
)


@given(
    KEYS | JSON, st.sampled_from(extract.NAMES), st.text(max_size=20) | st.sampled_from([GOOGLE, "stun://["])
)
def test_whatever_the_keys_hold_is_judged_or_set_aside(test_keys: Any, name: str, given: str) -> None:
    bears(document(name, test_keys, given))
