"""A scenario: a story, a censor and the truth that a probe's measurement must be judged by. Data, and nothing else."""

import msgspec

from lampwatch.lab.block import Block
from lampwatch.lab.truth import Truths
from lampwatch.lab.world import World


class Topology(msgspec.Struct, frozen=True):
    """The path from the client: one to four routers; a round trip takes delay_ms longer, loss is a share of packets.

    jitter_ms is added at random. ipv6: the client has an IPv6 address and a route.
    """

    hops: int = 2
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    ipv6: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.hops <= 4:  # noqa: PLR2004  as the lab is built
            raise ValueError(f"a path has one to four routers, and not {self.hops}")


class Measure(msgspec.Struct, frozen=True):
    """What the probe is asked: a method by its folder's name, and its input where it takes one."""

    method: str = "web_connectivity"
    input: str = ""


class Stage(msgspec.Struct, frozen=True):
    """What a lab is built from: a scenario without its question and its truth."""

    topology: Topology = Topology()
    world: World = World()
    censor: tuple[Block, ...] = ()


class Scenario(msgspec.Struct, frozen=True):
    """A story, a censor and a truth.

    measure is a URL (for web_connectivity) or a Measure. control is an address that must stay reachable for the client
    while the censor works, empty where nothing may be. Every block must have fired by the end: a scenario in which
    nothing was done proves nothing. untouched are the blocks, by their place, that the measurement must not have met.
    timeouts is the factor on the probe's timeouts: what is dropped costs a whole one.
    """

    name: str
    story: str
    truth: Truths
    measure: str | Measure
    censor: tuple[Block, ...] = ()
    topology: Topology = Topology()
    world: World = World()
    control: str = "http://free.test/"
    untouched: tuple[int, ...] = ()
    timeouts: float = 0.2

    @property
    def stage(self) -> Stage:
        """What its lab is built from."""
        return Stage(self.topology, self.world, tuple(self.censor))

    @property
    def question(self) -> Measure:
        """What the probe is asked, whichever way it was written."""
        return self.measure if isinstance(self.measure, Measure) else Measure(input=self.measure)
