"""Version 0.4 and the years before it, in their own shapes: the main rows once more."""

import json

import pytest

from lampwatch.model.vocabulary import Control, Layer, Mechanism, State
from tests.methods.judging import verdict_in
from tests.methods.web_connectivity.measuring import (
    BLOCK_PAGE,
    BLOCKER,
    HOST,
    HTTP,
    HTTPS,
    PAGE,
    SITE,
    Keys,
    document,
    truth,
)

VERSIONS = pytest.mark.parametrize("era", ["0.4.3", "0.1.0", "0.0.1"])
DNS_SPOOF = (State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF)


def lookup(*addresses: str, failure: str | bool | None = None, host: str = HOST) -> Keys:
    return {
        "answers": [{"answer_type": "A", "ipv4": ip, "ttl": None} for ip in addresses],
        "failure": failure,
        "hostname": host,
        "query_type": "A",
        "resolver_hostname": None,
        "resolver_port": None,
    }


def connected(ip: str, port: int, failure: str | bool = False) -> Keys:
    return {"ip": ip, "port": port, "status": {"blocked": False, "failure": failure, "success": not failure}}


def exchange(
    url: str, body: str | None = None, failure: str | None = None, code: int = 200, **sent: str
) -> Keys:
    response: Keys | None = {"body": body, "code": code, "headers": sent, "response_line": "HTTP/1.1"}
    return {
        "failure": failure,
        "request": {"body": None, "headers": {}, "method": "GET", "tor": {"is_tor": False}, "url": url},
        "response": response if body is not None else None,
    }


OUTSIDE: Keys = {
    "dns": {"addrs": [SITE, "example.com"], "failure": None},
    "http_request": {
        "body_length": len(PAGE),
        "failure": None,
        "headers": {"Server": "ECS", "Content-Type": "text/html"},
        "status_code": 200,
        "title": "Default Web Page",
    },
    "tcp_connect": {f"{SITE}:{port}": {"failure": None, "status": True} for port in (80, 443)},
}


def keys(era: str, *, dns: Keys, tcp: list[Keys], http: list[Keys], control: Keys | None = None) -> Keys:
    found: Keys = {
        "agent": "redirect",
        "client_resolver": "192.0.2.1",
        "queries": [dns],
        "tcp_connect": tcp,
        "requests": http,
        "control": OUTSIDE if control is None else control,
        "control_failure": None,
        "retries": None,
        "socksproxy": None,
        "body_proportion": 0.1,
        "blocking": "dns",
        "accessible": False,
    }
    if era == "0.4.3":
        found |= {"network_events": [], "tls_handshakes": []}
        found["queries"][0] |= {"engine": "system", "t": 0.1}
    return found


def judged(url: str, era: str, found: Keys) -> tuple[State, Layer | None, Mechanism | None]:
    return truth(verdict_in(document(url, found, version=era, software_name="ooniprobe-android")))


@VERSIONS
def test_the_page_is_the_control_s(era: str) -> None:
    found = keys(era, dns=lookup(SITE), tcp=[connected(SITE, 80)], http=[exchange(HTTP, PAGE)])
    assert judged(HTTP, era, found)[0] is State.OK


@VERSIONS
@pytest.mark.parametrize("failure", ["dns_lookup_error", "dns_nxdomain_error", "dns_name_error"])
def test_the_name_is_denied(era: str, failure: str) -> None:
    found = keys(era, dns=lookup(failure=failure), tcp=[], http=[exchange(HTTP, failure="dns_lookup_error")])
    assert judged(HTTP, era, found) == (State.BLOCKED, Layer.DNS, Mechanism.DNS_NXDOMAIN)


@VERSIONS
def test_the_name_is_denied_where_only_the_fetch_says_so(era: str) -> None:
    found = keys(era, dns=lookup(SITE), tcp=[], http=[exchange(HTTP, failure="dns_lookup_error")])
    found["queries"] = []
    assert judged(HTTP, era, found) == (State.BLOCKED, Layer.DNS, Mechanism.DNS_NXDOMAIN)


@VERSIONS
def test_a_private_address_is_answered(era: str) -> None:
    found = keys(
        era,
        dns=lookup("10.10.34.35"),
        tcp=[connected("10.10.34.35", 80, "generic_timeout_error")],
        http=[exchange(HTTP, failure="generic_timeout_error")],
    )
    assert judged(HTTP, era, found) == (State.BLOCKED, Layer.DNS, Mechanism.DNS_BOGON)


@VERSIONS
def test_the_answer_leads_to_a_block_page(era: str) -> None:
    found = keys(era, dns=lookup(BLOCKER), tcp=[connected(BLOCKER, 80)], http=[exchange(HTTP, BLOCK_PAGE)])
    assert judged(HTTP, era, found) == DNS_SPOOF


@VERSIONS
def test_the_answer_leads_nowhere_over_https(era: str) -> None:
    found = keys(
        era,
        dns=lookup(BLOCKER),
        tcp=[connected(BLOCKER, 443)],
        http=[exchange(HTTPS, failure="ssl_invalid_hostname")],
    )
    assert judged(HTTPS, era, found) == DNS_SPOOF


@VERSIONS
def test_a_rotating_answer_whose_page_is_right_is_ok(era: str) -> None:
    found = keys(era, dns=lookup(BLOCKER), tcp=[connected(BLOCKER, 80)], http=[exchange(HTTP, PAGE)])
    assert judged(HTTP, era, found)[0] is State.OK


