import asyncio
from collections.abc import Callable
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.dns import Lookup, lookup
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit
from lampwatch.probe.resolver import SYSTEM, Engine, Resolver
from tests.probe.scripted import ScriptedNetwork, Server, kit_over, saying
from tests.probe.servers import (
    DnsByStream,
    DnsByUdp,
    Http1Server,
    Http2Server,
    Zone,
    dns_pages,
    dns_reply,
    over_tls,
    trusting,
)

NAME = "www.example.org"
ZONE: Zone = {
    (NAME, "A"): ["CNAME edge.example.net.", "93.184.216.34", "93.184.216.35"],
    (NAME, "AAAA"): ["2606:2800:220:1::1"],
}
ALL = ("93.184.216.34", "93.184.216.35", "2606:2800:220:1::1")
UDP = Resolver(Engine.UDP, "192.0.2.1:53")
TCP = Resolver(Engine.TCP, "192.0.2.1:53")
DOT = Resolver(Engine.DOT, "dns.test:853", "192.0.2.1")
DOH = Resolver(Engine.DOH, "https://dns.test/dns-query", "192.0.2.1")


def asked(
    network: ScriptedNetwork, resolver: Resolver, name: str = NAME, types: tuple[str, ...] = ("A", "AAAA")
) -> tuple[Lookup, Kit]:
    """Look a name up; whatever comes of it, nothing stays open."""
    kit = kit_over(network, trust=trusting(network.clock))

    async def go() -> Lookup:
        return await lookup(kit, resolver, name, kit.record.mark("depth=0"), types)

    found = asyncio.run(go())
    assert network.left_open == []
    return found, kit


def by_udp(zone: Zone, *more: Callable[[bytes], bytes], before: bool = False) -> ScriptedNetwork:
    return ScriptedNetwork(sockets={"192.0.2.1:53": lambda: DnsByUdp(zone, *more, before=before)})


def failures(kit: Kit) -> list[str | None]:
    return [query["failure"] for query in kit.record.queries]


def test_the_systems_resolver_is_asked_for_both_families_at_once() -> None:
    found, kit = asked(ScriptedNetwork(names={NAME: [*ALL, ALL[0]]}), SYSTEM)
    assert found == Lookup(ALL)
    [query] = kit.record.queries
    assert (query["engine"], query["query_type"], query["resolver_address"]) == ("getaddrinfo", "ANY", "")
    assert query["answers"][2] == {"answer_type": "AAAA", "ipv6": "2606:2800:220:1::1", "ttl": None}
    assert (query["tags"], query["transaction_id"]) == (["depth=0"], 1)


def test_of_the_systems_answer_only_the_family_that_was_wanted_is_kept() -> None:
    found, kit = asked(ScriptedNetwork(names={NAME: ALL}), SYSTEM, types=("AAAA",))
    assert found.addresses == ("2606:2800:220:1::1",)
    assert kit.record.queries[0]["query_type"] == "AAAA"


def test_a_name_that_has_no_address_of_the_wanted_family_has_no_answer() -> None:
    found, _ = asked(ScriptedNetwork(names={NAME: ["93.184.216.34"]}), SYSTEM, types=("AAAA",))
    assert found.failed == Failed(Failure.DNS_NO_ANSWER, Operation.RESOLVE)


def test_a_failure_of_the_systems_resolver_is_recorded() -> None:
    failed = Failed(Failure.DNS_NXDOMAIN, Operation.RESOLVE)
    found, kit = asked(ScriptedNetwork(names={NAME: failed}), SYSTEM)
    assert found == Lookup(failed=failed)
    assert (failures(kit), kit.record.queries[0]["answers"]) == (["dns_nxdomain_error"], [])


def test_an_address_is_its_own_answer_and_nothing_is_asked() -> None:
    found, kit = asked(ScriptedNetwork(), UDP, "93.184.216.34")
    assert (found, kit.record.queries) == (Lookup(("93.184.216.34",)), [])


def test_a_lookup_over_udp_is_two_queries_with_their_records() -> None:
    found, kit = asked(by_udp(ZONE), UDP)
    assert found == Lookup(ALL, None, ("edge.example.net",))
    first, second = kit.record.queries
    assert (first["query_type"], second["query_type"]) == ("A", "AAAA")
    assert first["answers"][:2] == [
        {"answer_type": "CNAME", "hostname": "edge.example.net.", "ttl": 60},
        {"answer_type": "A", "ipv4": "93.184.216.34", "ttl": 60},
    ]
    assert (first["engine"], first["resolver_address"], first["rcode"]) == ("udp", "192.0.2.1:53", 0)
    assert first["raw_response"]
    assert first["t0"] < first["t"]


