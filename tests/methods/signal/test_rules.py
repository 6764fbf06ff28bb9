from pathlib import Path

import pytest
from hypothesis import given, settings

from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, State
from tests.methods.judging import Method, bears, verdicts_in
from tests.methods.messengers import Keys, connect, exchange, hostile_keys, joined, query, shake, site

METHOD = Method("signal")
CHAT = "chat.signal.org"
OTHERS = ("cdsi.signal.org", "sfu.voip.signal.org", "storage.signal.org")
OLD_CHAT = "textsecure-service.whispersystems.org"
OLD_OTHERS = ("storage.signal.org", "cdn.signal.org", "cdn2.signal.org", "sfu.voip.signal.org")
IPS = {host: f"76.223.92.{n}" for n, host in enumerate([CHAT, OLD_CHAT, *OTHERS, *OLD_OTHERS], 10)}
UP = {"queries": [query("uptime.signal.org", "127.0.0.1")]}
OUTAGE = {"queries": [query("uptime.signal.org", "127.0.0.2")]}
TIMEOUT = "generic_timeout_error"
STRANGER = b"..A Censor's Box.."
OWN = b"..Signal Messenger, LLC.."


def works(*hosts: str) -> Keys:
    return joined(*[site(host, IPS[host]) for host in hosts])


def fails(*hosts: str, tcp: str | None = None, tls: str | None = None, chain: bytes = b"") -> Keys:
    return joined(
        *[
            {
                "queries": [query(host, IPS[host])],
                "tcp_connect": [connect(IPS[host], 443, tcp)],
                "tls_handshakes": [] if tcp else [shake(host, IPS[host], tls, chain)],
                "requests": [exchange(f"https://{host}/", failure=tcp or tls)],
            }
            for host in hosts
        ]
    )


def unresolved(*hosts: str, failure: str) -> Keys:
    return {"queries": [query(host, failure=failure) for host in hosts]}


def verdict(*parts: Keys, version: str = "0.2.5", time: str = "2026-11-23 10:00:00") -> Verdict:
    (found,) = METHOD.judged(joined(*parts), test_version=version, measurement_start_time=time).values()
    assert found.target == "signal"
    return found


def test_the_real_example_is_ok(shared_data: Path) -> None:
    raw = (shared_data / "measurements/spec-examples/ts-029-signal.json").read_bytes()
    found = verdicts_in(raw)["signal"]
    assert (found.rule_id, found.state, found.findings) == ("signal.all_answer", State.OK, ())


@pytest.mark.parametrize(
    ("keys", "rule_id"),
    [
        (works(CHAT, *OTHERS), "signal.all_answer"),
        ({}, "endpoints.not_measured"),
        (UP, "endpoints.not_measured"),
        (fails(CHAT, *OTHERS, tcp=TIMEOUT), "endpoints.ip.drop"),
        (fails(CHAT, *OTHERS, tls="connection_reset"), "endpoints.tls.reset"),
        (fails(CHAT, *OTHERS, tls=TIMEOUT), "endpoints.tls.drop"),
        (
            fails(CHAT, *OTHERS, tls="ssl_unknown_authority", chain=STRANGER),
            "endpoints.tls.interception",
        ),
        (unresolved(CHAT, *OTHERS, failure="dns_nxdomain_error"), "endpoints.dns.nxdomain"),
        (unresolved(CHAT, *OTHERS, failure=TIMEOUT), "endpoints.link_dead"),
        (joined(*[{"queries": [query(h, "10.10.34.36")]} for h in (CHAT, *OTHERS)]), "endpoints.dns.bogon"),
    ],
)
def test_all_servers_alike(keys: Keys, rule_id: str) -> None:
    assert verdict(keys).rule_id == rule_id


