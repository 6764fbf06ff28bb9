"""What the votes of each stretch say beside when: how it was done, who found it, on what ground, the witness."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.changes import Stretch
from lampwatch.detect.blocking.votes import Texts, Votes
from lampwatch.model.blocking import Means
from lampwatch.model.vocabulary import Evidence, Mechanism

Ints = npt.NDArray[np.int64]

_HOUR_S: Final = 3600
_RARE: Final = 0.05
_DOMINANT: Final = 0.5
_AGREEING: Final = 2
"""Of several voters so many must have seen a thing, or it is one voter's word."""
_RANKS: Final = {str(Evidence.DIRECT): 0, str(Evidence.COMPARED): 1, str(Evidence.INFERRED): 2}
_MECHANISMS: Final = frozenset(str(mechanism) for mechanism in Mechanism)


class Described(NamedTuple):
    """What a `Block` tells of its votes, named alike.

    Of several voters that found it blocked, no one alone tells how it is done, however much it measures: a mechanism
    beside that of most, and a fingerprint, are those of two voters at least, and direct is 0 where one alone saw it.
    software counts those voters that found it blocked. versions begin with those of the last measured hour before the
    onset: where a release of rules alone made the block, they are others than those of the block.
    """

    blocked: int
    blocked_voters: int
    contrary_voters: int
    means: tuple[Means, ...]
    direct: int
    fingerprints: tuple[str, ...]
    software: tuple[tuple[str, int], ...]
    versions: tuple[str, ...]
    witness: str


class _Rows(NamedTuple):
    """Rows of votes that belong to stretches: which row, and to which stretch."""

    row: Ints
    stretch: Ints

    def of(self, chosen: npt.NDArray[np.bool_]) -> "_Rows":
        return _Rows(self.row[chosen], self.stretch[chosen])


def described(votes: Votes, stretches: Sequence[Stretch]) -> list[Described]:
    """Describe each stretch, in their order."""
    if not stretches:
        return []
    inside = _inside(votes, stretches)
    blocked = inside.of(votes.blocked[inside.row])
    contrary = _contrary(votes, stretches, inside)
    is_direct = votes.evidence.those(frozenset({str(Evidence.DIRECT)})) | ~votes.fingerprint.those(
        frozenset({""})
    )
    number = len(stretches)
    verdicts = _verdicts(votes, blocked, number)
    by_sight = blocked.of(is_direct[blocked.row])
    direct, direct_voters = _verdicts(votes, by_sight, number), _voters(votes, by_sight, number)
    blocked_voters, contrary_voters = _voters(votes, blocked, number), _voters(votes, contrary, number)
    least = [min(_AGREEING, voters) for voters in blocked_voters]
    means, main = _means(votes, blocked)
    fingerprints = _fingerprints(votes, blocked, least)
    software = _software(votes, blocked)
    versions = _versions(votes, stretches, inside)
    witnesses = _witnesses(votes, blocked, main, stretches)
    return [
        Described(
            verdicts[at],
            blocked_voters[at],
            contrary_voters[at],
            means.get(at, ()),
            direct[at] if direct_voters[at] >= least[at] else 0,
            fingerprints.get(at, ()),
            software.get(at, ()),
            versions[at],
            witnesses[at],
        )
        for at in range(number)
    ]


def _ranges(starts: Ints, stops: Ints) -> tuple[Ints, Ints]:
    """All numbers of several ranges, and of each number the range it is from."""
    sizes = np.maximum(stops - starts, 0)
    before = np.cumsum(sizes) - sizes
    which = np.repeat(np.arange(len(sizes)), sizes)
    return np.arange(int(sizes.sum())) - before[which] + starts[which], which


def _inside(votes: Votes, stretches: Sequence[Stretch]) -> _Rows:
    """The rows of the hours in which it was blocked, and those at either end that may belong to it."""
    key = votes.history * votes.hours + votes.hour
    begin = np.array([one.history * votes.hours + _first_hour(votes, one) for one in stretches])
    last = np.array([one.history * votes.hours + _last_hour(votes, one) for one in stretches])
    row, stretch = _ranges(np.searchsorted(key, begin), np.searchsorted(key, last, side="right"))
    low = np.array([one.onset.low for one in stretches])
    start = np.array([one.start_hour for one in stretches]) - votes.first_hour
    return _Rows(row, stretch).of((votes.last[row] >= low[stretch]) | (votes.hour[row] >= start[stretch]))


