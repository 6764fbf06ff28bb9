"""What a recording is made from, as data: networks, what is asked on them, what is done to them and when, the truth."""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from random import Random
from typing import Final

import msgspec

from lampwatch.lab.block import Block
from lampwatch.lab.scenario import Measure, Stage, Topology
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World

CLEARANCE_H: Final = 0.15
"""Hours around a change in which no round begins: it must be plain on which side of the change it was measured."""
_JITTER_H: Final = 0.12


class Network(msgspec.Struct, frozen=True):
    """A network of the country: its number (for private use, RFC 6996), its name as it is shown, and its path."""

    asn: int
    name: str
    topology: Topology


class Asked(msgspec.Struct, frozen=True):
    """What is measured in every so many-th regular round, by all networks or by some; truth is that of quiet times.

    target is whom the verdict is on; a method with several targets has several truths.
    """

    measure: Measure
    truth: Mapping[str, Truth]
    every: int = 1
    networks: tuple[int, ...] = ()

    def of(self, network: int, number: int) -> bool:
        """Whether a network asks this in its round of that number."""
        return number % self.every == 0 and (not self.networks or network in self.networks)


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is done on some networks, from an hour of the week to another.

    truth says, by method and target, what must be said meanwhile; of whatever it does not name, nothing changes.
    An outage is told of every target that it names, whatever else is going on.
    """

    story: str
    networks: tuple[int, ...]
    begins: float
    ends: float
    blocks: tuple[Block, ...]
    truth: Mapping[tuple[str, str], Truth]
    outage: bool = False

    def going_on(self, network: int, hour: float) -> bool:
        """Whether it is being done on a network at an hour."""
        return network in self.networks and self.begins <= hour < self.ends


class Round(msgspec.Struct, frozen=True):
    """Measurements of one network that begin together, at an hour of the week."""

    hour: float
    questions: tuple[Measure, ...]


class Stretch(msgspec.Struct, frozen=True):
    """Rounds between two changes; switches are the blocks to apply and to lift before, by their place."""

    switches: tuple[tuple[int, bool], ...]
    rounds: tuple[Round, ...]


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """A recording to be made: where, from when (UTC), for how many hours, and all of the above.

    A regular round comes every so many hours, and one more a quarter of an hour before and after each change. Seed
    decides the minutes of each round and the order in it. Networks are named by their numbers.
    """

    country: str
    starts: dt.datetime
    hours: float
    networks: tuple[Network, ...]
    world: World
    asked: tuple[Asked, ...]
    happenings: tuple[Happening, ...]
    every_h: float = 3.0
    seed: int = 1

    def stage(self, network: Network) -> Stage:
        """What a network's lab is built from: all that will ever be done on it."""
        blocks = itertools.chain.from_iterable(found.blocks for found in self._of(network))
        return Stage(network.topology, self.world, tuple(blocks))

    def time(self, hour: float) -> dt.datetime:
        """An hour of the script as a time, UTC without a zone."""
        return self.starts + dt.timedelta(hours=hour)

    def truth(self, asn: int, time: dt.datetime, method: str, target: str) -> Truth | None:
        """What must be said of a target that a network measured then; None of one that the script does not know."""
        hour = (time - self.starts) / dt.timedelta(hours=1)
        going_on = [one for one in self.happenings if one.going_on(asn, hour)]
        for found in sorted(going_on, key=lambda one: not one.outage):
            if (method, target) in found.truth:
                return found.truth[method, target]
        quiet = [
            one.truth[target] for one in self.asked if one.measure.method == method and target in one.truth
        ]
        return quiet[0] if quiet else None

    def targets(self, method: str, target: str) -> frozenset[str]:
        """All that a measurement of a method and input must come to a verdict on."""
        return frozenset(
            name for one in self.asked if one.measure == Measure(method, target) for name in one.truth
        )

    def rounds(self, network: Network) -> list[Round]:
        """A network's rounds, in order."""
        random = Random(f"{self.seed} {network.asn}")  # noqa: S311  a script's minutes, nobody's secret
        regular = [number * self.every_h for number in range(int(self.hours // self.every_h))]
        found = [
            self._round(network, clear + random.uniform(0, _JITTER_H), number, random)
            for number, clear in enumerate(map(self._cleared(network), regular))
        ]
        extra = [
            at + off for at in self._changes(network) for off in (-0.25, 0.25) if 0 < at + off < self.hours
        ]
        found += [
            # No multiple of anything but one: what is dear is asked in regular rounds only.
            self._round(network, hour, 1, random)
            for hour in extra
            if self._cleared(network)(hour) == hour
            and all(abs(hour - one.hour) > CLEARANCE_H for one in found)
        ]
        return sorted(found, key=lambda one: one.hour)

    def stretches(self, network: Network, begins: float = 0.0, ends: float = 1e9) -> Iterator[Stretch]:
        """A network's rounds from an hour to another, cut where something changes."""
        blocks = [(one, block) for one in self._of(network) for block in one.blocks]
        # A lab is built with everything in force.
        before = (True,) * len(blocks)
        rounds = [one for one in self.rounds(network) if begins <= one.hour < ends]
        for wanted, group in itertools.groupby(
            rounds, key=lambda one: tuple(what.begins <= one.hour < what.ends for what, _ in blocks)
        ):
            switches = [
                (n, on) for n, (was, on) in enumerate(zip(before, wanted, strict=True)) if was is not on
            ]
            # What is lifted goes first: two that are alike may not stand in each other's way.
            yield Stretch(tuple(sorted(switches, key=lambda one: one[1])), tuple(group))
            before = wanted

    def _of(self, network: Network) -> list[Happening]:
        return [found for found in self.happenings if network.asn in found.networks]

    def _changes(self, network: Network) -> list[float]:
        return sorted(
            {at for found in self._of(network) for at in (found.begins, found.ends) if 0 < at < self.hours}
        )

    def _cleared(self, network: Network) -> "_Clear":
        return _Clear(tuple(self._changes(network)))

    def _round(self, network: Network, hour: float, number: int, random: Random) -> Round:
        questions = [one.measure for one in self.asked if one.of(network.asn, number)]
        random.shuffle(questions)
        return Round(round(hour, 4), tuple(questions))


class _Clear(msgspec.Struct, frozen=True):
    """Moves an hour that is too near to a change to after it."""

    changes: tuple[float, ...]

    def __call__(self, hour: float) -> float:
        for change in self.changes:
            if -CLEARANCE_H - _JITTER_H < hour - change < CLEARANCE_H:
                hour = change + CLEARANCE_H
        return hour
