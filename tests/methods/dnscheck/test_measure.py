import asyncio
from typing import Any

import pytest

from lampwatch.methods.dnscheck import measure
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Layer, Mechanism, State
from lampwatch.probe.failed import Failed
from tests.methods.judging import Method
from tests.probe.quic.server import Http3, QuicServer, ServerNetwork, TurnedClock, kit_for
from tests.probe.scripted import ScriptedNetwork, Serving, saying
from tests.probe.servers import (
    DnsByStream,
    DnsByUdp,
    Http2Server,
    Zone,
    dns_pages,
    dns_reply,
    over_tls,
)

METHOD = Method("dnscheck")
ZONE: Zone = {("example.org", "A"): ["93.184.216.34"]}
NAMES = {"dns.google": ["8.8.8.8", "8.8.4.4"]}
TIMEOUT = Failed(Failure.TIMEOUT, Operation.CONNECT)
REFUSED = Failed(Failure.CONNECTION_REFUSED, Operation.CONNECT)
RESET = Failed(Failure.CONNECTION_RESET, Operation.READ)


def measured(network: ScriptedNetwork, target: str) -> dict[str, Any]:
    """What a measurement of this resolver writes; whatever comes of it, nothing stays open."""
    return METHOD.test_keys(network, target)


def judged(test_keys: dict[str, Any], target: str) -> Verdict:
    return METHOD.verdict(test_keys, target, test_version=measure.TEST_VERSION)


def everywhere(serving: Serving, port: int) -> ScriptedNetwork:
    return ScriptedNetwork(names=NAMES, streams={f"8.8.8.8:{port}": serving, f"8.8.4.4:{port}": serving})


def test_each_address_of_the_resolver_is_asked_with_events_of_its_own() -> None:
    network = everywhere(over_tls(lambda: DnsByStream(ZONE), "dns.google"), 853)
    keys = measured(network, "dot://dns.google:853")
    assert list(keys["lookups"]) == ["dot://8.8.8.8:853", "dot://8.8.4.4:853"]
    assert [query["hostname"] for query in keys["bootstrap"]["queries"]] == ["dns.google"]
    second = keys["lookups"]["dot://8.8.4.4:853"]
    assert {connect["ip"] for connect in second["tcp_connect"]} == {"8.8.4.4"}
    assert {shake["server_name"] for shake in second["tls_handshakes"]} == {"dns.google"}
    assert {query["hostname"] for query in second["queries"]} == {"example.org"}
    assert (second["failure"], keys["bootstrap_failure"], keys["domain"]) == (None, None, "example.org")


def test_a_resolver_that_answers_over_tls_is_ok() -> None:
    target = "dot://dns.google:853"
    network = everywhere(over_tls(lambda: DnsByStream(ZONE), "dns.google"), 853)
    assert judged(measured(network, target), target).rule_id == "dnscheck.answers"


def test_a_resolver_that_answers_over_https_is_ok() -> None:
    target = "https://dns.google/dns-query"
    network = everywhere(over_tls(lambda: Http2Server(dns_pages(ZONE)), "dns.google"), 443)
    keys = measured(network, target)
    assert list(keys["lookups"]) == ["https://8.8.8.8/dns-query", "https://8.8.4.4/dns-query"]
    assert len(keys["lookups"]["https://8.8.8.8/dns-query"]["requests"]) == 2
    assert judged(keys, target).rule_id == "dnscheck.answers"


def test_a_plain_resolver_given_by_its_address_needs_no_bootstrap() -> None:
    target = "udp://8.8.8.8:53"
    keys = measured(ScriptedNetwork(sockets={"8.8.8.8:53": lambda: DnsByUdp(ZONE)}), target)
    assert (keys["bootstrap"], list(keys["lookups"])) == (None, [target])
    assert judged(keys, target).state is State.OK


def test_an_ipv6_address_is_written_in_brackets() -> None:
    target = "tcp://[2001:4860:4860::8888]:53"
    network = ScriptedNetwork(streams={"[2001:4860:4860::8888]:53": lambda: DnsByStream(ZONE)})
    keys = measured(network, target)
    assert list(keys["lookups"]) == [target]
    assert judged(keys, target).state is State.OK


def test_addresses_whose_packets_are_dropped_are_blocked_by_address() -> None:
    target = "dot://dns.google:853"
    keys = measured(everywhere(TIMEOUT, 853), target)
    assert {lookup["failure"] for lookup in keys["lookups"].values()} == {"generic_timeout_error"}
    verdict = judged(keys, target)
    assert (verdict.state, verdict.layer, verdict.mechanism) == (State.BLOCKED, Layer.IP, Mechanism.IP_DROP)


def test_refused_connections_are_blocked_by_address() -> None:
    target = "https://dns.google/dns-query"
    verdict = judged(measured(everywhere(REFUSED, 443), target), target)
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.IP_REFUSE)


def test_a_reset_handshake_is_blocked_at_tls() -> None:
    target = "dot://dns.google:853"
    verdict = judged(measured(everywhere(saying(RESET), 853), target), target)
    assert (verdict.state, verdict.rule_id) == (State.BLOCKED, "dnscheck.tls_reset")


def test_another_certificate_is_no_block() -> None:
    target = "dot://dns.google:853"
    network = everywhere(over_tls(lambda: DnsByStream(ZONE), "portal.test"), 853)
    assert judged(measured(network, target), target).rule_id == "dnscheck.another_certificate"


def test_a_name_that_is_not_found_leaves_nothing_to_ask() -> None:
    target = "dot://dns.google:853"
    keys = measured(ScriptedNetwork(), target)
    assert (keys["bootstrap_failure"], keys["lookups"]) == ("dns_nxdomain_error", {})
    assert keys["bootstrap"]["failed_operation"] == "resolve"
    assert judged(keys, target).state is State.UNKNOWN


def test_a_late_answer_is_kept_with_the_lookup_it_belongs_to() -> None:
    late = ScriptedNetwork(sockets={"8.8.8.8:53": lambda: DnsByUdp(ZONE, _again)})
    keys = measured(late, "udp://8.8.8.8:53")
    assert len(keys["lookups"]["udp://8.8.8.8:53"]["x_dns_duplicate_responses"]) == 2


def _again(query: bytes) -> bytes:
    return dns_reply(query, ZONE)


def test_http3_is_spoken_where_the_scheme_says_so() -> None:
    clock = TurnedClock()
    network = ServerNetwork({"8.8.8.8": QuicServer(clock, "dns.google", Http3(status=403))})
    keys = asyncio.run(measure.measure(kit_for(network, clock), "http3://dns.google/dns-query"))
    [(url, found)] = keys["lookups"].items()
    assert url == "h3://8.8.8.8:443/dns-query"
    assert found["quic_handshakes"][0]["network"] == "udp"
    assert found["failure"]
    assert not any(sock.open for sock in network.opened)


def test_very_many_addresses_are_not_all_asked() -> None:
    names = {"dns.google": [f"8.8.8.{n}" for n in range(100)]}
    assert len(measured(ScriptedNetwork(names=names), "dot://dns.google")["lookups"]) == 8


@pytest.mark.parametrize(
    "target", ["", "dns.google", "ftp://dns.google/", "dot://", "https://[::1/", "udp://x:99999"]
)
def test_what_is_no_resolver_is_the_users_mistake(target: str) -> None:
    with pytest.raises(UserError):
        measured(ScriptedNetwork(), target)
