"""What the votes on one target in one country say by themselves: its blocks, and what stands behind them.

Most of the work of detection is here, and it is done group by group: at once in several processes, or only for those
whose votes changed, with the same findings.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

import pyarrow as pa

from lampwatch.detect.blocking.blocks import blocks
from lampwatch.detect.blocking.explained import is_explained, without
from lampwatch.detect.blocking.portions import Group, groups_of
from lampwatch.detect.blocking.strength import is_told
from lampwatch.detect.blocking.testimony import Hearing, Program, Testimony, blocked_voters
from lampwatch.model.blocking import Block
from lampwatch.model.connectivity import ConnectivityIncident

_Given = TypeVar("_Given")
_Result = TypeVar("_Result")


class Work(Protocol):
    """Does the same for each of many, and gives the results in their order, as `map` does: here or elsewhere."""

    def __call__(self, do: Callable[[_Given], _Result], given: Iterable[_Given], /) -> Iterable[_Result]:
        """Do it."""
        ...


class Finding(NamedTuple):
    """What the votes of one group say.

    blocks are those that are told, in order, behind what stands behind each. Of all votes that decide, programs has
    what each program found, and released when each version of the rules first judged, in seconds since 1970. Of all
    votes, blocked_voters says how many voters found it blocked, each once a network.
    """

    blocks: tuple[Block, ...]
    behind: tuple[Testimony, ...]
    programs: dict[str, Program]
    released: dict[str, int]
    blocked_voters: int


Findings = dict[Group, Finding]


def findings(
    histories: Iterable[pa.Table], cut_off: Sequence[ConnectivityIncident], work: Work = map
) -> Findings:
    """What is found in rows of votes, in portions of any number of groups, each whole in one. cut_off are outages.

    The same rows of a group give the same finding, in whatever order they come and whichever others are there.
    """
    found: Findings = {}
    for part in work(partial(_found, tuple(cut_off)), histories):
        found.update(part)
    return found


def _found(cut_off: Sequence[ConnectivityIncident], histories: pa.Table) -> Findings:
    names, _ = groups_of(histories)
    votes = without(histories, cut_off)
    told: dict[Group, list[Block]] = defaultdict(list)
    for block in blocks(votes):
        if is_told(block) and not is_explained(block, cut_off):
            told[block.country, block.target, block.method].append(block)
    heard, voters = Hearing(votes), blocked_voters(histories)
    programs, released = heard.programs(), heard.released()
    return {
        name: Finding(
            tuple(told.get(name, ())),
            tuple(heard.of(block) for block in told.get(name, ())),
            programs.get(name, {}),
            released.get(name, {}),
            voters.get(name, 0),
        )
        for name in names
    }


def blocked_voters_of(findings: Findings) -> dict[Group, int]:
    """How many voters found each target blocked, as `Measured` asks for."""
    return {name: finding.blocked_voters for name, finding in findings.items()}
