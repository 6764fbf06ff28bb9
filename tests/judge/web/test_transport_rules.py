import pytest

from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import State
from tests.judge.web.stories import SITE, Case, Story, connect, control, lookup, page, shake

IPV6 = "2606:2800:220:1::1"


def unconnected(failure: Failure) -> Story:
    return Story(tcp=(connect(failure=failure),))


def unshaken(failure: Failure) -> Story:
    return Story(tls=(shake(failure=failure),))


TIMEOUT = unconnected(Failure.TIMEOUT)
REFUSED = unconnected(Failure.CONNECTION_REFUSED)
NO_ROUTE = unconnected(Failure.HOST_UNREACHABLE)
CUT = unshaken(Failure.CONNECTION_RESET)
SILENT = unshaken(Failure.TIMEOUT)
WRONG = unshaken(Failure.TLS_UNKNOWN_AUTHORITY)
# What the control says where it tried no step of its own, and where its steps failed too.
PAGE_ONLY = control(SITE, tcp=(), tls=())
NO_PAGE = control(SITE, tcp=(), tls=(), failure=Failure.TIMEOUT)


def failing_outside(failure: Failure) -> dict[str, object]:
    return {"outside": control(SITE, tcp=(connect(failure=failure),), tls=(shake(failure=failure),))}


CASES = [
    Case("web.ip.connect_timeout.control_connects", TIMEOUT, TIMEOUT.but(tcp=(*TIMEOUT.tcp, connect()))),
    Case(
        "web.ip.connect_refused.control_connects",
        REFUSED,
        REFUSED.but(**failing_outside(Failure.CONNECTION_REFUSED)),
    ),
    Case("web.unknown.no_route", NO_ROUTE, NO_ROUTE.but(**failing_outside(Failure.HOST_UNREACHABLE))),
    Case(
        "web.tls.cut_after_client_hello.control_completes",
        CUT,
        CUT.but(**failing_outside(Failure.CONNECTION_RESET)),
    ),
    Case(
        "web.tls.timeout_after_client_hello.control_completes",
        SILENT,
        SILENT.but(tls=(*SILENT.tls, shake())),
    ),
    Case(
        "web.tls.wrong_certificate.control_sees_right_one",
        WRONG,
        WRONG.but(**failing_outside(Failure.TLS_UNKNOWN_AUTHORITY)),
    ),
    Case(
        "web.tls.cut_after_client_hello.control_gets_page",
        CUT.but(outside=PAGE_ONLY),
        CUT.but(outside=NO_PAGE),
    ),
    Case(
        "web.tls.timeout_after_client_hello.control_gets_page",
        SILENT.but(outside=PAGE_ONLY),
        SILENT.but(outside=NO_PAGE),
    ),
    Case(
        "web.tls.wrong_certificate.control_gets_page",
        WRONG.but(outside=PAGE_ONLY),
        WRONG.but(outside=NO_PAGE),
    ),
    Case(
        "web.ip.connect_timeout.control_gets_page",
        TIMEOUT.but(outside=PAGE_ONLY),
        TIMEOUT.but(outside=NO_PAGE),
    ),
    Case(
        "web.ip.connect_refused.control_gets_page",
        REFUSED.but(outside=PAGE_ONLY),
        REFUSED.but(outside=NO_PAGE),
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
    assert case.fires.but(outside=None).verdict().state is State.UNKNOWN


def test_no_address_but_the_site_s_own_counts() -> None:
    stranger = "203.0.113.77"
    story = Story(
        tcp=(connect(stranger, failure=Failure.TIMEOUT), connect()),
        tls=(shake(),),
        http=(page("https://www.example.org/"),),
    )
    assert story.verdict().state is State.OK


def test_ipv6_that_the_probe_cannot_reach_explains_nothing_beside_ipv4() -> None:
    story = Story(
        dns=(lookup(IPV6, SITE),),
        tcp=(connect(IPV6, failure=Failure.NETWORK_UNREACHABLE), connect(failure=Failure.TIMEOUT)),
        outside=control(SITE, IPV6),
    )
    assert story.verdict().rule_id == "web.ip.connect_timeout.control_connects"


def test_a_dead_link_accuses_nobody() -> None:
    story = TIMEOUT.but(dns=(lookup(failure=Failure.TIMEOUT),))
    assert story.verdict().rule_id == "web.unknown.nothing_worked"
