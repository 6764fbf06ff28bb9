from pathlib import Path

import pytest
from hypothesis import given, settings

from lampwatch.methods.whatsapp.rules import ENDPOINTS
from lampwatch.model.vocabulary import Evidence, State
from tests.methods.judging import Method, bears, verdicts_in
from tests.methods.messengers import Keys, connect, hostile_keys, joined, query, shake, site

METHOD = Method("whatsapp")
REGISTRATION = "v.whatsapp.net"
WEB = "web.whatsapp.com"
SITES = joined(site(REGISTRATION, "31.13.86.51", "/v2/register"), site(WEB, "31.13.86.51"))
TIMEOUT = "generic_timeout_error"
IP = "3.33.252.61"


def app(ip: str = IP, tcp: str | None = None, chat: str | None = None, dns: str | None = None) -> Keys:
    """All endpoints alike: connects to 443 end as tcp says, to 5222 as chat does."""
    keys: Keys = {"queries": [query(host, *([] if dns else [ip]), failure=dns) for host in ENDPOINTS]}
    if dns is None:
        keys["tcp_connect"] = [connect(ip, 443, tcp) for _ in ENDPOINTS] + [
            connect(ip, 5222, chat) for _ in ENDPOINTS
        ]
    return keys


def test_the_real_example_is_ok(shared_data: Path) -> None:
    raw = (shared_data / "measurements/spec-examples/ts-018-whatsapp.json").read_bytes()
    found = verdicts_in(raw)
    assert {target: verdict.rule_id for target, verdict in found.items()} == {
        "whatsapp": "whatsapp.app.connects",
        REGISTRATION: "endpoints.http.page_over_tls",
        WEB: "endpoints.http.page_over_tls",
    }
    assert all(verdict.findings == () for verdict in found.values())


@pytest.mark.parametrize(
    ("keys", "rule_id"),
    [
        (app(), "whatsapp.app.connects"),
        (app(tcp=TIMEOUT, chat=TIMEOUT), "endpoints.ip.drop"),
        (app(tcp="connection_refused", chat="connection_refused"), "endpoints.ip.refuse"),
        (app("10.10.34.35"), "endpoints.dns.bogon"),
        (app(dns="dns_nxdomain_error"), "endpoints.dns.nxdomain"),
        (app(dns="dns_refused_error"), "endpoints.dns.refused"),
        (app(dns=TIMEOUT), "endpoints.dns.timeout"),
        (app(tcp="network_unreachable", chat="network_unreachable"), "endpoints.undetermined"),
        (app(tcp="interrupted", chat="interrupted"), "endpoints.undetermined"),
        ({}, "endpoints.not_measured"),
    ],
)
def test_the_endpoints_are_judged_together(keys: Keys, rule_id: str) -> None:
    found = METHOD.judged(joined(keys, SITES))
    assert found["whatsapp"].rule_id == rule_id
    assert {found[REGISTRATION].state, found[WEB].state} == {State.OK}


@pytest.mark.parametrize(
    ("failure", "rule_id"),
    [(TIMEOUT, "whatsapp.app.port_dropped"), ("connection_refused", "whatsapp.app.port_refused")],
)
def test_one_closed_port_is_a_finding(failure: str, rule_id: str) -> None:
    verdict = METHOD.judged(joined(app(chat=failure), SITES))["whatsapp"]
    assert verdict.state is State.OK
    assert rule_id in [finding.rule_id for finding in verdict.findings]
    half_open = joined(app(chat=failure), {"tcp_connect": [connect(IP, 5222)]}, SITES)
    assert rule_id not in [f.rule_id for f in METHOD.judged(half_open)["whatsapp"].findings]


def test_some_forged_names_are_a_finding_beside_endpoints_that_connect() -> None:
    keys = joined({"queries": [query("e1.whatsapp.net", "10.10.34.35")]}, app())
    keys["queries"] = [entry for n, entry in enumerate(keys["queries"]) if n != 1]
    verdict = METHOD.judged(keys)["whatsapp"]
    assert verdict.state is State.OK
    assert [finding.rule_id for finding in verdict.findings] == ["endpoints.dns.some_forged"]


def test_one_endpoint_is_all_that_old_probes_tried() -> None:
    keys = joined(
        {"queries": [query("e7.whatsapp.net", IP)], "tcp_connect": [connect(IP, 443, TIMEOUT)]}, SITES
    )
    verdict = METHOD.judged(keys)["whatsapp"]
    assert (verdict.rule_id, verdict.evidence) == ("endpoints.ip.drop", Evidence.INFERRED)


def test_denied_names_everywhere_are_blocking_by_the_resolver_that_denies_them() -> None:
    keys = joined(
        app(dns="dns_nxdomain_error"),
        {"queries": [query(host, failure="dns_nxdomain_error") for host in (REGISTRATION, WEB)]},
    )
    found = METHOD.judged(keys)
    assert {verdict.rule_id for verdict in found.values()} == {"endpoints.dns.nxdomain"}


def test_lookups_without_any_reply_are_unknown() -> None:
    keys = joined(
        app(dns=TIMEOUT), {"queries": [query(host, failure=TIMEOUT) for host in (REGISTRATION, WEB)]}
    )
    found = METHOD.judged(keys)
    assert {verdict.rule_id for verdict in found.values()} == {"endpoints.link_dead"}


def test_registration_and_the_web_site_are_judged_by_themselves() -> None:
    bad_web: Keys = {
        "queries": [query(WEB, "31.13.86.51")],
        "tcp_connect": [connect("31.13.86.51")],
        "tls_handshakes": [shake(WEB, "31.13.86.51", "connection_reset")],
    }
    found = METHOD.judged(joined(app(), site(REGISTRATION, "31.13.86.51", "/v2/register"), bad_web))
    assert [found[target].state for target in ("whatsapp", REGISTRATION, WEB)] == [
        State.OK,
        State.OK,
        State.BLOCKED,
    ]
    assert found[WEB].rule_id == "endpoints.tls.reset"


def test_a_site_that_was_not_tried_has_no_verdict() -> None:
    assert set(METHOD.judged(app())) == {"whatsapp"}


@settings(deadline=None)  # a loaded machine is no fault
@given(hostile_keys([WEB, REGISTRATION, "e1.whatsapp.net", "e2.whatsapp.net"]))
def test_hostile_keys_are_judged_or_set_aside(keys: object) -> None:
    bears(METHOD.document(keys))
