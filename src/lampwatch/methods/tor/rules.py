"""The rule books of Tor: its directory authorities, its obfs4 bridges, and a whole bootstrap. README.md says why so."""

from collections.abc import Callable
from typing import Final

from lampwatch.judge.reachability import Attempt, Reach, ReachFacts, Step, reach_of, sign_of_life
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.methods.tor.extract import AUTHORITY, OBFS4
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations, Witness, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

FEWEST: Final = 5
"""Fewer servers than these say nothing when none is reached: at any time some are down for everybody."""
NEARLY_NONE: Final = 5
"""One authority in this many may be reached where Tor is blocked: a list of addresses to block is never complete.

On an open network seven or more of the nine or ten are reached.
"""

_TRANSPORTS: Final = frozenset({"obfs4", "snowflake", "meek", "webtunnel"})


class Servers(ReachFacts, frozen=True, kw_only=True):
    """How many servers of one kind were reached."""

    servers: Reach


def _nearly_none(mechanism: Mechanism) -> Callable[[Servers], bool]:
    """Hardly any was reached, the link worked, and most failed in this way."""

    def holds(tor: Servers) -> bool:
        reach = tor.servers
        hardly = reach.tried >= FEWEST and reach.reached * NEARLY_NONE <= reach.tried
        return hardly and bool(tor.link) and reach.mechanism is mechanism

    return holds


def _none(mechanism: Mechanism) -> Callable[[Servers], bool]:
    """None of enough was reached, the link worked, and most failed in this way."""

    def holds(tor: Servers) -> bool:
        reach = tor.servers
        return reach.none and reach.tried >= FEWEST and bool(tor.link) and reach.mechanism is mechanism

    return holds


class Bootstrap(ReachFacts, frozen=True, kw_only=True):
    """Whether a whole Tor client came up."""

    came_up: bool


ServersRule = Rule[Servers]
Book = tuple[ServersRule, ...]
BootstrapRule = Rule[Bootstrap]

_WAYS: Final = (
    ("dropped", Layer.IP, Mechanism.IP_DROP, "packets to their addresses get no answer"),
    ("refused", Layer.IP, Mechanism.IP_REFUSE, "connections to their addresses are turned away"),
    (
        "handshake_dropped",
        Layer.TLS,
        Mechanism.PROTOCOL_DROP,
        "they connect, and then the handshake gets no answer",
    ),
    (
        "handshake_reset",
        Layer.TLS,
        Mechanism.PROTOCOL_RESET,
        "they connect, and then the handshake is cut off",
    ),
)

NOTHING_WORKED: Final = ServersRule(
    id="tor.nothing_worked",
    when=lambda tor: not tor.link,
    state=State.UNKNOWN,
    because="nothing whatever was reached, so the probe's own link may have been dead",
    rests_on=("failed",),
)
UNKNOWN: Final = ServersRule(
    id="tor.unknown",
    when=lambda _: True,
    state=State.UNKNOWN,
    because="too few servers were tried, or they failed in too many ways, to say",
    rests_on=("failed",),
)

AUTHORITIES: Final = (
    ServersRule(
        id="tor.authorities.reached",
        when=lambda tor: tor.servers.reached * 2 > tor.servers.tried,
        state=State.OK,
        because="most directory authorities were reached",
        rests_on=("reached",),
    ),
    *[
        ServersRule(
            id=f"tor.authorities.{way}",
            layer=layer,
            when=_nearly_none(mechanism),
            state=State.BLOCKED,
            mechanism=mechanism,
            evidence=Evidence.INFERRED,
            because=f"hardly any directory authority was reached while something else was: {how}",
            rests_on=("failed", "link"),
        )
        for way, layer, mechanism, how in _WAYS
    ],
    ServersRule(
        id="tor.authorities.some_reached",
        when=lambda tor: tor.servers.reached > 0,
        state=State.UNKNOWN,
        because="some directory authorities were reached and many were not",
        rests_on=("reached",),
    ),
)

BRIDGES: Final = (
    ServersRule(
        id="tor.obfs4.reached",
        when=lambda tor: tor.servers.reached > 0,
        state=State.OK,
        because="an obfs4 bridge answered; bridges that are gone for everybody are usual",
        rests_on=("reached",),
    ),
    *[
        ServersRule(
            id=f"tor.obfs4.{way}",
            layer=Layer.IP,
            when=_none(mechanism),
            state=State.BLOCKED,
            mechanism=mechanism,
            evidence=Evidence.INFERRED,
            because=f"no obfs4 bridge of {FEWEST} or more was reached while something else was: {how}",
            rests_on=("failed", "link"),
        )
        for way, _, mechanism, how in _WAYS
    ],
)

BOOTSTRAPS: Final = (
    BootstrapRule(
        id="tor.bootstrap.came_up",
        when=lambda tor: tor.came_up,
        state=State.OK,
        because="a Tor client came up and built a circuit",
        rests_on=("bootstrap",),
    ),
    BootstrapRule(
        id="tor.bootstrap.did_not",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="the Tor client did not come up in time, which a slow link can do as well as a censor",
        rests_on=("bootstrap",),
    ),
)

RULES: Final = (*AUTHORITIES, *BRIDGES, *BOOTSTRAPS, NOTHING_WORKED, UNKNOWN)
_AUTHORITY_BOOK: Final = (NOTHING_WORKED, *AUTHORITIES, UNKNOWN)
_BRIDGE_BOOK: Final = (NOTHING_WORKED, *BRIDGES, UNKNOWN)


def assess(measurement: Measurement, observations: Observations, _references: References) -> list[Verdict]:
    """A verdict on `tor`, and one on `tor-obfs4` where such bridges were tried; or on the transport bootstrapped."""
    if measurement.method != "tor":
        return _bootstraps(observations)
    link = sign_of_life(observations.probe)
    tries = _attempts(observations)
    return [
        _servers("tor", tries.get(AUTHORITY, []), link, _AUTHORITY_BOOK),
        *([_servers("tor-obfs4", tries[OBFS4], link, _BRIDGE_BOOK)] if OBFS4 in tries else []),
    ]


def _servers(target: str, tries: list[Attempt], link: tuple[Witness, ...], book: Book) -> Verdict:
    reach = reach_of(tries)
    return decide(
        book,
        Servers(
            target=target, servers=reach, link=link, groups={"reached": reach.stood, "failed": reach.failed}
        ),
    )


def _attempts(observations: Observations) -> dict[str, list[Attempt]]:
    """Every target's try, by its protocol."""
    tries: dict[str, list[Attempt]] = {}
    for n, connect in enumerate(observations.probe.tcp):
        if connect.failure is not None:
            protocol = observations.notes.get(str(connect.transaction_id), "")
            attempt = Attempt(Step.CONNECT, connect.failure, connect.ip, (witnessed("probe", "tcp", n),))
            tries.setdefault(protocol, []).append(attempt)
    for n, shake in enumerate(observations.probe.handshakes):
        attempt = Attempt(Step.PROTOCOL, shake.failure, shake.ip, (witnessed("probe", "handshake", n),))
        tries.setdefault(shake.protocol, []).append(attempt)
    return tries


def _bootstraps(observations: Observations) -> list[Verdict]:
    shakes = observations.probe.handshakes
    return [
        decide(
            BOOTSTRAPS,
            Bootstrap(
                target=f"tor-{shake.protocol}" if shake.protocol in _TRANSPORTS else "tor",
                came_up=shake.failure is None,
                groups={"bootstrap": (witnessed("probe", "handshake", n),)},
            ),
        )
        for n, shake in enumerate(shakes)
    ]
