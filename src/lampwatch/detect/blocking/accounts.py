"""Who said what in the votes: voters, programs and versions of the rules, for any block."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lampwatch.model.blocking import Block

_MICRO: Final = 1_000_000
_KEY: Final = ("probe_cc", "target", "method", "probe_asn")


class Program(NamedTuple):
    """What those with one version of one program found, in numbers of voters: however much one measures, it is one."""

    blocked: int
    open: int


class Accounts:
    """The votes that decide, ready to be asked by block. Built once, in one pass."""

    def __init__(self, histories: pa.Table) -> None:
        state = histories["state"]
        deciding = pc.or_(pc.equal(state, pa.scalar("blocked")), pc.equal(state, pa.scalar("ok")))
        votes = histories.filter(deciding).sort_by([(name, "ascending") for name in _KEY])
        self._votes = votes
        self._blocked = np.asarray(pc.equal(votes["state"], pa.scalar("blocked")).to_numpy(), dtype=bool)
        self._first = np.asarray(pc.cast(votes["first"], pa.int64()).to_numpy()) // _MICRO
        self._last = np.asarray(pc.cast(votes["last"], pa.int64()).to_numpy()) // _MICRO
        self._places = self._bounds()
        self._releases: dict[str, int] | None = None
        self._spread: dict[tuple[str, str], dict[str, dict[str, Program]]] | None = None

    def voters(self, block: Block) -> frozenset[int]:
        """Those who found it blocked while it lasts."""
        rows = self._during(block)
        return frozenset(
            voter
            for voters in self._votes["voters"].take(rows[self._blocked[rows]]).to_pylist()
            for voter in voters or ()
        )

    def versions_before(self, block: Block) -> set[str]:
        """By which versions of the rules the history was judged before the block began."""
        rows = self._rows(block)
        return self._texts("rules_version", rows[self._last[rows] <= block.onset.low])

    def versions(self, block: Block) -> set[str]:
        """Which versions of the rules called it blocked."""
        rows = self._during(block)
        return self._texts("rules_version", rows[self._blocked[rows]])

    def rules(self, block: Block) -> set[str]:
        """Which rules called it blocked."""
        rows = self._during(block)
        return self._texts("rule_id", rows[self._blocked[rows]])

    def released(self, version: str) -> int:
        """When a version of the rules first judged anything that is known here; in seconds since 1970."""
        if self._releases is None:
            first = self._votes.group_by("rules_version").aggregate([("first", "min")])
            times = pc.cast(first["first_min"], pa.int64()).to_pylist()
            names = first["rules_version"].to_pylist()
            self._releases = {
                str(name): int(time or 0) // _MICRO for name, time in zip(names, times, strict=True)
            }
        return self._releases.get(version, 0)

    def programs(self, block: Block) -> dict[str, Program]:
        """What each program found while the block lasts."""
        return self._by_program(self._during(block))

    def countries(self, block: Block) -> dict[str, dict[str, Program]]:
        """What each program found of the block's target in each country, over all that is known: program -> country."""
        if self._spread is None:
            self._spread = self._spread_of_programs()
        return self._spread.get((block.target, block.method), {})

    def _rows(self, block: Block) -> npt.NDArray[np.int64]:
        first, last = self._places.get((block.country, block.target, block.method, block.asn), (0, 0))
        return np.arange(first, last)

    def _during(self, block: Block) -> npt.NDArray[np.int64]:
        rows = self._rows(block)
        return rows[(self._last[rows] >= block.onset.at) & (self._first[rows] <= block.until)]

    def _by_program(self, rows: npt.NDArray[np.int64]) -> dict[str, Program]:
        found: dict[str, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
        names = self._votes["software"].take(rows).to_pylist()
        voters = self._votes["voters"].take(rows).to_pylist()
        for row, name, who in zip(rows.tolist(), names, voters, strict=True):
            found[str(name)][0 if self._blocked[row] else 1].update(who or ())
        # Who names many programs is still one voter.
        blocked_by, open_by = _each_once(found, 0), _each_once(found, 1)
        return {name: Program(len(blocked_by[name]), len(open_by[name])) for name in found}

    def _texts(self, column: str, rows: npt.NDArray[np.int64]) -> set[str]:
        return {str(text) for text in pc.unique(self._votes[column].take(rows)).to_pylist()}

    def _bounds(self) -> dict[tuple[str, str, str, int], tuple[int, int]]:
        """Where each history lies in the sorted votes."""
        size = self._votes.num_rows
        if not size:
            return {}
        changed = np.zeros(size, dtype=bool)
        changed[0] = True
        for name in _KEY:
            column: Any = self._votes[name].combine_chunks()
            same = pc.equal(column[1:], column[:-1])
            changed[1:] |= ~np.asarray(same.to_numpy(zero_copy_only=False), dtype=bool)
        starts = np.flatnonzero(changed)
        ends = np.append(starts[1:], size)
        keys = self._votes.select(list(_KEY)).take(starts).to_pylist()
        return {
            (key["probe_cc"], key["target"], key["method"], key["probe_asn"]): (int(first), int(last))
            for key, first, last in zip(keys, starts, ends, strict=True)
        }

    def _spread_of_programs(self) -> dict[tuple[str, str], dict[str, dict[str, Program]]]:
        voters: Any = self._votes["voters"].combine_chunks()
        key = ["target", "method", "software", "probe_cc", "is_blocked"]
        counted = (
            self._votes.append_column("is_blocked", pa.array(self._blocked))
            .select(key)
            .take(voters.value_parent_indices())
            .append_column("voter", voters.flatten())
            .group_by(key)
            .aggregate([("voter", "count_distinct")])
        )
        found: dict[tuple[str, str], dict[str, dict[str, Program]]] = defaultdict(lambda: defaultdict(dict))
        for row in counted.to_pylist():
            countries = found[row["target"], row["method"]][row["software"]]
            old = countries.get(row["probe_cc"], Program(0, 0))
            many = row["voter_count_distinct"]
            countries[row["probe_cc"]] = (
                Program(old.blocked + many, old.open)
                if row["is_blocked"]
                else Program(old.blocked, old.open + many)
            )
        return found


def _each_once(found: Mapping[str, tuple[set[int], set[int]]], side: int) -> dict[str, set[int]]:
    """The voters of each program on one side, each with the first of its programs alone."""
    seen: set[int] = set()
    kept = {}
    for name in sorted(found):
        kept[name] = found[name][side] - seen
        seen |= found[name][side]
    return kept
