"""Censors that Facebook Messenger must be judged rightly under."""

from typing import Final

from lampwatch.lab.block import Address, Block, Drop, Forge, Name
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World
from lampwatch.model.vocabulary import Layer, Mechanism, State

_WORLD: Final = World(services=("facebook_messenger",))
_ASKED: Final = Measure("facebook_messenger")
_ELSEWHERE: Final = "195.82.146.80"
_NAMES: Final = ("facebook.com", "fbcdn.net")

SCENARIOS: Final = (
    Scenario(
        name="messenger_works",
        story="Nobody does anything to Facebook Messenger.",
        world=_WORLD,
        measure=_ASKED,
        truth=Truth(State.OK),
    ),
    Scenario(
        name="messenger_addresses_dropped",
        story="A router drops all packets to the addresses of Messenger's servers.",
        world=_WORLD,
        censor=(Block(Address("31.13.64.0/18"), Drop()),),
        measure=_ASKED,
        truth=Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP),
    ),
    Scenario(
        name="messenger_names_forged",
        story="The provider's resolver answers for Facebook's names with a server of its own, which takes connections.",
        world=_WORLD,
        censor=tuple(Block(Name(name), Forge(addresses=(_ELSEWHERE,))) for name in _NAMES),
        measure=_ASKED,
        truth=Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF),
    ),
    Scenario(
        name="messenger_messages_dropped",
        story="A router drops packets to the server that carries the messages alone: a part, and not all, is blocked.",
        world=_WORLD,
        censor=(Block(Address("31.13.64.3"), Drop()),),
        measure=_ASKED,
        truth=Truth(State.UNKNOWN),
    ),
)
