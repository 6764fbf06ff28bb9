"""Verdicts of a simulated country -> what detection reads, without the store: quick, so that many worlds can be tried.

A test holds it to a plain count, and the store's own counting to the same.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.blocking.catalogue import RULES_VERSIONS, SOFTWARE, Why
from bench.blocking.country import DAY_S, HOUR_S, Integers, Marks
from bench.blocking.rows import MICRO, Rows
from lampwatch.formats.vote_tables import COVERAGE, MOST_VOTERS, PRESENCE, VOTE, Evidence
from lampwatch.model.vocabulary import State

_STATES: Final = tuple(State)
_OK, _DOWN, _BLOCKED, _UNKNOWN = (
    _STATES.index(state) for state in (State.OK, State.DOWN, State.BLOCKED, State.UNKNOWN)
)
_COUNTED: Final = (_OK, _DOWN, _BLOCKED, _UNKNOWN)

Column: TypeAlias = "pa.Array[Any]"


def evidence(countries: Sequence[Rows]) -> Evidence:
    """What detection reads of these countries."""
    tables = [evidence_of(rows) for rows in countries]
    return joined(tables)


def joined(parts: Sequence[Evidence]) -> Evidence:
    """The evidence of several countries as one.

    coverage keeps only targets and methods that some verdict calls blocked somewhere.
    """
    histories = pa.concat_tables([part.histories for part in parts])
    coverage = pa.concat_tables([part.coverage for part in parts])
    troubled = coverage.filter(pc.field("blocked") > 0).group_by(["target", "method"]).aggregate([])
    coverage = coverage.join(troubled, ["target", "method"], join_type="left semi")
    return Evidence(
        histories,
        coverage.select(COVERAGE.names).cast(COVERAGE),
        pa.concat_tables([part.presence for part in parts]),
    )


def evidence_of(rows: Rows) -> Evidence:
    """What one country brings to it; its coverage is still of every target."""
    states = rows.states
    history = rows.item * len(rows.networks) + rows.network
    return Evidence(
        _histories(rows, history, states),
        _coverage(rows, history, states),
        _presence(rows),
    )


def uids(rows: Rows, places: Integers, named: str = "") -> Column:
    """The uids of verdicts: a name, the country, the method, and the place in the country's rows, in order of time."""
    methods = list(dict.fromkeys(item.method for item in rows.items))
    of_item = np.array([methods.index(item.method) for item in rows.items], dtype=np.int64)
    begins = texts(
        [f"{named}{rows.country}_{method.replace('_', '')}_" for method in methods],
        of_item[rows.item[places]],
    )
    numbers = pc.utf8_lpad(pc.cast(pa.array(places), pa.string()), 10, "0")
    # The stubs know no separator.
    parts: list[Any] = [begins, numbers, ""]
    found: Column = pc.binary_join_element_wise(*parts)
    return found


def texts(names: Sequence[str], places: Integers) -> Column:
    """A column of names, by their places."""
    taken: Column = pa.array(list(names), pa.string()).take(pa.array(places, pa.int64()))
    return taken


def whys_as(whys: Sequence[Why], of: Callable[[Why], str | None]) -> list[str]:
    """One column of the reasons, empty where there is none."""
    return [of(why) or "" for why in whys]


def times(microseconds: Integers) -> Column:
    """A column of times."""
    cast: Column = pa.array(microseconds, pa.int64()).cast(pa.timestamp("us"))
    return cast


