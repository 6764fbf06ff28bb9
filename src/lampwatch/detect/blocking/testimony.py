"""Who said what in the votes on a block: voters, programs, rules and their versions."""

from collections import defaultdict
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from lampwatch.detect.blocking.portions import Group
from lampwatch.detect.blocking.votes import Ints, Name, Texts, histories_of, seconds, texts
from lampwatch.model.blocking import Block
from lampwatch.model.vocabulary import State

_BLOCKED: Final = frozenset({str(State.BLOCKED)})
_DECIDING: Final = frozenset({str(State.BLOCKED), str(State.OK)})


class Program(NamedTuple):
    """What voters with one version of one program found, in numbers of votes."""

    blocked: int
    open: int


class Testimony(NamedTuple):
    """What stands behind a block.

    voters are those who found it blocked while it lasts, versions of the rules and rules those that called it so;
    versions_before judged the history before it began. programs has what each found while it lasts.
    """

    voters: frozenset[int]
    versions_before: set[str]
    versions: set[str]
    rules: set[str]
    programs: dict[str, Program]


class Hearing:
    """Votes that decide, ready to be asked. Built once, in one pass."""

    def __init__(self, histories: pa.Table) -> None:
        state = texts(histories, "state")
        kept = np.flatnonzero(state.those(_DECIDING))
        names, history = histories_of(histories, kept)
        order = np.argsort(history, kind="stable")
        rows = kept[order]
        self._blocked = state.those(_BLOCKED)[rows]
        self._first = seconds(histories, "first")[rows]
        self._last = seconds(histories, "last")[rows]
        self._verdicts = np.asarray(histories["verdicts"].to_numpy(), dtype=np.int64)[rows]
        self._software = texts(histories, "software").of(rows)
        self._version = texts(histories, "rules_version").of(rows)
        self._rule = texts(histories, "rule_id").of(rows)
        voters: Any = histories["voters"].combine_chunks()
        self._voters = voters.flatten().to_numpy()
        self._bounds = np.r_[0, np.cumsum(voters.value_lengths().fill_null(0).to_numpy())]
        self._rows = rows
        self._history = history[order]
        self._names = names
        ends = np.cumsum(np.bincount(history, minlength=len(names)))
        self._places: dict[Name, tuple[int, int]] = {
            name: (int(begin), int(end))
            for name, begin, end in zip(names, np.r_[0, ends][: len(names)], ends, strict=True)
        }

    def of(self, block: Block) -> Testimony:
        """What stands behind a block."""
        first, last = self._places.get((block.country, block.target, block.method, block.asn), (0, 0))
        every = np.arange(first, last)
        during = every[(self._last[every] >= block.onset.at) & (self._first[every] <= block.until)]
        blocked = during[self._blocked[during]]
        rows = self._rows[blocked]
        lists = [self._voters[self._bounds[row] : self._bounds[row + 1]] for row in rows.tolist()]
        return Testimony(
            frozenset(np.concatenate(lists).tolist() if lists else ()),
            _texts(self._version, every[self._last[every] <= block.onset.low]),
            _texts(self._version, blocked),
            _texts(self._rule, blocked),
            self._by_program(during),
        )

    def programs(self) -> dict[Group, dict[str, Program]]:
        """What each program found of each target in each country, over all that is known."""
        size = max(1, len(self._software.texts))
        key = self._history * size + self._software.place
        blocked = _sums(key, np.where(self._blocked, self._verdicts, 0))
        whole = _sums(key, self._verdicts)
        found: dict[Group, dict[str, Program]] = defaultdict(dict)
        for one, total in whole.items():
            programs, name = found[self._names[one // size][:3]], self._software.texts[one % size]
            old = programs.get(name, Program(0, 0))
            programs[name] = Program(old.blocked + blocked[one], old.open + total - blocked[one])
        return found

    def released(self) -> dict[Group, dict[str, int]]:
        """When each version of the rules first judged anything of a target in a country, in seconds since 1970."""
        size = max(1, len(self._version.texts))
        key = self._history * size + self._version.place
        order = np.argsort(key, kind="stable")
        keys, starts = np.unique(key[order], return_index=True)
        found: dict[Group, dict[str, int]] = defaultdict(dict)
        if len(keys):
            times = np.minimum.reduceat(self._first[order], starts).tolist()
            for one, time in zip(keys.tolist(), times, strict=True):
                versions, name = found[self._names[one // size][:3]], self._version.texts[one % size]
                versions[name] = min(versions.get(name, time), time)
        return found

    def _by_program(self, rows: Ints) -> dict[str, Program]:
        key = self._software.place[rows]
        blocked = _sums(key, np.where(self._blocked[rows], self._verdicts[rows], 0))
        whole = _sums(key, self._verdicts[rows])
        return {
            self._software.texts[one]: Program(blocked[one], total - blocked[one])
            for one, total in whole.items()
        }


def _texts(column: Texts, rows: Ints) -> set[str]:
    return {column.texts[place] for place in set(column.place[rows].tolist())}


def _sums(key: Ints, values: Ints) -> dict[int, int]:
    """The sum of the values of each key, exactly."""
    keys, where = np.unique(key, return_inverse=True)
    sums = np.zeros(len(keys), dtype=np.int64)
    np.add.at(sums, where, values)
    return dict(zip(keys.tolist(), sums.tolist(), strict=True))
