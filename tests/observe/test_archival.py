"""The shared shapes of test_keys, in every spelling that the format's history wrote."""

import base64
import hashlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.page_title import title_of
from lampwatch.model.failure import ALIASES, Failure, failure_of
from lampwatch.model.measurement import Reason
from lampwatch.model.observation import DnsLookup, Handshake, HttpExchange, TcpConnect
from lampwatch.observe.archival import (
    Connect,
    Query,
    TlsHandshake,
    Transaction,
    _beginning,
    addresses_only,
    connects,
    exchanges,
    handshakes,
    lookups,
)
from lampwatch.observe.malformed import MalformedError

LONG = 20_000
CERTIFICATE = b"\x30\x82certificate"


def encoded(data: bytes) -> dict[str, str]:
    return {"format": "base64", "data": base64.b64encode(data).decode()}


def lookup(**entry: Any) -> DnsLookup:
    (found,) = lookups([msgspec.convert(entry, Query)])
    return found


def connect(**entry: Any) -> TcpConnect:
    (found,) = connects([msgspec.convert(entry, Connect)])
    return found


def shake(**entry: Any) -> Handshake:
    (found,) = handshakes([msgspec.json.decode(json.dumps(entry), type=TlsHandshake)])
    return found


def exchange(url: str = "http://example.org/", **entry: Any) -> HttpExchange:
    whole = {"request": {"url": url, "method": "GET"}} | entry
    (found,) = exchanges([msgspec.json.decode(json.dumps(whole), type=Transaction)])
    return found


def answered(url: str = "http://example.org/", **response: Any) -> HttpExchange:
    return exchange(url, response={"code": 200} | response)


@pytest.mark.parametrize(
    ("written", "failure"),
    [
        (None, None),
        (False, None),
        ("", None),
        (True, Failure.UNKNOWN),
        ("connection_reset", Failure.CONNECTION_RESET),
        ("response_never_received", Failure.EOF),
        ("unknown_failure: strange", Failure.UNKNOWN),
        ("never heard of", Failure.UNKNOWN),
    ],
)
def test_a_failure_is_one_of_the_closed_list(written: Any, failure: Failure | None) -> None:
    assert failure_of(written) is failure


@pytest.mark.parametrize("alias", ALIASES)
def test_every_older_name_means_a_failure(alias: str) -> None:
    assert failure_of(alias) is ALIASES[alias]


def test_a_lookup_keeps_its_addresses_with_their_networks_in_order() -> None:
    found = lookup(
        hostname="example.org",
        query_type="A",
        engine="udp",
        resolver_address="8.8.8.8:53",
        failure=None,
        answers=[
            {"answer_type": "CNAME", "hostname": "edge.example.org."},
            {"answer_type": "A", "ipv4": "93.184.216.34", "asn": 15133},
            {"answer_type": "AAAA", "ipv6": "2606:2800::1", "asn": "AS15133"},
            {"answer_type": "A", "ipv4": "203.0.113.1", "asn": -1},
        ],
        transaction_id=7,
        tags=["classic", "depth=2"],
        t=0.25,
    )
    assert found.answers == ("93.184.216.34", "2606:2800::1", "203.0.113.1")
    assert found.asns == (15133, 15133, 0)
    assert (found.resolver, found.transaction_id, found.depth, found.t) == ("8.8.8.8:53", 7, 2, 0.25)


def test_one_answer_that_is_no_address_is_none() -> None:
    assert lookup(answers=[{"answer_type": "CNAME", "hostname": "edge."}]).answers == ()


@pytest.mark.parametrize(
    "engine", [None, "", "system", "getaddrinfo", "golang_net_resolver", "netgo", "unknown"]
)
def test_the_system_s_resolver_has_many_names(engine: str | None) -> None:
    assert lookup(engine=engine).engine == "system"


