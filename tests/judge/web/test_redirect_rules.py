import pytest

from lampwatch.judge.fingerprints import KnownPages
from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.observation import DnsLookup, Handshake, TcpConnect
from lampwatch.model.vocabulary import State
from tests.judge.web.stories import (
    ELSEWHERE,
    FORGED,
    HTTPS,
    PRIVATE,
    SITE,
    Case,
    Story,
    connect,
    control,
    lookup,
    moved,
    page,
    shake,
)

AWAY = f"https://{ELSEWHERE}/"
NEXT = "198.41.0.4"
CONTROL_FAILED = control(SITE, failure=Failure.TIMEOUT)
INJECTED = Fingerprint("injected", Scope.NAT, "dns", Pattern.FULL, FORGED, 5, frozenset())


def led(
    answered: DnsLookup,
    *steps: TcpConnect | Handshake,
    references: References = NO_REFERENCES,
) -> Story:
    """The site answered and led elsewhere; what came of the name there, and of the steps."""
    return Story(
        dns=(lookup(SITE), answered),
        tcp=(connect(), *[step for step in steps if isinstance(step, TcpConnect)]),
        tls=(shake(), *[step for step in steps if isinstance(step, Handshake)]),
        http=(moved(HTTPS, AWAY),),
        references=references,
    )


def named(*answers: str, failure: Failure | None = None) -> DnsLookup:
    return lookup(*answers, failure=failure, host=ELSEWHERE, depth=1)


def shaken(failure: Failure | None) -> tuple[TcpConnect, Handshake]:
    return connect(NEXT, depth=1), shake(NEXT, failure, host=ELSEWHERE, depth=1)


def unless_the_control_failed(rule: str, fires: Story) -> Case:
    return Case(rule, fires, fires.but(outside=CONTROL_FAILED))


def led_to_plain_http(failure: Failure) -> Story:
    """The site led to an unencrypted address, whose host took the connection and then failed."""
    plain = f"http://{ELSEWHERE}/"
    failed = page(plain, NEXT, status=0, title="", length=-1, depth=1, failure=failure)
    story = led(named(NEXT), connect(NEXT, port=80, depth=1))
    return story.but(http=(failed, moved(HTTPS, plain)))


def led_by_another_resolver(answered: DnsLookup, encrypted: DnsLookup) -> Story:
    """The system's resolver said one thing of the host that the site led to, one over HTTPS another; the page came."""
    story = led(answered, *shaken(None))
    return story.but(dns=(*story.dns, encrypted), http=(page(AWAY, NEXT, depth=1), *story.http))


def over_https(*answers: str, failure: Failure | None = None) -> DnsLookup:
    return lookup(*answers, failure=failure, engine="doh", host=ELSEWHERE, depth=1)


CASES = [
    Case(
        "web.redirect.dns_bogon.others_lead_to_the_page",
        led_by_another_resolver(named(PRIVATE), over_https(NEXT)),
        led_by_another_resolver(named(PRIVATE, NEXT), over_https(NEXT)),
    ),
    Case(
        "web.redirect.dns_nxdomain.others_lead_to_the_page",
        led_by_another_resolver(named(failure=Failure.DNS_NXDOMAIN), over_https(NEXT)),
        led_by_another_resolver(
            named(failure=Failure.DNS_NXDOMAIN), over_https(failure=Failure.DNS_NXDOMAIN)
        ),
    ),
    Case(
        "web.redirect.dns_no_answer.others_lead_to_the_page",
        led_by_another_resolver(named(failure=Failure.DNS_REFUSED), over_https(NEXT)),
        led_by_another_resolver(named(failure=Failure.DNS_SERVFAIL), over_https(NEXT)),
    ),
    unless_the_control_failed(
        "web.redirect.http_cut.control_gets_page", led_to_plain_http(Failure.CONNECTION_RESET)
    ),
    unless_the_control_failed(
        "web.redirect.http_timeout.control_gets_page", led_to_plain_http(Failure.TIMEOUT)
    ),
    Case(
        "web.redirect.dns_bogon.control_gets_page",
        led(named(PRIVATE)),
        led(named(PRIVATE, NEXT)),
    ),
    Case(
        "web.redirect.dns_injected.control_gets_page",
        led(named(FORGED), references=References(fingerprints=KnownPages([INJECTED], "test"))),
        led(named(FORGED)),
    ),
    unless_the_control_failed(
        "web.redirect.dns_nxdomain.control_gets_page", led(named(failure=Failure.DNS_NXDOMAIN))
    ),
    unless_the_control_failed(
        "web.redirect.dns_no_answer.control_gets_page", led(named(failure=Failure.DNS_NO_ANSWER))
    ),
    unless_the_control_failed(
        "web.redirect.connect_timeout.control_gets_page",
        led(named(NEXT), connect(NEXT, failure=Failure.TIMEOUT, depth=1)),
    ),
    unless_the_control_failed(
        "web.redirect.connect_refused.control_gets_page",
        led(named(NEXT), connect(NEXT, failure=Failure.CONNECTION_REFUSED, depth=1)),
    ),
    Case(
        "web.redirect.tls_cut.control_gets_page",
        led(named(NEXT), *shaken(Failure.CONNECTION_RESET)),
        led(named(NEXT), *shaken(None)),
    ),
    Case(
        "web.redirect.tls_timeout.control_gets_page",
        led(named(NEXT), *shaken(Failure.TIMEOUT)),
        led(named(NEXT), *shaken(None)),
    ),
    Case(
        "web.redirect.tls_wrong_certificate.control_gets_page",
        led(named(NEXT), *shaken(Failure.TLS_UNKNOWN_AUTHORITY)),
        led(named(NEXT), *shaken(None)),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_smallest_story_that_fires_it(case: Case) -> None:
    verdict = case.fires.verdict()
    assert (verdict.rule_id, verdict.hostname) == (case.rule, ELSEWHERE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_fact_changed_and_it_does_not_hold(case: Case) -> None:
    assert case.rule not in case.just_not.held()


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("outside", [None, CONTROL_FAILED], ids=["no control", "control failed too"])
def test_without_a_control_s_page_nothing_is_blocked(case: Case, outside: object) -> None:
    assert case.fires.but(outside=outside).verdict().state is not State.BLOCKED


def test_the_page_at_the_end_settles_it() -> None:
    story = led(named(NEXT), *shaken(None))
    ended = story.but(http=(page(AWAY, depth=1), *story.http))
    assert ended.verdict().state is State.OK


def test_the_witnesses_are_of_the_host_that_the_redirect_led_to() -> None:
    verdict = led(named(failure=Failure.DNS_NXDOMAIN)).verdict()
    assert [str(witness) for witness in verdict.witnesses] == ["probe.dns.1", "control.http.0"]