@pytest.mark.parametrize(
    ("rcode", "failure"),
    [
        (dns.rcode.NXDOMAIN, Failure.DNS_NXDOMAIN),
        (dns.rcode.REFUSED, Failure.DNS_REFUSED),
        (dns.rcode.SERVFAIL, Failure.DNS_SERVFAIL),
        (dns.rcode.NOTIMP, Failure.DNS_MISBEHAVING),
    ],
)
def test_an_rcode_becomes_its_failure(rcode: dns.rcode.Rcode, failure: Failure) -> None:
    found, kit = asked(by_udp({(NAME, "A"): rcode, (NAME, "AAAA"): rcode}), UDP)
    assert found.failed is not None
    assert found.failed.failure is failure
    assert [(query["failure"], query["rcode"]) for query in kit.record.queries] == [(str(failure), rcode)] * 2


def test_a_name_without_ipv6_has_no_answer_to_one_question_and_is_found_all_the_same() -> None:
    found, kit = asked(by_udp({(NAME, "A"): ["93.184.216.34"]}), UDP)
    assert found == Lookup(("93.184.216.34",))
    assert failures(kit) == [None, "dns_no_answer"]


def test_a_name_that_leads_to_no_address_has_no_answer() -> None:
    found, kit = asked(by_udp({(NAME, "A"): ["CNAME gone.example.net."]}), UDP)
    assert found == Lookup((), Failed(Failure.DNS_NO_ANSWER, Operation.RESOLVE), ("gone.example.net",))
    assert kit.record.queries[0]["answers"][0]["hostname"] == "gone.example.net."


def test_a_silent_resolver_is_a_timeout() -> None:
    network = ScriptedNetwork(sockets={"192.0.2.1:53": saying()})
    found, kit = asked(network, UDP)
    assert found.failed == Failed(Failure.TIMEOUT, Operation.RESOLVE)
    assert failures(kit) == ["generic_timeout_error"] * 2


def test_a_port_that_is_closed_is_refused() -> None:
    refused = Failed(Failure.CONNECTION_REFUSED, Operation.READ)
    found, _ = asked(ScriptedNetwork(sockets={"192.0.2.1:53": saying(refused)}), UDP)
    assert found.failed == Failed(Failure.CONNECTION_REFUSED, Operation.RESOLVE)


def test_a_second_answer_is_kept_as_late_and_changes_nothing() -> None:
    def true_one(query: bytes) -> bytes:
        return dns_reply(query, ZONE)

    found, kit = asked(by_udp({(NAME, "A"): ["10.10.34.35"]}, true_one), UDP, types=("A",))
    assert found.addresses == ("10.10.34.35",)
    [late] = kit.record.duplicate_answers
    assert [answer.get("ipv4") for answer in late["answers"]] == [None, "93.184.216.34", "93.184.216.35"]
    assert (late["engine"], late["hostname"], late["transaction_id"]) == ("udp", NAME, 1)
    assert late["t"] > kit.record.queries[0]["t"]


def test_late_answers_are_waited_for_half_a_second_and_no_longer() -> None:
    network = by_udp(ZONE)
    asked(network, UDP, types=("A",))
    assert 0.5 <= network.clock.passed < 0.6


def test_that_no_second_answer_comes_is_no_event() -> None:
    _, kit = asked(by_udp(ZONE), UDP, types=("A",))
    told = [(event["operation"], event["failure"]) for event in kit.record.network_events]
    assert told == [("resolve_start", None), ("write", None), ("read", None), ("resolve_done", None)]


def test_a_flood_of_answers_ends() -> None:
    def again(query: bytes) -> bytes:
        return dns_reply(query, ZONE)

    _, kit = asked(by_udp(ZONE, *[again] * 1000), UDP, types=("A",))
    assert len(kit.record.duplicate_answers) < 64


def strays(kit: Kit) -> list[dict[str, Any]]:
    return [event for event in kit.record.network_events if event["operation"] == "dns_stray_reply"]


def test_a_reply_with_another_id_is_kept_and_the_true_one_awaited() -> None:
    def forged(query: bytes) -> bytes:
        return dns_reply(query, {}, number=int.from_bytes(query[:2], "big") ^ 1)

    found, kit = asked(by_udp(ZONE, forged, before=True), UDP, types=("A",))
    assert found.addresses == ALL[:2]
    [stray] = strays(kit)
    assert (stray["failure"], stray["address"]) == ("dns_reply_with_wrong_query_id", "192.0.2.1:53")
    assert stray["raw_response"]


