"""Censors that Signal must be judged rightly under."""

from typing import Final

from lampwatch.lab.block import Address, Block, Drop, Intercept, Reset, Sni
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World
from lampwatch.model.vocabulary import Layer, Mechanism, State

_MESSAGES: Final = Sni("chat.signal.org")
_WORLD: Final = World(services=("signal",))
_ASKED: Final = Measure("signal")

SCENARIOS: Final = (
    Scenario(
        name="signal_works",
        story="Nobody does anything to Signal.",
        world=_WORLD,
        measure=_ASKED,
        truth=Truth(State.OK),
    ),
    Scenario(
        name="signal_addresses_dropped",
        story="A router drops all packets to the addresses of Signal's servers.",
        world=_WORLD,
        censor=(Block(Address("76.223.92.0/24"), Drop()),),
        measure=_ASKED,
        truth=Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP),
    ),
    Scenario(
        name="signal_messages_reset",
        story="A router resets TLS connections to the server for messages, by its name.",
        world=_WORLD,
        censor=(Block(_MESSAGES, Reset(both=True), hop=2),),
        measure=_ASKED,
        truth=Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET),
    ),
    Scenario(
        name="signal_messages_intercepted",
        story="A proxy takes TLS connections to the server for messages with a certificate of its own.",
        world=_WORLD,
        censor=(Block(_MESSAGES, Intercept()),),
        measure=_ASKED,
        truth=Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_INTERCEPTION),
    ),
    Scenario(
        name="signal_calls_reset",
        story="A router resets TLS connections to the server for calls alone: messages pass, so it is not all blocked.",
        world=_WORLD,
        censor=(Block(Sni("sfu.voip.signal.org"), Reset(both=True)),),
        measure=_ASKED,
        truth=Truth(State.UNKNOWN, also=(Layer.TLS,)),
    ),
)
