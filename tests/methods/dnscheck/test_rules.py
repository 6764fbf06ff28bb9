from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.judge.references import References
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State
from tests.methods.judging import Method, bears, verdict_in

METHOD = Method("dnscheck")
TIMEOUT, REFUSED, RESET = "generic_timeout_error", "connection_refused", "connection_reset"
NAMED = {"queries": [{"hostname": "dns.google", "answers": [{"ipv4": "8.8.8.8"}]}]}
STRANGER = {"queries": [{"hostname": "dns.example.org", "answers": [{"ipv4": "93.184.216.34"}]}]}
ANSWER = {"queries": [{"hostname": "example.org", "answers": [{"ipv4": "93.184.216.34"}]}]}


class Known:
    """Knows one injected address, and no page."""

    version = "test"

    def __init__(self, scope: Scope = Scope.NAT) -> None:
        self.scope = scope

    def in_answers(self, answers: tuple[str, ...], country: str) -> Fingerprint | None:
        known = Fingerprint("known", self.scope, "dns", Pattern.FULL, "10.10.34.36", 10, frozenset({country}))
        return known if "10.10.34.36" in answers else None

    def in_page(self, headers: Mapping[str, str], title: str, body: str, country: str) -> Fingerprint | None:
        del headers, title, body, country
        return None


def verdict(
    lookups: dict[str, Any],
    bootstrap: dict[str, Any] | None = NAMED,
    given: str = "dot://dns.google:853",
    **more: Any,
) -> Verdict:
    return METHOD.verdict({"bootstrap": bootstrap, "lookups": lookups, **more}, given)


def asked(
    query: str | None, *, ip: str = "8.8.8.8", connect: str | None = None, tls: str | None = None
) -> dict[str, Any]:
    """One address asked over TLS: the query ends as the first step that failed did."""
    failure = connect or tls or query
    handshakes = [] if connect else [{"server_name": "dns.google", "failure": tls}]
    return {
        "queries": [{"hostname": "example.org", "failure": failure}],
        "tcp_connect": [{"ip": ip, "port": 853, "status": {"failure": connect}}],
        "tls_handshakes": handshakes,
    }


def test_a_resolver_that_answers_is_ok() -> None:
    found = verdict({"dot://8.8.8.8:853": asked(None)})
    assert (found.target, found.state, found.rule_id) == ("dns.google", State.OK, "dnscheck.answers")


def test_a_resolver_without_a_name_is_its_address() -> None:
    assert verdict({"udp://8.8.8.8:53": ANSWER}, None, "udp://8.8.8.8:53").target == "8.8.8.8"


def test_nxdomain_is_an_answer() -> None:
    assert verdict({"dot://8.8.8.8:853": asked("dns_nxdomain_error")}).rule_id == "dnscheck.answers"


def test_one_address_of_two_that_answers_is_ok() -> None:
    found = verdict({"dot://8.8.8.8:853": asked(None), "dot://8.8.4.4:853": asked(None, connect=TIMEOUT)})
    assert (found.state, found.rule_id) == (State.OK, "dnscheck.some_addresses_answer")


def test_a_probe_without_ipv6_is_not_censored() -> None:
    sixth = asked(None, ip="2001:4860:4860::8888", connect="unknown_failure: no route to host")
    found = verdict({"dot://8.8.8.8:853": asked(None), "dot://[2001:4860:4860::8888]:853": sixth})
    assert found.rule_id == "dnscheck.answers"


@pytest.mark.parametrize(
    ("how", "rule_id", "layer", "mechanism"),
    [
        ({"connect": TIMEOUT}, "dnscheck.addresses_dropped", Layer.IP, Mechanism.IP_DROP),
        ({"connect": REFUSED}, "dnscheck.addresses_refused", Layer.IP, Mechanism.IP_REFUSE),
    ],
)
def test_a_renowned_resolver_that_nothing_reaches_is_blocked(
    how: dict[str, str], rule_id: str, layer: Layer, mechanism: Mechanism
) -> None:
    found = verdict({"dot://8.8.8.8:853": asked(None, **how)})
    assert (found.state, found.rule_id, found.layer, found.mechanism) == (
        State.BLOCKED,
        rule_id,
        layer,
        mechanism,
    )
    assert (found.evidence, found.control) == (Evidence.INFERRED, Control.ABSENT)


