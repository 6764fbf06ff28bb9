"""Each rule with the smallest facts that fire it, and facts that just do not."""

from typing import Any

import pytest

from lampwatch.judge.endpoint_rules import CAUSES, LAST_WORDS, NOT_MEASURED, PARTS, PLAIN_CAUSES, SITE
from lampwatch.judge.endpoints import Endpoints, Link, Name, Names, Standing, Steps, names_of
from lampwatch.judge.rule import decide
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.vocabulary import Evidence, Mechanism, State

BOOK = {rule.id: rule for rule in SITE}
DEAD = Link(worked=False, resolved=False, verified=False, replied=False, silent=False, lost=False)
REPLIED = Link(worked=False, resolved=False, verified=False, replied=True, silent=False, lost=False)
NO_BUT_SILENT = Link(worked=False, resolved=False, verified=False, replied=True, silent=True, lost=False)
WORKED = Link(worked=True, resolved=False, verified=False, replied=False, silent=False, lost=False)
RESOLVED = Link(worked=True, resolved=True, verified=False, replied=False, silent=False, lost=False)
VERIFIED = Link(worked=True, resolved=True, verified=True, replied=False, silent=False, lost=False)
LOST = Link(worked=True, resolved=True, verified=True, replied=True, silent=True, lost=True)
PAGE = Fingerprint("a page", Scope.NAT, "body", Pattern.CONTAINS, "blocked", 9, frozenset())
ONE = Steps("tcp", 1, 1, (), (0,))
SHAKEN = Steps("handshake", 1, 1, (), (0,))
FETCHED = Steps("http", 1, 1, (), (0,))


def failed(*failures: Failure, worked: int = 0) -> Steps:
    tried = len(failures) + worked
    return Steps("tcp", tried, worked, failures, tuple(range(tried)))


def named(*standings: Standing, failure: Failure | None = None) -> Names:
    return names_of([Name("a.example", standing, failure, (), (0,)) for standing in standings])


def facts(link: Link = WORKED, **groups: Any) -> Endpoints:
    return Endpoints(target="a.example", at="a.example", link=link, **groups)


def unresolved(failure: Failure) -> Names:
    return named(Standing.FAILED, failure=failure)


CASES = [
    ("endpoints.not_measured", facts(), facts(tcp=ONE)),
    ("endpoints.http.page_over_tls", facts(http=FETCHED), facts(tls=SHAKEN)),
    (
        "endpoints.dns.bogon",
        facts(DEAD, dns=named(Standing.BOGON)),
        facts(dns=named(Standing.BOGON), tls=SHAKEN),
    ),
    ("endpoints.dns.injected", facts(dns=named(Standing.INJECTED)), facts(dns=named(Standing.BOGON))),
    ("endpoints.dns.elsewhere", facts(dns=named(Standing.ELSEWHERE)), facts(dns=named(Standing.RESOLVED))),
    (
        "endpoints.dns.bogon_refused",
        facts(dns=unresolved(Failure.DNS_BOGON)),
        facts(DEAD, dns=unresolved(Failure.DNS_BOGON)),
    ),
    (
        "endpoints.dns.nxdomain",
        facts(dns=unresolved(Failure.DNS_NXDOMAIN)),
        facts(DEAD, dns=unresolved(Failure.DNS_NXDOMAIN)),
    ),
    (
        "endpoints.dns.nxdomain",
        facts(REPLIED, dns=unresolved(Failure.DNS_NXDOMAIN)),
        facts(NO_BUT_SILENT, dns=unresolved(Failure.DNS_NXDOMAIN)),
    ),
    (
        "endpoints.dns.nxdomain",
        facts(dns=unresolved(Failure.DNS_NXDOMAIN)),
        facts(dns=unresolved(Failure.DNS_SERVFAIL)),
    ),
    (
        "endpoints.dns.no_answer",
        facts(dns=unresolved(Failure.DNS_NO_ANSWER)),
        facts(dns=unresolved(Failure.DNS_NXDOMAIN)),
    ),
    (
        "endpoints.dns.refused",
        facts(RESOLVED, dns=unresolved(Failure.DNS_REFUSED)),
        facts(WORKED, dns=unresolved(Failure.DNS_REFUSED)),
    ),
    (
        "endpoints.dns.timeout",
        facts(RESOLVED, dns=unresolved(Failure.TIMEOUT)),
        facts(WORKED, dns=unresolved(Failure.TIMEOUT)),
    ),
    (
        "endpoints.dns.timeout",
        facts(RESOLVED, dns=unresolved(Failure.TIMEOUT)),
        facts(LOST, dns=unresolved(Failure.TIMEOUT)),
    ),
    ("endpoints.ip.drop", facts(tcp=failed(Failure.TIMEOUT)), facts(DEAD, tcp=failed(Failure.TIMEOUT))),
    ("endpoints.ip.drop", facts(tcp=failed(Failure.TIMEOUT)), facts(LOST, tcp=failed(Failure.TIMEOUT))),
    ("endpoints.ip.drop", facts(tcp=failed(Failure.TIMEOUT)), facts(tcp=failed(Failure.TIMEOUT, worked=1))),
    (
        "endpoints.ip.refuse",
        facts(tcp=failed(Failure.CONNECTION_REFUSED)),
        facts(tcp=failed(Failure.UNKNOWN)),
    ),
    (
        "endpoints.tls.interception",
        facts(tls=failed(Failure.TLS_UNKNOWN_AUTHORITY)),
        facts(tls=failed(Failure.TLS_INVALID_CERTIFICATE)),
    ),
    (
        "endpoints.tls.interception",
        facts(VERIFIED, tls=failed(Failure.TLS_INVALID_CERTIFICATE)),
        facts(VERIFIED, tls=failed(Failure.TLS_FAILED_HANDSHAKE)),
    ),
    (
        "endpoints.tls.reset",
        facts(tls=failed(Failure.CONNECTION_RESET)),
        facts(tls=failed(Failure.CONNECTION_RESET, worked=1)),
    ),
    ("endpoints.tls.reset", facts(tls=failed(Failure.EOF)), facts(tls=failed(Failure.TIMEOUT))),
    ("endpoints.tls.reset", facts(tls=failed(Failure.EOF)), facts(DEAD, tls=failed(Failure.EOF))),
    ("endpoints.tls.drop", facts(tls=failed(Failure.TIMEOUT)), facts(LOST, tls=failed(Failure.TIMEOUT))),
    (
        "endpoints.http.reset",
        facts(tcp=ONE, http=failed(Failure.EOF)),
        facts(tcp=ONE, tls=SHAKEN, http=failed(Failure.EOF)),
    ),
    ("endpoints.http.reset", facts(tcp=ONE, http=failed(Failure.EOF)), facts(http=failed(Failure.EOF))),
    (
        "endpoints.http.drop",
        facts(tcp=ONE, http=failed(Failure.TIMEOUT)),
        facts(LOST, tcp=ONE, http=failed(Failure.TIMEOUT)),
    ),
    (
        "endpoints.http.plain_block_page",
        facts(plain=FETCHED, page=PAGE),
        facts(plain=FETCHED),
    ),
    (
        "endpoints.http.plain_reset",
        facts(http=FETCHED, plain=failed(Failure.CONNECTION_RESET)),
        facts(plain=failed(Failure.CONNECTION_RESET)),
    ),
    (
        "endpoints.http.plain_drop",
        facts(http=FETCHED, plain=failed(Failure.TIMEOUT)),
        facts(http=FETCHED, plain=failed(Failure.TIMEOUT, worked=1)),
    ),
    (
        "endpoints.dns.some_forged",
        facts(dns=named(Standing.BOGON, Standing.RESOLVED)),
        facts(dns=named(Standing.FAILED, Standing.RESOLVED)),
    ),
    (
        "endpoints.ip.half_dropped",
        facts(tcp=failed(Failure.TIMEOUT, worked=1)),
        facts(tcp=failed(Failure.TIMEOUT, worked=2)),
    ),
    (
        "endpoints.ip.half_refused",
        facts(tcp=failed(Failure.CONNECTION_REFUSED, worked=1)),
        facts(tcp=failed(Failure.CONNECTION_REFUSED, worked=2)),
    ),
    (
        "endpoints.link_dead",
        facts(DEAD, tcp=failed(Failure.TIMEOUT)),
        facts(tcp=failed(Failure.TIMEOUT)),
    ),
]


