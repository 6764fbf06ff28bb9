import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lampwatch.model.failure import Failure
from lampwatch.model.observation import Echo
from tests.methods.judging import Method, observations_in

METHOD = Method("http_header_field_manipulation")
SENT = {"aCCePT": "text/html", "HOSt": "kFR3mwImawc0ivv.com"}
CLIENT = "198.51.100.7"


def echo(test_keys: dict[str, Any]) -> Echo:
    [found] = METHOD.observed(test_keys).probe.echoes
    return found


def transaction(body: Any, code: int = 200, **request: Any) -> dict[str, Any]:
    asked = {"method": "GeT", "url": "http://192.0.2.80:80", "headers": SENT, **request}
    return {"request": asked, "response": {"body": body, "code": code, "headers": {}}}


def received(headers: dict[str, Any], line: str | None = "GeT / HTTP/1.1", **request: Any) -> Echo:
    body = json.dumps({"headers_dict": headers, "request_line": line})
    return echo({"requests": [transaction(body, **request)]})


AS_SENT = {name: [value] for name, value in SENT.items()}


def test_a_request_that_arrived_as_sent_is_unchanged() -> None:
    found = received(AS_SENT)
    assert (found.changed, found.failure) == ((), None)
    assert found.sent == found.received == "GeT / HTTP/1.1\naCCePT: text/html\nHOSt: kFR3mwImawc0ivv.com"


@pytest.mark.parametrize(
    ("headers", "changed"),
    [
        (AS_SENT | {"X-Forwarded-For": [CLIENT]}, ("added.x-forwarded-for",)),
        ({"HOSt": AS_SENT["HOSt"]}, ("removed.accept",)),
        ({"Accept": ["text/html"], "HOSt": AS_SENT["HOSt"]}, ("capitals.accept",)),
        (AS_SENT | {"aCCePT": ["*/*"]}, ("value.accept",)),
        (AS_SENT | {"aCCePT": ["text/html", "*/*"]}, ("value.accept",)),
    ],
)
def test_each_way_of_changing_a_header_is_named(headers: dict[str, Any], changed: tuple[str, ...]) -> None:
    assert received(headers).changed == changed


def test_the_connection_header_is_the_clients_own() -> None:
    assert received(AS_SENT | {"Connection": ["close"]}).changed == ()


@pytest.mark.parametrize("line", ["GET / HTTP/1.1", "GeT / HTTP/1.0", "GeT http://192.0.2.80/ HTTP/1.1"])
def test_another_request_line_is_a_change(line: str) -> None:
    assert received(AS_SENT, line).changed == ("request_line",)


def test_the_path_of_the_url_belongs_to_the_request_line() -> None:
    assert received(AS_SENT, "GeT /a/b HTTP/1.1", url="http://192.0.2.80:80/a/b").changed == ()


def test_headers_as_pairs_are_read_on_both_sides() -> None:
    body = json.dumps({"request_headers": [["aCCePT", "text/html"], ["HOSt", "kFR3mwImawc0ivv.com"]]})
    asked = transaction(body, headers=None, headers_list=[[name, value] for name, value in SENT.items()])
    assert echo({"requests": [asked]}).changed == ()


def test_the_probes_flags_do_not_outweigh_our_comparison() -> None:
    body = json.dumps({"headers_dict": AS_SENT, "request_line": "GeT / HTTP/1.1"})
    assert echo({"requests": [transaction(body)], "tampering": {"header_field_name": True}}).changed == ()


def test_a_request_whose_headers_are_not_on_record_is_not_compared() -> None:
    body = json.dumps({"headers_dict": AS_SENT, "request_line": "GeT / HTTP/1.1"})
    assert echo({"requests": [transaction(body, headers=None)]}).failure is Failure.UNKNOWN


@pytest.mark.parametrize("requests", [None, [], [{"request": {"headers": SENT}, "response": None}]])
def test_the_flags_speak_where_there_is_nothing_to_compare(requests: Any) -> None:
    flags = {"header_field_number": True, "header_name_diff": [], "total": True}
    found = echo({"requests": requests, "tampering": flags})
    assert (found.changed, found.failure) == (("flag.header_field_number",), None)


def test_the_flag_of_everything_alone_says_that_nothing_came_back() -> None:
    found = echo({"requests": [], "failure": "generic_timeout_error", "tampering": {"total": True}})
    assert (found.changed, found.failure) == ((), Failure.TIMEOUT)


def test_another_page_is_no_echo() -> None:
    for body in ("<html>log in</html>", "[]", '{"other": 1}', "[" * 100_000):
        assert echo({"requests": [transaction(body)]}).changed == ("body",)


def test_another_status_and_an_empty_body_are_failures() -> None:
    assert echo({"requests": [transaction("x", 502)]}).failure is Failure.HTTP_UNEXPECTED_STATUS
    assert echo({"requests": [transaction("")]}).failure is Failure.EOF


def test_the_clients_address_is_not_kept_wherever_it_stands() -> None:
    kept = [
        received(
            AS_SENT | {"X-Forwarded-For": [CLIENT], "Via": [f"1.1 host-{CLIENT.replace('.', '-')}.example"]}
        ),
        received(AS_SENT | {"aCCePT": [f"text/html {CLIENT}"]}),
        received(AS_SENT | {f"X-{CLIENT}": ["x"]}),
        received(AS_SENT, f"GeT http://{CLIENT}/ HTTP/1.1"),
        echo({"requests": [transaction(f"<html>Your IP is {CLIENT}</html>")]}),
        echo({"requests": [], "tampering": {CLIENT: True}}),
    ]
    encoded = msgspec.json.encode(kept)
    assert b"198" not in encoded


def test_a_name_on_the_way_is_not_kept_either() -> None:
    assert "proxy.example" not in received(AS_SENT | {"Via": ["1.1 proxy.example"]}).received


def test_nulls_are_nothing_that_came_back() -> None:
    assert echo({"requests": None, "tampering": None}).failure is Failure.UNKNOWN


def test_the_real_example_is_unchanged(shared_data: Path) -> None:
    example = shared_data / "measurements/spec-examples/ts-006-header-field-manipulation.json"
    found = observations_in(example.read_bytes())
    assert [(e.changed, e.failure) for e in found.probe.echoes] == [((), None)]
