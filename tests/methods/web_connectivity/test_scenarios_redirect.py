"""What happens on the way that redirects lead: each row a measurement, and the truth of it."""

import pytest

from lampwatch.model.vocabulary import Layer, Mechanism, State
from tests.methods.web_connectivity.measuring import (
    BLOCKER,
    EOF,
    HOST,
    HTTP,
    HTTPS,
    NO_CONTROL,
    NXDOMAIN,
    REFUSED,
    RESET,
    SHORTENER,
    SHORTENER_IP,
    SITE,
    TIMEOUT,
    Keys,
    connect,
    control,
    fetch,
    joined,
    judged,
    query,
    redirect,
    resolved,
    served,
    shake,
    truth,
)

SHORT = "https://bit.ly/21645"
# The control followed the redirect, and names steps only at the first host.
WORKS = control(SHORTENER_IP, host=SHORTENER)
NEXT = {"queries": [query(HOST, SITE, depth=1)]}


def start(to: str) -> Keys:
    return joined(
        resolved(SHORTENER, SHORTENER_IP),
        connect(SHORTENER_IP),
        shake(SHORTENER_IP, host=SHORTENER),
        redirect(SHORT, SHORTENER_IP, to),
    )


def test_the_next_host_works() -> None:
    steps = joined(connect(SITE, depth=1), shake(SITE, depth=1), fetch(HTTPS, SITE, depth=1))
    assert judged(SHORT, start(HTTPS), NEXT, steps, WORKS).state is State.OK


@pytest.mark.parametrize("to", [HTTP, HTTPS])
@pytest.mark.parametrize(
    ("failure", "mechanism"),
    [
        (NXDOMAIN, Mechanism.DNS_NXDOMAIN),
        ("dns_no_answer", Mechanism.DNS_NO_ANSWER),
        ("dns_refused_error", Mechanism.DNS_NO_ANSWER),
    ],
)
def test_the_next_host_s_name_is_denied(to: str, failure: str, mechanism: Mechanism) -> None:
    found = judged(SHORT, start(to), {"queries": [query(HOST, failure=failure, depth=1)]}, WORKS)
    assert truth(found) == (State.BLOCKED, Layer.DNS, mechanism)
    assert found.hostname == HOST


@pytest.mark.parametrize("to", [HTTP, HTTPS])
def test_the_next_host_is_given_a_private_address(to: str) -> None:
    gone = {"queries": [query(HOST, "10.10.34.35", depth=1)]}
    found = judged(SHORT, start(to), gone, connect("10.10.34.35", 443, TIMEOUT, depth=1), WORKS)
    assert truth(found) == (State.BLOCKED, Layer.DNS, Mechanism.DNS_BOGON)


@pytest.mark.parametrize(("to", "port"), [(HTTP, 80), (HTTPS, 443)])
@pytest.mark.parametrize(
    ("failure", "mechanism"), [(REFUSED, Mechanism.IP_REFUSE), (TIMEOUT, Mechanism.IP_DROP)]
)
def test_the_next_host_cannot_be_connected_to(to: str, port: int, failure: str, mechanism: Mechanism) -> None:
    found = judged(SHORT, start(to), NEXT, connect(SITE, port, failure, depth=1), WORKS)
    assert truth(found) == (State.BLOCKED, Layer.IP, mechanism)


@pytest.mark.parametrize(
    ("failure", "mechanism"),
    [
        (RESET, Mechanism.TLS_SNI_RESET),
        (EOF, Mechanism.TLS_SNI_RESET),
        (TIMEOUT, Mechanism.TLS_SNI_DROP),
        ("ssl_unknown_authority", Mechanism.TLS_INTERCEPTION),
    ],
)
def test_the_handshake_with_the_next_host_fails(failure: str, mechanism: Mechanism) -> None:
    steps = joined(connect(SITE, depth=1), shake(SITE, failure, depth=1))
    found = judged(SHORT, start(HTTPS), NEXT, steps, WORKS)
    assert truth(found) == (State.BLOCKED, Layer.TLS, mechanism)


@pytest.mark.parametrize(
    ("failure", "mechanism"),
    [(RESET, Mechanism.HTTP_RESET), (EOF, Mechanism.HTTP_RESET), (TIMEOUT, Mechanism.HTTP_DROP)],
)
def test_the_request_to_the_next_host_fails(failure: str, mechanism: Mechanism) -> None:
    steps = joined(connect(SITE, 80, depth=1), fetch(HTTP, SITE, failure=failure, depth=1))
    found = judged(SHORT, start(HTTP), NEXT, steps, WORKS)
    assert truth(found) == (State.BLOCKED, Layer.HTTP, mechanism)


