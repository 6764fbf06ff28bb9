"""Each technique does what it says to the blocked site and nothing to the free one, and counts that it did."""

import pytest

from lampwatch.lab.block import (
    Address,
    BlockPage,
    Bytes,
    Close,
    Drop,
    DropReplies,
    Everything,
    Forge,
    Host,
    Intercept,
    Name,
    QuicSni,
    Refuse,
    Reset,
    Sni,
    Stall,
    Throttle,
    Unreachable,
)
from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.scenario import Topology
from lampwatch.lab.world import FREE, Page, Site, World
from tests.lab.visiting import BLOCKED_IP, Visitor, stage

BLOCKED_NAME = "blocked.test"


@pytest.mark.parametrize("hop", [1, 2])
@pytest.mark.parametrize(
    ("match", "action", "failure"),
    [
        (Address(BLOCKED_IP), Drop(), "TimeoutError"),
        (Address(BLOCKED_IP, 443, "tcp"), Refuse(), "ConnectionRefusedError"),
        (Address(BLOCKED_IP), Unreachable(), "OSError"),
        (Sni(BLOCKED_NAME), Drop(), "TimeoutError"),
        (Sni(BLOCKED_NAME), Reset(), "ConnectionResetError"),
        (Sni(BLOCKED_NAME), Reset(both=True), "ConnectionResetError"),
        (Sni(BLOCKED_NAME, reassembled=True), Drop(), "TimeoutError"),
        (Sni(BLOCKED_NAME, reassembled=True), Reset(), "ConnectionResetError"),
        (Sni(BLOCKED_NAME), Close(), "SSLEOFError"),
        (Sni(BLOCKED_NAME), DropReplies(), "TimeoutError"),
        (Bytes(BLOCKED_NAME), Reset(), "ConnectionResetError"),
        (Sni(BLOCKED_NAME), Intercept(), "SSLCertVerificationError"),
    ],
    ids=str,
)
def test_https_to_the_blocked_site_fails_and_to_the_free_one_does_not(
    sandbox: Sandbox, match: object, action: object, failure: str, hop: int
) -> None:
    visitor = Visitor(sandbox, stage(match, action, hop=hop))  # type: ignore[arg-type]  # all pairs of the table
    assert visitor.both() == (failure, 200)
    assert visitor.fired() > 0


@pytest.mark.parametrize(
    ("match", "action", "failure"),
    [
        (Host(BLOCKED_NAME), Drop(), "TimeoutError"),
        (Host(BLOCKED_NAME), Reset(), "ConnectionResetError"),
        (Host(BLOCKED_NAME, reassembled=True), Reset(both=True), "ConnectionResetError"),
        (Host(BLOCKED_NAME), Close(), "RemoteDisconnected"),
        (Host(BLOCKED_NAME), BlockPage(status=403), 403),
        (Host(BLOCKED_NAME), BlockPage(status=403, by="injection"), 403),
    ],
    ids=str,
)
def test_http_to_the_blocked_site_fails_and_to_the_free_one_does_not(
    sandbox: Sandbox, match: object, action: object, failure: object
) -> None:
    visitor = Visitor(sandbox, stage(match, action, hop=2))  # type: ignore[arg-type]  # all pairs of the table
    assert visitor.both(scheme="http") == (failure, 200)
    assert visitor.fired() > 0


@pytest.mark.parametrize("by", ["proxy", "injection"])
def test_a_block_page_may_lead_elsewhere(sandbox: Sandbox, by: str) -> None:
    page = BlockPage(status=302, location="http://blockpage.test/", by=by)
    visitor = Visitor(sandbox, stage(Host(BLOCKED_NAME), page))
    assert visitor.blocked(scheme="http")["got"]["location"] == "http://blockpage.test/"


def test_a_proxy_answers_by_itself_what_is_no_request(sandbox: Sandbox) -> None:
    world = World(services=("middlebox_echo",))
    told = [
        Visitor(sandbox, stage(match, BlockPage() if match else None, world=world)).visit(
            "echo", "37.218.241.94", "80", "NO HTTP\n\r"
        )["got"]
        for match in (None, Host(BLOCKED_NAME))
    ]
    assert told[0] == "NO HTTP\n\r"
    assert told[1].startswith("HTTP/1.1 400")


def test_a_split_client_hello_escapes_a_search_for_bytes(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Sni(BLOCKED_NAME), Reset()))
    assert visitor.blocked("split")["got"]["status"] == 200
    assert visitor.fired() == 0


def test_a_split_client_hello_does_not_escape_a_parser(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Sni(BLOCKED_NAME, reassembled=True), Reset()))
    assert visitor.blocked("split")["failure"] in {"ConnectionResetError", "EOFError"}
    assert visitor.fired() == 1


def test_an_intercepted_connection_works_for_who_checks_nothing(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Sni(BLOCKED_NAME), Intercept()))
    assert "blocked.test" in visitor.blocked("unverified")["got"]["text"]


def test_the_provider_s_resolver_lies_and_others_do_not(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Name(BLOCKED_NAME), Forge(addresses=("10.10.34.35",))))
    lied, told = visitor.visits(["system", BLOCKED_NAME], ["dns_answers", BLOCKED_NAME, "8.8.8.8"])
    assert lied["got"] == ["10.10.34.35"]
    assert [answer["addresses"] for answer in told["got"]] == [[BLOCKED_IP]]
    assert visitor.fired() > 0


