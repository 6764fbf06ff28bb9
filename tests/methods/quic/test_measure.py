"""The method QUIC end to end: measured over a script, written, read and judged."""

import pytest

from lampwatch.methods.quic import measure
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State
from tests.methods.quic.sites import (
    HOST,
    IP,
    METHOD,
    OTHER_IP,
    URL,
    Outside,
    Site,
    http3,
    https,
    kit_at,
    measured,
    seen_outside,
    verdict,
)
from tests.probe.quic.server import Lister, OtherVersion, Refusal, Silence, TurnedClock
from tests.probe.servers import page, website


def silent() -> Silence:
    return Silence(TurnedClock(), HOST)


def test_both_protocols_are_measured_side_by_side() -> None:
    keys = measured(Site({IP: http3()}), seen_outside())
    assert [entry["failure"] for entry in keys["tls_handshakes"]] == [None]
    assert [entry["failure"] for entry in keys["quic_handshakes"]] == [None]
    assert sorted(entry["network"] for entry in keys["requests"]) == ["tcp", "udp"]
    assert {entry["request"]["url"] for entry in keys["requests"]} == {URL}
    assert {entry["response"]["code"] for entry in keys["requests"]} == {200}


def test_http3_passes() -> None:
    found = verdict(Site({IP: http3()}), seen_outside())
    assert (found.target, found.state, found.rule_id) == (HOST, State.OK, "quic.ok.http3")
    assert "probe.handshake.1" in found.witnesses
    assert "probe.http.1" in found.witnesses


def test_http3_passes_and_nobody_outside_was_asked() -> None:
    assert verdict(Site({IP: http3()}), None).rule_id == "quic.ok.http3"


def test_only_quic_is_dropped() -> None:
    found = verdict(Site({IP: silent()}), seen_outside())
    assert found.rule_id == "quic.timeout.control_completes"
    assert (found.state, found.layer, found.mechanism) == (State.BLOCKED, Layer.QUIC, Mechanism.QUIC_DROP)
    assert (found.evidence, found.control) == (Evidence.COMPARED, Control.WORKED)
    assert found.witnesses == ("probe.handshake.1", "control.handshake.1", "probe.handshake.0")


def test_quic_is_turned_back() -> None:
    found = verdict(Site({IP: Refusal(TurnedClock(), HOST)}), seen_outside())
    assert found.rule_id == "quic.rejected.control_completes"
    assert (found.layer, found.mechanism) == (Layer.QUIC, Mechanism.IP_REFUSE)


def test_another_certificate_is_shown_over_quic_alone() -> None:
    found = verdict(Site({IP: http3("other.test")}), seen_outside())
    assert found.rule_id == "quic.wrong_certificate.control_sees_right_one"
    assert (found.state, found.mechanism) == (State.BLOCKED, Mechanism.TLS_INTERCEPTION)


def test_one_address_by_quic_is_enough() -> None:
    site = Site({IP: silent(), OTHER_IP: http3()})
    assert verdict(site, seen_outside(ips=(IP, OTHER_IP))).rule_id == "quic.ok.http3"


def test_a_handshake_without_a_response_accuses_nobody() -> None:
    server = http3()
    server.app = lambda _quic, _event: None
    found = verdict(Site({IP: server}), seen_outside())
    assert (found.state, found.rule_id) == (State.UNKNOWN, "quic.unknown.no_response")


def test_a_machine_that_lets_no_datagram_out_accuses_nobody() -> None:
    site = Site({}, {IP: https()}, {HOST: [IP]})
    found = verdict(site, seen_outside())
    assert (found.state, found.rule_id) == (State.UNKNOWN, "quic.unknown.no_route")


def test_announced_and_dead_for_everybody_is_down() -> None:
    found = verdict(Site({IP: silent()}), seen_outside("generic_timeout_error"))
    assert (found.state, found.layer, found.rule_id) == (
        State.DOWN,
        Layer.QUIC,
        "quic.down.control_fails_too",
    )


def test_a_server_without_http3_is_no_blocking() -> None:
    site = Site({IP: silent()}, {IP: https(b"")})
    found = verdict(site, seen_outside("generic_timeout_error"))
    assert (found.state, found.rule_id) == (State.UNKNOWN, "quic.unknown.not_offered")


@pytest.mark.parametrize("outside", [None, seen_outside(tries_quic=False)])
def test_without_a_control_that_tried_quic_nothing_is_said(outside: dict[str, object] | None) -> None:
    found = verdict(Site({IP: silent()}), outside)
    assert (found.state, found.rule_id) == (State.UNKNOWN, "quic.unknown.no_control")


