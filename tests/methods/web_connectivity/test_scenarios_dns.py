"""What resolvers do: each row a measurement, and the truth of it."""

import msgspec
import pytest

from lampwatch.model.vocabulary import Layer, Mechanism, State
from tests.methods.web_connectivity.measuring import (
    BLOCKER,
    EOF,
    HOST,
    HTTP,
    HTTPS,
    NO_ANSWER,
    NXDOMAIN,
    REFUSED,
    RESET,
    SITE,
    TIMEOUT,
    Keys,
    block_page,
    connect,
    control,
    joined,
    judged,
    query,
    resolved,
    served,
    shake,
    truth,
)

BOTH_SCHEMES = pytest.mark.parametrize("url", [HTTPS, HTTP])
INVALID_NAME = "ssl_invalid_hostname"
PRIVATE = "10.10.34.35"
LOCALHOST = "127.0.0.1"

WORKS = control(SITE)
# The control is told which addresses the probe found, and tries them too: at a censor's it gets no certificate.
TRIED_THE_FORGERY = control(
    SITE,
    tcp={f"{ip}:{port}": None for ip in (SITE, BLOCKER) for port in (80, 443)},
    tls={f"{SITE}:443": None, f"{BLOCKER}:443": INVALID_NAME},
)
# A transparent proxy passes the handshake on, so that the control gets the right certificate there.
TRIED_THE_PROXY = control(
    SITE,
    tcp={f"{ip}:{port}": None for ip in (SITE, BLOCKER) for port in (80, 443)},
    tls={f"{SITE}:443": None, f"{BLOCKER}:443": None},
)
NAME_GONE = control(dns_failure=NXDOMAIN, tcp={f"{BLOCKER}:443": None}, tls={}, failure="dns_lookup_error")


def blocked(mechanism: Mechanism) -> tuple[State, Layer, Mechanism]:
    return State.BLOCKED, Layer.DNS, mechanism


SPOOFED = blocked(Mechanism.DNS_SPOOF)


def not_served(url: str, ip: str) -> Keys:
    """The way to a forged address ends at the handshake, or over HTTP at a block page."""
    if url == HTTPS:
        return joined(connect(ip), shake(ip, INVALID_NAME))
    return joined(connect(ip, 80), block_page(HTTP, ip))


@BOTH_SCHEMES
def test_the_provider_s_resolver_denies_the_name(url: str) -> None:
    found = judged(url, resolved(HOST, failure=NXDOMAIN, udp=(SITE,), doh=(SITE,)), served(url, SITE), WORKS)
    assert truth(found) == blocked(Mechanism.DNS_NXDOMAIN)


@pytest.mark.parametrize("doh", [TIMEOUT, RESET, EOF])
def test_every_resolver_that_can_be_lied_for_denies_the_name(doh: str) -> None:
    found = judged(HTTPS, resolved(HOST, failure=NXDOMAIN, doh=doh), WORKS)
    assert truth(found) == blocked(Mechanism.DNS_NXDOMAIN)


def test_an_encrypted_resolver_that_denies_the_name_too_clears_the_network() -> None:
    # Nobody on the path can write a DoH answer: the name's own servers say different things in different places.
    found = judged(HTTPS, resolved(HOST, failure=NXDOMAIN), WORKS)
    assert found.state is State.UNKNOWN


def test_android_s_empty_answer_counts_as_a_denial() -> None:
    said = resolved(HOST, failure="android_dns_cache_no_data", udp=(SITE,), doh=(SITE,))
    assert truth(judged(HTTPS, said, served(HTTPS, SITE), WORKS)) == blocked(Mechanism.DNS_NXDOMAIN)


def test_the_resolver_gives_no_address() -> None:
    found = judged(HTTPS, resolved(HOST, failure=NO_ANSWER, udp=(SITE,), doh=(SITE,)), WORKS)
    assert truth(found) == blocked(Mechanism.DNS_NO_ANSWER)


def test_the_resolver_refuses() -> None:
    found = judged(HTTPS, resolved(HOST, failure="dns_refused_error", udp=(SITE,), doh=(SITE,)), WORKS)
    assert truth(found) == blocked(Mechanism.DNS_REFUSED)


def test_a_resolver_that_fails_by_itself_accuses_nobody() -> None:
    # SERVFAIL is a resolver's own trouble as often as not, so it takes another resolver that answered meanwhile.
    found = judged(HTTPS, resolved(HOST, failure="dns_servfail_error", udp=TIMEOUT, doh=TIMEOUT), WORKS)
    assert found.state is State.UNKNOWN


def test_the_system_s_resolver_alone_never_answers() -> None:
    found = judged(
        HTTPS, resolved(HOST, failure=TIMEOUT, udp=(SITE,), doh=(SITE,)), served(HTTPS, SITE), WORKS
    )
    assert truth(found) == blocked(Mechanism.DNS_TIMEOUT)


