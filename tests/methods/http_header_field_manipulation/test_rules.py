import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.judge.references import NO_REFERENCES
from lampwatch.methods.http_header_field_manipulation import rules
from lampwatch.model.observation import Facts, Observations
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State
from tests.methods.judging import Method, bears, read, verdict_in

METHOD = Method("http_header_field_manipulation")
SENT = {"aCCePT": "text/html"}


def verdict(body: str | None, code: int = 200, **more: Any) -> Verdict:
    request = {"method": "GeT", "url": "http://192.0.2.80:80", "headers": SENT}
    response = None if body is None else {"body": body, "code": code}
    return METHOD.verdict({"requests": [{"request": request, "response": response}], **more})


def account(headers: dict[str, str]) -> str:
    return json.dumps({"headers_dict": headers, "request_line": "GeT / HTTP/1.1"})


def test_a_request_that_arrived_changed_shows_a_middlebox_and_no_block() -> None:
    found = verdict(account({"Accept": "text/html"}))
    assert (found.target, found.state, found.rule_id) == (
        "path",
        State.OK,
        "http_header_field_manipulation.changed",
    )
    assert (found.layer, found.mechanism, found.evidence) == (
        Layer.PATH,
        Mechanism.MIDDLEBOX,
        Evidence.DIRECT,
    )


def test_a_request_that_arrived_as_sent_shows_none() -> None:
    found = verdict(account(SENT))
    assert (found.state, found.rule_id, found.mechanism) == (
        State.OK,
        "http_header_field_manipulation.equal",
        None,
    )


def test_another_page_shows_that_somebody_else_answered() -> None:
    found = verdict("<html>log in</html>")
    assert (found.rule_id, found.mechanism, found.evidence) == (
        "http_header_field_manipulation.other_page",
        Mechanism.MIDDLEBOX,
        Evidence.INFERRED,
    )


def test_the_probes_flags_are_taken_over_where_nothing_else_is_on_record() -> None:
    found = verdict(None, tampering={"header_field_value": True})
    assert (found.rule_id, found.mechanism, found.evidence) == (
        "http_header_field_manipulation.flagged",
        Mechanism.MIDDLEBOX,
        Evidence.INFERRED,
    )


@pytest.mark.parametrize("tampering", [None, {"total": True}, {"header_field_value": False, "total": False}])
def test_where_nothing_came_back_nothing_is_known(tampering: Any) -> None:
    found = verdict(None, tampering=tampering)
    assert (found.state, found.rule_id) == (
        State.UNKNOWN,
        "http_header_field_manipulation.nothing_came_back",
    )


def test_a_server_in_trouble_is_no_middlebox() -> None:
    assert verdict("Bad Gateway", 502).state is State.UNKNOWN


def test_a_measurement_without_an_echo_is_unknown() -> None:
    measurement = read(METHOD.document({})).measurement
    [found] = rules.assess(measurement, Observations(Facts()), NO_REFERENCES)
    assert found.state is State.UNKNOWN


def test_the_real_example_shows_no_middlebox(shared_data: Path) -> None:
    example = shared_data / "measurements/spec-examples/ts-006-header-field-manipulation.json"
    assert verdict_in(example.read_bytes()).rule_id == "http_header_field_manipulation.equal"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("1.2.3.4"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
REQUEST = st.fixed_dictionaries(
    {},
    optional={
        "method": JSON,
        "url": st.text(max_size=20) | JSON,
        "headers": st.dictionaries(st.text(max_size=5), JSON, max_size=3) | JSON,
        "headers_list": st.lists(st.tuples(st.text(max_size=3), JSON), max_size=2) | JSON,
    },
)
BODY = st.fixed_dictionaries(
    {},
    optional={
        "request_line": JSON,
        "headers_dict": st.dictionaries(st.text(max_size=5), st.lists(st.text(max_size=5)) | JSON, max_size=3)
        | JSON,
        "request_headers": JSON,
    },
).map(json.dumps)
RESPONSE = st.fixed_dictionaries(
    {}, optional={"code": st.just(200) | JSON, "body": BODY | JSON, "headers": JSON}
)
EXCHANGE = st.fixed_dictionaries(
    {}, optional={"request": REQUEST | JSON, "response": RESPONSE | JSON, "failure": JSON}
)
KEYS = st.fixed_dictionaries(
    {},
    optional={"requests": st.lists(EXCHANGE | JSON, max_size=2) | JSON, "failure": JSON, "tampering": JSON},
)


@given(KEYS | JSON)
def test_whatever_the_keys_hold_is_judged_or_set_aside(test_keys: Any) -> None:
    bears(METHOD.document(test_keys))