class OnlyForged:
    """A resolver whose every reply has another id, or is to another question."""

    def __init__(self, *, garbage: bool = False) -> None:
        self._garbage = garbage

    def hear(self, sent: bytes) -> list[bytes | Failed]:
        if self._garbage:
            return [b"\xff" * 11]
        return [dns_reply(sent, ZONE, number=int.from_bytes(sent[:2], "big") ^ 1)]


@pytest.mark.parametrize(
    ("garbage", "failure"),
    [(False, Failure.DNS_WRONG_QUERY_ID), (True, Failure.DNS_MISBEHAVING)],
)
def test_where_nothing_fitting_came_what_did_come_is_the_failure(garbage: bool, failure: Failure) -> None:
    network = ScriptedNetwork(sockets={"192.0.2.1:53": lambda: OnlyForged(garbage=garbage)})
    found, _ = asked(network, UDP)
    assert found.failed is not None
    assert found.failed.failure is failure
    assert network.clock.passed >= 4.0


def test_an_address_of_the_other_family_is_recorded_and_is_no_answer() -> None:
    class Injector:
        def hear(self, sent: bytes) -> list[bytes | Failed]:
            reply = dns.message.from_wire(dns_reply(sent, {}))
            reply.answer.append(dns.rrset.from_text(f"{NAME}.", 60, "IN", "A", "8.7.198.46"))
            return [reply.to_wire()]

    found, kit = asked(ScriptedNetwork(sockets={"192.0.2.1:53": Injector}), UDP, types=("AAAA",))
    assert found.failed == Failed(Failure.DNS_NO_ANSWER, Operation.RESOLVE)
    assert kit.record.queries[0]["answers"] == [{"answer_type": "A", "ipv4": "8.7.198.46", "ttl": 60}]


def test_a_truncated_answer_is_fetched_over_tcp() -> None:
    class Truncating:
        def hear(self, sent: bytes) -> list[bytes | Failed]:
            return [dns_reply(sent, {}, truncated=True)]

    network = ScriptedNetwork(
        sockets={"192.0.2.1:53": Truncating}, streams={"192.0.2.1:53": lambda: DnsByStream(ZONE)}
    )
    found, kit = asked(network, UDP, types=("A",))
    assert found.addresses == ALL[:2]
    assert [(query["engine"], query["failure"]) for query in kit.record.queries] == [
        ("udp", None),
        ("tcp", None),
    ]


def test_no_answer_shows_a_name_that_cannot_exist() -> None:
    found, kit = asked(by_udp(ZONE), UDP, "a" * 64 + ".example.org")
    assert found.failed is not None
    assert found.failed.failure is Failure.DNS_NXDOMAIN
    assert kit.record.queries[0]["failure"] == "dns_nxdomain_error"


def test_an_internationalised_name_is_asked_in_its_ascii_form() -> None:
    zone: Zone = {("xn--bcher-kva.example", "A"): ["93.184.216.34"]}
    assert asked(by_udp(zone), UDP, "bücher.example", ("A",))[0].addresses == ("93.184.216.34",)


def encrypted(inner: Callable[[], Server], port: int, **given: Any) -> ScriptedNetwork:
    names = given.pop("names", ("dns.test",))
    return ScriptedNetwork(streams={f"192.0.2.1:{port}": over_tls(inner, *names, **given)})


def test_tcp_asks_over_a_connection_for_each_question() -> None:
    network = ScriptedNetwork(streams={"192.0.2.1:53": lambda: DnsByStream(ZONE)})
    found, kit = asked(network, TCP)
    assert found.addresses == ALL
    assert [query["engine"] for query in kit.record.queries] == ["tcp", "tcp"]
    assert [connect["transaction_id"] for connect in kit.record.tcp_connect] == [1, 1]


def test_over_tls_the_handshake_is_recorded_under_the_same_mark() -> None:
    found, kit = asked(encrypted(lambda: DnsByStream(ZONE), 853), DOT)
    assert found.addresses == ALL
    assert {query["resolver_address"] for query in kit.record.queries} == {"192.0.2.1:853"}
    assert {shake["server_name"] for shake in kit.record.tls_handshakes} == {"dns.test"}
    assert {shake["transaction_id"] for shake in kit.record.tls_handshakes} == {1}


def test_a_resolver_with_anothers_certificate_is_not_asked() -> None:
    network = encrypted(lambda: DnsByStream(ZONE), 853, names=("portal.test",))
    found, kit = asked(network, DOT)
    assert found.failed == Failed(Failure.TLS_INVALID_HOSTNAME, Operation.RESOLVE)
    assert failures(kit) == ["ssl_invalid_hostname"] * 2
    assert len(kit.record.tls_handshakes[0]["peer_certificates"]) == 1


