import base64
import datetime as dt
import hashlib
import json
import ssl
from pathlib import Path

import trustme

from lampwatch.methods.signal import measure
from lampwatch.model.failure import Failure
from lampwatch.model.neutral import NEUTRAL_NAME
from lampwatch.model.vocabulary import Mechanism, State
from tests.methods.judging import Method
from tests.probe.scripted import ScriptedClock, ScriptedNetwork, Serving, kit_over
from tests.probe.servers import website

SIGNAL = Method("signal")
IPS = {host: f"76.223.92.{n}" for n, host in enumerate(measure.SERVERS, 1)}
NAMES = {host: [ip] for host, ip in IPS.items()} | {
    measure.STATUS: ["127.0.0.1"],
    NEUTRAL_NAME: ["93.184.215.14"],
}
FINGERPRINT = "ddb0f92bb95c8d6fd202ea6e8cc5ccd182b544f8cd696f47d580659ddc9df65a"


def network(changed: dict[str, Serving] | None = None, status: str = "127.0.0.1") -> ScriptedNetwork:
    streams: dict[str, Serving] = {ip: (changed or {}).get(host) or website(host) for host, ip in IPS.items()}
    return ScriptedNetwork({**NAMES, measure.STATUS: [status]}, streams)


def test_where_all_servers_answer_it_is_ok() -> None:
    assert SIGNAL.verdicts(network())["signal"].rule_id == "signal.all_answer"


def test_a_reset_at_the_name_of_the_server_for_messages_is_a_block() -> None:
    chat = website("chat.signal.org", instead={"chat.signal.org": [Failure.CONNECTION_RESET]})
    verdict = SIGNAL.verdicts(network({"chat.signal.org": chat}))["signal"]
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.TLS_SNI_RESET)


def test_the_address_of_another_server_dropped_is_only_a_finding() -> None:
    verdict = SIGNAL.verdicts(network({"cdsi.signal.org": Failure.TIMEOUT}))["signal"]
    assert verdict.rule_id == "signal.some_fail"


def test_a_strangers_certificate_is_interception() -> None:
    stranger = trustme.CA(organization_name="A stranger")
    changed: dict[str, Serving] = {host: website(host, issuer=stranger) for host in measure.SERVERS}
    verdict = SIGNAL.verdicts(network(changed))["signal"]
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.TLS_INTERCEPTION)


def test_an_announced_outage_is_down() -> None:
    verdict = SIGNAL.verdicts(
        network(dict.fromkeys(measure.SERVERS, Failure.CONNECTION_REFUSED), status="127.0.0.2")
    )
    assert verdict["signal"].state is State.DOWN


def test_signals_own_authority_is_the_one_that_was_checked() -> None:
    der = ssl.PEM_cert_to_DER_cert(measure.AUTHORITIES.read_text("ascii"))
    assert hashlib.sha256(der).hexdigest() == FINGERPRINT


def test_the_real_chains_of_signals_servers_are_believed(shared_data: Path) -> None:
    example = (shared_data / "measurements/spec-examples/ts-029-signal.json").read_bytes()
    then = dt.datetime(2023, 12, 1, 10, 25)  # noqa: DTZ001  UTC without a zone
    trust = measure.SignalTrust(kit_over(ScriptedNetwork(clock=ScriptedClock(then))))
    shakes = json.loads(example)["test_keys"]["tls_handshakes"]
    chains = {
        shake["server_name"]: [base64.b64decode(shown["data"]) for shown in shake["peer_certificates"]]
        for shake in shakes
    }
    assert set(chains) == set(measure.SERVERS)
    assert {trust.refusal(chain, name) for name, chain in chains.items()} == {None}