def _first_hour(votes: Votes, stretch: Stretch) -> int:
    return max(0, min(stretch.onset.at // _HOUR_S, stretch.start_hour) - votes.first_hour)


def _last_hour(votes: Votes, stretch: Stretch) -> int:
    end = stretch.end.at // _HOUR_S if stretch.end else 0
    return min(votes.hours - 1, max(end, stretch.stop_hour) - votes.first_hour)


def _contrary(votes: Votes, stretches: Sequence[Stretch], inside: _Rows) -> _Rows:
    """The rows of those that found it open when it had surely begun, and not yet ended."""
    begun = np.array([one.onset.high for one in stretches])[inside.stretch]
    over = np.array([one.end.low if one.end else one.until + 1 for one in stretches])[inside.stretch]
    is_during = (votes.last[inside.row] > begun) & (votes.first[inside.row] < over)
    return inside.of(~votes.blocked[inside.row] & is_during)


def _verdicts(votes: Votes, rows: _Rows, number: int) -> list[int]:
    """How many measurements the rows of each stretch stand for."""
    return [int(total) for total in np.bincount(rows.stretch, votes.verdicts[rows.row], number)]


def _who(votes: Votes, rows: _Rows) -> tuple[Ints, Ints, Ints]:
    """Every voter of these rows, with the stretch and the row."""
    starts = np.searchsorted(votes.voters.row, rows.row)
    place, which = _ranges(starts, np.searchsorted(votes.voters.row, rows.row, side="right"))
    return rows.stretch[which], rows.row[which], votes.voters.voter[place]


def _voters(votes: Votes, rows: _Rows, number: int) -> list[int]:
    """How many distinct voters the rows of each stretch have."""
    stretch, _, voter = _who(votes, rows)
    distinct = np.unique(stretch * votes.voters.distinct + voter) // votes.voters.distinct
    return [int(total) for total in np.bincount(distinct, minlength=number)]


def _voters_by_text(votes: Votes, rows: _Rows, column: Texts) -> dict[tuple[int, str], int]:
    """How many distinct voters each text had, by stretch and text."""
    stretch, row, voter = _who(votes, rows)
    many = max(1, len(column.texts))
    text = stretch * many + column.place[row]
    distinct = np.unique(text * votes.voters.distinct + voter) // votes.voters.distinct
    return {
        (int(one) // many, column.texts[int(one) % many]): int(total)
        for one, total in zip(*np.unique(distinct, return_counts=True), strict=True)
    }


def _software(votes: Votes, rows: _Rows) -> dict[int, tuple[tuple[str, int], ...]]:
    """How many distinct voters each program had, the most first."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for (stretch, program), total in _voters_by_text(votes, rows, votes.software).items():
        found[stretch].append((program, total))
    return {at: tuple(sorted(every, key=lambda each: (-each[1], each[0]))) for at, every in found.items()}


class _Group(NamedTuple):
    """The rows of one stretch that share a text: their measurements, and the first and the last time."""

    stretch: int
    text: str
    measurements: int
    first: int
    last: int


def _groups(votes: Votes, rows: _Rows, column: Texts) -> Iterator[_Group]:
    key = rows.stretch * max(1, len(column.texts)) + column.place[rows.row]
    order = np.argsort(key, kind="stable")
    row = rows.row[order]
    keys, starts = np.unique(key[order], return_index=True)
    if not len(keys):
        return
    totals = np.add.reduceat(votes.verdicts[row], starts)
    first, last = np.minimum.reduceat(votes.first[row], starts), np.maximum.reduceat(votes.last[row], starts)
    for at, one in enumerate(keys):
        text = column.texts[int(one) % len(column.texts)]
        yield _Group(int(one) // len(column.texts), text, int(totals[at]), int(first[at]), int(last[at]))


def _fingerprints(votes: Votes, rows: _Rows, least: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The fingerprints of each stretch that at least so many voters have seen."""
    found: dict[int, list[str]] = defaultdict(list)
    for (stretch, name), voters in _voters_by_text(votes, rows, votes.fingerprint).items():
        if name and voters >= least[stretch]:
            found[stretch].append(name)
    return {at: tuple(sorted(every)) for at, every in found.items()}


def _means(votes: Votes, rows: _Rows) -> tuple[dict[int, tuple[Means, ...]], dict[int, Mechanism]]:
    """The mechanisms of each stretch in the order they were first seen, without strays, and the one most voters saw."""
    voters = _voters_by_text(votes, rows, votes.mechanism)
    found: dict[int, list[tuple[int, Means]]] = defaultdict(list)
    for group in _groups(votes, rows, votes.mechanism):
        if group.text in _MECHANISMS:
            means = Means(Mechanism(group.text), group.measurements, group.first, group.last)
            found[group.stretch].append((voters.get((group.stretch, group.text), 0), means))
    kept = {at: _without_strays(every) for at, every in found.items()}
    main = {
        at: max(every, key=lambda one: (one[0], one[1].measurements, one[1].mechanism))[1].mechanism
        for at, every in found.items()
    }
    return kept, main


def _without_strays(every: Sequence[tuple[int, Means]]) -> tuple[Means, ...]:
    """Leave out what few voters saw beside what at least half of them saw."""
    total = sum(voters for voters, _ in every)
    main = max(voters for voters, _ in every)
    least = max(_AGREEING, _RARE * total) if main >= _DOMINANT * total else 0
    kept = [means for voters, means in every if voters >= least or voters == main]
    return tuple(sorted(kept, key=lambda one: (one.first, one.mechanism)))


def _versions(votes: Votes, stretches: Sequence[Stretch], inside: _Rows) -> list[tuple[str, ...]]:
    """The versions of rules of each stretch by when they first judged, those of the hour before it in front."""
    key = votes.history * votes.hours + votes.hour
    found: list[dict[str, int]] = [{} for _ in stretches]
    for at, one in enumerate(stretches):
        stop = int(np.searchsorted(key, one.history * votes.hours + _first_hour(votes, one)))
        if stop and votes.history[stop - 1] == one.history:
            start = int(np.searchsorted(key, key[stop - 1]))
            found[at] = {votes.version.texts[int(place)]: -1 for place in votes.version.place[start:stop]}
    for group in _groups(votes, inside, votes.version):
        found[group.stretch].setdefault(group.text, group.first)
    return [
        tuple(text for _, text in sorted((first, text) for text, first in each.items())) for each in found
    ]


def _witnesses(
    votes: Votes, rows: _Rows, mechanisms: Mapping[int, Mechanism], stretches: Sequence[Stretch]
) -> list[str]:
    """The measurement to be shown of each stretch.

    The best evidence first, then the mechanism that most voters saw, then the first since the onset.
    """
    places = {text: place for place, text in enumerate(votes.mechanism.texts)}
    main = np.full(len(stretches), -1)
    for at, mechanism in mechanisms.items():
        main[at] = places[str(mechanism)]
    rank = np.array([_RANKS.get(text, len(_RANKS)) for text in votes.evidence.texts])
    low = np.array([one.onset.low for one in stretches])
    first = votes.first[rows.row]
    keys = (
        first,
        first < low[rows.stretch],
        votes.mechanism.place[rows.row] != main[rows.stretch],
        rank[votes.evidence.place[rows.row]],
        rows.stretch,
    )
    order = np.lexsort(keys)
    is_other = np.zeros(max(0, len(order) - 1), dtype=bool)
    for key in keys:
        is_other |= key[order][1:] != key[order][:-1]
    group = np.r_[0, np.cumsum(is_other)]
    starts = np.unique(rows.stretch[order], return_index=True)[1]
    best = np.searchsorted(group, group[starts], side="right")
    return [
        # Of several that began at once, the least uid: rows come in no order.
        min(votes.witness[int(row)].as_py() for row in rows.row[order[start:stop]])
        for start, stop in zip(starts, best, strict=True)
    ]