@pytest.mark.parametrize("engine", [TCP, DOT, DOH])
def test_a_refused_connection_is_the_failure_of_each_question(engine: Resolver) -> None:
    refused = Failed(Failure.CONNECTION_REFUSED, Operation.CONNECT)
    network = ScriptedNetwork(
        streams=dict.fromkeys(("192.0.2.1:53", "192.0.2.1:853", "192.0.2.1:443"), refused)
    )
    found, kit = asked(network, engine)
    assert found.failed == refused.during(Operation.RESOLVE)
    assert failures(kit) == ["connection_refused"] * 2


@pytest.mark.parametrize(("server", "alpn"), [(Http2Server, "h2"), (Http1Server, "http/1.1")])
@pytest.mark.parametrize("address", ["https://dns.test/dns-query", "https://dns.test/dns-query{?dns}"])
def test_over_https_by_either_version_and_either_way_of_asking(server: Any, alpn: str, address: str) -> None:
    network = encrypted(lambda: server(dns_pages(ZONE)), 443, alpn=(alpn,))
    found, kit = asked(network, Resolver(Engine.DOH, address, "192.0.2.1"))
    assert found == Lookup(ALL, None, ("edge.example.net",))
    assert {query["resolver_address"] for query in kit.record.queries} == {address}
    assert {request["alpn"] for request in kit.record.requests} == {alpn}
    method = "GET" if "{" in address else "POST"
    assert {request["request"]["method"] for request in kit.record.requests} == {method}


@pytest.mark.parametrize(
    ("page", "failure"),
    [
        ((403, {}, b""), Failure.HTTP_UNEXPECTED_STATUS),
        ((200, {"Content-Type": "text/html"}, b"<html>blocked"), Failure.DNS_MISBEHAVING),
        ((200, {"Content-Type": "application/dns-message"}, b"\0"), Failure.DNS_MISBEHAVING),
    ],
)
def test_a_page_that_is_no_reply_is_a_failure(page: Any, failure: Failure) -> None:
    network = encrypted(lambda: Http1Server(lambda *_: page), 443, alpn=("http/1.1",))
    found, _ = asked(network, DOH)
    assert found.failed is not None
    assert found.failed.failure is failure


def test_a_resolvers_own_name_is_asked_of_the_system() -> None:
    network = encrypted(lambda: Http2Server(dns_pages(ZONE)), 443)
    network.names = {"dns.test": ["192.0.2.1"]}
    found, kit = asked(network, Resolver(Engine.DOH, "https://dns.test/dns-query"))
    assert found.addresses == ALL
    assert [query["hostname"] for query in kit.record.queries] == ["dns.test", NAME, NAME]


def test_where_the_resolvers_own_name_fails_the_question_is_not_asked_and_not_recorded() -> None:
    found, kit = asked(ScriptedNetwork(), Resolver(Engine.DOT, "dns.test"))
    assert found.failed == Failed(Failure.DNS_NXDOMAIN, Operation.RESOLVE)
    assert [query["hostname"] for query in kit.record.queries] == ["dns.test"]


@pytest.mark.parametrize(
    "resolver",
    [
        Resolver(Engine.DOH, "http://dns.test/"),
        Resolver(Engine.DOH, "https://[oops/"),
        Resolver(Engine.UDP, ""),
        Resolver(Engine.UDP, "192.0.2.1:99999"),
        Resolver(Engine.DOT, "dns.test/x"),
        Resolver(Engine.UDP, "dns.test:53", "not-an-address"),
    ],
)
def test_an_address_that_is_no_resolver_is_the_users_mistake(resolver: Resolver) -> None:
    with pytest.raises(UserError):
        asked(ScriptedNetwork(), resolver)


@pytest.mark.parametrize("resolver", [UDP, TCP, DOT, DOH])
def test_a_lookup_that_is_broken_off_leaves_nothing_open(resolver: Resolver) -> None:
    servers = dict.fromkeys(("192.0.2.1:53", "192.0.2.1:853", "192.0.2.1:443"), saying())
    network = ScriptedNetwork(streams=servers, sockets=servers, hangs=True)
    kit = kit_over(network)

    async def go() -> None:
        task = asyncio.create_task(lookup(kit, resolver, NAME, kit.record.mark()))
        await network.hanging.wait()
        assert network.left_open
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())
    assert network.left_open == []
