import pytest

from lampwatch.judge.fingerprints import KnownPages
from lampwatch.judge.references import References
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.vocabulary import State
from tests.judge.web.stories import (
    FORGED,
    HTTP,
    PRIVATE,
    SITE,
    Case,
    Story,
    block_page,
    connect,
    control,
    lookup,
    page,
    shake,
)


def known_answer(scope: Scope) -> References:
    entry = Fingerprint("injected", scope, "dns", Pattern.FULL, FORGED, 5, frozenset())
    return References(fingerprints=KnownPages([entry], "test"))


ENCRYPTED = lookup(SITE, engine="doh")
GONE = control(dns_failure=Failure.DNS_NXDOMAIN, tcp=(), tls=(), failure=Failure.DNS_NXDOMAIN)


def unresolved(failure: Failure) -> Story:
    """The system's resolver gives no address; an encrypted one gives the right one."""
    return Story(dns=(lookup(failure=failure), ENCRYPTED), tcp=())


INJECTED = Story(dns=(lookup(FORGED),), tcp=(), references=known_answer(Scope.NAT))
BOGON = Story(dns=(lookup(PRIVATE),), tcp=())
NXDOMAIN = unresolved(Failure.DNS_NXDOMAIN)
NO_ANSWER = unresolved(Failure.DNS_NO_ANSWER)
REFUSED = unresolved(Failure.DNS_REFUSED)
SERVFAIL = unresolved(Failure.DNS_SERVFAIL)
TIMEOUT = unresolved(Failure.TIMEOUT)
DEAD_NAME = Story(
    dns=(lookup(FORGED), lookup(failure=Failure.DNS_NXDOMAIN, engine="doh")), tcp=(), outside=GONE
)
NOWHERE = Story(dns=(lookup(FORGED), ENCRYPTED), tcp=(connect(FORGED, failure=Failure.TIMEOUT),))
ANOTHER_PAGE = Story(
    url=HTTP,
    dns=(lookup(FORGED), ENCRYPTED),
    tcp=(connect(FORGED, 80),),
    http=(block_page(ip=FORGED),),
)

CASES = [
    Case("web.dns.known_injected_answer", INJECTED, INJECTED.but(references=known_answer(Scope.VBW))),
    Case("web.dns.bogon.control_resolves", BOGON, BOGON.but(outside=control(PRIVATE))),
    Case("web.dns.nxdomain.control_resolves", NXDOMAIN, NXDOMAIN.but(outside=GONE)),
    Case("web.dns.no_answer.control_resolves", NO_ANSWER, NO_ANSWER.but(outside=GONE)),
    Case("web.dns.refused.control_resolves", REFUSED, REFUSED.but(outside=GONE)),
    Case(
        "web.dns.servfail.others_resolve",
        SERVFAIL,
        SERVFAIL.but(
            dns=(lookup(failure=Failure.DNS_SERVFAIL), lookup(failure=Failure.TIMEOUT, engine="doh"))
        ),
    ),
    Case(
        "web.dns.timeout.others_resolve",
        TIMEOUT,
        TIMEOUT.but(dns=(lookup(failure=Failure.TIMEOUT), lookup(failure=Failure.TIMEOUT, engine="doh"))),
    ),
    Case(
        "web.dns.address_for_a_dead_name",
        DEAD_NAME,
        DEAD_NAME.but(dns=(lookup(FORGED), lookup(FORGED, engine="doh"))),
    ),
    Case(
        "web.dns.foreign_answer.leads_nowhere",
        NOWHERE,
        # Another resolver is told of the same address: a network that gives each visitor another one.
        NOWHERE.but(dns=(lookup(FORGED), lookup(FORGED, engine="doh"))),
    ),
    Case(
        "web.dns.foreign_answer.serves_another_page",
        ANOTHER_PAGE,
        ANOTHER_PAGE.but(http=(page(ip=FORGED),)),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_smallest_story_that_fires_it(case: Case) -> None:
    assert case.fires.verdict().rule_id == case.rule


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_fact_changed_and_it_does_not_hold(case: Case) -> None:
    assert case.rule not in case.just_not.held()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_a_control_it_does_not_hold(case: Case) -> None:
    assert case.fires.but(outside=None).verdict().state is not State.BLOCKED


def test_an_injected_answer_is_named_by_its_fingerprint() -> None:
    assert INJECTED.verdict().fingerprint == "injected"


def test_a_genuine_address_among_forged_ones_is_genuine() -> None:
    assert NOWHERE.but(dns=(lookup(FORGED, SITE),)).verdict().state is not State.BLOCKED


def test_a_late_answer_is_not_the_one_that_was_taken() -> None:
    story = Story(dns=(lookup(SITE), lookup(FORGED, engine="udp", late=True)), tls=(shake(),))
    assert story.but(http=(page("https://www.example.org/"),)).verdict().state is State.OK


def test_the_control_s_failure_at_the_forged_addresses_denies_them_though_every_resolver_gives_them() -> None:
    told = control(
        SITE,
        tcp=(connect(SITE), connect(FORGED)),
        tls=(shake(SITE), shake(FORGED, Failure.TLS_INVALID_HOSTNAME)),
    )
    story = NOWHERE.but(dns=(lookup(FORGED), lookup(FORGED, engine="udp")), outside=told)
    assert story.verdict().rule_id == "web.dns.foreign_answer.leads_nowhere"


def test_a_certificate_at_a_foreign_address_vouches_for_it() -> None:
    story = NOWHERE.but(
        tcp=(connect(FORGED),),
        tls=(shake(FORGED),),
        http=(page("https://www.example.org/", FORGED),),
    )
    assert story.verdict().state is State.OK
