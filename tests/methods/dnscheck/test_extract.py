from pathlib import Path
from typing import Any

from lampwatch.methods.dnscheck import extract
from lampwatch.model.failure import Failure
from lampwatch.model.measurement import Reason, SetAside
from lampwatch.model.observation import Observations
from tests.methods.judging import READER, Method, observations_in

METHOD = Method("dnscheck")


def observed(test_keys: dict[str, Any], given: str = "dot://dns.google:853") -> Observations:
    return METHOD.observed(test_keys, given)


def test_each_address_has_a_transaction_of_its_own() -> None:
    # In the document the ids begin anew in each lookup.
    lookup = {
        "queries": [{"hostname": "example.org", "transaction_id": 1}],
        "tls_handshakes": [{"transaction_id": 1}],
    }
    seen = observed({"lookups": {"dot://8.8.8.8:853": lookup, "dot://8.8.4.4:853": lookup}})
    assert [query.transaction_id for query in seen.probe.dns] == [1, 2]
    assert [shake.transaction_id for shake in seen.probe.handshakes] == [1, 2]


def test_a_handshake_without_an_address_has_that_of_its_lookup() -> None:
    lookup = {"tls_handshakes": [{"server_name": "dns.google"}]}
    for url, ip in (("dot://[2001:db8::1]:853", "2001:db8::1"), ("https://8.8.8.8/dns-query", "8.8.8.8")):
        [shake] = observed({"lookups": {url: lookup}}).probe.handshakes
        assert (shake.ip, shake.port) == (ip, 853 if url.startswith("dot") else 443)


def test_quic_handshakes_are_told_apart() -> None:
    seen = observed({"lookups": {"https://8.8.8.8/dns-query": {"quic_handshakes": [{}]}}})
    assert seen.probe.handshakes[0].protocol == "quic"
    assert seen.notes == {"1": "https"}


def test_the_name_that_was_not_found_is_observed_without_queries() -> None:
    [lookup] = observed(
        {"bootstrap": None, "bootstrap_failure": "dns_nxdomain_error", "lookups": {}}
    ).probe.dns
    assert (lookup.hostname, lookup.failure) == ("dns.google", Failure.DNS_NXDOMAIN)


def test_a_failed_query_of_the_name_is_observed_once() -> None:
    bootstrap = {"queries": [{"hostname": "dns.google", "failure": "dns_nxdomain_error"}]}
    assert len(observed({"bootstrap": bootstrap, "bootstrap_failure": "dns_nxdomain_error"}).probe.dns) == 1


def test_a_lookup_without_queries_still_ended_somehow() -> None:
    seen = observed({"lookups": {"udp://8.8.8.8:53": {"failure": "generic_timeout_error"}}})
    assert seen.probe.dns[0].failure is Failure.TIMEOUT


def test_nulls_are_nothing_observed() -> None:
    assert observed({"bootstrap": None, "lookups": None}).probe.dns == []
    assert observed({"lookups": {"dot://8.8.8.8": None}}).probe.dns == []


def test_without_an_input_it_is_set_aside() -> None:
    found = READER.read(METHOD.document({}))
    assert isinstance(found, SetAside)
    assert found.reason is Reason.NO_INPUT


def test_the_real_example_has_four_addresses(shared_data: Path) -> None:
    found = observations_in((shared_data / "measurements/spec-examples/ts-028-dnscheck.json").read_bytes())
    assert len(found.notes) == 4


def test_the_name_s_own_lookup_is_no_answer_of_an_address() -> None:
    answer = {"ipv4": "8.8.8.8", "answer_type": "A"}
    query = {"hostname": "dns.google", "query_type": "A", "answers": [answer], "transaction_id": 1}
    found = observed({"bootstrap": {"queries": [query]}, "lookups": {"dot://8.8.8.8:853": {}}})
    assert [lookup.transaction_id for lookup in found.probe.dns if lookup.hostname == "dns.google"] == [
        extract.BOOTSTRAP
    ]