def test_quic_packets_to_a_renowned_resolver_that_vanish_are_blocked() -> None:
    lookup = {"queries": [{"failure": TIMEOUT}], "quic_handshakes": [{"failure": TIMEOUT}]}
    found = verdict({"https://8.8.8.8/dns-query": lookup}, given="https://dns.google/dns-query")
    assert (found.rule_id, found.layer) == ("dnscheck.quic_dropped", Layer.QUIC)


def test_plain_queries_to_a_renowned_resolver_that_vanish_are_blocked() -> None:
    found = verdict({"udp://8.8.8.8:53": {"queries": [{"failure": TIMEOUT}]}}, given="udp://dns.google:53")
    assert (found.rule_id, found.mechanism) == ("dnscheck.queries_dropped", Mechanism.DNS_TIMEOUT)


@pytest.mark.parametrize("failure", [TIMEOUT, REFUSED])
def test_a_strangers_resolver_that_nothing_reaches_may_be_gone(failure: str) -> None:
    found = verdict(
        {"dot://93.184.216.34:853": asked(None, connect=failure)}, STRANGER, "dot://dns.example.org"
    )
    assert (found.state, found.rule_id) == (State.UNKNOWN, "dnscheck.unknown")


@pytest.mark.parametrize(
    ("failure", "rule_id", "mechanism"),
    [
        (RESET, "dnscheck.tls_reset", Mechanism.TLS_SNI_RESET),
        (TIMEOUT, "dnscheck.tls_dropped", Mechanism.TLS_SNI_DROP),
    ],
)
def test_anybodys_resolver_cut_off_in_the_handshake_is_blocked(
    failure: str, rule_id: str, mechanism: Mechanism
) -> None:
    found = verdict({"dot://93.184.216.34:853": asked(None, tls=failure)}, STRANGER, "dot://dns.example.org")
    assert (found.state, found.rule_id, found.mechanism) == (State.BLOCKED, rule_id, mechanism)


@pytest.mark.parametrize(
    ("scheme", "failure", "rule_id"),
    [
        ("https", RESET, "dnscheck.http_reset"),
        ("https", TIMEOUT, "dnscheck.http_dropped"),
        ("dot", RESET, "dnscheck.queries_cut"),
        ("dot", TIMEOUT, "dnscheck.queries_unanswered"),
    ],
)
def test_a_resolver_cut_off_at_the_query_is_blocked(scheme: str, failure: str, rule_id: str) -> None:
    found = verdict({f"{scheme}://8.8.8.8/": asked(failure)}, given=f"{scheme}://dns.google/")
    assert (found.state, found.rule_id) == (State.BLOCKED, rule_id)


def test_another_certificate_may_be_a_portals() -> None:
    found = verdict({"dot://8.8.8.8:853": asked(None, tls="ssl_unknown_authority")})
    assert (found.state, found.rule_id) == (State.UNKNOWN, "dnscheck.another_certificate")


def test_an_expired_certificate_accuses_nobody() -> None:
    found = verdict({"dot://8.8.8.8:853": asked(None, tls="ssl_invalid_certificate")})
    assert found.rule_id == "dnscheck.unknown"


NAMES_FAIL = [
    ("dns_nxdomain_error", "dnscheck.name.nxdomain", Mechanism.DNS_NXDOMAIN),
    ("dns_no_answer", "dnscheck.name.no_answer", Mechanism.DNS_NO_ANSWER),
    ("dns_refused_error", "dnscheck.name.refused", Mechanism.DNS_REFUSED),
    ("dns_bogon_error", "dnscheck.name.bogon", Mechanism.DNS_BOGON),
]


@pytest.mark.parametrize(("failure", "rule_id", "mechanism"), NAMES_FAIL)
def test_a_renowned_name_denied_while_its_addresses_answer_is_blocked(
    failure: str, rule_id: str, mechanism: Mechanism
) -> None:
    found = verdict({"dot://8.8.8.8:853": asked(None)}, None, bootstrap_failure=failure)
    assert (found.state, found.rule_id, found.mechanism) == (State.BLOCKED, rule_id, mechanism)


