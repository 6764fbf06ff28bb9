from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State
from tests.methods.judging import Method, bears, verdict_in

METHOD = Method("http_invalid_request_line")
LINE, OTHER = "ABCD / HTTP/1.1\n\r", "HTTP/1.1 400 Bad Request\r\n"


def verdict(*received: str, failures: list[str | None] | None = None, **more: Any) -> Verdict:
    keys = {"sent": [LINE] * len(received), "received": received, "failure_list": failures, **more}
    return METHOD.verdict(keys)


def test_another_line_coming_back_shows_a_middlebox_and_no_block() -> None:
    found = verdict(LINE, OTHER)
    assert (found.target, found.state, found.rule_id) == (
        "path",
        State.OK,
        "http_invalid_request_line.changed",
    )
    assert (found.layer, found.mechanism, found.evidence) == (
        Layer.PATH,
        Mechanism.MIDDLEBOX,
        Evidence.DIRECT,
    )
    assert [str(witness) for witness in found.witnesses] == ["probe.echo.1"]


@pytest.mark.parametrize("failure", ["connection_reset", "eof_error"])
def test_a_connection_cut_at_one_line_alone_shows_a_middlebox(failure: str) -> None:
    found = verdict(LINE, "", failures=[None, failure])
    assert (found.rule_id, found.mechanism, found.evidence) == (
        "http_invalid_request_line.cut",
        Mechanism.MIDDLEBOX,
        Evidence.INFERRED,
    )


def test_every_line_coming_back_as_sent_shows_none() -> None:
    found = verdict(LINE, LINE)
    assert (found.rule_id, found.mechanism) == ("http_invalid_request_line.equal", None)


def test_a_line_that_is_lost_shows_none_whatever_the_probe_says() -> None:
    found = verdict(LINE, "", tampering=True)
    assert (found.state, found.rule_id, found.mechanism) == (
        State.OK,
        "http_invalid_request_line.some_lost",
        None,
    )


@pytest.mark.parametrize("failure", [None, "connection_reset", "network_down"])
def test_where_nothing_came_back_nothing_is_known(failure: str | None) -> None:
    found = verdict("", "", failures=[failure, failure])
    assert (found.state, found.rule_id) == (State.UNKNOWN, "http_invalid_request_line.nothing_came_back")


def test_an_empty_measurement_is_unknown() -> None:
    assert verdict().state is State.UNKNOWN


def test_the_real_example_lost_one_line(shared_data: Path) -> None:
    example = shared_data / "measurements/spec-examples/ts-007-http-invalid-request-line.json"
    found = verdict_in(example.read_bytes())
    assert (found.state, found.rule_id) == (State.OK, "http_invalid_request_line.some_lost")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([LINE, OTHER]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
BINARY = st.fixed_dictionaries({}, optional={"format": st.just("base64") | JSON, "data": JSON})
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "sent": st.lists(st.text() | JSON, max_size=3) | JSON,
        "received": st.lists(st.text() | BINARY | JSON, max_size=3) | JSON,
        "failure_list": JSON,
        "tampering": JSON,
    },
)


@given(KEYS | JSON)
def test_whatever_the_keys_hold_is_judged_or_set_aside(test_keys: Any) -> None:
    bears(METHOD.document(test_keys))