def test_a_hijacker_answers_for_every_resolver(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Name(BLOCKED_NAME), Forge(rcode="NXDOMAIN", by="hijack"), hop=2))
    blocked, free = visitor.visits(
        ["dns_answers", BLOCKED_NAME, "8.8.8.8"], ["dns_answers", "free.test", "8.8.8.8"]
    )
    assert [answer["rcode"] for answer in blocked["got"]] == [3]
    assert [answer["addresses"] for answer in free["got"]] == [[FREE.addresses[0]]]
    assert visitor.fired() == 1


def test_an_injected_answer_comes_first_and_the_true_one_after_it(sandbox: Sandbox) -> None:
    forge = Forge(addresses=("10.10.34.35",), by="injection", copies=2)
    visitor = Visitor(sandbox, stage(Name(BLOCKED_NAME), forge, hop=1, topology=Topology(hops=3)))
    answers = visitor.visit("dns_answers", BLOCKED_NAME, "8.8.8.8")["got"]
    assert [answer["addresses"] for answer in answers] == [["10.10.34.35"], ["10.10.34.35"], [BLOCKED_IP]]
    # The injector is one hop away, and the resolver three.
    assert [answer["ttl"] for answer in answers] == [64, 64, 61]


def test_an_injector_in_the_path_may_let_the_question_vanish(sandbox: Sandbox) -> None:
    forge = Forge(addresses=("10.10.34.35",), by="injection", drop_true=True)
    visitor = Visitor(sandbox, stage(Name(BLOCKED_NAME), forge))
    answers = visitor.visit("dns_answers", BLOCKED_NAME, "8.8.8.8")["got"]
    assert [answer["addresses"] for answer in answers] == [["10.10.34.35"]]


def test_questions_for_a_name_may_vanish(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Name(BLOCKED_NAME), Drop()))
    blocked, free = visitor.visits(
        ["dns_answers", BLOCKED_NAME, "8.8.8.8"], ["dns_answers", "free.test", "8.8.8.8"]
    )
    assert (blocked["got"], len(free["got"])) == ([], 1)


def http3(visitor: Visitor) -> list[object]:
    told = visitor.visits(
        *(
            ["http3", f"https://{site.name}/", site.addresses[0], visitor.view.ca_file]
            for site in World().sites
        )
    )
    return [said.get("failure") or said["got"]["status"] for said in told]


def test_http3_works_where_nobody_minds(sandbox: Sandbox) -> None:
    assert http3(Visitor(sandbox, stage())) == [200, 200]


def test_a_drop_of_udp_443_leaves_tcp_alone(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Address("0.0.0.0/0", 443, "udp"), Drop()))
    assert http3(visitor) == ["TimeoutError", "TimeoutError"]
    assert visitor.both() == (200, 200)
    assert visitor.fired() > 0


def test_quic_is_dropped_by_the_name_in_its_initial_packet(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(QuicSni(BLOCKED_NAME), Drop()))
    assert http3(visitor) == [200, "TimeoutError"]
    assert visitor.fired() == 1


LARGE = World(
    sites=(
        Site(name="free.test", addresses=("93.184.216.40",), pages={"/": Page(size=300_000)}),
        Site(name="blocked.test", addresses=(BLOCKED_IP,), pages={"/": Page(size=40_000)}),
    )
)


@pytest.mark.parametrize("match", [Address(BLOCKED_IP), Sni(BLOCKED_NAME)], ids=str)
def test_the_blocked_site_is_throttled_and_the_free_one_is_not(sandbox: Sandbox, match: object) -> None:
    visitor = Visitor(sandbox, stage(match, Throttle(kbit_s=200), world=LARGE))  # type: ignore[arg-type]  # of two kinds
    blocked, free = (told["got"]["kbit_s"] for told in (visitor.blocked("patient"), visitor.free("patient")))
    assert blocked < 400
    assert free > 4 * blocked
    assert visitor.fired() > 0


def test_a_stalled_download_brings_its_first_bytes_and_no_more(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Address(BLOCKED_IP), Stall(after_bytes=8000), world=LARGE))
    assert visitor.both(scheme="http") == ("TimeoutError", 200)
    assert visitor.fired() > 0


def test_after_a_match_the_address_stays_blocked_for_a_while(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Sni(BLOCKED_NAME), Reset(both=True), residual_s=3600))
    first, again = visitor.visits(
        visitor.page("https://blocked.test/", BLOCKED_IP), ["tcp", BLOCKED_IP, "443"]
    )
    assert (first["failure"], again["failure"]) == ("ConnectionResetError", "TimeoutError")


def test_residual_blocking_ends(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Sni(BLOCKED_NAME), Reset(both=True), residual_s=0.01))
    first, again = visitor.visits(
        visitor.page("https://blocked.test/", BLOCKED_IP), ["tcp", BLOCKED_IP, "443"]
    )
    assert (first["failure"], again["got"]) == ("ConnectionResetError", "connected")


def test_a_shutdown_lets_nothing_through(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Everything(), Drop()))
    assert visitor.both() == ("TimeoutError", "TimeoutError")


def test_a_shutdown_begins_after_the_first_packet_where_it_is_told_so(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Everything(), Drop(), from_s=0.2))
    told = visitor.visit("until_failure", *visitor.page("http://free.test/", FREE.addresses[0]))["got"]
    assert told["worked"] > 0
    assert told["failure"] == "TimeoutError"


def test_a_block_is_switched_on_and_off(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, stage(Sni(BLOCKED_NAME), Reset()))
    sandbox.switch(0, on=False)
    assert visitor.both() == (200, 200)
    sandbox.switch(0, on=True)
    assert visitor.both() == ("ConnectionResetError", 200)
    assert visitor.fired() == 1