@pytest.mark.parametrize(
    ("tags", "depth"),
    [
        (None, 0),
        ([], 0),
        (["classic"], 0),
        (["depth=0"], 0),
        (["depth=10"], 10),
        (["depth=1", "depth=2"], 1),
        (["depth="], 0),
        (["depth=x"], 0),
        (["depth=-1"], 0),
        (["depth=٣"], 0),
        (["depth=99999999999999999999"], 999),
    ],
)
def test_the_depth_is_a_tag(tags: list[str] | None, depth: int) -> None:
    assert lookup(tags=tags).depth == connect(ip="1.1.1.1", tags=tags).depth == depth
    assert shake(tags=tags).depth == exchange(tags=tags).depth == depth


def test_an_empty_lookup_is_an_observation_all_the_same() -> None:
    assert lookup() == DnsLookup("", "", "system", "", None, (), ())


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ({"failure": None, "success": True}, None),
        ({"failure": False, "success": True}, None),
        ({"failure": "connection_refused", "success": False}, Failure.CONNECTION_REFUSED),
        ({"failure": "connection_refused_error", "success": False}, Failure.CONNECTION_REFUSED),
        ({"failure": None, "success": False}, Failure.UNKNOWN),
        ({}, None),
        (None, Failure.UNKNOWN),
    ],
)
def test_a_connect_ends_as_its_status_says(status: Any, failure: Failure | None) -> None:
    assert connect(ip="93.184.216.34", port=443, status=status).failure is failure


@pytest.mark.parametrize(
    ("port", "number"),
    [(443, 443), ("443", 443), (None, 0), ("", 0), ("x", 0), ("٤٤٣", 0), ("4430000", 44300)],
)
def test_a_port_may_be_text(port: Any, number: int) -> None:
    assert connect(ip="93.184.216.34", port=port).port == number


def test_a_connect_without_an_address_is_none() -> None:
    assert connects([Connect(ip=None), Connect(ip="")]) == []


def test_a_handshake_keeps_what_judging_needs() -> None:
    found = shake(
        address="[2001:db8::1]:443",
        server_name="example.org",
        failure="ssl_unknown_authority",
        no_tls_verify=False,
        tls_version="TLSv1.3",
        peer_certificates=[encoded(CERTIFICATE)],
    )
    assert (found.ip, found.port, found.server_name) == ("2001:db8::1", 443, "example.org")
    assert (found.failure, found.verified) == (Failure.TLS_UNKNOWN_AUTHORITY, True)
    assert found.certificate == hashlib.sha256(CERTIFICATE).hexdigest()


def test_a_certificate_that_was_in_order_is_not_kept() -> None:
    assert shake(failure=None, peer_certificates=[encoded(CERTIFICATE)]).certificate == ""


@pytest.mark.parametrize(
    "chain", [None, [], [None], "x", 7, {}, [{"format": "base64", "data": "%%"}], [{"data": None}]]
)
def test_a_chain_that_cannot_be_read_is_no_certificate(chain: Any) -> None:
    assert shake(failure="ssl_unknown_authority", peer_certificates=chain).certificate == ""


def test_a_handshake_that_was_not_verified_says_so() -> None:
    assert not shake(no_tls_verify=True).verified


def test_a_response_is_read_whole() -> None:
    body = "<html><TITLE> Example \n Domain</TITLE></html>"
    found = answered(body=body, headers={"Server": "nginx", "X-Shard": "1"})
    assert (found.status, found.title, found.body) == (200, "Example Domain", body)
    assert (found.body_length, found.over_tls, found.method) == (len(body), False, "GET")
    assert found.headers == {"server": "nginx", "x-shard": "1"}


def test_a_body_s_length_is_in_bytes() -> None:
    assert answered(body="дом").body_length == 6
    assert answered(body=encoded("дом".encode())).body_length == 6
    assert answered(body=encoded("дом".encode())).body == "дом"
    assert answered(body=None).body_length == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"format": "base64", "data": "%%%"}, Reason.BAD_BASE64),
        ({"format": "base64", "data": "QQ"}, Reason.BAD_BASE64),
        ({"format": "base64", "data": "Ä"}, Reason.BAD_BASE64),
        ({"format": "hex", "data": "41"}, Reason.WRONG_TYPE),
        ({"data": "41"}, Reason.WRONG_TYPE),
    ],
)
def test_a_body_that_is_not_what_it_says_is_malformed(body: Any, reason: Reason) -> None:
    with pytest.raises(MalformedError) as caught:
        answered(body=body)
    assert caught.value.reason is reason


