import json
from typing import Any

import pytest

from lampwatch.probe.spool_worth import CONNECTIVITY_TEST, Seen, Worth, seen_in, worth_of


def outcome(**test_keys: Any) -> str:
    return seen_in(json.dumps({"test_name": "t", "test_keys": test_keys}).encode()).outcome


def test_a_measurement_in_which_nothing_failed_is_ok() -> None:
    steps: dict[str, Any] = {
        "queries": [{"failure": None}],
        "tcp_connect": [{"status": {"failure": None}}],
        "requests": [{"failure": None, "response": {"code": 302}}],
    }
    assert outcome(**steps) == "ok"


@pytest.mark.parametrize(
    ("test_keys", "expected"),
    [
        ({"queries": [{"failure": "dns_nxdomain_error"}]}, "queries dns_nxdomain_error"),
        ({"tcp_connect": [{"status": {"failure": "connection_refused"}}]}, "tcp_connect connection_refused"),
        ({"tls_handshakes": [{"failure": "connection_reset"}] * 3}, "tls_handshakes connection_reset"),
        ({"requests": [{"failure": None, "response": {"code": 451}}]}, "requests 451"),
        ({"failure": "eof_error"}, "all eof_error"),
        ({"queries": None}, "ok"),
    ],
)
def test_the_outcome_names_what_failed(test_keys: dict[str, Any], expected: str) -> None:
    assert outcome(**test_keys) == expected


@pytest.mark.parametrize(
    "document", [b"", b"[]", b'{"test_keys": 1}', b'{"test_keys": {"queries": [1]}}', b"\xff"]
)
def test_what_cannot_be_read_says_so(document: bytes) -> None:
    assert seen_in(document) == Seen("", "unreadable")


@pytest.mark.parametrize(
    ("test_name", "now", "before", "worth"),
    [
        ("t", "ok", "ok", Worth.REPEATED_OK),
        ("t", "ok", None, Worth.OK),
        ("t", "queries x", None, Worth.FAILURE),
        ("t", "queries x", "queries x", Worth.FAILURE),
        ("t", "queries x", "ok", Worth.CHANGE),
        ("t", "ok", "queries x", Worth.CHANGE),
        (CONNECTIVITY_TEST, "ok", "ok", Worth.CONNECTIVITY),
    ],
)
def test_what_is_new_is_worth_more(test_name: str, now: str, before: str | None, worth: Worth) -> None:
    assert worth_of(Seen(test_name, now), before) is worth


@pytest.mark.parametrize(
    ("test_keys", "worked"),
    [
        ({}, True),
        ({"tcp_connect": [{"status": {"failure": None}}]}, True),
        ({"tcp_connect": [{"status": {"failure": "generic_timeout_error"}}]}, False),
        (
            {"queries": [{"failure": None}], "tcp_connect": [{"status": {"failure": "connection_refused"}}]},
            True,
        ),
        ({"queries": [{"failure": "dns_nxdomain_error"}], "tls_handshakes": []}, False),
    ],
)
def test_one_step_that_works_shows_that_there_is_a_network(test_keys: dict[str, Any], worked: bool) -> None:
    assert (
        seen_in(json.dumps({"test_name": "web_connectivity", "test_keys": test_keys}).encode()).worked
        is worked
    )