@BOTH_SCHEMES
def test_a_private_address_is_answered(url: str) -> None:
    found = judged(
        url,
        resolved(HOST, PRIVATE, udp=(SITE,), doh=(SITE,)),
        connect(PRIVATE, 443 if url == HTTPS else 80, TIMEOUT),
        served(url, SITE),
        WORKS,
    )
    assert truth(found) == blocked(Mechanism.DNS_BOGON)


@BOTH_SCHEMES
def test_localhost_is_answered_to_the_probe_only(url: str) -> None:
    found = judged(url, resolved(HOST, LOCALHOST, doh=(SITE,)), served(url, SITE), WORKS)
    assert truth(found) == blocked(Mechanism.DNS_BOGON)


@BOTH_SCHEMES
def test_everyone_gets_localhost(url: str) -> None:
    found = judged(
        url, resolved(HOST, LOCALHOST), control(LOCALHOST, tcp={}, tls={}, failure="connection_refused")
    )
    assert found.state is State.DOWN


@BOTH_SCHEMES
def test_the_answer_leads_to_a_transparent_proxy_and_the_page_is_right(url: str) -> None:
    found = judged(
        url,
        resolved(HOST, BLOCKER, doh=(SITE,)),
        served(url, BLOCKER),
        connect(SITE),
        shake(SITE),
        TRIED_THE_PROXY,
    )
    assert truth(found) == (State.OK, Layer.DNS, Mechanism.DNS_SPOOF)


@pytest.mark.parametrize("udp", [NXDOMAIN, (BLOCKER,)], ids=["udp resolver honest", "udp resolver lies too"])
@pytest.mark.parametrize("end", [REFUSED, INVALID_NAME])
def test_a_dead_domain_is_spoofed_over_https(udp: str | tuple[str, ...], end: str) -> None:
    steps = (
        connect(BLOCKER, failure=REFUSED)
        if end == REFUSED
        else joined(connect(BLOCKER), shake(BLOCKER, INVALID_NAME))
    )
    assert truth(judged(HTTPS, resolved(HOST, BLOCKER, udp=udp, doh=NXDOMAIN), steps, NAME_GONE)) == SPOOFED


@pytest.mark.parametrize("udp", [NXDOMAIN, (BLOCKER,)], ids=["udp resolver honest", "udp resolver lies too"])
def test_a_dead_domain_is_spoofed_to_a_block_page(udp: str | tuple[str, ...]) -> None:
    found = judged(
        HTTP,
        resolved(HOST, BLOCKER, udp=udp, doh=NXDOMAIN),
        connect(BLOCKER, 80),
        block_page(HTTP, BLOCKER),
        NAME_GONE,
    )
    assert truth(found) == SPOOFED


@pytest.mark.parametrize(
    "trouble", ["dns_server_misbehaving", TIMEOUT, "dns_servfail_error", "unknown_error"]
)
def test_a_control_whose_own_resolver_failed_does_not_make_the_name_dead(trouble: str) -> None:
    found = judged(
        HTTP,
        {"queries": [query(HOST, SITE)]},
        served(HTTP, SITE),
        control(dns_failure=trouble, tcp={f"{SITE}:80": None}, tls={}, failure="dns_lookup_error"),
    )
    assert found.state is State.UNKNOWN


@BOTH_SCHEMES
@pytest.mark.parametrize("udp", [(SITE,), (BLOCKER,)], ids=["udp resolver honest", "udp resolver lies too"])
def test_the_answer_leads_to_a_censor_s_server(url: str, udp: tuple[str, ...]) -> None:
    found = judged(
        url,
        resolved(HOST, BLOCKER, udp=udp, doh=(SITE,)),
        not_served(url, BLOCKER),
        connect(SITE),
        shake(SITE),
        TRIED_THE_FORGERY,
    )
    assert truth(found) == SPOOFED


def test_a_block_page_comes_from_a_spoofed_address_that_the_control_could_shake_hands_with() -> None:
    found = judged(
        HTTP,
        resolved(HOST, BLOCKER, doh=(SITE,)),
        connect(BLOCKER, 80),
        shake(BLOCKER),
        block_page(HTTP, BLOCKER),
        TRIED_THE_PROXY,
    )
    assert truth(found) == SPOOFED


@BOTH_SCHEMES
def test_the_connection_to_the_forged_address_is_refused(url: str) -> None:
    found = judged(
        url,
        resolved(HOST, BLOCKER, doh=(SITE,)),
        connect(BLOCKER, 443 if url == HTTPS else 80, REFUSED),
        served(url, SITE),
        TRIED_THE_FORGERY,
    )
    assert truth(found) == SPOOFED


BAD_CERTIFICATES = pytest.mark.parametrize(
    "failure", [INVALID_NAME, "ssl_unknown_authority", "ssl_invalid_certificate"]
)


