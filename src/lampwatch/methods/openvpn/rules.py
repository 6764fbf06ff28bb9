"""The rule book of OpenVPN: how far the handshake with one server got. README.md says why so."""

from typing import Final

from lampwatch.judge.reachability import ReachFacts, Step, mechanism_of, sign_of_life
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.methods.openvpn.extract import ANSWERED, HELLO, SILENT, provider_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Handshake, Observations, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State


class Vpn(ReachFacts, frozen=True, kw_only=True):
    """The handshakes of one measurement: all of them, and the one that got furthest without completing."""

    completed: bool
    tried: bool
    connected: bool
    progress: str
    mechanism: Mechanism | None


VpnRule = Rule[Vpn]

RULES: Final = (
    VpnRule(
        id="openvpn.handshake_completes",
        when=lambda vpn: vpn.completed,
        state=State.OK,
        because="the OpenVPN handshake completed and the tunnel stood",
        rests_on=("handshakes",),
    ),
    VpnRule(
        id="openvpn.answered_then_reset",
        layer=Layer.IP,
        when=lambda vpn: vpn.progress == ANSWERED and vpn.mechanism is Mechanism.PROTOCOL_RESET,
        state=State.BLOCKED,
        mechanism=Mechanism.PROTOCOL_RESET,
        evidence=Evidence.INFERRED,
        because="the server answered the first OpenVPN packet, and the connection was cut at the next",
        rests_on=("handshakes", "link"),
    ),
    VpnRule(
        id="openvpn.answered_then_dropped",
        layer=Layer.IP,
        when=lambda vpn: vpn.progress == ANSWERED and vpn.mechanism is Mechanism.PROTOCOL_DROP,
        state=State.BLOCKED,
        mechanism=Mechanism.PROTOCOL_DROP,
        evidence=Evidence.INFERRED,
        because="the server answered the first OpenVPN packet, and then nothing came back",
        rests_on=("handshakes", "link"),
    ),
    VpnRule(
        id="openvpn.connected_then_reset",
        layer=Layer.IP,
        when=lambda vpn: (
            vpn.connected and vpn.progress == SILENT and vpn.mechanism is Mechanism.PROTOCOL_RESET
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.PROTOCOL_RESET,
        evidence=Evidence.INFERRED,
        because="the server accepted the connection, and it was cut at the first OpenVPN packet",
        rests_on=("handshakes", "link"),
    ),
    VpnRule(
        id="openvpn.connected_then_dropped",
        layer=Layer.IP,
        when=lambda vpn: (
            vpn.connected and vpn.progress == SILENT and vpn.mechanism is Mechanism.PROTOCOL_DROP
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.PROTOCOL_DROP,
        evidence=Evidence.INFERRED,
        because="the server accepted the connection, and no OpenVPN packet was answered",
        rests_on=("handshakes", "link"),
    ),
    VpnRule(
        id="openvpn.failed_after_server_hello",
        when=lambda vpn: vpn.progress == HELLO,
        state=State.UNKNOWN,
        because="the server's hello came through, so what failed after it may be the probe's credentials",
        rests_on=("handshakes",),
    ),
    VpnRule(
        id="openvpn.not_reached",
        when=lambda vpn: vpn.tried and not vpn.connected and vpn.progress in {"", SILENT},
        state=State.UNKNOWN,
        because="the one server tried gave no answer, and nothing else in the measurement shows whose doing it is",
        rests_on=("connects", "handshakes"),
    ),
    VpnRule(
        id="openvpn.unknown",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="the measurement does not say how far the handshake got",
        rests_on=("connects", "handshakes"),
    ),
)

_FURTHEST: Final = {HELLO: 3, ANSWERED: 2, SILENT: 1}


def assess(measurement: Measurement, observations: Observations, _references: References) -> list[Verdict]:
    """One verdict, on `openvpn-PROVIDER` where the provider is named and on `openvpn` where it is not."""
    probe = observations.probe
    shakes = probe.handshakes
    provider = (shakes[0].server_name if shakes else "") or provider_of(measurement.input)
    progress, failed = _furthest(observations)
    return [
        decide(
            RULES,
            Vpn(
                target=f"openvpn-{provider}" if provider else "openvpn",
                completed=any(shake.failure is None for shake in shakes),
                tried=bool(shakes or probe.tcp),
                connected=any(connect.failure is None for connect in probe.tcp),
                progress=progress,
                mechanism=mechanism_of(Step.PROTOCOL, failed.failure) if failed else None,
                link=sign_of_life(probe),
                groups={
                    "connects": tuple([witnessed("probe", "tcp", n) for n in range(min(len(probe.tcp), 16))]),
                    "handshakes": tuple(
                        [witnessed("probe", "handshake", n) for n in range(min(len(shakes), 16))]
                    ),
                },
            ),
        )
    ]


def _furthest(observations: Observations) -> tuple[str, Handshake | None]:
    """How far the best of the failed handshakes got, and that handshake."""
    failed = [shake for shake in observations.probe.handshakes if shake.failure is not None]
    if not failed:
        return "", None
    notes = observations.notes
    best = max(failed, key=lambda shake: _FURTHEST.get(notes.get(str(shake.transaction_id), ""), 0))
    return notes.get(str(best.transaction_id), ""), best
