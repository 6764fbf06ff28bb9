"""Censors that Tor must be judged rightly under."""

from typing import Final

from lampwatch.lab.block import Address, Block, Bytes, Drop, Refuse, Reset
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import FREE, Site, World
from lampwatch.methods.tor.servers import AUTHORITY, OBFS4, SERVERS
from lampwatch.model.vocabulary import Layer, Mechanism, State

TOR: Final = "tor"
BRIDGES: Final = "tor-obfs4"
OK: Final = Truth(State.OK)
DROPPED: Final = Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP)
_AUTHORITIES: Final = tuple(sorted({server.ip for server in SERVERS if server.protocol == AUTHORITY}))
_BRIDGES: Final = tuple(sorted({server.ip for server in SERVERS if server.protocol == OBFS4}))
# Most authorities and bridges are at the ports of the web, so a web server stands for them; the others are down.
_WORLD: Final = World(sites=(FREE, Site("servers.test", (*_AUTHORITIES, *_BRIDGES))))
_ASKED: Final = Measure("tor")

SCENARIOS: Final = (
    Scenario(
        name="tor_works",
        story="Nobody does anything to Tor.",
        world=_WORLD,
        measure=_ASKED,
        truth={TOR: OK, BRIDGES: OK},
    ),
    Scenario(
        name="tor_authorities_dropped",
        story="A router drops all packets to the directory authorities; the public bridges can be reached.",
        world=_WORLD,
        censor=tuple(Block(Address(ip), Drop()) for ip in _AUTHORITIES),
        measure=_ASKED,
        truth={TOR: DROPPED, BRIDGES: OK},
    ),
    Scenario(
        name="tor_bridges_refused",
        story="A router refuses connections to the public bridges; the authorities can be reached.",
        world=_WORLD,
        censor=tuple(Block(Address(ip, protocol="tcp"), Refuse()) for ip in _BRIDGES),
        measure=_ASKED,
        truth={TOR: OK, BRIDGES: Truth(State.BLOCKED, Layer.IP, Mechanism.IP_REFUSE)},
    ),
    Scenario(
        name="tor_handshake_reset",
        story="A router resets connections whose hello asks for one of the names that Tor makes up, `www.….com`.",
        world=_WORLD,
        censor=(Block(Bytes("www."), Reset(both=True)),),
        measure=_ASKED,
        truth={TOR: Truth(State.BLOCKED, Layer.TLS, Mechanism.PROTOCOL_RESET), BRIDGES: OK},
    ),
)