def _histories(rows: Rows, history: Integers, states: Integers) -> pa.Table:
    troubled = np.zeros(len(rows.items) * len(rows.networks), dtype=np.bool_)
    troubled[history[states == _BLOCKED]] = True
    places = np.flatnonzero(troubled[history])
    hour = rows.time[places] // (HOUR_S * MICRO)
    base = int(hour.min()) if len(hour) else 0
    sizes = (
        int(hour.max()) - base + 1 if len(hour) else 1,
        len(rows.whys),
        len(SOFTWARE),
        len(RULES_VERSIONS),
    )
    key = history[places]
    for size, part in zip(
        sizes,
        (hour - base, rows.why[places], rows.software[places], rows.version[places]),
        strict=True,
    ):
        key = key * size + part
    # Rows are in order of time, and a stable sort keeps that within a key.
    order = np.argsort(key, kind="stable")
    key, places = key[order], places[order]
    starts = np.flatnonzero(_new(key))
    ends = np.append(starts[1:], len(key)) - 1
    ends = ends[: len(starts)]
    first, last = places[starts], places[ends]
    return pa.Table.from_arrays(
        [
            texts([rows.country], np.zeros(len(first), np.int64)),
            texts([item.target for item in rows.items], rows.item[first]),
            texts([item.method for item in rows.items], rows.item[first]),
            pa.array(rows.networks[rows.network[first]]),
            times(rows.time[first] // (HOUR_S * MICRO) * (HOUR_S * MICRO)),
            texts(whys_as(rows.whys, lambda why: why.state), rows.why[first]),
            texts(whys_as(rows.whys, lambda why: why.mechanism), rows.why[first]),
            texts(whys_as(rows.whys, lambda why: why.rule_id), rows.why[first]),
            texts(whys_as(rows.whys, lambda why: why.fingerprint), rows.why[first]),
            texts(whys_as(rows.whys, lambda why: why.evidence), rows.why[first]),
            texts(whys_as(rows.whys, lambda why: why.control), rows.why[first]),
            texts(SOFTWARE, rows.software[first]),
            texts([version for version, _ in RULES_VERSIONS], rows.version[first]),
            pa.array(ends - starts + 1),
            _voters(key, rows.voter[places]),
            times(rows.time[first]),
            times(rows.time[last]),
            uids(rows, first),
        ],
        schema=VOTE,
    )


def _new(key: Integers) -> Marks:
    """Where another key begins, in sorted ones."""
    marks = np.ones(len(key), dtype=np.bool_)
    marks[1:] = key[1:] != key[:-1]
    return marks


def _voters(key: Integers, voter: Integers) -> Column:
    """The distinct voters of each key, ascending, the smallest where they are many."""
    order = np.lexsort((voter, key))
    key, voter = key[order], voter[order]
    new = _new(key)
    distinct = new.copy()
    distinct[1:] |= voter[1:] != voter[:-1]
    key, voter, new = key[distinct], voter[distinct], new[distinct]
    starts = np.flatnonzero(new)
    rank = np.arange(len(key)) - np.repeat(starts, np.diff(np.append(starts, len(key))))
    kept = rank < MOST_VOTERS
    counts = np.add.reduceat(kept.astype(np.int64), starts) if len(starts) else np.empty(0, np.int64)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(voter[kept], pa.int64()))


def _days(places: Integers) -> Column:
    """Days since 1970 as text."""
    distinct, where = np.unique(places, return_inverse=True)
    return texts([str(np.datetime64(int(day), "D")) for day in distinct], where)


def _coverage(rows: Rows, history: Integers, states: Integers) -> pa.Table:
    day = rows.time // (DAY_S * MICRO)
    first = int(day.min()) if len(day) else 0
    days = int(day.max()) - first + 1 if len(day) else 1
    size = len(rows.items) * len(rows.networks) * days
    cell = history * days + (day - first)
    counts = np.bincount(cell * len(_STATES) + states, minlength=size * len(_STATES))
    counts = counts.reshape(size, len(_STATES))
    found = np.flatnonzero(counts.sum(axis=1))
    item, network = found // days // len(rows.networks), found // days % len(rows.networks)
    least, greatest = _bounds(cell, rows.voter, np.isin(states, (_OK, _BLOCKED)), size)
    return pa.Table.from_arrays(
        [
            texts([rows.country], np.zeros(len(found), np.int64)),
            texts([one.target for one in rows.items], item),
            texts([one.method for one in rows.items], item),
            pa.array(rows.networks[network]),
            _days(found % days + first),
            *(pa.array(counts[found, state]) for state in _COUNTED),
            pa.array(least[found]),
            pa.array(greatest[found]),
        ],
        schema=COVERAGE,
    )


def _bounds(cell: Integers, voter: Integers, chosen: Marks, size: int) -> tuple[Integers, Integers]:
    """The least and the greatest voter of each of so many cells, of the chosen rows; 0 where there is none."""
    least, greatest = np.zeros(size, np.int64), np.zeros(size, np.int64)
    where = np.flatnonzero(chosen)
    where = where[np.argsort(cell[where], kind="stable")]
    if len(where):
        cells, starts = np.unique(cell[where], return_index=True)
        least[cells] = np.minimum.reduceat(voter[where], starts)
        greatest[cells] = np.maximum.reduceat(voter[where], starts)
    return least, greatest


def _presence(rows: Rows) -> pa.Table:
    day = rows.time // (DAY_S * MICRO)
    names = list(dict.fromkeys(item.target for item in rows.items))
    target = np.array([names.index(item.target) for item in rows.items], dtype=np.int64)[rows.item]
    networks = np.unique(rows.network)
    first, last, days, targets, verdicts = [], [], [], [], []
    for network in networks.tolist():
        here = rows.network == network
        measured = np.unique(day[here])
        first.append(int(measured[0]))
        last.append(int(measured[-1]))
        days.append(len(measured))
        targets.append(len(np.unique(target[here])))
        verdicts.append(int(here.sum()))
    return pa.Table.from_arrays(
        [
            texts([rows.country], np.zeros(len(networks), np.int64)),
            pa.array(rows.networks[networks]),
            _days(np.array(first, dtype=np.int64)),
            _days(np.array(last, dtype=np.int64)),
            pa.array(days, pa.int64()),
            pa.array(targets, pa.int64()),
            pa.array(verdicts, pa.int64()),
        ],
        schema=PRESENCE,
    )
