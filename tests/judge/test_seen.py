from collections.abc import Mapping, Sequence

import msgspec
import pytest

from lampwatch.judge.endpoints import Standing
from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.judge.seen import Seen
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.network import UNKNOWN_NETWORK, Network
from lampwatch.model.observation import DnsLookup, Facts, Handshake, HttpExchange, TcpConnect

TRUE = "93.184.216.34"
FORGED = "93.184.216.66"
PRIVATE = "10.10.34.35"
OWN = 64500
INJECTED = Fingerprint("an injector", Scope.NAT, "dns", Pattern.FULL, FORGED, 9, frozenset())
BLOCK_PAGE = Fingerprint("a page", Scope.NAT, "body", Pattern.CONTAINS, "blocked", 9, frozenset())


class KnownNetworks:
    version = "test"

    def network_of(self, ip: str) -> Network:
        return {TRUE: Network(OWN, "Own", "ZZ"), FORGED: Network(64999, "Other", "ZZ")}.get(
            ip, UNKNOWN_NETWORK
        )

    def name_of(self, asn: int) -> str:
        return "Own" if asn == OWN else ""


class KnownForgeries:
    version = "test"

    def in_answers(self, answers: Sequence[str], country: str) -> Fingerprint | None:
        return INJECTED if country == "IR" and {FORGED, PRIVATE} & set(answers) else None

    def in_page(self, headers: Mapping[str, str], title: str, body: str, country: str) -> Fingerprint | None:  # noqa: ARG002  the protocol gives them
        return BLOCK_PAGE if "blocked" in body else None


def lookup(
    *answers: str, failure: Failure | None = None, query: str = "A", asn: int = 0, late: bool = False
) -> DnsLookup:
    return DnsLookup("A.Example", query, "system", "", failure, answers, (asn,) * len(answers), late=late)


def seen(facts: Facts, references: References = NO_REFERENCES, country: str = "IR", asn: int = 64510) -> Seen:
    return Seen(facts, references, country, asn=asn)


def standing(*lookups: DnsLookup, references: References = NO_REFERENCES) -> Standing | None:
    found = seen(Facts(dns=lookups), references).name("a.example", frozenset({OWN}))
    return found.standing if found else None


@pytest.mark.parametrize(
    ("lookups", "expected"),
    [
        ([], None),
        ([lookup(TRUE)], Standing.RESOLVED),
        ([lookup("not an address")], Standing.FAILED),
        ([lookup()], Standing.FAILED),
        ([lookup(failure=Failure.DNS_NXDOMAIN)], Standing.FAILED),
        ([lookup(PRIVATE)], Standing.BOGON),
        ([lookup(PRIVATE), lookup(TRUE)], Standing.RESOLVED),
        ([lookup(TRUE, late=True)], None),
        ([lookup(FORGED, asn=64999)], Standing.ELSEWHERE),
        ([lookup(FORGED, asn=OWN)], Standing.RESOLVED),
    ],
)
def test_what_became_of_a_name_without_references(
    lookups: list[DnsLookup], expected: Standing | None
) -> None:
    assert standing(*lookups) is expected


@pytest.mark.parametrize(
    ("answered", "stated", "expected"),
    [
        (FORGED, 0, Standing.ELSEWHERE),
        # The two sources may be of different days: the service's own network by either of them is enough.
        (FORGED, OWN, Standing.RESOLVED),
        (TRUE, 64999, Standing.RESOLVED),
        ("93.184.216.99", 0, Standing.RESOLVED),
    ],
)
def test_an_answer_is_elsewhere_only_where_both_sources_say_so(
    answered: str, stated: int, expected: Standing
) -> None:
    references = References(networks=KnownNetworks())
    assert standing(lookup(answered, asn=stated), references=references) is expected


def test_a_known_injected_answer_is_recognised_in_its_country_only() -> None:
    references = References(fingerprints=KnownForgeries())
    facts = Facts(dns=[lookup(FORGED)])
    injected = seen(facts, references, "IR").name("a.example")
    assert injected is not None
    assert (injected.standing, injected.fingerprint) == (Standing.INJECTED, INJECTED)
    elsewhere = seen(facts, references, "IT").name("a.example")
    assert elsewhere is not None
    assert elsewhere.standing is Standing.RESOLVED


def test_a_name_without_ipv6_failed_for_the_reason_that_ipv4_gives() -> None:
    facts = Facts(
        dns=[
            lookup(failure=Failure.DNS_NO_ANSWER, query="AAAA"),
            lookup(failure=Failure.DNS_NXDOMAIN, query="A"),
        ]
    )
    found = seen(facts).name("a.example")
    assert found is not None
    assert found.failure is Failure.DNS_NXDOMAIN


@pytest.mark.parametrize(
    ("facts", "worked"),
    [
        (Facts(), False),
        (Facts(dns=[lookup(TRUE)]), True),
        (Facts(dns=[lookup(PRIVATE)]), False),
        (Facts(dns=[lookup(failure=Failure.DNS_NXDOMAIN)]), False),
        (Facts(tcp=[TcpConnect(TRUE, 443, None)]), True),
        (Facts(tcp=[TcpConnect(PRIVATE, 443, None)]), False),
        (Facts(tcp=[TcpConnect(TRUE, 443, Failure.CONNECTION_REFUSED)]), False),
        (Facts(handshakes=[Handshake("tls", "a", TRUE, 443, None, True)]), True),
        (Facts(handshakes=[Handshake("tls", "a", TRUE, 443, None, False)]), False),
        (Facts(http=[HttpExchange("http://a/", "GET", "", 0, None, 200)]), True),
        (Facts(http=[HttpExchange("http://a/", "GET", "", 0, Failure.TIMEOUT)]), False),
    ],
)
def test_the_link_worked_if_the_public_internet_answered(facts: Facts, worked: bool) -> None:
    assert seen(facts).link.worked is worked


