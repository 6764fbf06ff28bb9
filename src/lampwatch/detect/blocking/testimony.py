"""Who said what in the votes on a block: voters, programs, rules and their versions."""

from collections import defaultdict
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from lampwatch.detect.blocking.portions import Group, groups_of
from lampwatch.detect.blocking.votes import Ints, Name, Texts, histories_of, seconds, texts
from lampwatch.model.blocking import Block
from lampwatch.model.vocabulary import State

_BLOCKED: Final = frozenset({str(State.BLOCKED)})
_DECIDING: Final = frozenset({str(State.BLOCKED), str(State.OK)})


class Program(NamedTuple):
    """What those with one version of one program found, in numbers of voters: however much one measures, it is one."""

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
        self._software = texts(histories, "software").of(rows)
        self._version = texts(histories, "rules_version").of(rows)
        self._rule = texts(histories, "rule_id").of(rows)
        self._history = history[order]
        self._names = names
        ends = np.cumsum(np.bincount(history, minlength=len(names)))
        self._places: dict[Name, tuple[int, int]] = {
            name: (int(begin), int(end))
            for name, begin, end in zip(names, np.r_[0, ends][: len(names)], ends, strict=True)
        }
        lists: Any = histories["voters"].combine_chunks()
        self._voter = lists.flatten().to_numpy()
        sizes = lists.value_lengths().fill_null(0).to_numpy().astype(np.int64)
        self._begin = (np.cumsum(sizes) - sizes)[rows]
        self._size = sizes[rows]

    def of(self, block: Block) -> Testimony:
        """What stands behind a block."""
        first, last = self._places.get((block.country, block.target, block.method, block.asn), (0, 0))
        every = np.arange(first, last)
        during = every[(self._last[every] >= block.onset.at) & (self._first[every] <= block.until)]
        blocked = during[self._blocked[during]]
        return Testimony(
            frozenset(self._who(blocked)[1].tolist()),
            _texts(self._version, every[self._last[every] <= block.onset.low]),
            _texts(self._version, blocked),
            _texts(self._rule, blocked),
            self._by_program(during),
        )

    def programs(self) -> dict[Group, dict[str, Program]]:
        """What each program found of each target in each country, over all that is known."""
        groups = list(dict.fromkeys(name[:3] for name in self._names))
        places = {group: place for place, group in enumerate(groups)}
        group_of = np.array([places[name[:3]] for name in self._names], dtype=np.int64)
        every = np.arange(len(self._history))
        size = max(1, len(self._software.texts))
        key = group_of[self._history] * size + self._software.place
        found: dict[Group, dict[str, Program]] = defaultdict(dict)
        for one, program in self._distinct(every, key).items():
            found[groups[one // size]][self._software.texts[one % size]] = program
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
        """What each program found in these rows. Who names many programs is still one voter, of the first of them."""
        which, voter = self._who(rows)
        blocked, place = self._blocked[rows][which], self._software.place[rows][which]
        order = np.lexsort((place, voter, blocked))
        blocked, place, voter = blocked[order], place[order], voter[order]
        is_new = np.r_[True, (blocked[1:] != blocked[:-1]) | (voter[1:] != voter[:-1])][: len(voter)]
        size = len(self._software.texts)
        against = np.bincount(place[is_new & blocked], minlength=size)
        for_it = np.bincount(place[is_new & ~blocked], minlength=size)
        return {
            self._software.texts[one]: Program(int(against[one]), int(for_it[one]))
            for one in np.unique(self._software.place[rows]).tolist()
        }

    def _who(self, rows: Ints) -> tuple[Ints, Ints]:
        """Every voter of these rows, each with the place of its row among them."""
        which = np.repeat(np.arange(len(rows)), self._size[rows])
        before = np.cumsum(self._size[rows]) - self._size[rows]
        return which, self._voter[np.arange(len(which)) - before[which] + self._begin[rows][which]]

    def _distinct(self, rows: Ints, key: Ints) -> dict[int, Program]:
        """By the rows' keys, how many distinct voters found it blocked, and how many open."""
        which, voter = self._who(rows)
        part = key[which] * 2 + self._blocked[rows][which]
        order = np.lexsort((voter, part))
        part, voter = part[order], voter[order]
        is_new = np.r_[True, (part[1:] != part[:-1]) | (voter[1:] != voter[:-1])][: len(part)]
        counts = dict(
            zip(*(column.tolist() for column in np.unique(part[is_new], return_counts=True)), strict=True)
        )
        return {
            one: Program(counts.get(one * 2 + 1, 0), counts.get(one * 2, 0))
            for one in np.unique(key).tolist()
        }


def _texts(column: Texts, rows: Ints) -> set[str]:
    return {column.texts[place] for place in set(column.place[rows].tolist())}


def blocked_voters(histories: pa.Table) -> dict[Group, int]:
    """How many voters found each target blocked in each country, each once a network."""
    rows = histories.filter(texts(histories, "state").those(_BLOCKED))
    if not rows.num_rows:
        return {}
    groups, of_row = groups_of(rows)
    asns, network = np.unique(rows["probe_asn"].to_numpy(), return_inverse=True)
    lists: Any = rows["voters"].combine_chunks()
    row, voter = lists.value_parent_indices().to_numpy(), lists.flatten().to_numpy()
    place = (of_row * len(asns) + network)[row]
    order = np.lexsort((voter, place))
    place, voter = place[order], voter[order]
    is_new = np.r_[True, (place[1:] != place[:-1]) | (voter[1:] != voter[:-1])][: len(place)]
    counts = np.bincount(place[is_new] // len(asns), minlength=len(groups)).tolist()
    return dict(zip(groups, counts, strict=True))
