from collections.abc import Callable

import pytest

from lampwatch.judge.web.control import ControlView
from lampwatch.judge.web.dns import Answered, answered
from lampwatch.judge.web.trusted import Trusted
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.observation import DnsLookup, Facts, Handshake
from tests.judge.web.stories import FORGED, PRIVATE, SITE, lookup

SITE_ASN = 15133
OTHER_OF_THE_NETWORK = "93.184.216.99"


def nothing_known(_answers: tuple[str, ...]) -> None:
    return None


def unmapped(_ip: str) -> int:
    return 0


def known_forgery(answers: tuple[str, ...]) -> Fingerprint | None:
    known = Fingerprint("forged", Scope.NAT, "dns", Pattern.FULL, FORGED, 5, frozenset())
    return known if FORGED in answers else None


def trusting(
    addresses: set[str], asns: set[int], certified: set[str], asn_of: Callable[[str], int] = unmapped
) -> Trusted:
    # The control was given these addresses, the first of them of each network; certified ones shook hands with it.
    given = sorted(addresses)
    numbers = [*sorted(asns), *[0] * len(given)][: len(given)]
    dns = DnsLookup("www.example.org", "ANY", "control", "", None, tuple(given), tuple(numbers))
    shakes = [Handshake("tls", "www.example.org", ip, 443, None, verified=True) for ip in sorted(certified)]
    outside = ControlView(Facts([dns], handshakes=shakes), unmapped)
    return Trusted("www.example.org", outside, (), asn_of)


TRUSTED = trusting({SITE}, {SITE_ASN}, {"203.0.113.9"})


def typed(query_type: str, *answers: str, failure: Failure | None = None, asn: int = 0) -> DnsLookup:
    return DnsLookup("www.example.org", query_type, "system", "", failure, answers, (asn,) * len(answers))


@pytest.mark.parametrize(
    ("lookups", "worth"),
    [
        ([], Answered.NOT_ASKED),
        ([lookup(SITE)], Answered.GENUINE),
        ([typed("A", OTHER_OF_THE_NETWORK, asn=SITE_ASN)], Answered.GENUINE),
        ([lookup(FORGED, SITE)], Answered.GENUINE),
        ([lookup("203.0.113.9")], Answered.BOGON),
        ([lookup(FORGED)], Answered.FOREIGN),
        ([lookup(PRIVATE)], Answered.BOGON),
        ([lookup("127.0.0.1")], Answered.BOGON),
        ([lookup("0.0.0.0")], Answered.BOGON),  # noqa: S104  an answer that censors give, bound to by nobody
        ([lookup(PRIVATE, FORGED)], Answered.FOREIGN),
        ([lookup()], Answered.NO_ANSWER),
        ([lookup(failure=Failure.DNS_NXDOMAIN)], Answered.NXDOMAIN),
        ([lookup(failure=Failure.ANDROID_DNS_NO_DATA)], Answered.NXDOMAIN),
        ([lookup(failure=Failure.DNS_NO_ANSWER)], Answered.NO_ANSWER),
        ([lookup(failure=Failure.DNS_REFUSED)], Answered.REFUSED),
        ([lookup(failure=Failure.TIMEOUT)], Answered.TIMEOUT),
        ([lookup(failure=Failure.DNS_BOGON)], Answered.BOGON),
        ([lookup(failure=Failure.UNKNOWN)], Answered.FAILED),
        ([lookup(failure=Failure.TIMEOUT, late=True)], Answered.NOT_ASKED),
        ([typed("CNAME", FORGED)], Answered.NOT_ASKED),
    ],
)
def test_an_answer_is_worth_what_vouches_for_it(lookups: list[DnsLookup], worth: Answered) -> None:
    assert answered(lookups, TRUSTED, nothing_known) is worth


def test_a_certificate_vouches_for_a_foreign_address() -> None:
    trusted = trusting({SITE}, {SITE_ASN}, {FORGED})
    assert answered([lookup(FORGED)], trusted, nothing_known) is Answered.VOUCHED


def test_a_reference_knows_the_network_where_the_measurement_does_not() -> None:
    trusted = trusting({SITE}, {SITE_ASN}, set(), {OTHER_OF_THE_NETWORK: SITE_ASN}.__getitem__)
    assert answered([typed("A", OTHER_OF_THE_NETWORK)], trusted, nothing_known) is Answered.GENUINE


def test_no_network_known_is_no_network_shared() -> None:
    trusted = trusting({SITE}, set(), set())
    assert answered([typed("A", OTHER_OF_THE_NETWORK)], trusted, nothing_known) is Answered.FOREIGN


def test_what_the_control_sees_is_genuine_though_it_be_known_or_private() -> None:
    trusted = trusting({FORGED, PRIVATE}, set(), set())
    assert answered([lookup(FORGED)], trusted, known_forgery) is Answered.GENUINE
    assert answered([lookup(PRIVATE)], trusted, known_forgery) is Answered.GENUINE


def test_a_known_injected_address_is_known_without_anything_to_compare() -> None:
    assert answered([lookup(FORGED)], None, known_forgery) is Answered.INJECTED


def test_addresses_without_anything_to_compare_are_just_addresses() -> None:
    assert answered([lookup(SITE)], None, nothing_known) is Answered.UNCOMPARED


def test_the_lack_of_ipv6_says_nothing_beside_another_failure() -> None:
    lookups = [
        typed("AAAA", failure=Failure.DNS_NO_ANSWER),
        typed("A", failure=Failure.DNS_NXDOMAIN),
    ]
    assert answered(lookups, TRUSTED, nothing_known) is Answered.NXDOMAIN
    assert answered(lookups[:1], TRUSTED, nothing_known) is Answered.NO_ANSWER
    assert answered([*lookups[:1], lookup(SITE)], TRUSTED, nothing_known) is Answered.GENUINE