def test_a_site_that_leads_its_visitors_to_tls_is_reset_there() -> None:
    found = judged(
        HTTP,
        resolved(HOST, SITE),
        connect(SITE, 80),
        redirect(HTTP, SITE, HTTPS),
        NEXT,
        connect(SITE, depth=1),
        shake(SITE, RESET, depth=1),
        control(SITE),
    )
    assert truth(found) == (State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)


def test_a_site_that_leads_its_visitors_to_tls_is_ok_there() -> None:
    found = judged(
        HTTP,
        resolved(HOST, SITE),
        connect(SITE, 80),
        redirect(HTTP, SITE, HTTPS),
        NEXT,
        connect(SITE, depth=1),
        shake(SITE, depth=1),
        fetch(HTTPS, SITE, "<title>Something else altogether</title>", depth=1),
        control(SITE),
    )
    assert found.state is State.OK


@pytest.mark.parametrize("failure", ["network_unreachable", "host_unreachable"])
def test_the_probe_s_own_trouble_at_the_next_host_accuses_nobody(failure: str) -> None:
    ipv6 = {"queries": [query(HOST, "2606:2800:220::1", depth=1)]}
    steps = connect("2606:2800:220::1", 443, failure, depth=1)
    assert judged(SHORT, start(HTTPS), ipv6, steps, WORKS).state is State.UNKNOWN


def test_a_next_host_that_has_ipv6_only_is_not_blocked_by_a_probe_without_it() -> None:
    ipv6 = {"queries": [query(HOST, "2606:2800:220::1", depth=1)]}
    steps = connect("2606:2800:220::1", 443, TIMEOUT, depth=1)
    assert judged(SHORT, start(HTTPS), ipv6, steps, WORKS).state is State.UNKNOWN


def test_a_next_host_that_fails_for_everyone_is_down() -> None:
    steps = joined(connect(SITE, depth=1), shake(SITE, "ssl_invalid_certificate", depth=1))
    outside = control(SHORTENER_IP, host=SHORTENER, failure="ssl_invalid_certificate")
    assert judged(SHORT, start(HTTPS), NEXT, steps, outside).state is State.DOWN


def test_a_next_host_that_fails_without_a_control_is_unknown() -> None:
    steps = joined(connect(SITE, depth=1), shake(SITE, RESET, depth=1))
    assert judged(SHORT, start(HTTPS), NEXT, steps, NO_CONTROL).state is State.UNKNOWN


BROKEN = {"Location": "https://", "Content-Length": "0"}
BROKEN_REDIRECT = "http_invalid_redirect_location_host"


@pytest.mark.parametrize(("url", "states"), [(HTTPS, {State.DOWN}), (HTTP, {State.DOWN, State.UNKNOWN})])
def test_a_redirect_to_nowhere_is_the_server_s_doing(url: str, states: set[State]) -> None:
    page = fetch(url, SITE, "", code=302, headers=BROKEN, failure=BROKEN_REDIRECT)
    found = judged(url, resolved(HOST, SITE), served(url, SITE) | page, control(SITE))
    assert found.state in states


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_more_than_ten_redirects_are_down_where_the_control_gave_up_too(scheme: str) -> None:
    def url(n: int) -> str:
        return f"{scheme}://{HOST}/redirect/{n}"

    chain = [redirect(url(15 - n), SITE, f"/redirect/{14 - n}", depth=n) for n in range(10)]
    last = fetch(
        url(5), SITE, "", code=302, failure="unknown_failure: stopped after too many redirects", depth=10
    )
    found = judged(
        url(15),
        resolved(HOST, SITE),
        connect(SITE, 80 if scheme == "http" else 443),
        shake(SITE),
        *chain,
        last,
        control(SITE, failure="unknown_error"),
    )
    assert found.state is State.DOWN


def test_spoofed_dns_at_the_next_host_is_never_ok() -> None:
    forged = {"queries": [query(HOST, BLOCKER, depth=1)]}
    steps = joined(connect(BLOCKER, depth=1), shake(BLOCKER, "ssl_invalid_hostname", depth=1))
    found = judged(SHORT, start(HTTPS), forged, steps, WORKS)
    assert found.state is State.BLOCKED