def test_silence_from_a_server_that_lists_the_version_needs_no_control() -> None:
    found = verdict(Site({IP: Lister(TurnedClock(), HOST)}), None)
    assert found.rule_id == "quic.timeout.server_lists_version"
    assert (found.state, found.mechanism, found.evidence) == (
        State.BLOCKED,
        Mechanism.QUIC_DROP,
        Evidence.INFERRED,
    )
    assert found.witnesses == ("probe.handshake.1", "probe.handshake.2", "probe.handshake.0")


def test_a_list_without_our_version_shows_nothing() -> None:
    server = Lister(TurnedClock(), HOST)
    server.listed = (0x6B3343CF,)
    assert verdict(Site({IP: server}), None).rule_id == "quic.unknown.no_control"


def test_a_list_outweighs_no_control_that_failed_there() -> None:
    found = verdict(Site({IP: Lister(TurnedClock(), HOST)}), seen_outside("generic_timeout_error"))
    assert (found.state, found.rule_id) == (State.DOWN, "quic.down.control_fails_too")


def test_a_list_from_a_site_that_announces_nothing_is_not_enough() -> None:
    site = Site({IP: Lister(TurnedClock(), HOST)}, {IP: https(b"")})
    assert verdict(site, None).rule_id == "quic.unknown.no_control"


def test_only_silence_is_followed_by_a_question_for_versions() -> None:
    assert measured(Site({IP: http3()}), None)["x_quic_versions"] == []
    (asked,) = measured(Site({IP: Lister(TurnedClock(), HOST)}), None)["x_quic_versions"]
    assert (asked["address"], asked["failure"], asked["versions"]) == (f"{IP}:443", None, ["00000001"])


def test_a_version_nobody_speaks_is_left_open() -> None:
    found = verdict(Site({IP: OtherVersion(TurnedClock(), HOST)}), seen_outside())
    assert (found.state, found.rule_id) == (State.UNKNOWN, "quic.unknown.unexplained")


def test_a_site_blocked_over_tls_too_is_the_web_rules_business() -> None:
    reset = website(HOST, instead={HOST: [Failure.CONNECTION_RESET]})
    found = verdict(Site({IP: silent()}, {IP: reset}), seen_outside())
    assert (found.state, found.mechanism) == (State.BLOCKED, Mechanism.TLS_SNI_RESET)
    assert found.rule_id == "web.tls.cut_after_client_hello.control_completes"


def test_a_site_that_is_down_for_everybody_is_down() -> None:
    site = Site({IP: silent()}, {IP: Failure.CONNECTION_REFUSED})
    outside = seen_outside("connection_refused")
    refused = {f"{IP}:443": {"status": False, "failure": "connection_refused"}}
    outside |= {"tcp_connect": refused, "tls_handshake": {}}
    outside["http_request"] = {"failure": "connection_refused", "status_code": 0}
    assert verdict(site, outside).state is State.DOWN


def test_the_control_is_asked_for_quic_at_the_addresses_found() -> None:
    site, outside = Site({IP: http3()}), Outside(seen_outside())
    keys = METHOD.measured(kit_at(site, outside), URL)
    assert outside.asked[0]["x_quic_enabled"] is True
    assert outside.asked[0]["tcp_connect"] == [f"{IP}:443"]
    assert keys["x_control_request"] == outside.asked[0]


def test_addresses_only_the_control_was_told_are_measured_too() -> None:
    site = Site({IP: http3(), OTHER_IP: http3()}, names={HOST: [IP]})
    keys = measured(site, seen_outside(ips=(IP, OTHER_IP)))
    assert [entry["address"] for entry in keys["quic_handshakes"]] == [f"{IP}:443", f"{OTHER_IP}:443"]


def test_no_more_than_a_few_addresses_are_measured() -> None:
    ips = [f"93.184.216.{n}" for n in range(10, 30)]
    site = Site(dict.fromkeys(ips, silent()))
    assert len(measured(site, seen_outside())["quic_handshakes"]) == measure.MOST_ADDRESSES


def test_a_control_that_talks_nonsense_is_borne() -> None:
    keys = measured(Site({IP: http3()}), {"dns": {"addrs": [1, "x", None, "127.0.0.1"]}})
    assert len(keys["quic_handshakes"]) == 1


def test_a_redirect_is_an_answer() -> None:
    moved = website(HOST, page(301, b"", b"Location: https://elsewhere.test/\r\n"))
    found = verdict(Site({IP: http3()}, {IP: moved}), seen_outside())
    assert found.rule_id == "quic.ok.http3"


@pytest.mark.parametrize("target", ["http://site.test/", "site", "ftp://site.test/"])
def test_what_is_no_https_url_is_refused(target: str) -> None:
    with pytest.raises(UserError):
        measured(Site({IP: http3()}), None, target)


def test_a_name_that_does_not_exist_is_judged_as_for_a_web_site() -> None:
    site = Site({IP: http3()}, names={HOST: Failure.DNS_NXDOMAIN})
    found = verdict(site, seen_outside())
    assert (found.state, found.layer) == (State.BLOCKED, Layer.DNS)
