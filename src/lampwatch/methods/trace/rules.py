"""The rule book of tracing: after how many hops the target's name fares otherwise than another (README.md)."""

from typing import Final

import msgspec

from lampwatch.judge.reachability import MOST_WITNESSES, ReachFacts
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.methods.trace.extract import TARGET, WENT_ON
from lampwatch.methods.trace.location import FAILURES, Location, Try, What, location
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Handshake, Observations, Witness, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State


class Traced(ReachFacts, frozen=True, kw_only=True):
    """What was traced, and where it is interfered with.

    answered says that the target's name was, every time that hops were enough.
    """

    protocol: str
    where: Location
    answered: bool

    def shows(self, protocol: str, *how: What) -> bool:
        """Whether this happens to the target's name, over this protocol."""
        return self.protocol == protocol and self.where.first > 0 and self.where.how in how


TracedRule = Rule[Traced]

_CUT: Final = (What.RESET, What.CLOSED)
_SAID: Final = (
    (
        "tls.cut",
        "tls",
        _CUT,
        Layer.TLS,
        Mechanism.TLS_SNI_RESET,
        "a connection whose ClientHello holds its name is cut",
    ),
    (
        "tls.answered",
        "tls",
        (What.ANSWERED,),
        Layer.TLS,
        Mechanism.TLS_INTERCEPTION,
        "a ClientHello with its name is answered",
    ),
    (
        "http.cut",
        "http",
        _CUT,
        Layer.HTTP,
        Mechanism.HTTP_RESET,
        "a connection whose request holds its name is cut",
    ),
    (
        "http.answered",
        "http",
        (What.ANSWERED,),
        Layer.HTTP,
        Mechanism.HTTP_BLOCK_PAGE,
        "a request with its name is answered",
    ),
    (
        "dns.answered",
        "dns",
        (What.ANSWERED,),
        Layer.DNS,
        Mechanism.DNS_SPOOF,
        "the question for its name is answered",
    ),
)
_VANISHES: Final = (
    ("tls.vanishes", "tls", Layer.TLS, Mechanism.TLS_SNI_DROP),
    ("http.vanishes", "http", Layer.HTTP, Mechanism.HTTP_DROP),
    ("dns.vanishes", "dns", Layer.DNS, Mechanism.DNS_TIMEOUT),
)


def _said(
    name: str, protocol: str, how: tuple[What, ...], layer: Layer, mechanism: Mechanism, told: str
) -> TracedRule:
    """Somebody spoke up before the server could: that is the interference itself."""
    return TracedRule(
        id=f"trace.{name}",
        layer=layer,
        when=lambda traced: traced.where.before_server and traced.shows(protocol, *how),
        state=State.BLOCKED,
        mechanism=mechanism,
        evidence=Evidence.DIRECT,
        because=f"{told} from nearer than the server, which packets with another name must reach for an answer",
        rests_on=("target", "control"),
    )


def _vanishes(name: str, protocol: str, layer: Layer, mechanism: Mechanism) -> TracedRule:
    """Silence is never direct evidence: the target's name may also have met a router that reports to nobody."""
    return TracedRule(
        id=f"trace.{name}",
        layer=layer,
        when=lambda traced: traced.shows(protocol, What.SILENT),
        state=State.UNKNOWN,
        mechanism=mechanism,
        because="packets with its name vanish on the way, and those with another name go on",
        rests_on=("target", "control"),
    )


RULES: Final = (
    TracedRule(
        id="trace.other_name_fails",
        when=lambda traced: not traced.where.distance,
        state=State.UNKNOWN,
        because="the other name was not answered either, so there is nothing to compare with",
        rests_on=("control",),
    ),
    *[_said(*way) for way in _SAID],
    *[_vanishes(*way) for way in _VANISHES],
    TracedRule(
        id="trace.at_server",
        when=lambda traced: traced.where.first > 0 and not traced.where.before_server,
        state=State.UNKNOWN,
        because="its name fares otherwise only where the server is reached, which may do that by itself",
        rests_on=("target", "control"),
    ),
    TracedRule(
        id="trace.both_answered",
        when=lambda traced: traced.answered and traced.protocol != "dns" and not traced.where.first,
        state=State.OK,
        because="its name is answered as another is, after as many hops",
        rests_on=("target", "control"),
    ),
    TracedRule(
        id="trace.undetermined",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="no number of hops was found after which its name alone is interfered with",
        rests_on=("target", "control"),
    ),
)


def assess(_measurement: Measurement, observations: Observations, _references: References) -> list[Verdict]:
    """One verdict, on the name. It says after how many hops interference shows, where it does."""
    name = observations.notes.get(TARGET, "")
    went_on = frozenset(observations.notes.get(WENT_ON, "").split())
    shakes = observations.probe.handshakes
    tries = [_try(shake, name, went_on=str(n) in went_on) for n, shake in enumerate(shakes)]
    protocol = shakes[0].protocol.partition(".")[0] if shakes else ""
    where = location(tries, all_heard=protocol == "dns")
    arrived = [one for one in tries if one.target and one.ttl in {0, where.distance}]
    traced = Traced(
        target=name or "trace",
        protocol=protocol,
        where=where,
        answered=bool(arrived) and all(one.what is What.ANSWERED for one in arrived),
        groups={
            "target": _shown(tries, where, target=True),
            "control": _shown(tries, where, target=False),
        },
    )
    verdict = decide(RULES, traced)
    return [
        msgspec.structs.replace(verdict, because=f"{verdict.because}; {where.told}")
        if where.first
        else verdict
    ]


_WHATS: Final = {failure: what for what, failure in FAILURES.items()}


def _try(shake: Handshake, name: str, *, went_on: bool) -> Try:
    hops = shake.protocol.partition(".ttl")[2]
    what = _WHATS.get(shake.failure, What.UNUSABLE)
    return Try(shake.server_name == name, int(hops) if hops.isdigit() else 0, what, went_on)


def _shown(tries: list[Try], where: Location, *, target: bool) -> tuple[Witness, ...]:
    """The tries that show it: those of the number of hops where it begins, else those without a limit."""
    found = [
        witnessed("probe", "handshake", n)
        for n, one in enumerate(tries)
        if one.target is target and one.ttl in ({where.first} if where.first else {0, where.distance})
    ]
    return tuple(found[:MOST_WITNESSES])
