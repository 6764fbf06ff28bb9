"""What a round says of countries, regions and networks: how many /24s of theirs are up, and of how many we know."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.probing.belief import BlockState, Standing
from lampwatch.signals.probing.rounds import Result
from lampwatch.signals.probing.targets import Block

SOURCE: Final = "lampwatch"
UP_SIGNAL: Final = "slash24s-up"
MEASURED_SIGNAL: Final = "slash24s-measured"
UNIT: Final = "/24s"


class Tally(msgspec.Struct, frozen=True):
    """How many blocks are up, how many down, and of how many of these belief is not sure now.

    A block of which nothing was ever decided, or that answers too rarely, is in none of them: it is unknown.
    """

    up: int = 0
    down: int = 0
    uncertain: int = 0
    unknown: int = 0

    @property
    def measured(self) -> int:
        """The blocks whose state is known."""
        return self.up + self.down


def tally(standings: Sequence[Standing]) -> Tally:
    """Count blocks by their state; an uncertain one keeps its last."""
    known = [one for one in standings if one.is_judged and one.state is not BlockState.UNCERTAIN]
    up = sum(one.state is BlockState.UP for one in known)
    unsure = sum(not one.is_decided for one in known)
    return Tally(up, len(known) - up, unsure, len(standings) - len(known))


def round_values(
    blocks: Sequence[Block], result: Result, *, start_s: int, arrived_s: int, resolution_s: int
) -> list[Values]:
    """A round as values of two series an entity, each of one bin: blocks up, and blocks measured.

    Where the round was a gap both are NaN; where of an entity no block is decided yet, how many are up is.
    """
    found = []
    for entity, standings in _by_entity(blocks, result.standings).items():
        counted = tally(standings)
        measured = float("nan") if result.gap else float(counted.measured)
        up = float(counted.up) if not result.gap and counted.measured else float("nan")
        for signal, value in ((UP_SIGNAL, up), (MEASURED_SIGNAL, measured)):
            header = Series(entity, SOURCE, signal, Family.PROBING, UNIT, Quantity.COUNT, resolution_s)
            found.append(
                Values(
                    header,
                    np.array([start_s], np.int64),
                    np.array([value], np.float64),
                    np.array([arrived_s], np.int64),
                )
            )
    return found


def _by_entity(blocks: Sequence[Block], standings: Mapping[str, Standing]) -> dict[Entity, list[Standing]]:
    found: dict[Entity, list[Standing]] = {}
    for block in blocks:
        for entity in block.entities:
            found.setdefault(entity, []).append(standings[block.name])
    return dict(sorted(found.items()))