@pytest.mark.parametrize(("rule_id", "fires", "just_not"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_holds_by_its_facts_and_no_others(rule_id: str, fires: Endpoints, just_not: Endpoints) -> None:
    assert BOOK[rule_id].when(fires)
    assert not BOOK[rule_id].when(just_not)


def test_every_rule_but_the_last_has_its_case() -> None:
    assert {case[0] for case in CASES} == {rule.id for rule in SITE} - {"endpoints.undetermined"}


def test_the_last_word_is_undetermined() -> None:
    verdict = decide(SITE, facts(tls=failed(Failure.TLS_FAILED_HANDSHAKE)))
    assert (verdict.rule_id, verdict.state) == ("endpoints.undetermined", State.UNKNOWN)


@pytest.mark.parametrize("failure", list(Failure))
def test_a_dead_link_accuses_nobody_whatever_failed(failure: Failure) -> None:
    steps = failed(failure)
    for groups in ({"dns": unresolved(failure)}, {"tcp": steps}, {"tls": steps, "tcp": steps}):
        verdict = decide((NOT_MEASURED, *CAUSES, *PARTS, *LAST_WORDS), facts(DEAD, **groups))
        assert verdict.state is State.UNKNOWN


def test_the_lowest_layer_decides_and_the_others_are_findings() -> None:
    verdict = decide(SITE, facts(dns=named(Standing.ELSEWHERE), tls=failed(Failure.TLS_UNKNOWN_AUTHORITY)))
    assert verdict.mechanism is Mechanism.DNS_SPOOF
    assert [finding.rule_id for finding in verdict.findings] == ["endpoints.tls.interception"]


def test_a_reset_beside_a_page_over_tls_is_a_finding() -> None:
    verdict = decide(SITE, facts(http=FETCHED, tls=SHAKEN, plain=failed(Failure.CONNECTION_RESET)))
    assert verdict.state is State.OK
    assert [finding.mechanism for finding in verdict.findings] == [Mechanism.HTTP_RESET]


def test_only_what_was_seen_itself_is_direct() -> None:
    direct = {rule.id for rule in (*CAUSES, *PLAIN_CAUSES) if rule.evidence is Evidence.DIRECT}
    assert direct == {
        "endpoints.dns.bogon",
        "endpoints.dns.bogon_refused",
        "endpoints.dns.injected",
        "endpoints.http.plain_block_page",
    }
