"""The rule book of STUN reachability: one server, its name and its answer. README.md says why so."""

from collections.abc import Callable
from typing import Final

from lampwatch.judge.reachability import ReachFacts, Step, always_up, mechanism_of, sign_of_life
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.methods.stun_reachability.extract import server_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State


class Stun(ReachFacts, frozen=True, kw_only=True):
    """One STUN server: whether it is never down for everybody, how its name was answered, and how it answered."""

    renowned: bool
    answered: bool
    asked: bool
    exchange: Mechanism | None


StunRule = Rule[Stun]


def _silent(mechanism: Mechanism) -> Callable[[Stun], bool]:
    """The name was answered, and the exchange with a server that is never down failed in this way."""
    return lambda stun: stun.renowned and bool(stun.link) and stun.exchange is mechanism


RULES: Final = (
    StunRule(
        id="stun_reachability.answers",
        when=lambda stun: stun.answered,
        state=State.OK,
        because="the STUN server answered over UDP",
        rests_on=("exchange",),
    ),
    StunRule(
        id="stun_reachability.dropped",
        layer=Layer.IP,
        when=_silent(Mechanism.PROTOCOL_DROP),
        state=State.BLOCKED,
        mechanism=Mechanism.PROTOCOL_DROP,
        evidence=Evidence.INFERRED,
        because="the server is never down for everybody, its name was answered, and its STUN answer did not come",
        rests_on=("exchange", "link"),
    ),
    StunRule(
        id="stun_reachability.nothing_worked",
        when=lambda stun: not stun.link,
        state=State.UNKNOWN,
        because="not even a name was answered, so the probe's own link may have been dead",
        rests_on=("name", "exchange"),
    ),
    StunRule(
        id="stun_reachability.no_answer",
        when=lambda stun: stun.asked,
        state=State.UNKNOWN,
        because="the server did not answer, and nothing shows that it answers elsewhere",
        rests_on=("exchange",),
    ),
    StunRule(
        id="stun_reachability.unknown",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="the measurement does not say what became of the STUN request",
        rests_on=("name",),
    ),
)


def assess(measurement: Measurement, observations: Observations, _references: References) -> list[Verdict]:
    """One verdict, on the server's host; none where the measurement names no server."""
    probe = observations.probe
    shake = probe.handshakes[0] if probe.handshakes else None
    host = shake.server_name if shake else server_of(measurement.input)[0]
    if not host:
        return []
    failure = shake.failure if shake else None
    return [
        decide(
            RULES,
            Stun(
                target=host,
                renowned=always_up(host),
                answered=shake is not None and failure is None,
                asked=shake is not None,
                exchange=mechanism_of(Step.PROTOCOL, failure),
                link=sign_of_life(probe),
                groups={
                    "name": tuple([witnessed("probe", "dns", n) for n in range(min(len(probe.dns), 16))]),
                    "exchange": (witnessed("probe", "handshake", 0),) if shake else (),
                },
            ),
        )
    ]
