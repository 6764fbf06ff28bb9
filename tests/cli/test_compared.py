from typing import Any

import pytest

from lampwatch.cli.compared import asked_host, control_cell
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.asking import NO_CONTROL
from lampwatch.probe.failed import Failed
from lampwatch.probe.record import Comparison

URL = "https://site.test/page"
GOOD, CLOSED = {"status": True, "failure": None}, {"status": False, "failure": "connection_refused"}


def cell(answer: Any, url: str = URL, **question: Any) -> str:
    return control_cell(Comparison({"http_request": url, **question}, answer))


def page(failure: str | None = None) -> dict[str, Any]:
    return {"status_code": 200, "failure": failure, "headers": {}}


def test_a_page_that_came_is_a_tick() -> None:
    assert cell({"http_request": page()}) == "✓"
    assert cell({"http_request": page(), "tls_handshake": {"192.0.2.1:443": GOOD}}) == "✓"


def test_of_several_endpoints_it_is_said_how_many_answered() -> None:
    shakes = {f"192.0.2.{n}:443": GOOD for n in range(6)}
    assert cell({"http_request": page(), "tls_handshake": shakes}) == "✓ 6 of 6"
    assert cell({"http_request": page(), "tls_handshake": {**shakes, "192.0.2.9:443": CLOSED}}) == "✓ 6 of 7"


def test_only_endpoints_at_the_url_s_own_port_count() -> None:
    connects = {"192.0.2.1:80": GOOD, "192.0.2.2:80": GOOD, "192.0.2.1:443": CLOSED}
    assert cell({"http_request": page(), "tcp_connect": connects}, "http://site.test/") == "✓ 2 of 2"


def test_of_quic_the_page_by_http3_and_its_endpoints_count() -> None:
    answer = {
        "http_request": page(),
        "http3_request": page(),
        "tls_handshake": {"192.0.2.1:443": GOOD},
        "quic_handshake": {"192.0.2.1:443": GOOD, "192.0.2.2:443": CLOSED},
    }
    assert cell(answer, x_quic_enabled=True) == "✓ 1 of 2"
    assert (
        cell({**answer, "http3_request": page("generic_timeout_error")}, x_quic_enabled=True) == "✗ timeout"
    )


@pytest.mark.parametrize(
    ("failure", "words"),
    [("generic_timeout_error", "✗ timeout"), ("dns_name_error", "✗ no such name"), ("\x1b[2J", "✗ \\x1b[2J")],
)
def test_a_page_that_failed_from_outside_too_is_a_cross(failure: str, words: str) -> None:
    assert cell({"http_request": page(failure), "tls_handshake": {"192.0.2.1:443": GOOD}}) == words


def test_no_control_and_one_that_gave_no_answer_are_two_things_and_neither_is_a_cross() -> None:
    assert cell(NO_CONTROL) == "\u2013 none named"
    assert cell(Failed(Failure.TIMEOUT, Operation.TOP_LEVEL)) == "\u2013 no answer (timeout)"
    assert cell(None) == "…"


@pytest.mark.parametrize(
    "answer", [{}, {"http_request": None}, {"http_request": 1}, {"tcp_connect": [], "http_request": {}}]
)
def test_an_answer_that_cannot_be_read_is_none(answer: Any) -> None:
    assert cell(answer) == "\u2013 no answer"


def test_the_host_is_the_url_s() -> None:
    assert (
        asked_host(Comparison({"http_request": "http://ουτοπία.δπθ.test/"}))
        == "xn--kxae4bafwg.xn--pxaix.test"
    )
    assert asked_host(Comparison({})) == ""