@BAD_CERTIFICATES
def test_a_wrong_certificate_at_a_poisoned_address_is_dns(failure: str) -> None:
    found = judged(
        HTTPS,
        resolved(HOST, BLOCKER, doh=(SITE,)),
        connect(BLOCKER),
        shake(BLOCKER, failure),
        served(HTTPS, SITE),
        control(SITE, tls={f"{SITE}:443": None, f"{BLOCKER}:443": failure}),
    )
    assert truth(found) == SPOOFED


@BAD_CERTIFICATES
def test_a_site_whose_certificate_is_bad_for_everyone_accuses_nobody_even_at_a_foreign_address(
    failure: str,
) -> None:
    found = judged(
        HTTPS,
        resolved(HOST, BLOCKER, doh=(SITE,)),
        connect(BLOCKER),
        shake(BLOCKER, failure),
        connect(SITE),
        shake(SITE, failure),
        control(SITE, tls={f"{SITE}:443": failure, f"{BLOCKER}:443": failure}, failure=failure),
    )
    assert found.state is State.DOWN


def test_reset_on_the_name_and_spoofed_dns() -> None:
    found = judged(
        HTTPS,
        resolved(HOST, BLOCKER, doh=(SITE,)),
        connect(BLOCKER),
        shake(BLOCKER, RESET),
        connect(SITE),
        shake(SITE, RESET),
        TRIED_THE_PROXY,
    )
    assert found.state is State.BLOCKED
    named = {(found.layer, found.mechanism)} | {(f.layer, f.mechanism) for f in found.findings}
    assert (Layer.TLS, Mechanism.TLS_SNI_RESET) in named
    assert (Layer.DNS, Mechanism.DNS_SPOOF) in named


def late(*addresses: str) -> Keys:
    return {"x_dns_duplicate_responses": [query(HOST, *addresses, engine="udp")]}


def test_an_injected_answer_races_the_true_one() -> None:
    found = judged(
        HTTPS,
        resolved(HOST, BLOCKER, doh=(SITE,)),
        late(SITE),
        connect(BLOCKER, failure=TIMEOUT),
        served(HTTPS, SITE),
        TRIED_THE_FORGERY,
    )
    assert truth(found) == SPOOFED


def test_an_injected_answer_that_came_too_late_harms_nobody() -> None:
    found = judged(HTTPS, resolved(HOST, SITE), late(BLOCKER), served(HTTPS, SITE), WORKS)
    assert found.state is State.OK


@BOTH_SCHEMES
@pytest.mark.parametrize("doh", [TIMEOUT, RESET])
def test_all_plain_resolvers_get_injected_answers_and_the_encrypted_one_is_cut_off(
    url: str, doh: str
) -> None:
    other = "108.160.161.83"
    port = 443 if url == HTTPS else 80
    found = judged(
        url,
        resolved(HOST, BLOCKER, udp=(other,), doh=doh),
        connect(BLOCKER, port, TIMEOUT),
        connect(other, port, TIMEOUT),
        control(
            SITE,
            tcp={f"{ip}:{n}": None for ip in (SITE, BLOCKER, other) for n in (80, 443)},
            tls={f"{SITE}:443": None, f"{BLOCKER}:443": INVALID_NAME, f"{other}:443": INVALID_NAME},
        ),
    )
    assert truth(found) == SPOOFED


@pytest.mark.parametrize("engine", ["system resolver only", "every resolver"])
def test_a_rotating_answer_that_the_control_never_saw_is_well_over_https(engine: str) -> None:
    edge = "151.101.1.67"
    said = (
        resolved(HOST, edge) if engine == "every resolver" else resolved(HOST, edge, udp=(SITE,), doh=(SITE,))
    )
    found = judged(HTTPS, said, served(HTTPS, edge), WORKS)
    assert found.state is State.OK


def test_a_rotating_answer_that_the_control_never_saw_is_well_over_http() -> None:
    edge = "151.101.1.67"
    assert judged(HTTP, resolved(HOST, edge), served(HTTP, edge), WORKS).state is State.OK


def test_a_name_in_the_measurement_s_own_spelling_is_the_url_s() -> None:
    url = "http://WWW.Example.COM./"
    found = judged(
        url,
        {"queries": [query("WWW.Example.COM.", failure=NXDOMAIN)]},
        control(SITE),
        version="0.4.3",
    )
    assert truth(found) == blocked(Mechanism.DNS_NXDOMAIN)
    assert found.target == HOST


def test_witnesses_of_a_dns_verdict_are_lookups_of_both_sides() -> None:
    found = judged(HTTPS, resolved(HOST, failure=NXDOMAIN, doh=(SITE,)), WORKS)
    assert {w.rpartition(".")[0] for w in found.witnesses} == {"probe.dns", "control.dns"}
    assert msgspec.to_builtins(found)["control"] == "worked"