@pytest.mark.parametrize("code", [0, None])
@pytest.mark.parametrize("response", [None, {}, {"code": None}])
def test_without_a_status_no_response_began(code: int | None, response: Any) -> None:
    found = exchange(
        response=response if response is None else {"code": code} | response, failure="eof_error"
    )
    assert (found.status, found.headers, found.failure) == (0, {}, Failure.EOF)


@pytest.mark.parametrize("code", [-1, 1000, 99999])
def test_a_status_that_http_does_not_know_is_none(code: int) -> None:
    assert answered(code=code).status == 0


def test_header_values_may_be_base64() -> None:
    assert answered(headers={"Server": encoded(b"ng\xffinx")}).headers == {"server": "ng�inx"}
    assert answered(headers={"Server": None}).headers == {"server": ""}


def test_headers_may_be_a_list_only_and_the_first_value_counts() -> None:
    pairs = [["Server", "first"], ["server", "second"], ["Location", encoded(b"/x")]]
    assert answered(headers_list=pairs).headers == {"server": "first", "location": "/x"}
    assert answered(headers_list=None).headers == {}


def test_an_exchange_without_a_request_is_one_all_the_same() -> None:
    found = exchange(request=None, response=None, failure="eof_error")
    assert (found.url, found.method, found.failure) == ("", "GET", Failure.EOF)


def test_only_the_beginning_of_a_long_page_over_tls_is_read() -> None:
    body = "<title>Long</title>" + "x" * LONG
    found = answered("https://example.org/", body=body)
    assert (found.title, found.body_length, found.body) == ("Long", -1, "")


def test_a_short_page_over_tls_is_read_whole() -> None:
    found = answered("https://example.org/", body="<title>Short</title>")
    assert (found.title, found.body_length) == ("Short", 20)


def test_a_long_page_in_the_clear_is_read_whole() -> None:
    assert answered(body="x" * LONG).body_length == LONG


def test_a_page_over_tls_that_broke_off_is_read_whole() -> None:
    found = exchange("https://example.org/", failure="eof_error", response={"code": 200, "body": "x" * LONG})
    assert found.body_length == LONG


BODIES = st.text(st.characters(codec="utf-8") | st.sampled_from('"\\\n\t/<é€𐍈 '), max_size=60)


@given(piece=BODIES, lead=st.integers(0, 40), ascii_only=st.booleans())
def test_a_cut_through_a_body_breaks_no_character(piece: str, lead: int, ascii_only: bool) -> None:
    body = "y" * lead + (piece or "z") * (LONG // max(1, len(piece)))
    raw = json.dumps(body, ensure_ascii=ascii_only).encode()
    beginning, length = _beginning(msgspec.Raw(raw))
    if len(raw) <= 16_384:
        assert (beginning, length) == (body, len(body.encode()))
    else:
        assert length == -1
        assert beginning
        assert body.startswith(beginning)


@given(st.binary(max_size=40), st.integers(8150, 8200))
def test_no_long_body_is_too_strange_to_begin(strange: bytes, at: int) -> None:
    body = b"x" * at + strange + b"x" * LONG
    raw = json.dumps(body.decode("latin-1")).encode()
    beginning, _ = _beginning(msgspec.Raw(raw))
    assert body.decode("latin-1").startswith(beginning)
    assert title_of(beginning) == ""


def test_only_addresses_are_addresses() -> None:
    assert addresses_only(["1.1.1.1", "alias.example.org", "2001:db8::1", ""]) == ("1.1.1.1", "2001:db8::1")