def test_a_known_injector_shows_that_the_line_works() -> None:
    facts = Facts(dns=[lookup(PRIVATE)])
    assert seen(facts, References(fingerprints=KnownForgeries())).link.worked


@pytest.mark.parametrize(("asn", "replied"), [(64510, True), (0, False)])
def test_a_denial_is_a_reply_only_to_a_probe_that_knows_its_network(asn: int, replied: bool) -> None:
    assert seen(Facts(dns=[lookup(failure=Failure.DNS_NXDOMAIN)]), asn=asn).link.replied is replied


@pytest.mark.parametrize(
    ("connect", "lost"),
    [
        (TcpConnect(TRUE, 443, Failure.NETWORK_DOWN), True),
        (TcpConnect(TRUE, 443, Failure.NETWORK_UNREACHABLE), True),
        (TcpConnect("2001:db8::1", 443, Failure.NETWORK_UNREACHABLE), False),
        (TcpConnect(TRUE, 443, Failure.HOST_UNREACHABLE), False),
    ],
)
def test_the_link_is_lost_where_the_probes_own_network_is_gone(connect: TcpConnect, lost: bool) -> None:
    assert seen(Facts(tcp=[connect])).link.lost is lost


def test_ipv6_without_a_route_is_not_a_try() -> None:
    facts = Facts(
        tcp=[
            TcpConnect("2001:db8::1", 443, Failure.HOST_UNREACHABLE),
            TcpConnect(TRUE, 443, Failure.HOST_UNREACHABLE),
        ]
    )
    assert seen(facts).connects(["2001:db8::1", TRUE], frozenset({443})).numbers == (1,)


def test_only_the_ports_asked_for_count() -> None:
    facts = Facts(tcp=[TcpConnect(TRUE, 80, None), TcpConnect(TRUE, 443, Failure.TIMEOUT)])
    assert seen(facts).connects([TRUE], frozenset({443})).all_failed


def test_a_site_is_read_from_its_name_address_handshake_and_page() -> None:
    facts = Facts(
        dns=[lookup(TRUE)],
        tcp=[TcpConnect(TRUE, 443, None)],
        handshakes=[Handshake("tls", "a.example", TRUE, 443, None, True)],
        http=[HttpExchange("https://a.example/", "GET", "", 0, None, 200, over_tls=True)],
    )
    site = seen(facts).site("a.example")
    assert (site.tcp.worked, site.tls.worked, site.http.worked) == (1, 1, 1)


def test_a_page_over_an_unchecked_certificate_proves_nothing() -> None:
    facts = Facts(
        handshakes=[Handshake("tls", "a.example", TRUE, 443, None, False)],
        http=[HttpExchange("https://a.example/", "GET", "", 0, None, 200, over_tls=True)],
    )
    site = seen(facts).site("a.example")
    assert (site.tls.tried, site.http.tried) == (0, 0)


def test_a_page_whose_body_broke_off_did_not_work() -> None:
    exchange = HttpExchange("https://a.example/", "GET", "", 0, Failure.TIMEOUT, 200, over_tls=True)
    assert seen(Facts(http=[exchange])).site("a.example").http.all_failed


@pytest.mark.parametrize(
    ("failure", "tcp", "tls"),
    [
        (Failure.CONNECTION_REFUSED, True, False),
        (Failure.CONNECTION_RESET, False, True),
        (Failure.TLS_UNKNOWN_AUTHORITY, False, True),
        (Failure.TIMEOUT, False, False),
        (Failure.DNS_NXDOMAIN, False, False),
    ],
)
def test_an_old_probes_exchange_tells_the_step_where_only_one_is_possible(
    failure: Failure, tcp: bool, tls: bool
) -> None:
    exchange = HttpExchange("https://a.example/", "GET", "", 0, failure, over_tls=True)
    site = seen(Facts(http=[exchange])).site("a.example")
    assert (site.tcp.all_failed, site.tls.all_failed) == (tcp, tls)


@pytest.mark.parametrize(
    ("bodies", "found"), [(["blocked", "blocked"], True), (["blocked", "hello"], False), ([], False)]
)
def test_a_block_page_counts_where_every_response_is_one(bodies: list[str], found: bool) -> None:
    http = [HttpExchange("http://a.example/", "GET", "", 0, None, 200, body=body) for body in bodies]
    facts = seen(Facts(http=http), References(fingerprints=KnownForgeries()))
    assert (facts.block_page(range(len(bodies))) is not None) is found


def test_a_page_that_is_known_to_be_innocent_is_no_block_page() -> None:
    class Innocent(KnownForgeries):
        def in_page(
            self, headers: Mapping[str, str], title: str, body: str, country: str
        ) -> Fingerprint | None:
            found = super().in_page(headers, title, body, country)
            return msgspec.structs.replace(found, scope=Scope.FP) if found else None

    http = [HttpExchange("http://a.example/", "GET", "", 0, None, 200, body="blocked")]
    assert seen(Facts(http=http), References(fingerprints=Innocent())).block_page([0]) is None


def test_a_lookup_with_neither_answer_nor_failure_says_nothing() -> None:
    found = seen(Facts(dns=[lookup()])).name("a.example")
    assert found is not None
    assert found.failure is Failure.UNKNOWN
