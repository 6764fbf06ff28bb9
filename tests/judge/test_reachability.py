import pytest

from lampwatch.judge.reachability import (
    Attempt,
    ReachFacts,
    Step,
    always_up,
    counted,
    mechanism_of,
    reach_of,
    sign_of_life,
)
from lampwatch.model.failure import Failure
from lampwatch.model.observation import DnsLookup, Facts, Handshake, HttpExchange, TcpConnect, witnessed
from lampwatch.model.vocabulary import Control, Mechanism

FOURTH, SIXTH = "192.0.2.1", "2001:db8::1"


def test_a_silent_connect_looks_like_dropped_packets() -> None:
    assert mechanism_of(Step.CONNECT, Failure.TIMEOUT) is Mechanism.IP_DROP


def test_success_looks_like_no_interference() -> None:
    assert mechanism_of(Step.CONNECT, None) is None


def test_an_expired_certificate_looks_like_no_interference() -> None:
    # The probe's clock may be wrong.
    assert mechanism_of(Step.TLS, Failure.TLS_INVALID_CERTIFICATE) is None


@pytest.mark.parametrize(
    "failure",
    [Failure.NETWORK_DOWN, Failure.NETWORK_UNREACHABLE, Failure.HOST_UNREACHABLE, Failure.INTERRUPTED],
)
def test_a_try_that_the_probes_own_link_ended_is_not_counted(failure: Failure) -> None:
    assert counted([Attempt(Step.CONNECT, failure, FOURTH)]) == []


def test_ipv6_that_never_connects_is_not_counted_beside_ipv4() -> None:
    fourth = Attempt(Step.CONNECT, Failure.TIMEOUT, FOURTH)
    assert counted([fourth, Attempt(Step.CONNECT, Failure.UNKNOWN, SIXTH)]) == [fourth]


def test_ipv6_that_connects_is_counted() -> None:
    attempts = [Attempt(Step.CONNECT, Failure.TIMEOUT, FOURTH), Attempt(Step.TLS, Failure.TIMEOUT, SIXTH)]
    assert counted(attempts) == attempts


def test_ipv6_alone_is_counted() -> None:
    attempts = [Attempt(Step.CONNECT, Failure.TIMEOUT, SIXTH)]
    assert counted(attempts) == attempts


def test_the_mechanism_is_what_most_failures_share() -> None:
    reach = reach_of(
        [
            Attempt(Step.CONNECT, Failure.CONNECTION_REFUSED),
            Attempt(Step.CONNECT, Failure.TIMEOUT),
            Attempt(Step.CONNECT, Failure.TIMEOUT),
            Attempt(Step.CONNECT, None),
        ]
    )
    assert (reach.tried, reach.reached, reach.mechanism) == (4, 1, Mechanism.IP_DROP)


def test_no_mechanism_is_named_where_as_many_failures_show_none() -> None:
    tries = [Attempt(Step.TLS, Failure.TIMEOUT), Attempt(Step.TLS, Failure.TLS_FAILED_HANDSHAKE)]
    assert reach_of(tries).mechanism is None


def test_nothing_tried_is_not_nothing_reached() -> None:
    assert not reach_of([]).none


def test_what_stood_and_what_failed_have_their_own_witnesses() -> None:
    good, bad = witnessed("probe", "tcp", 0), witnessed("probe", "tcp", 1)
    tries = [Attempt(Step.CONNECT, None, "", (good,)), Attempt(Step.CONNECT, Failure.TIMEOUT, "", (bad,))]
    assert (reach_of(tries).stood, reach_of(tries).failed) == ((good,), (bad,))


@pytest.mark.parametrize(
    ("facts", "witness"),
    [
        (Facts(tcp=[TcpConnect("a", 1, Failure.TIMEOUT), TcpConnect("b", 1, None)]), "probe.tcp.1"),
        (Facts(handshakes=[Handshake("stun", "", "", 0, None)]), "probe.handshake.0"),
        (Facts(http=[HttpExchange("http://a/", "GET", "", 0, None, 404)]), "probe.http.0"),
        (Facts(dns=[DnsLookup("a", "A", "system", "", None, ("8.8.8.8",), (0,))]), "probe.dns.0"),
    ],
)
def test_what_worked_is_a_sign_of_life(facts: Facts, witness: str) -> None:
    assert [str(sign) for sign in sign_of_life(facts)] == [witness]


@pytest.mark.parametrize(
    "facts",
    [
        Facts(),
        Facts(tcp=[TcpConnect("a", 1, Failure.CONNECTION_RESET)]),
        Facts(http=[HttpExchange("http://a/", "GET", "", 0, None)]),
        Facts(dns=[DnsLookup("a", "A", "system", "", None, ("127.0.0.1",), (0,))]),
        Facts(dns=[DnsLookup("a", "A", "system", "", Failure.DNS_NXDOMAIN, (), ())]),
    ],
)
def test_what_did_not_work_is_none(facts: Facts) -> None:
    assert sign_of_life(facts) == ()


def test_a_great_operators_resolver_is_always_up_and_a_strangers_is_not() -> None:
    assert always_up("dns.google")
    assert not always_up("resolver.example.org")


def test_reach_facts_answer_what_every_rule_book_asks() -> None:
    link, shown = witnessed("probe", "dns", 0), witnessed("probe", "tcp", 3)
    facts = ReachFacts(target="x", link=(link,), groups={"servers": (shown,)}, host="example.org")
    assert facts.control is Control.ABSENT
    assert (facts.hostname("servers"), facts.fingerprint("servers")) == ("example.org", "")
    assert (facts.witnesses("link"), facts.witnesses("servers"), facts.witnesses("x")) == (
        (link,),
        (shown,),
        (),
    )
