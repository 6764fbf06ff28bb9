"""What happens to connects and handshakes: each row a measurement, and the truth of it."""

import pytest

from lampwatch.model.vocabulary import Layer, Mechanism, State
from tests.methods.web_connectivity.measuring import (
    EOF,
    HOST,
    HTTP,
    HTTPS,
    NO_CONTROL,
    REFUSED,
    RESET,
    SITE,
    SITE_ASN,
    TIMEOUT,
    connect,
    control,
    fetch,
    joined,
    judged,
    query,
    resolved,
    served,
    shake,
    truth,
)

RESOLVED = resolved(HOST, SITE)
WORKS = control(SITE)
IPV6 = "2606:2800:220:1:248:1893:25c8:1946"
BOTH_FAMILIES = {"queries": [query(HOST, SITE, IPV6, asn=SITE_ASN)]}
UNREACHABLE = "network_unreachable"
NOTHING_WORKS = ["network_unreachable", "network_down", "host_unreachable", TIMEOUT]

IP_DROP = (State.BLOCKED, Layer.IP, Mechanism.IP_DROP)
SNI_RESET = (State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)


@pytest.mark.parametrize(("url", "port"), [(HTTPS, 443), (HTTP, 80)])
def test_the_address_is_dropped(url: str, port: int) -> None:
    assert truth(judged(url, RESOLVED, connect(SITE, port, TIMEOUT), WORKS)) == IP_DROP


@pytest.mark.parametrize("failure", [REFUSED, RESET])
def test_the_connection_is_turned_away(failure: str) -> None:
    found = judged(HTTPS, RESOLVED, connect(SITE, 443, failure), WORKS)
    assert truth(found) == (State.BLOCKED, Layer.IP, Mechanism.IP_REFUSE)


def test_the_other_port_says_nothing_of_this_one() -> None:
    found = judged(HTTP, RESOLVED, connect(SITE, 443, TIMEOUT), served(HTTP, SITE), WORKS)
    assert found.state is State.OK


@pytest.mark.parametrize("failure", [RESET, EOF, "connection_aborted"])
def test_the_name_in_the_handshake_is_cut_off(failure: str) -> None:
    assert truth(judged(HTTPS, RESOLVED, connect(SITE), shake(SITE, failure), WORKS)) == SNI_RESET


def test_the_name_in_the_handshake_is_dropped() -> None:
    found = judged(HTTPS, RESOLVED, connect(SITE), shake(SITE, TIMEOUT), WORKS)
    assert truth(found) == (State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_DROP)


@pytest.mark.parametrize("failure", ["ssl_unknown_authority", "ssl_invalid_hostname"])
def test_tls_is_intercepted(failure: str) -> None:
    found = judged(HTTPS, RESOLVED, connect(SITE), shake(SITE, failure), WORKS)
    assert truth(found) == (State.BLOCKED, Layer.TLS, Mechanism.TLS_INTERCEPTION)


def test_one_address_of_two_that_works_is_enough() -> None:
    second = "93.184.216.99"
    found = judged(
        HTTPS,
        resolved(HOST, second, SITE),
        connect(second),
        shake(second, RESET),
        served(HTTPS, SITE),
        control(SITE, tls={f"{SITE}:443": None, f"{second}:443": None}),
    )
    assert found.state is State.OK


def test_residual_blocking_hits_the_second_address_after_the_first_was_reset() -> None:
    second = "93.184.216.99"
    found = judged(
        HTTPS,
        {"queries": [query(HOST, SITE, second, asn=SITE_ASN)]},
        connect(SITE),
        shake(SITE, RESET),
        connect(second),
        shake(second, TIMEOUT),
        control(SITE, second),
    )
    assert truth(found) == SNI_RESET


def test_an_invalid_name_that_everyone_sees_is_down() -> None:
    bad = "ssl_invalid_hostname"
    found = judged(
        HTTPS, RESOLVED, connect(SITE), shake(SITE, bad), control(SITE, tls={f"{SITE}:443": bad}, failure=bad)
    )
    assert found.state is State.DOWN


@pytest.mark.parametrize("failure", [REFUSED, TIMEOUT])
@pytest.mark.parametrize(("url", "port"), [(HTTPS, 443), (HTTP, 80)])
def test_an_address_that_nobody_can_connect_to_is_down(url: str, port: int, failure: str) -> None:
    found = judged(
        url,
        RESOLVED,
        connect(SITE, port, failure),
        control(SITE, tcp={f"{SITE}:{port}": failure}, tls={}, failure=failure),
    )
    assert found.state is State.DOWN


@pytest.mark.parametrize("failure", [UNREACHABLE, "host_unreachable", TIMEOUT])
@pytest.mark.parametrize("url", [HTTPS, HTTP])
def test_broken_ipv6_at_the_probe_is_no_censorship(url: str, failure: str) -> None:
    found = judged(
        url,
        BOTH_FAMILIES,
        connect(IPV6, 443 if url == HTTPS else 80, failure),
        served(url, SITE),
        control(SITE, tcp={f"{SITE}:443": None, f"[{IPV6}]:443": None, f"[{IPV6}]:80": None}),
    )
    assert found.state is State.OK


