from pathlib import Path

import pytest
from hypothesis import given, settings

from lampwatch.judge.references import References
from lampwatch.methods.telegram.rules import SERVERS
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State
from tests.methods.judging import Method, bears, verdicts_in
from tests.methods.messengers import Keys, connect, exchange, hostile_keys, joined, query, shake, site

METHOD = Method("telegram")
WEB = "web.telegram.org"
WEB_IP = "149.154.167.99"
GOOD_WEB = site(WEB, WEB_IP)
TIMEOUT = "generic_timeout_error"
PAGE = Fingerprint("a page", Scope.NAT, "body", Pattern.CONTAINS, "blocked", 9, frozenset())


class OnePage:
    version = "test"

    def in_answers(self, answers: object, country: str) -> Fingerprint | None:  # noqa: ARG002  the protocol gives them
        return None

    def in_page(self, headers: object, title: str, body: str, country: str) -> Fingerprint | None:  # noqa: ARG002  as above
        return PAGE if body == "blocked" else None


def app(tcp: str | None = None, code: int = 501, failure: str | None = None, body: str = "") -> Keys:
    ends = [(ip, port) for ip in sorted(SERVERS) for port in (80, 443)]
    return {
        "tcp_connect": [connect(ip, port, tcp) for ip, port in ends],
        "requests": [
            exchange(
                f"http://{ip}{'' if port == 80 else ':443'}/",
                0 if tcp or failure else code,
                tcp or failure,
                "POST",
                body,
            )
            for ip, port in ends
        ],
    }


def test_the_real_example_is_ok(shared_data: Path) -> None:
    raw = (shared_data / "measurements/spec-examples/ts-020-telegram.json").read_bytes()
    found = verdicts_in(raw)
    assert {target: verdict.rule_id for target, verdict in found.items()} == {
        "telegram": "telegram.app.answers",
        WEB: "endpoints.http.page_over_tls",
    }
    assert all(verdict.findings == () for verdict in found.values())


@pytest.mark.parametrize("code", [200, 400, 404, 411, 501])
def test_any_response_of_an_app_server_is_a_success(code: int) -> None:
    verdict = METHOD.judged(joined(app(code=code), GOOD_WEB))["telegram"]
    assert (verdict.rule_id, verdict.state) == ("telegram.app.answers", State.OK)


def test_one_server_that_answers_is_enough() -> None:
    one = {
        "tcp_connect": [connect("149.154.175.50", 80)],
        "requests": [exchange("http://149.154.175.50/", 501, method="POST")],
    }
    found = METHOD.judged(joined(app(tcp=TIMEOUT), one, GOOD_WEB))["telegram"]
    assert found.rule_id == "telegram.app.answers"
    assert [finding.rule_id for finding in found.findings] == ["endpoints.ip.half_dropped"]


@pytest.mark.parametrize(
    ("failure", "mechanism"),
    [(TIMEOUT, Mechanism.IP_DROP), ("connection_refused", Mechanism.IP_REFUSE)],
)
def test_no_connect_to_any_app_server_is_ip_blocking_where_the_link_works(
    failure: str, mechanism: Mechanism
) -> None:
    verdict = METHOD.judged(joined(app(tcp=failure), GOOD_WEB))["telegram"]
    assert (verdict.state, verdict.layer, verdict.mechanism) == (State.BLOCKED, Layer.IP, mechanism)
    assert (verdict.evidence, verdict.control) == (Evidence.INFERRED, Control.ABSENT)
    assert str(verdict.witnesses[0]) == "probe.tcp.0"


@pytest.mark.parametrize(
    ("failure", "mechanism"),
    [
        (TIMEOUT, Mechanism.HTTP_DROP),
        ("connection_reset", Mechanism.HTTP_RESET),
        ("eof_error", Mechanism.HTTP_RESET),
    ],
)
def test_connects_without_any_response_are_http_blocking(failure: str, mechanism: Mechanism) -> None:
    verdict = METHOD.judged(joined(app(failure=failure), GOOD_WEB))["telegram"]
    assert (verdict.state, verdict.layer, verdict.mechanism) == (State.BLOCKED, Layer.HTTP, mechanism)


def test_a_dead_link_is_unknown() -> None:
    keys = joined(app(tcp=TIMEOUT), {"queries": [query(WEB, failure=TIMEOUT)]})
    found = METHOD.judged(keys)
    assert {verdict.rule_id for verdict in found.values()} == {"endpoints.link_dead"}


def test_a_router_without_a_line_blocks_no_app() -> None:
    keys = joined(app(tcp=TIMEOUT), {"queries": [query(WEB, "192.168.1.1")]})
    assert METHOD.judged(keys)["telegram"].state is State.UNKNOWN


