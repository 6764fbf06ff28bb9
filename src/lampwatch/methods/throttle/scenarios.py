"""Lines whose speed must be judged rightly."""

from typing import Final

from lampwatch.lab.block import Address, Block, Reset, Sni, Throttle
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World
from lampwatch.model.vocabulary import Layer, Mechanism, State

_WORLD: Final = World(services=("origin",))
_ASKED: Final = Measure("throttle", "https://origin.test/large")
_NAME: Final = Sni("origin.test")
_PATIENT: Final = 0.3

SCENARIOS: Final = (
    Scenario(
        name="speed_is_the_same",
        story="Nobody slows anything down.",
        world=_WORLD,
        measure=_ASKED,
        truth=Truth(State.OK),
    ),
    Scenario(
        name="throttled_by_name",
        story="A router holds connections whose ClientHello names the site down to 128 kbit/s.",
        world=_WORLD,
        censor=(Block(_NAME, Throttle(kbit_s=128)),),
        measure=_ASKED,
        truth=Truth(State.BLOCKED, Layer.TLS, Mechanism.THROTTLING),
        timeouts=_PATIENT,
    ),
    Scenario(
        name="slow_for_all_names",
        story="The line to the server is slow, whatever name is asked for: nobody means the name.",
        world=_WORLD,
        censor=(Block(Address("151.101.1.10"), Throttle(kbit_s=1000)),),
        measure=_ASKED,
        truth=Truth(State.OK),
        timeouts=_PATIENT,
    ),
    Scenario(
        name="speed_of_a_reset_name",
        story="A router resets connections that name the site: that is a block, and no throttling.",
        world=_WORLD,
        censor=(Block(_NAME, Reset(both=True)),),
        measure=_ASKED,
        truth=Truth(State.UNKNOWN),
    ),
)