@pytest.mark.parametrize("failure", [UNREACHABLE, "host_unreachable", TIMEOUT])
def test_a_site_that_has_ipv6_only_is_not_blocked_by_a_probe_without_it(failure: str) -> None:
    # Nothing else in the measurement went over IPv6, so a probe whose IPv6 leads nowhere looks just like a block.
    found = judged(
        HTTPS,
        {"queries": [query(HOST, IPV6, asn=SITE_ASN), query(HOST, IPV6, engine="doh", asn=SITE_ASN)]},
        connect(IPV6, 443, failure),
        control(IPV6, tcp={f"[{IPV6}]:443": None}),
    )
    assert found.state is State.UNKNOWN


def test_an_ipv4_drop_is_seen_beside_broken_ipv6() -> None:
    found = judged(
        HTTPS,
        BOTH_FAMILIES,
        connect(IPV6, 443, UNREACHABLE),
        connect(SITE, 443, TIMEOUT),
        control(SITE, tcp={f"{SITE}:443": None, f"[{IPV6}]:443": None}),
    )
    assert truth(found) == IP_DROP


@pytest.mark.parametrize("failure", NOTHING_WORKS)
@pytest.mark.parametrize("outside", [NO_CONTROL, WORKS], ids=["no control", "control"])
def test_a_blackout_is_unknown(failure: str, outside: dict[str, object]) -> None:
    found = judged(HTTPS, resolved(HOST, failure=failure), connect(SITE, 443, failure), outside)
    assert found.state is State.UNKNOWN


def test_a_shutdown_in_the_middle_of_a_run_is_unknown() -> None:
    found = judged(HTTPS, RESOLVED, connect(SITE), shake(SITE, TIMEOUT), NO_CONTROL)
    assert found.state is State.UNKNOWN


def test_no_route_is_unknown() -> None:
    assert judged(HTTPS, RESOLVED, connect(SITE, 443, UNREACHABLE), WORKS).state is State.UNKNOWN


def test_a_captive_portal_is_unknown() -> None:
    portal = "172.16.0.1"
    found = judged(
        HTTP,
        resolved(HOST, portal, doh="ssl_invalid_hostname"),
        connect(portal, 80),
        fetch(HTTP, portal, "", code=302, headers={"Location": "http://login.hotel.example/"}),
        fetch("http://login.hotel.example/", portal, "<title>Welcome, please log in</title>", depth=1),
        NO_CONTROL,
    )
    assert found.state is State.UNKNOWN


def test_a_captive_portal_over_https_is_unknown() -> None:
    portal = "172.16.0.1"
    steps = joined(connect(portal), shake(portal, "ssl_invalid_hostname"))
    found = judged(HTTPS, resolved(HOST, portal, doh="ssl_invalid_hostname"), steps, NO_CONTROL)
    assert found.state is State.UNKNOWN


def test_quic_that_fails_beside_a_page_is_no_verdict_on_the_site() -> None:
    quic = {"quic_handshakes": [{"address": f"{SITE}:443", "server_name": HOST, "failure": TIMEOUT}]}
    assert judged(HTTPS, RESOLVED, served(HTTPS, SITE), quic, WORKS).state is State.OK


def test_an_address_in_the_url_needs_no_name() -> None:
    url = "https://8.8.4.4/dns-query"
    works = control(tcp={"8.8.4.4:443": None}, tls={"8.8.4.4:443": None})
    assert judged(url, served(url, "8.8.4.4"), works).state is State.OK
    assert truth(judged(url, connect("8.8.4.4"), shake("8.8.4.4", RESET), works)) == SNI_RESET


def test_a_drop_of_the_only_address_tried_cannot_be_told_from_a_dead_link() -> None:
    url = "https://8.8.4.4/dns-query"
    works = control(tcp={"8.8.4.4:443": None}, tls={"8.8.4.4:443": None})
    assert judged(url, connect("8.8.4.4", 443, TIMEOUT), works).state is State.UNKNOWN


# 93.184.216.34 as networks without IPv4 name it: by the common prefix, by a local one, by a provider's own.
NAT64 = pytest.mark.parametrize(
    "ip", ["64:ff9b::5db8:d822", "64:ff9b:1::5db8:d822", "2a00:64:64:64::5db8:d822"]
)


@NAT64
def test_a_network_without_ipv4_does_not_forge_addresses(ip: str) -> None:
    found = judged(HTTP, {"queries": [query(HOST, ip)]}, connect(ip, 80), fetch(HTTP, ip), WORKS)
    assert truth(found) == (State.OK, None, None)


@NAT64
def test_a_reset_in_a_network_without_ipv4_is_no_dns_forgery(ip: str) -> None:
    tried = control(SITE, tcp={f"{SITE}:443": None, f"[{ip}]:443": "network_unreachable"})
    found = judged(HTTPS, {"queries": [query(HOST, ip)]}, connect(ip), shake(ip, RESET), tried)
    assert truth(found) == SNI_RESET
