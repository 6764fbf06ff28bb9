"""Censors of QUIC, and sites without it, that this method must judge rightly."""

from typing import Final

from lampwatch.lab.block import Address, Block, Drop, QuicSni, Reset, Sni, Unreachable
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import FREE, Page, Site, World
from lampwatch.model.vocabulary import Layer, Mechanism, State

_BLOCKED: Final = Measure("quic", "https://blocked.test/")
_IP: Final = "93.184.216.34"
_ANNOUNCED: Final = Site(
    "blocked.test", (_IP,), http3=True, pages={"/": Page(headers=(("Alt-Svc", 'h3=":443"; ma=86400'),))}
)
_DROPPED: Final = Truth(State.BLOCKED, Layer.QUIC, Mechanism.QUIC_DROP)

SCENARIOS: Final[tuple[Scenario, ...]] = (
    Scenario(
        name="quic_passes",
        story="Nobody censors; the site speaks HTTP/2 and HTTP/3.",
        measure=_BLOCKED,
        truth=Truth(State.OK),
    ),
    Scenario(
        name="quic_dropped_altogether",
        story="A router drops all of UDP port 443, and lets TCP pass.",
        censor=(Block(Address("0.0.0.0/0", 443, "udp"), Drop()),),
        measure=_BLOCKED,
        truth=_DROPPED,
    ),
    Scenario(
        name="quic_dropped_by_address",
        story="A router drops UDP port 443 to the site's address alone.",
        censor=(Block(Address(_IP, 443, "udp"), Drop(), hop=2),),
        measure=_BLOCKED,
        truth=_DROPPED,
    ),
    Scenario(
        name="quic_dropped_by_name",
        story="A router decrypts the first packet of QUIC version 1 and drops what names the site.",
        censor=(Block(QuicSni("blocked.test"), Drop(), hop=2),),
        measure=_BLOCKED,
        truth=_DROPPED,
    ),
    Scenario(
        name="quic_dropped_by_name_without_control",
        story="QUIC that names the site is dropped, and no control can be reached: the server's own word stands in.",
        censor=(Block(QuicSni("blocked.test"), Drop()),),
        world=World(sites=(FREE, _ANNOUNCED), control=False),
        measure=_BLOCKED,
        truth=_DROPPED,
    ),
    Scenario(
        name="quic_turned_back",
        story="A router answers UDP to the site's port 443 with an ICMP error.",
        censor=(Block(Address(_IP, 443, "udp"), Unreachable()),),
        measure=_BLOCKED,
        truth=Truth(State.BLOCKED, Layer.QUIC, Mechanism.IP_REFUSE),
    ),
    Scenario(
        name="quic_and_tls_blocked",
        story="The site is blocked over TLS by its name as well as over QUIC: TLS is where it breaks first.",
        censor=(Block(Sni("blocked.test"), Reset(both=True)), Block(QuicSni("blocked.test"), Drop())),
        measure=_BLOCKED,
        truth=Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET),
    ),
    Scenario(
        name="quic_not_offered",
        story="Nobody censors, and the site never spoke HTTP/3.",
        world=World(sites=(FREE, Site("blocked.test", (_IP,)))),
        measure=_BLOCKED,
        truth=Truth(State.UNKNOWN),
    ),
)