@VERSIONS
@pytest.mark.parametrize("failure", ["generic_timeout_error", "tcp_timed_out_error"])
def test_the_address_is_dropped(era: str, failure: str) -> None:
    found = keys(
        era, dns=lookup(SITE), tcp=[connected(SITE, 80, failure)], http=[exchange(HTTP, failure=failure)]
    )
    assert judged(HTTP, era, found) == (State.BLOCKED, Layer.IP, Mechanism.IP_DROP)


@VERSIONS
def test_the_connection_is_refused(era: str) -> None:
    refused = "connection_refused_error"
    found = keys(
        era, dns=lookup(SITE), tcp=[connected(SITE, 80, refused)], http=[exchange(HTTP, failure=refused)]
    )
    assert judged(HTTP, era, found) == (State.BLOCKED, Layer.IP, Mechanism.IP_REFUSE)


@VERSIONS
@pytest.mark.parametrize("failure", ["response_never_received", "connection_reset", "connection_lost_error"])
def test_the_handshake_is_cut_off_though_none_was_written(era: str, failure: str) -> None:
    found = keys(era, dns=lookup(SITE), tcp=[connected(SITE, 443)], http=[exchange(HTTPS, failure=failure)])
    assert judged(HTTPS, era, found) == (State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)


@VERSIONS
def test_the_handshake_is_dropped_though_none_was_written(era: str) -> None:
    found = keys(
        era,
        dns=lookup(SITE),
        tcp=[connected(SITE, 443)],
        http=[exchange(HTTPS, failure="generic_timeout_error")],
    )
    assert judged(HTTPS, era, found) == (State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_DROP)


@VERSIONS
def test_the_request_is_reset(era: str) -> None:
    found = keys(
        era, dns=lookup(SITE), tcp=[connected(SITE, 80)], http=[exchange(HTTP, failure="connection_reset")]
    )
    assert judged(HTTP, era, found) == (State.BLOCKED, Layer.HTTP, Mechanism.HTTP_RESET)


@VERSIONS
def test_a_block_page_is_injected(era: str) -> None:
    found = keys(era, dns=lookup(SITE), tcp=[connected(SITE, 80)], http=[exchange(HTTP, BLOCK_PAGE)])
    assert judged(HTTP, era, found) == (State.BLOCKED, Layer.HTTP, Mechanism.HTTP_BLOCK_PAGE)


@VERSIONS
def test_the_host_that_a_redirect_led_to_is_reset(era: str) -> None:
    found = keys(
        era,
        dns=lookup(SITE),
        tcp=[connected(SITE, 80)],
        http=[
            exchange(HTTPS, failure="connection_reset"),
            exchange(HTTP, "", code=301, Location=HTTPS),
        ],
    )
    assert judged(HTTP, era, found) == (State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)


@VERSIONS
def test_the_name_that_a_redirect_led_to_is_denied(era: str) -> None:
    other = "http://other.example.org/"
    found = keys(
        era,
        dns=lookup(SITE),
        tcp=[connected(SITE, 80)],
        http=[
            exchange(other, failure="dns_lookup_error"),
            exchange(HTTP, "", code=301, Location=other),
        ],
    )
    assert judged(HTTP, era, found) == (State.BLOCKED, Layer.DNS, Mechanism.DNS_NXDOMAIN)


@VERSIONS
@pytest.mark.parametrize("none", [None, {}, {"http_request": None}])
def test_no_control_is_no_accusation(era: str, none: Keys | None) -> None:
    found = keys(era, dns=lookup(BLOCKER), tcp=[connected(BLOCKER, 80)], http=[exchange(HTTP, BLOCK_PAGE)])
    found["control"] = none
    verdict = verdict_in(document(HTTP, found, version=era))
    assert (verdict.state, verdict.control) == (State.UNKNOWN, Control.ABSENT)


@VERSIONS
def test_a_control_that_failed_too_is_down(era: str) -> None:
    outside = json.loads(json.dumps(OUTSIDE))
    outside["http_request"] = {"failure": "connection_refused_error", "status_code": -1, "body_length": -1}
    outside["tcp_connect"] = {f"{SITE}:80": {"failure": "connection_refused_error", "status": False}}
    refused = "connection_refused_error"
    found = keys(
        era,
        dns=lookup(SITE),
        tcp=[connected(SITE, 80, refused)],
        http=[exchange(HTTP, failure=refused)],
        control=outside,
    )
    assert judged(HTTP, era, found)[0] is State.DOWN


@VERSIONS
def test_everyone_gets_localhost(era: str) -> None:
    outside = json.loads(json.dumps(OUTSIDE))
    outside["dns"]["addrs"] = ["127.0.0.1"]
    outside["http_request"] = {"failure": "connection_refused_error"}
    outside["tcp_connect"] = {}
    refused = "connection_refused_error"
    found = keys(
        era,
        dns=lookup("127.0.0.1"),
        tcp=[connected("127.0.0.1", 80, refused)],
        http=[exchange(HTTP, failure=refused)],
        control=outside,
    )
    assert judged(HTTP, era, found)[0] is State.DOWN


@VERSIONS
def test_an_aaaa_answer_that_is_missing_beside_an_address_is_normal(era: str) -> None:
    found = keys(era, dns=lookup(SITE), tcp=[connected(SITE, 80)], http=[exchange(HTTP, PAGE)])
    found["queries"].append(lookup(failure="dns_no_answer") | {"query_type": "AAAA"})
    assert judged(HTTP, era, found)[0] is State.OK
