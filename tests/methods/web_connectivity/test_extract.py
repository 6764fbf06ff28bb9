"""What a Web Connectivity document holds, as observations of the probe and its control."""

from typing import Any

import pytest

from lampwatch.model.failure import Failure
from lampwatch.model.measurement import Reason, SetAside
from lampwatch.model.observation import Facts, Observations
from tests.methods.judging import READER, observations_in
from tests.methods.web_connectivity.measuring import (
    HOST,
    HTTP,
    HTTPS,
    NXDOMAIN,
    SITE,
    Keys,
    connect,
    control,
    document,
    fetch,
    joined,
    query,
    redirect,
    shake,
)


def observed(url: str, keys: Any) -> Observations:
    return observations_in(document(url, keys))


def reason(url: Any, keys: Any) -> Reason:
    read = READER.read(document(url, keys))
    assert isinstance(read, SetAside)
    return read.reason


def outside(keys: Keys, url: str = HTTPS) -> Facts:
    facts = observed(url, keys).control
    assert facts is not None
    return facts


def test_late_answers_are_kept_as_late() -> None:
    keys = {
        "queries": [query(HOST, SITE)],
        "x_dns_duplicate_responses": [query(HOST, "8.8.8.8", engine="udp")],
        "x_dns_late_replies": [query(HOST, "8.8.4.4", engine="udp")],
    }
    assert [(found.answers, found.late) for found in observed(HTTPS, keys).probe.dns] == [
        ((SITE,), False),
        (("8.8.8.8",), True),
        (("8.8.4.4",), True),
    ]


def test_quic_handshakes_stand_beside_those_of_tls() -> None:
    quic = {"quic_handshakes": [{"address": f"{SITE}:443", "server_name": HOST}]}
    found = observed(HTTPS, joined(shake(SITE), quic)).probe.handshakes
    assert [shaken.protocol for shaken in found] == ["tls", "quic"]


def test_the_depth_that_a_probe_wrote_is_kept() -> None:
    keys = joined(redirect(HTTP, SITE, HTTPS), fetch(HTTPS, SITE, depth=1))
    assert [found.depth for found in observed(HTTP, keys).probe.http] == [1, 0]


def untagged(*parts: Keys) -> Keys:
    """The same as a probe before version 0.5 wrote it."""
    keys = joined(*parts)
    for entry in [*keys["queries"], *keys["requests"]]:
        entry["tags"] = None
    return keys


def test_redirects_are_counted_where_the_probe_did_not() -> None:
    other = "http://other.example.net/"
    keys = untagged(
        {"queries": [query(HOST, SITE), query("other.example.net", failure=NXDOMAIN)]},
        redirect(HTTP, SITE, HTTPS),
        redirect(HTTPS, SITE, other),
        fetch(other, SITE, failure=NXDOMAIN),
    )
    probe = observed(HTTP, keys).probe
    assert [(found.url, found.depth) for found in probe.http] == [(other, 2), (HTTPS, 1), (HTTP, 0)]
    assert [(found.hostname, found.depth) for found in probe.dns] == [(HOST, 0), ("other.example.net", 2)]


def test_one_exchange_has_no_depth() -> None:
    assert observed(HTTP, untagged(fetch(HTTP, SITE))).probe.http[0].depth == 0


def test_the_control_s_answer_is_read_kind_by_kind() -> None:
    found = outside(control(SITE, tcp={f"{SITE}:443": None, "[2001:db8::1]:80": "connection_refused_error"}))
    assert (found.dns[0].answers, found.dns[0].asns, found.dns[0].hostname) == ((SITE,), (15133,), HOST)
    assert [(c.ip, c.port, c.failure) for c in found.tcp] == [
        (SITE, 443, None),
        ("2001:db8::1", 80, Failure.CONNECTION_REFUSED),
    ]
    assert [(s.ip, s.protocol, s.server_name, s.failure) for s in found.handshakes] == [
        (SITE, "tls", HOST, None)
    ]
    assert (found.http[0].status, found.http[0].title) == (200, "Default Web Page")
    assert found.http[0].headers["server"] == "ECS (dcb)"


def test_a_control_s_quic_is_no_tls() -> None:
    keys = control(SITE, tls={})
    keys["control"]["quic_handshake"] = {f"{SITE}:443": {"status": True, "failure": None}}
    assert [(s.protocol, s.server_name) for s in outside(keys).handshakes] == [("quic", HOST)]


def test_aliases_among_the_control_s_addresses_are_left_out() -> None:
    keys = control(SITE)
    keys["control"]["dns"]["addrs"] = ["www.example.com.edgekey.net", SITE]
    assert outside(keys).dns[0].answers == (SITE,)


@pytest.mark.parametrize(
    ("status", "failure", "says"),
    [
        (200, None, None),
        (200, "", None),
        (-1, "dns_lookup_error", Failure.DNS_NXDOMAIN),
        (-1, None, Failure.UNKNOWN),
        (None, None, Failure.UNKNOWN),
        (0, None, Failure.UNKNOWN),
        (1000, None, Failure.UNKNOWN),
    ],
)
def test_a_control_without_a_status_got_no_page(status: int | None, failure: str | None, says: Any) -> None:
    keys = control(SITE)
    keys["control"]["http_request"] |= {"status_code": status, "failure": failure}
    assert outside(keys).http[0].failure is says


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"control": None},
        {"control": {}},
        {"control": {"dns": None, "http_request": None, "tcp_connect": {}}},
        {"control": None, "control_failure": "unknown_failure: x"},
        control(SITE) | {"control_failure": "generic_timeout_error"},
        control(SITE) | {"control_failure": True},
    ],
)
def test_a_control_that_said_nothing_or_failed_is_none(keys: Keys) -> None:
    assert observed(HTTPS, keys).control is None


@pytest.mark.parametrize("written", [None, "", False])
def test_a_control_failure_that_is_none_is_none(written: Any) -> None:
    assert observed(HTTPS, control(SITE) | {"control_failure": written}).control is not None


@pytest.mark.parametrize(
    "entries",
    [
        {"tcp_connect": {f"{SITE}:443": None}},
        {"tls_handshake": {f"{SITE}:443": None}},
        {"ip_info": {SITE: None}},
        {"ip_info": None},
        {"dns": {"addrs": None, "failure": None}},
        {"http_request": {"headers": {"Server": None}, "status_code": 200}},
    ],
)
def test_what_the_control_left_empty_is_borne(entries: Keys) -> None:
    keys = control(SITE)
    keys["control"] |= entries
    outside(keys)


def test_a_body_that_is_no_base64_is_malformed() -> None:
    keys = joined(connect(SITE, 80), fetch(HTTP, SITE))
    keys["requests"][0]["response"]["body"] = {"format": "base64", "data": "%"}
    assert reason(HTTP, keys) is Reason.BAD_BASE64


@pytest.mark.parametrize("url", [None, "", []])
def test_a_measurement_without_a_url_is_malformed(url: Any) -> None:
    assert reason(url, {}) is Reason.NO_INPUT


def test_a_measurement_of_nothing_is_read() -> None:
    assert observed(HTTPS, {}).probe == Facts([], [], [], [])
