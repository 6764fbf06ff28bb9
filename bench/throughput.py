"""How quickly verdicts become votes and votes incidents: ten million of them, then one hour's arrival.

`python -m bench throughput [--rows N] [--dir DIRECTORY]`. Verdicts are those of the simulated world, committed to a
store in a directory of its own. Bars: votes and detection of all in two minutes; an hour's hundred thousand, looked at
with the four weeks before it, in ten seconds; on two cores. Ends with status 1 where one is missed.
"""

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol, TypeVar, cast

import numpy as np
import pyarrow as pa

from bench.blocking.country import DAY_S, HOUR_S
from bench.blocking.detecting import Detect, categories, detection, sizes
from bench.blocking.rows import MICRO, Rows
from bench.blocking.verdicts import batches
from bench.blocking.world import World
from lampwatch.formats.vote_tables import Evidence
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore, open_store
from lampwatch.store.query import Window

ALL: Final = 10_000_000
ARRIVAL: Final = 100_000
ALL_S: Final = 120.0
ARRIVAL_S: Final = 10.0
_LIVE_S: Final = 28 * DAY_S
"""How far back it is looked when an hour has arrived."""
_TOGETHER: Final = 500_000
"""About so many verdicts are committed together, as a backfill does."""

T = TypeVar("T")


class Counting(Protocol):
    """The part of the store that is timed."""

    def refresh_votes(self) -> int:
        """Count again what commits left behind."""

    def evidence(self, window: Window) -> Evidence:
        """What detection reads."""


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What it gives, and the seconds it took."""
    began = time.perf_counter()
    given = work()
    return given, time.perf_counter() - began


def hour_of_all(countries: Sequence[Rows], rows: int, end: int) -> list[Rows]:
    """So many verdicts of the last days, each country's share, moved into the hour after the end of the world."""
    whole = sum(one.size for one in countries)
    moved = []
    for one in countries:
        share = min(one.size, max(1, round(rows * one.size / whole)))
        last = one.taken(np.arange(one.size - share, one.size))
        place = np.arange(share) / share
        # Other measurements than those they are made from: their voters are new, and so are their uids.
        moved.append(
            last._replace(
                time=((end + place * (HOUR_S - 1)) * MICRO).astype(np.int64),
                voter=last.voter ^ 1,
            )
        )
    return moved


def committed(store: DuckDBStore, countries: Sequence[Rows], named: str = "") -> int:
    """Commit verdicts of countries, many together. named goes before every uid."""
    waiting: list[dict[str, pa.Table]] = []
    held = done = 0
    for tables in (tables for rows in countries for tables in batches(rows, named=named)):
        waiting.append(tables)
        held += tables["verdict"].num_rows
        if held >= _TOGETHER:
            done += _commit(store, waiting)
            waiting, held = [], 0
    return done + (_commit(store, waiting) if waiting else 0)


def _commit(store: DuckDBStore, waiting: Sequence[dict[str, pa.Table]]) -> int:
    whole = {name: pa.concat_tables([tables[name] for tables in waiting]) for name in waiting[0]}
    store.commit(whole, None)
    return whole["verdict"].num_rows


def world_of(rows: int) -> World:
    """A world with about so many verdicts in it: at scale 1 there are nine million."""
    return World(scale=rows / 9_000_000)


def bench(directory: Path, countries: Sequence[Rows], end: int, detect: Detect) -> bool:
    """Fill a store, count votes, detect, take in one more hour, and do it again; whether all was in time.

    countries hold the verdicts of a world that ends at end, in seconds since 1970 (UTC).
    """
    archive = LocalArchive(directory / "raw", clock=lambda: _moment(end), report=print)
    with open_store(directory / "lampwatch.duckdb", archive, memory_limit="6GB", threads=2) as store:
        count, took = timed(lambda: committed(store, countries))
        print(f"commit      {count:,} verdicts in {took:.1f} s")
        whole = incidents_of(store, detect, Window())
        print(f"all         {whole:.1f} s of {ALL_S:.0f} s for {count:,} verdicts")
        arrived = hour_of_all(countries, min(ARRIVAL, count // 10), end)
        count, took = timed(lambda: committed(store, arrived, "late_"))
        print(f"commit      {count:,} verdicts of one hour in {took:.1f} s")
        arriving = took + incidents_of(store, detect, Window(since=_moment(end - _LIVE_S)))
        print(f"one hour    {arriving:.1f} s of {ARRIVAL_S:.0f} s")
    return whole <= ALL_S and arriving <= ARRIVAL_S


def _moment(seconds: int) -> dt.datetime:
    """A time as the store has it: UTC, without a zone."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(tzinfo=None)


def incidents_of(store: DuckDBStore, detect: Detect, window: Window) -> float:
    """Count the votes that are behind, and detect on those of a window; the seconds it took."""
    counting = cast("Counting", store)
    _, votes_s = timed(counting.refresh_votes)
    print(f"votes       counted in {votes_s:.1f} s")
    evidence, evidence_s = timed(lambda: counting.evidence(window))
    print(f"evidence    {evidence.histories.num_rows:,} votes of troubled histories in {evidence_s:.1f} s")
    found, detect_s = timed(lambda: detect(evidence))
    print(f"detection   {len(found):,} incidents in {detect_s:.1f} s")
    return votes_s + evidence_s + detect_s


def main(arguments: Sequence[str]) -> int:
    """Run from the command line: 0 where all is in time, 1 where not."""
    parser = argparse.ArgumentParser(prog="python -m bench throughput", description=__doc__)
    parser.add_argument("--rows", type=int, default=ALL, help="verdicts (default: ten million)")
    parser.add_argument(
        "--dir", type=Path, help="an empty directory to keep the store in (default: a temporary one)"
    )
    given = parser.parse_args(arguments)
    world = world_of(given.rows)
    countries = [one.rows for one in world.simulated()]
    detect = detection(sizes(countries), categories(countries))
    if given.dir is not None:
        return 0 if bench(given.dir, countries, world.end, detect) else 1
    with tempfile.TemporaryDirectory() as directory:
        return 0 if bench(Path(directory), countries, world.end, detect) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
