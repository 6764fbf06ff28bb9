from pathlib import Path

import pytest
from hypothesis import given, settings

from lampwatch.methods.facebook_messenger.rules import CALLS, HOSTS, MESSAGES
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Mechanism, State
from tests.methods.judging import Method, bears, verdicts_in
from tests.methods.messengers import Keys, connect, hostile_keys, joined, query

METHOD = Method("facebook_messenger")
META = 32934
TIMEOUT = "generic_timeout_error"
IPS = {host: f"157.240.1.{n}" for n, host in enumerate(HOSTS, 10)}


def hosts(
    *names: str, tcp: str | None = None, dns: str | None = None, asn: int | None = META, ip: str = ""
) -> Keys:
    keys: Keys = {
        "queries": [query(host, *([] if dns else [ip or IPS[host]]), failure=dns, asn=asn) for host in names]
    }
    if dns is None:
        keys["tcp_connect"] = [connect(ip or IPS[host], 443, tcp) for host in names]
    return keys


def calls(*answers: str, failure: str | None = None, asn: int | None = META) -> Keys:
    return {"queries": [query(CALLS, *answers, failure=failure, asn=asn)]}


def verdict(*parts: Keys) -> Verdict:
    (found,) = METHOD.judged(joined(*parts)).values()
    assert found.target == "facebook_messenger"
    return found


def test_the_real_example_is_ok(shared_data: Path) -> None:
    raw = (shared_data / "measurements/spec-examples/ts-019-facebook-messenger.json").read_bytes()
    found = verdicts_in(raw)["facebook_messenger"]
    assert (found.rule_id, found.findings) == ("facebook_messenger.connects", ())


@pytest.mark.parametrize(
    ("keys", "rule_id"),
    [
        (hosts(*HOSTS), "facebook_messenger.connects"),
        (hosts(*HOSTS, asn=None), "facebook_messenger.connects"),
        (hosts(*HOSTS, asn=64999), "endpoints.dns.elsewhere"),
        (hosts(*HOSTS, ip="10.10.34.35", asn=None), "endpoints.dns.bogon"),
        (hosts(*HOSTS, dns="dns_nxdomain_error"), "endpoints.dns.nxdomain"),
        (hosts(*HOSTS, tcp=TIMEOUT), "endpoints.ip.drop"),
        (hosts(*HOSTS, tcp="connection_refused"), "endpoints.ip.refuse"),
        (hosts(*HOSTS, tcp=TIMEOUT, asn=None), "endpoints.ip.drop"),
        (hosts(*HOSTS, dns=TIMEOUT), "endpoints.link_dead"),
        ({}, "endpoints.not_measured"),
    ],
)
def test_the_service_is_judged_by_all_its_hosts(keys: Keys, rule_id: str) -> None:
    assert verdict(keys).rule_id == rule_id


def test_a_connect_outside_metas_networks_is_no_sign_of_the_service() -> None:
    found = verdict(hosts(*HOSTS, asn=64999))
    assert (found.state, found.mechanism) == (State.BLOCKED, Mechanism.DNS_SPOOF)
    assert found.evidence is Evidence.INFERRED


def test_an_address_of_unknown_network_accuses_nobody() -> None:
    assert verdict(hosts(*HOSTS, asn=0, tcp="unknown_failure: x")).state is State.UNKNOWN


@pytest.mark.parametrize("out_of_reach", [{"tcp": TIMEOUT}, {"asn": 64999}, {"dns": "dns_nxdomain_error"}])
def test_messages_out_of_reach_beside_other_hosts_are_unknown(out_of_reach: dict[str, str | int]) -> None:
    others = hosts(*HOSTS[1:])
    found = verdict(hosts(MESSAGES, **out_of_reach), others)  # type: ignore[arg-type]  # one key, of its own type
    assert (found.rule_id, found.state) == ("facebook_messenger.messages_fail", State.UNKNOWN)
    assert verdict(hosts(MESSAGES), others).state is State.OK


def test_another_host_out_of_reach_leaves_the_service_ok() -> None:
    found = verdict(hosts(*HOSTS[:-1]), hosts(HOSTS[-1], asn=64999))
    assert found.state is State.OK
    assert [finding.rule_id for finding in found.findings] == ["endpoints.dns.some_forged"]


def test_a_forged_name_for_calls_is_a_finding() -> None:
    found = verdict(hosts(*HOSTS), calls("10.10.34.35"))
    assert found.state is State.OK
    assert [finding.rule_id for finding in found.findings] == ["facebook_messenger.calls_forged"]
    assert verdict(hosts(*HOSTS), calls("157.240.1.99")).findings == ()


def test_hosts_that_resolve_truly_and_do_not_connect_are_blocked_by_address() -> None:
    found = verdict(hosts(*HOSTS[:3], tcp=TIMEOUT), hosts(*HOSTS[3:], asn=64999))
    assert (found.state, found.mechanism) == (State.BLOCKED, Mechanism.IP_DROP)


@settings(deadline=None)  # a loaded machine is no fault
@given(hostile_keys([*HOSTS, CALLS]))
def test_hostile_keys_are_judged_or_set_aside(keys: object) -> None:
    bears(METHOD.document(keys))
