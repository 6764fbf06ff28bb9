"""The rule book of the ECH check: the same handshake with and without the extension. README.md says why so."""

from typing import Final

from lampwatch.judge.reachability import Attempt, Reach, ReachFacts, Step, reach_of
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.methods.echcheck.extract import PLAIN, WITH_ECH, WITH_ECH_OTHER_NAME
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State


class Ech(ReachFacts, frozen=True, kw_only=True):
    """Handshakes without the extension, with it, and with it under another name outside.

    Those with it are only the ones at addresses where one without it completed.
    """

    plain: Reach
    ech: Reach
    other: Reach


EchRule = Rule[Ech]

RULES: Final = (
    EchRule(
        id="echcheck.plain_fails",
        when=lambda tls: tls.plain.none and not tls.ech.reached and not tls.other.reached,
        state=State.UNKNOWN,
        because="the handshake without the extension failed as well",
        rests_on=("plain",),
    ),
    EchRule(
        id="echcheck.reset",
        layer=Layer.TLS,
        when=lambda tls: (
            tls.plain.reached > 0 and tls.ech.none and tls.ech.mechanism is Mechanism.PROTOCOL_RESET
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.PROTOCOL_RESET,
        evidence=Evidence.INFERRED,
        because="the handshake with an Encrypted Client Hello was cut off, and the same one without it completed",
        rests_on=("ech", "plain"),
    ),
    EchRule(
        id="echcheck.dropped",
        layer=Layer.TLS,
        when=lambda tls: (
            tls.plain.reached > 0 and tls.ech.none and tls.ech.mechanism is Mechanism.PROTOCOL_DROP
        ),
        state=State.BLOCKED,
        mechanism=Mechanism.PROTOCOL_DROP,
        evidence=Evidence.INFERRED,
        because="the handshake with an Encrypted Client Hello got no answer, and the same one without it completed",
        rests_on=("ech", "plain"),
    ),
    EchRule(
        id="echcheck.other_name_fails",
        when=lambda tls: tls.ech.reached > 0 and tls.other.none,
        state=State.OK,
        because="the extension passed; only under another outer name did the handshake fail",
        rests_on=("ech", "other"),
    ),
    EchRule(
        id="echcheck.passes",
        when=lambda tls: tls.ech.reached > 0,
        state=State.OK,
        because="the handshake with an Encrypted Client Hello completed",
        rests_on=("ech",),
    ),
    EchRule(
        id="echcheck.unknown",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="the handshakes with and without the extension cannot be compared",
        rests_on=("plain", "ech", "other"),
    ),
)


def assess(_measurement: Measurement, observations: Observations, _references: References) -> list[Verdict]:
    """One verdict, on `echcheck`: the extension is what is measured, and the host only lends itself."""
    shakes = observations.probe.handshakes
    where = {shake.ip for shake in shakes if shake.protocol == PLAIN and shake.failure is None}
    plain = reach_of(_attempts(observations, PLAIN, None))
    ech = reach_of(_attempts(observations, WITH_ECH, where))
    other = reach_of(_attempts(observations, WITH_ECH_OTHER_NAME, where))
    return [
        decide(
            RULES,
            Ech(
                target="echcheck",
                host=shakes[0].server_name if shakes else "",
                plain=plain,
                ech=ech,
                other=other,
                groups={
                    "plain": plain.stood or plain.failed,
                    "ech": ech.stood or ech.failed,
                    "other": other.stood or other.failed,
                },
            ),
        )
    ]


def _attempts(observations: Observations, protocol: str, where: set[str] | None) -> list[Attempt]:
    """The handshakes of one protocol: those that completed, and of those that failed the ones at these addresses."""
    return [
        Attempt(Step.PROTOCOL, shake.failure, shake.ip, (witnessed("probe", "handshake", n),))
        for n, shake in enumerate(observations.probe.handshakes)
        if shake.protocol == protocol and (where is None or shake.failure is None or shake.ip in where)
    ]