def test_a_network_that_went_away_meanwhile_is_unknown() -> None:
    gone = {"tcp_connect": [connect("149.154.175.50", 443, "network_down")]}
    verdict = METHOD.judged(joined(app(tcp=TIMEOUT), GOOD_WEB, gone))["telegram"]
    assert verdict.rule_id == "endpoints.undetermined"


def test_the_web_sites_connects_do_not_stand_for_the_apps() -> None:
    assert METHOD.judged(GOOD_WEB)["telegram"].rule_id == "endpoints.not_measured"


def test_a_known_block_page_from_every_server_is_direct_evidence() -> None:
    keys = joined(app(code=200, body="blocked"), GOOD_WEB)
    verdict = METHOD.judged(keys, references=References(fingerprints=OnePage()))["telegram"]
    assert (verdict.rule_id, verdict.evidence) == ("telegram.app.block_page", Evidence.DIRECT)
    assert verdict.fingerprint == "a page"
    just_not = joined(app(code=200, body="hello"), GOOD_WEB)
    assert (
        METHOD.judged(just_not, references=References(fingerprints=OnePage()))["telegram"].state is State.OK
    )


def test_redirects_from_every_server_may_be_a_captive_portal() -> None:
    verdict = METHOD.judged(joined(app(code=302), GOOD_WEB))["telegram"]
    assert (verdict.rule_id, verdict.state) == ("telegram.app.redirected", State.UNKNOWN)
    one_more = {"requests": [exchange("http://149.154.175.50/", 501, method="POST")]}
    assert METHOD.judged(joined(app(code=302), one_more))["telegram"].state is State.OK


def web(
    ip: str, tcp: str | None = None, tls: str | None = None, failure: str | None = None, asn: int = 62041
) -> Keys:
    keys: Keys = {"queries": [query(WEB, ip, asn=asn)], "tcp_connect": [connect(ip, 443, tcp)]}
    if tcp is None:
        keys["tls_handshakes"] = [shake(WEB, ip, tls)]
    ended = tcp or tls or failure
    keys["requests"] = [exchange(f"https://{WEB}/", 0 if ended else 200, ended)]
    return keys


@pytest.mark.parametrize(
    ("keys", "rule_id"),
    [
        (web(WEB_IP), "endpoints.http.page_over_tls"),
        (web(WEB_IP, tcp=TIMEOUT), "endpoints.ip.drop"),
        (web(WEB_IP, tcp="connection_refused"), "endpoints.ip.refuse"),
        (web(WEB_IP, tls="connection_reset"), "endpoints.tls.reset"),
        (web(WEB_IP, tls="eof_error"), "endpoints.tls.reset"),
        (web(WEB_IP, tls=TIMEOUT), "endpoints.tls.drop"),
        (web(WEB_IP, tls="ssl_unknown_authority"), "endpoints.tls.interception"),
        (web(WEB_IP, tls="ssl_invalid_certificate"), "endpoints.undetermined"),
        (web(WEB_IP, failure=TIMEOUT), "endpoints.undetermined"),
        (web("10.10.34.35", tls="ssl_unknown_authority"), "endpoints.dns.bogon"),
        (web("93.184.216.34", tls="ssl_invalid_hostname", asn=64999), "endpoints.dns.elsewhere"),
        ({"queries": [query(WEB, failure="dns_nxdomain_error")]}, "endpoints.dns.nxdomain"),
        ({"queries": [query(WEB, failure="dns_no_answer")]}, "endpoints.dns.no_answer"),
        ({"queries": [query(WEB, failure=TIMEOUT)]}, "endpoints.undetermined"),
        ({"queries": [query(WEB, failure="dns_server_misbehaving")]}, "endpoints.undetermined"),
        ({"requests": [exchange(f"https://{WEB}/", failure="connection_reset")]}, "endpoints.tls.reset"),
        ({"requests": [exchange(f"https://{WEB}/", failure=TIMEOUT)]}, "endpoints.undetermined"),
    ],
)
def test_the_web_site_is_judged_by_itself(keys: Keys, rule_id: str) -> None:
    found = METHOD.judged(joined(app(), keys))
    assert found["telegram"].state is State.OK
    assert found[WEB].rule_id == rule_id


def test_an_answer_elsewhere_that_proves_itself_is_ok() -> None:
    found = METHOD.judged(joined(app(), web("93.184.216.34", asn=64999)))
    assert (found[WEB].state, found[WEB].findings) == (State.OK, ())


def test_ipv6_without_a_route_is_no_blocking() -> None:
    keys = joined(
        app(), GOOD_WEB, {"tcp_connect": [connect("2001:67c:4e8:f004::9", 443, "network_unreachable")]}
    )
    assert {verdict.state for verdict in METHOD.judged(keys).values()} == {State.OK}


@settings(deadline=None)  # a loaded machine is no fault
@given(hostile_keys([WEB, "149.154.175.50"]))
def test_hostile_keys_are_judged_or_set_aside(keys: object) -> None:
    bears(METHOD.document(keys))
