from base64 import b64encode
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lampwatch.model.failure import Failure
from lampwatch.model.measurement import Reason, SetAside
from lampwatch.model.observation import Echo
from tests.methods.judging import READER, Method, observations_in

METHOD = Method("http_invalid_request_line")
LINE = "ABCD / HTTP/1.1\n\r"
CLIENT = "198.51.100.7"


def echoes(test_keys: dict[str, Any]) -> list[Echo]:
    return list(METHOD.observed(test_keys).probe.echoes)


def echo(received: Any, failure: str | None = None, sent: Any = LINE) -> Echo:
    [found] = echoes({"sent": [sent], "received": [received], "failure_list": [failure]})
    return found


def test_a_line_that_came_back_is_unchanged() -> None:
    found = echo(LINE, "eof_error")
    assert (found.sent, found.received, found.changed, found.failure) == (LINE, LINE, (), None)


def test_a_line_that_came_back_otherwise_is_changed() -> None:
    assert echo("HTTP/1.1 400 Bad Request\r\n").changed == ("request_line",)


def test_a_line_that_did_not_come_back_is_a_failure_and_no_change() -> None:
    assert (echo("").failure, echo("").changed) == (Failure.TIMEOUT, ())
    assert echo("", "connection_reset").failure is Failure.CONNECTION_RESET


def test_a_part_of_a_line_is_no_change() -> None:
    assert (echo(LINE[:5]).failure, echo(LINE[:5]).changed) == (Failure.TIMEOUT, ())


def test_a_line_that_was_never_sent_is_a_failure() -> None:
    assert echo("", "connection_refused", sent="").failure is Failure.CONNECTION_REFUSED


def test_bytes_are_read_as_base64() -> None:
    assert echo({"format": "base64", "data": b64encode(LINE.encode()).decode()}).changed == ()


def test_bytes_that_are_no_base64_set_the_measurement_aside() -> None:
    found = READER.read(METHOD.document({"sent": [LINE], "received": [{"format": "base64", "data": "?"}]}))
    assert isinstance(found, SetAside)
    assert found.reason is Reason.BAD_BASE64


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (LINE, "random_invalid_method"),
        ("GET / HTTP/g8z\n\r", "random_invalid_version_number"),
        ("dNnLP MHIdC s5vst k7Ir2\n\r", "random_invalid_field_count"),
        ("A" * 1024 + " / HTTP/1.1\n\r", "random_big_request_method"),
        ("GET cache_object://localhost/ HTTP/1.0\n\r", "squid_cache_manager"),
    ],
)
def test_what_is_invalid_in_a_line_is_named(line: str, kind: str) -> None:
    assert echo(line, sent=line).subject == kind


def test_the_clients_address_in_a_proxys_page_is_not_kept() -> None:
    page = f"HTTP/1.1 400 Bad Request\r\nX-Client: {CLIENT}\r\n\r\nYour IP: {CLIENT}"
    assert CLIENT.encode() not in msgspec.json.encode(echo(page))


def test_a_long_page_is_kept_in_part() -> None:
    assert len(echo("x" * 100_000).received) == 300


def test_lists_of_different_lengths_and_nulls_are_borne() -> None:
    assert [e.failure for e in echoes({"sent": [LINE, LINE], "received": [LINE]})] == [None, Failure.TIMEOUT]
    assert echoes({"sent": None, "received": None, "failure_list": None}) == []


def test_the_real_example_has_four_lines(shared_data: Path) -> None:
    example = shared_data / "measurements/spec-examples/ts-007-http-invalid-request-line.json"
    found = observations_in(example.read_bytes())
    assert [e.changed for e in found.probe.echoes] == [()] * 4