def test_the_server_for_messages_decides() -> None:
    found = verdict(fails(CHAT, tls="connection_reset"), works(*OTHERS), UP)
    assert (found.rule_id, found.hostname) == ("endpoints.tls.reset", CHAT)
    assert (found.state, found.evidence) == (State.BLOCKED, Evidence.INFERRED)


def test_another_server_that_fails_is_unknown_with_its_finding() -> None:
    found = verdict(works(CHAT, *OTHERS[1:]), fails(OTHERS[0], tls="connection_reset"), UP)
    assert (found.rule_id, found.state) == ("signal.some_fail", State.UNKNOWN)
    assert [finding.rule_id for finding in found.findings] == ["endpoints.tls.reset"]


def test_an_outage_that_signal_announces_is_down_and_not_blocked() -> None:
    found = verdict(fails(CHAT, *OTHERS, tcp=TIMEOUT), OUTAGE)
    assert (found.rule_id, found.state) == ("signal.outage_announced", State.DOWN)
    assert verdict(works(CHAT, *OTHERS), OUTAGE).state is State.OK


def test_the_status_names_address_is_no_forgery() -> None:
    assert verdict(works(CHAT, *OTHERS), UP).findings == ()


@pytest.mark.parametrize(
    ("chain", "rule_id"),
    [
        (OWN, "signal.certificate_doubtful"),
        (b"", "signal.certificate_doubtful"),
        (STRANGER, "endpoints.tls.interception"),
    ],
)
def test_a_certificate_accuses_only_where_it_is_plainly_a_strangers(chain: bytes, rule_id: str) -> None:
    assert verdict(fails(CHAT, *OTHERS, tls="ssl_unknown_authority", chain=chain)).rule_id == rule_id


@pytest.mark.parametrize(
    ("version", "time", "rule_id"),
    [
        ("0.2.0", "2022-10-18 12:00:00", "endpoints.tls.interception"),
        ("0.2.0", "2022-10-19 12:00:00", "signal.certificate_doubtful"),
        ("0.2.1", "2022-10-26 12:00:00", "signal.certificate_doubtful"),
        ("0.2.2", "2022-11-10 12:00:00", "endpoints.tls.interception"),
    ],
)
def test_tests_that_do_not_know_the_new_authority_accuse_nobody_by_certificates(
    version: str, time: str, rule_id: str
) -> None:
    keys = fails(OLD_CHAT, *OLD_OTHERS, tls="ssl_unknown_authority", chain=STRANGER)
    assert verdict(keys, version=version, time=time).rule_id == rule_id


def test_the_new_authority_excuses_no_other_failure_of_an_old_test() -> None:
    keys = fails(OLD_CHAT, *OLD_OTHERS, tls="connection_reset")
    assert verdict(keys, version="0.2.0", time="2022-10-19 12:00:00").rule_id == "endpoints.tls.reset"


@pytest.mark.parametrize(
    ("time", "rule_id"),
    [
        ("2023-11-06 12:00:00", "endpoints.dns.nxdomain"),
        ("2023-11-07 12:00:00", "signal.messages_not_measured"),
    ],
)
def test_a_name_that_signal_gave_up_no_longer_counts(time: str, rule_id: str) -> None:
    keys = joined(unresolved(OLD_CHAT, failure="dns_nxdomain_error"), works(*OLD_OTHERS))
    assert verdict(keys, version="0.2.3", time=time).rule_id == rule_id


def test_a_reset_beside_doubtful_certificates_is_what_accuses_where_all_fail() -> None:
    found = verdict(fails(CHAT, tls="ssl_unknown_authority"), fails(*OTHERS, tls="connection_reset"), UP)
    assert (found.rule_id, found.hostname) == ("endpoints.tls.reset", OTHERS[0])


@settings(deadline=None)  # a loaded machine is no fault
@given(hostile_keys([CHAT, OLD_CHAT, "uptime.signal.org", *OTHERS]))
def test_hostile_keys_are_judged_or_set_aside(keys: object) -> None:
    bears(METHOD.document(keys))
