import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.probe.control_service.question import (
    MOST_BYTES,
    MOST_ENDPOINTS,
    Question,
    Refused,
    question_of,
)
from lampwatch.probe.http import BROWSER


def asked(url: Any, **more: Any) -> Question | Refused:
    return question_of(json.dumps({"http_request": url, **more}).encode())


def good(url: str, **more: Any) -> Question:
    found = asked(url, **more)
    assert isinstance(found, Question), found
    return found


def test_a_question_of_an_ooni_probe_is_read() -> None:
    found = good(
        "https://www.example.org/a?b=c",
        http_request_headers={"Accept": ["*/*"], "Accept-Language": ["en"], "User-Agent": ["Browser"]},
        tcp_connect=["93.184.216.34:443", "[2606:2800:220:1::1]:443"],
        x_quic_enabled=True,
    )
    assert (found.url.hostname, found.url.port, found.url.path) == ("www.example.org", 443, "/a?b=c")
    assert found.headers == (("Accept", "*/*"), ("Accept-Language", "en"), ("User-Agent", "Browser"))
    assert found.endpoints == (("93.184.216.34", 443), ("2606:2800:220:1::1", 443))
    assert found.wants_quic


def test_only_the_browser_s_headers_are_sent_on() -> None:
    found = good(
        "https://example.org/", http_request_headers={"Cookie": ["a=b"], "Host": ["inner"], "X-Api": ["1"]}
    )
    assert found.headers == BROWSER


@pytest.mark.parametrize("value", ["a\r\nHost: inner", "a\x00b", "é", " a", "a" * 2000, ""])
def test_a_header_that_could_be_more_than_a_value_is_replaced(value: str) -> None:
    assert good("https://example.org/", http_request_headers={"User-Agent": [value]}).headers == BROWSER


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "https://",
        "https://localhost/",
        "https://0x7f.1/",
        "http://2130706433/",
        "http://127.1/",
        "http://0177.0.0.1/",
        "http://intranet/",
        "http://metadata.google.internal/",
        "http://[fe80::1%25eth0]/",
        "http://[::1",
        "http://example.org:22/",
        "http://example.org:6379/",
        "http://example.org:99999/",
        "https://exa mple.org/",
        "https://" + "a" * 5000 + ".org/",
    ],
)
def test_what_no_control_may_ask_for_is_refused_in_one_line(url: str) -> None:
    found = asked(url)
    assert isinstance(found, Refused)
    assert found.status == 400
    assert "\n" not in found.line


def test_who_a_url_names_beside_its_host_is_not_sent_anywhere() -> None:
    found = good("https://user:secret@example.org/#part")
    assert str(found.url) == "https://example.org/"


def test_endpoints_at_other_ports_and_what_is_no_endpoint_are_left_out() -> None:
    found = good(
        "https://example.org:8443/",
        tcp_connect=["8.8.8.8:8443", "8.8.8.8:22", "8.8.8.8:25", "example.org:443", "x", ":443", "8.8.8.8:"],
    )
    assert found.endpoints == (("8.8.8.8", 8443),)


def test_as_many_endpoints_as_probes_send_are_taken_and_no_more() -> None:
    endpoints = [f"8.8.{n}.8:443" for n in range(MOST_ENDPOINTS)]
    assert len(good("https://example.org/", tcp_connect=endpoints).endpoints) == MOST_ENDPOINTS
    assert isinstance(asked("https://example.org/", tcp_connect=[*endpoints, "8.8.8.8:443"]), Refused)


def test_a_question_that_is_too_large_is_refused() -> None:
    found = question_of(b" " * (MOST_BYTES + 1))
    assert isinstance(found, Refused)
    assert found.status == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe",
        b'{"http_request": 5}',
        b'{"http_request": "https://example.org/", "tcp_connect": {"a": 1}}',
        b'{"http_request": "https://example.org/", "x_quic_enabled": "yes"}',
        b"[" * 60_000,
        b'{"a":' * 12_000,
        b'{"http_request": "https://example.org/", "more": ' + b"[" * 60_000,
    ],
)
def test_malformed_json_is_refused(body: bytes) -> None:
    assert isinstance(question_of(body), Refused)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
URLS = st.builds(
    lambda scheme, host, rest: f"{scheme}://{host}{rest}",
    st.sampled_from(["http", "https", "HTTP", "javascript", ""]),
    st.text(max_size=30) | st.ip_addresses().map(str) | st.sampled_from(["example.org", "[::1]", "a@b.org"]),
    st.text(max_size=30),
)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    assert isinstance(question_of(body), Question | Refused)


@given(
    st.fixed_dictionaries(
        {"http_request": URLS | JSON},
        optional={
            "http_request_headers": JSON,
            "tcp_connect": st.lists(st.text(max_size=40), max_size=6) | JSON,
            "x_quic_enabled": JSON,
        },
    )
)
def test_any_json_is_read_or_refused(document: dict[str, Any]) -> None:
    found = question_of(json.dumps(document).encode())
    if isinstance(found, Question):
        assert found.url.scheme in {"http", "https"}
        assert all(ip and port for ip, port in found.endpoints)
        assert not any("\r" in value or "\n" in value for _, value in found.headers)
    else:
        assert "\n" not in found.line