@pytest.mark.parametrize("failure", [failure for failure, _, _ in NAMES_FAIL] + [TIMEOUT])
def test_a_name_denied_where_nothing_else_was_tried_may_be_a_portals_doing(failure: str) -> None:
    found = verdict({}, None, bootstrap_failure=failure)
    assert (found.state, found.rule_id) == (State.UNKNOWN, "dnscheck.nothing_worked")


def test_a_strangers_name_that_is_denied_may_be_gone() -> None:
    lookups = {"dot://93.184.216.34:853": asked(None, connect=TIMEOUT)}
    found = verdict(lookups, None, "dot://dns.example.org", bootstrap_failure="dns_nxdomain_error")
    assert found.state is State.UNKNOWN


def test_a_name_without_ipv6_addresses_is_not_denied() -> None:
    queries = [*NAMED["queries"], {"query_type": "AAAA", "failure": "dns_no_answer"}]
    assert verdict({"dot://8.8.8.8:853": asked(None)}, {"queries": queries}).rule_id == "dnscheck.answers"


def test_a_known_injected_answer_is_seen_directly() -> None:
    queries = [{"hostname": "dns.google", "answers": [{"ipv4": "10.10.34.36"}], "failure": "dns_bogon_error"}]
    document = {
        "test_name": "dnscheck",
        "input": "dot://dns.google:853",
        "measurement_start_time": "2026-11-20 10:00:00",
        "test_keys": {"bootstrap": {"queries": queries}, "lookups": {}},
    }
    raw = msgspec.json.encode(document)
    found = verdict_in(raw, References(fingerprints=Known()))
    assert (found.rule_id, found.evidence, found.fingerprint) == (
        "dnscheck.name.known_injection",
        Evidence.DIRECT,
        "known",
    )
    assert verdict_in(raw).state is State.UNKNOWN
    assert verdict_in(raw, References(fingerprints=Known(Scope.FP))).state is State.UNKNOWN


def test_where_nothing_whatever_worked_nobody_is_accused() -> None:
    lookups = {"dot://8.8.8.8:853": asked(None, connect=TIMEOUT)}
    assert verdict(lookups, None, "dot://8.8.8.8:853").rule_id == "dnscheck.nothing_worked"


def test_the_real_example_is_ok(shared_data: Path) -> None:
    found = verdict_in((shared_data / "measurements/spec-examples/ts-028-dnscheck.json").read_bytes())
    assert (found.target, found.state, found.rule_id) == ("dns.google", State.OK, "dnscheck.answers")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([TIMEOUT, "8.8.8.8"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ENTRY = {"failure": JSON, "transaction_id": JSON, "tags": JSON, "t": JSON}
QUERY: dict[Any, Any] = {
    **ENTRY,
    "hostname": JSON,
    "answers": st.lists(st.fixed_dictionaries({}, optional={"ipv4": JSON, "asn": JSON}), max_size=2) | JSON,
    "resolver_address": JSON,
}
CONNECT: dict[Any, Any] = {
    **ENTRY,
    "ip": JSON,
    "port": JSON,
    "status": st.fixed_dictionaries({}, optional=ENTRY) | JSON,
}
SHAKE: dict[Any, Any] = {**ENTRY, "address": JSON, "server_name": JSON, "peer_certificates": JSON}


def listed(entry: dict[Any, Any]) -> Any:
    return st.lists(st.fixed_dictionaries({}, optional=entry), max_size=2) | JSON


LOOKUP = st.fixed_dictionaries(
    {},
    optional={
        "failure": JSON,
        "queries": listed(QUERY),
        "tcp_connect": listed(CONNECT),
        "tls_handshakes": listed(SHAKE),
        "quic_handshakes": listed(SHAKE),
    },
)
URL = st.sampled_from(
    ["dot://8.8.8.8:853", "https://[::1]/dns", "udp://8.8.4.4:53", "dot://[", "x"]
) | st.text(max_size=9)
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "bootstrap": LOOKUP | JSON,
        "bootstrap_failure": JSON,
        "lookups": st.dictionaries(URL, LOOKUP | JSON, max_size=3) | JSON,
    },
)


@given(KEYS | JSON, URL)
def test_whatever_the_keys_hold_is_judged_or_set_aside(test_keys: Any, url: str) -> None:
    bears(METHOD.document(test_keys, url))
