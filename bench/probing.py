"""How well the prober tells outages from bad luck: simulated blocks, the real belief.

`python -m bench probing [--blocks 10000] [--rounds 200] [--seed 1]`: each block has an availability between 0.15 and
0.9 and 20 to 200 addresses, asked in the order of a walk. In half of them every address answers by itself with that
probability, whenever it is asked; in the others some always answer and the rest never do. A third of the blocks have an
outage of 2 to 20 rounds, during which a stray answer comes once in 26,000 questions. An outage is found where the block
is called down before it ends; a false down is a round at whose end a block is first called down that was not.

Ends with status 1 where an outage was missed, or FALSE_DOWNS is passed.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from random import Random
from typing import Final

import msgspec

from lampwatch.signals.probing.belief import BlockState, Watch, first_standing

FALSE_DOWNS: Final = 1e-3
WARM_UP: Final = 10
"""An outage begins after so many rounds at the earliest."""
STRAY: Final = 1 / 26_000
BANDS: Final = ((0.15, 0.21), (0.21, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9))


class Found(msgspec.Struct):
    """What came out of blocks, added up."""

    blocks: int = 0
    rounds: int = 0
    probes: int = 0
    outages: int = 0
    found: int = 0
    late: int = 0
    back: int = 0
    recovered: int = 0
    false_downs: int = 0
    falsely_down: int = 0

    def add(self, other: "Found") -> None:
        """Add the figures of others."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Simulated(msgspec.Struct):
    """One block: its truth and its addresses. answers is None where each address answers by chance."""

    availability: float
    answers: list[bool] | None
    outage: range


def simulated(random: Random, rounds: int) -> Simulated:
    """A block drawn by chance."""
    availability = random.uniform(0.15, 0.9)
    answers = None
    if random.random() < 0.5:
        size = random.randint(20, 200)
        answering = max(round(size * availability), 1)
        answers = [True] * answering + [False] * (size - answering)
        random.shuffle(answers)
        availability = answering / size
    length = random.randint(2, 20) if random.random() < 1 / 3 else 0
    start = random.randrange(WARM_UP, max(rounds - 40, WARM_UP + 1))
    return Simulated(availability, answers, range(start, start + length))


def watched(block: Simulated, rounds: int, random: Random) -> Found:
    """Watch one block for so many rounds."""
    told = Found(blocks=1, outages=bool(block.outage))
    standing = first_standing(block.availability)
    found_at = back_at = None
    truth, chance = block.availability, random.random
    for number in range(rounds):
        is_out = number in block.outage
        watch = Watch(standing)
        position = standing.position
        while not watch.has_heard_enough:
            if is_out:
                answered = chance() < STRAY
            elif block.answers is None:
                answered = chance() < truth
            else:
                answered = block.answers[position % len(block.answers)]
            watch.hear(answered=answered)
            position += 1
        told.probes += watch.asked
        before, standing = standing, watch.ended()
        is_down = standing.state is BlockState.DOWN
        if is_out and is_down and found_at is None:
            found_at = number
        if block.outage and number >= block.outage.stop and not is_down and back_at is None:
            back_at = number
        if not is_out and is_down and not (found_at is not None and back_at is None):
            told.falsely_down += 1
            told.false_downs += before.state is not BlockState.DOWN
    told.rounds = rounds - len(block.outage)
    told.found = found_at is not None
    told.late = 0 if found_at is None else found_at - block.outage.start + 1
    told.recovered = back_at is not None and found_at is not None
    told.back = 0 if back_at is None or found_at is None else back_at - block.outage.stop + 1
    return told


def shown(name: str, told: Found) -> str:
    """One line of figures."""
    return (
        f"{name:12} {told.blocks:7,} {told.probes / (told.rounds or 1):11.2f} {told.found:6}/{told.outages:<6}"
        f" {told.late / (told.found or 1):10.2f} {told.back / (told.recovered or 1):10.2f}"
        f" {told.false_downs / (told.rounds or 1):12.2e} {told.falsely_down / (told.rounds or 1):12.2e}"
    )


def bench(blocks: int, rounds: int, seed: int) -> bool:
    """Simulate, print, and say whether the bars are kept."""
    random = Random(seed)
    every, bands = Found(), {band: Found() for band in BANDS}
    began = time.perf_counter()
    for block in _drawn(random, blocks, rounds):
        told = watched(block, rounds, random)
        every.add(told)
        for (low, high), sum_ in bands.items():
            if low <= block.availability < high:
                sum_.add(told)
    spent = time.perf_counter() - began
    print(f"{blocks} blocks, {rounds} rounds, {every.probes} probes in {spent:.1f} s")
    print(
        f"{'availability':12} {'blocks':>7} {'probes/rnd':>11} {'found':>13} {'rounds to':>10} {'rounds':>10}"
        f" {'false downs':>12} {'falsely down':>12}"
    )
    print(f"{'':12} {'':>7} {'':>11} {'':>13} {'down':>10} {'to up':>10} {'a round':>12} {'a round':>12}")
    for (low, high), told in bands.items():
        print(shown(f"{low:.2f}-{high:.2f}", told))
    print(shown("all", every))
    return every.found == every.outages and every.false_downs < FALSE_DOWNS * every.rounds


def _drawn(random: Random, blocks: int, rounds: int) -> Iterator[Simulated]:
    return (simulated(random, rounds) for _ in range(blocks))


def main() -> int:
    """Run from the command line: 0 where the bars are kept, 1 where not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--blocks", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    return 0 if bench(given.blocks, given.rounds, given.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
