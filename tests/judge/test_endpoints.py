import pytest

from lampwatch.judge.endpoints import (
    MOST_WITNESSES,
    OF_CONNECT,
    OF_DNS,
    OF_TLS,
    Endpoints,
    Link,
    Name,
    Names,
    Standing,
    Steps,
    leading,
    names_of,
    steps_of,
)
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.vocabulary import Control, Mechanism

LIVE = Link(worked=True, resolved=True, verified=True, replied=False, silent=False, lost=False)
PAGE = Fingerprint("a page", Scope.NAT, "body", Pattern.CONTAINS, "blocked", 9, frozenset())


def name(standing: Standing, failure: Failure | None = None) -> Name:
    return Name("a.example", standing, failure, ("198.51.100.1",), (0,))


@pytest.mark.parametrize(
    ("failures", "mechanism"),
    [
        ([], None),
        ([Failure.TIMEOUT], Mechanism.IP_DROP),
        ([Failure.HOST_UNREACHABLE], Mechanism.IP_REFUSE),
        ([Failure.UNKNOWN], None),
        ([Failure.TIMEOUT, Failure.CONNECTION_REFUSED, Failure.CONNECTION_RESET], Mechanism.IP_REFUSE),
        ([Failure.TIMEOUT, Failure.UNKNOWN], Mechanism.IP_DROP),
        ([Failure.TIMEOUT, Failure.UNKNOWN, Failure.UNKNOWN], None),
        # What came first leads where both are as frequent: the order of the measurement, not of a hash table.
        ([Failure.CONNECTION_REFUSED, Failure.TIMEOUT], Mechanism.IP_REFUSE),
        ([Failure.TIMEOUT, Failure.CONNECTION_REFUSED], Mechanism.IP_DROP),
    ],
)
def test_the_leading_mechanism_is_the_most_frequent(
    failures: list[Failure], mechanism: Mechanism | None
) -> None:
    assert leading(failures, OF_CONNECT) is mechanism


def test_a_servfail_is_the_resolvers_own_trouble() -> None:
    assert leading([Failure.DNS_SERVFAIL], OF_DNS) is None


def test_a_tls_alert_looks_like_no_interference_that_has_a_name() -> None:
    assert leading([Failure.TLS_FAILED_HANDSHAKE], OF_TLS) is None


def test_steps_count_what_worked_and_why_not() -> None:
    steps = steps_of("tcp", [(3, None), (5, Failure.TIMEOUT)])
    assert steps == Steps("tcp", 2, 1, (Failure.TIMEOUT,), (3, 5))


@pytest.mark.parametrize(
    "failure",
    [Failure.INTERRUPTED, Failure.NETWORK_DOWN, Failure.NETWORK_UNREACHABLE, Failure.NETWORK_RESET],
)
def test_what_failed_on_the_probes_own_side_was_not_tried(failure: Failure) -> None:
    assert steps_of("tcp", [(0, failure)]).tried == 0


def test_nothing_tried_has_not_all_failed() -> None:
    assert not Steps("tcp").all_failed


@pytest.mark.parametrize(("failed", "expected"), [(1, False), (2, True), (3, True), (4, False)])
def test_half_failed_needs_half_the_tries_and_one_that_worked(failed: int, expected: bool) -> None:
    outcomes = [(n, Failure.TIMEOUT if n < failed else None) for n in range(4)]
    assert steps_of("tcp", outcomes).half_failed is expected


def test_witnesses_are_few_however_many_there_were() -> None:
    steps = steps_of("tcp", [(n, None) for n in range(1000)])
    assert [str(witness) for witness in steps.witnesses] == [f"probe.tcp.{n}" for n in range(MOST_WITNESSES)]


@pytest.mark.parametrize(
    ("standings", "forgery"),
    [
        ([Standing.BOGON], Standing.BOGON),
        ([Standing.ELSEWHERE, Standing.INJECTED], Standing.INJECTED),
        ([Standing.BOGON, Standing.FAILED], Standing.BOGON),
        ([Standing.BOGON, Standing.FAILED, Standing.FAILED], None),
        ([Standing.BOGON, Standing.RESOLVED], None),
        ([Standing.RESOLVED], None),
        ([Standing.FAILED], None),
        ([], None),
    ],
)
def test_names_are_forged_where_none_is_true_and_half_are_forged(
    standings: list[Standing], forgery: Standing | None
) -> None:
    assert names_of([name(standing) for standing in standings]).forgery is forgery


@pytest.mark.parametrize(
    ("standings", "expected"),
    [
        ([Standing.BOGON, Standing.RESOLVED], True),
        ([Standing.FAILED, Standing.RESOLVED], False),
        ([Standing.BOGON, Standing.FAILED], False),
    ],
)
def test_some_names_are_forged_only_beside_true_ones(standings: list[Standing], expected: bool) -> None:
    assert names_of([name(standing) for standing in standings]).some_forged is expected


def test_names_fail_together_only_where_all_of_them_fail() -> None:
    failed = name(Standing.FAILED, Failure.DNS_NXDOMAIN)
    assert names_of([failed, failed]).failure is Mechanism.DNS_NXDOMAIN
    assert names_of([failed, name(Standing.RESOLVED)]).failure is None


def test_only_names_that_resolved_lead_to_the_service() -> None:
    assert names_of([name(Standing.ELSEWHERE)]).addresses == frozenset()
    assert names_of([name(Standing.RESOLVED)]).addresses == {"198.51.100.1"}


def test_there_is_never_a_control() -> None:
    assert Endpoints(target="a", at="a", link=LIVE).control is Control.ABSENT


def test_the_hostname_is_told_only_where_it_is_not_the_target() -> None:
    assert Endpoints(target="a", at="a", link=LIVE).hostname("dns") == ""
    assert Endpoints(target="a", at="b.example", link=LIVE).hostname("dns") == "b.example"


def test_an_injected_answer_and_a_block_page_are_named_at_their_own_groups() -> None:
    injected = Name("a", Standing.INJECTED, None, (), (0,), PAGE)
    assert Endpoints(target="a", at="a", link=LIVE, dns=names_of([injected])).fingerprint("dns") == "a page"
    facts = Endpoints(target="a", at="a", link=LIVE, page=PAGE)
    assert [facts.fingerprint(group) for group in ("dns", "tcp", "http", "plain")] == [
        "",
        "",
        "a page",
        "a page",
    ]


@pytest.mark.parametrize("group", ["dns", "tcp", "tls", "http", "plain"])
def test_every_group_has_its_witnesses(group: str) -> None:
    facts = Endpoints(
        target="a",
        at="a",
        link=LIVE,
        dns=Names((Name("a", Standing.RESOLVED, None, (), (4,)),)),
        http=Steps("http", 1, 1, (), (4,)),
        plain=Steps("http", 1, 1, (), (4,)),
        tcp=Steps("tcp", 1, 1, (), (4,)),
        tls=Steps("handshake", 1, 1, (), (4,)),
    )
    assert [witness.rpartition(".")[2] for witness in facts.witnesses(group)] == ["4"]


def test_a_service_vouches_for_its_addresses_by_a_handshake_or_a_page() -> None:
    worked = Steps("http", 1, 1, (), (0,))
    assert not Endpoints(target="a", at="a", link=LIVE, tcp=worked).vouched
    assert Endpoints(target="a", at="a", link=LIVE, tls=worked).vouched
    assert Endpoints(target="a", at="a", link=LIVE, http=worked).vouched
