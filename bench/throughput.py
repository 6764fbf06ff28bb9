"""How quickly verdicts become votes and votes incidents: ten million of them, ten seconds' arrival, one hour's.

`python -m bench throughput [--rows N] [--dir DIRECTORY]`. Verdicts are those of the simulated world, committed to a
store in a directory of its own, and looked at as a server does. Bars, on two cores: votes and detection of all in two
minutes; what comes in ten seconds is looked at so soon that it is told within a minute; an hour's hundred thousand are
committed and looked at, with the four weeks before it, in ten seconds. Ends with status 1 where one is missed.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from bench.blocking.country import DAY_S, HOUR_S
from bench.blocking.detecting import categories, knowing, sizes
from bench.blocking.rows import MICRO, Rows
from bench.blocking.verdicts import batches
from bench.blocking.world import World
from lampwatch.detect.blocking.incidents import incidents
from lampwatch.detect.blocking.remembered import Remembered
from lampwatch.detect.blocking.setting import Setting
from lampwatch.detect.job import detect_blocking
from lampwatch.formats.instants import time_of
from lampwatch.pipeline.side_by_side import SideBySide
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore, open_store
from lampwatch.store.incidents import IncidentLog
from lampwatch.store.query import Window

ALL: Final = 10_000_000
ARRIVAL: Final = 100_000
FEW: Final = 280
"""So many come in ten seconds where a hundred thousand come in an hour."""
CORES: Final = 2
ALL_S: Final = 120.0
ARRIVAL_S: Final = 10.0
LOOK_S: Final = 25.0
"""What comes just after a look began waits for its end, ten seconds, and the next one: a minute in all."""
_LIVE_S: Final = 28 * DAY_S
"""How far back it is looked when an hour has arrived."""
_TOGETHER: Final = 500_000
"""About so many verdicts are committed together, as a backfill does."""

T = TypeVar("T")


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


class Looking(NamedTuple):
    """A store that is looked at again and again, as a server does: what it keeps, and what it remembers."""

    store: DuckDBStore
    log: IncidentLog
    setting: Setting
    end: int
    known: Remembered

    def look(self) -> float:
        """Count the votes that are behind, and detect on those of the last ninety days; the seconds it took."""
        hours, votes_s = timed(self.store.refresh_votes)
        print(f"votes       of {hours:,} hours of a country counted in {votes_s:.1f} s")
        made, detect_s = timed(
            lambda: detect_blocking(
                self.store, self.log, self.setting, now=self.end, known=self.known, work=SideBySide(CORES)
            )
        )
        print(
            f"detection   {len(made.incidents):,} incidents, {len(made.revisions):,} revisions in {detect_s:.1f} s"
        )
        return votes_s + detect_s

    def after(self, few: Sequence[Rows], named: str) -> float:
        """Commit a few verdicts, and look; the seconds that looking took."""
        committed(self.store, few, named)
        return self.look()


def ten_seconds(countries: Sequence[Rows], end: int, number: int) -> list[Rows]:
    """As many verdicts as come in ten seconds, drawn from all there are, moved behind the end of the world."""
    whole = sum(one.size for one in countries)
    random = np.random.default_rng(number)
    moved = []
    for one in countries:
        count = min(one.size, int(random.poisson(FEW * one.size / whole)))
        drawn = one.taken(np.sort(random.choice(one.size, count, replace=False)))
        place = np.arange(count) / max(count, 1)
        # Other measurements than those they are made from: their voters are new.
        moved.append(
            drawn._replace(
                time=((end + 10 * (number + place)) * MICRO).astype(np.int64), voter=drawn.voter ^ number
            )
        )
    return moved


def bench(directory: Path, countries: Sequence[Rows], end: int, setting: Setting) -> bool:
    """Fill a store, look, take in one more hour, and look again; whether all was in time.

    countries hold the verdicts of a world that ends at end, in seconds since 1970 (UTC). The store is closed once it is
    filled and opened again, as a server does after a backfill.
    """
    with _opened(directory, end) as store:
        count, took = timed(lambda: committed(store, countries))
        print(f"commit      {count:,} verdicts in {took:.1f} s")
    with _opened(directory, end) as store:
        looking = Looking(
            store, IncidentLog(directory / "incidents.jsonl"), setting, end + HOUR_S, Remembered()
        )
        whole = looking.look()
        print(f"all         {whole:.1f} s of {ALL_S:.0f} s for {count:,} verdicts")
        again = looking.look()
        print(f"again       {again:.1f} s where nothing came")
        turn = looking.after(ten_seconds(countries, end, 1), "first_")
        print(f"ten seconds {turn:.1f} s of {LOOK_S:.0f} s, the first of an hour: some windows move on")
        soon = looking.after(ten_seconds(countries, end, 2), "then_")
        print(f"ten seconds {soon:.1f} s of {LOOK_S:.0f} s, any other")
        arrived = hour_of_all(countries, min(ARRIVAL, sum(one.size for one in countries) // 10), end)
        hour = [tables for rows in arrived for tables in batches(rows, named="late_")]
        count, took = timed(lambda: _commit(store, hour))
        print(f"commit      {count:,} verdicts of one hour in {took:.1f} s")
        weeks = took + arrival_of(store, setting, end)
        print(
            f"one hour    {weeks:.1f} s of {ARRIVAL_S:.0f} s, its commit and the four weeks before it with it"
        )
        print(f"one hour    {looking.look():.1f} s with all ninety days before it, had it come all at once")
    return whole <= ALL_S and weeks <= ARRIVAL_S and max(turn, soon) <= LOOK_S


def _opened(directory: Path, end: int) -> DuckDBStore:
    archive = LocalArchive(directory / "raw", clock=lambda: time_of(end), report=print)
    return open_store(directory / "lampwatch.duckdb", archive, memory_limit="1GB", threads=CORES)


def arrival_of(store: DuckDBStore, setting: Setting, end: int) -> float:
    """Count what is behind, and detect on the last four weeks as if nothing were known of them; the seconds it took."""
    _, votes_s = timed(store.refresh_votes)
    evidence, evidence_s = timed(lambda: store.evidence(Window(since=time_of(end - _LIVE_S))))
    found, detect_s = timed(lambda: incidents(evidence, setting, SideBySide(CORES)))
    print(
        f"votes       counted in {votes_s:.1f} s, {evidence.histories.num_rows:,} read in {evidence_s:.1f} s"
    )
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
    setting = knowing(sizes(countries), categories(countries))
    if given.dir is not None:
        return 0 if bench(given.dir, countries, world.end, setting) else 1
    with tempfile.TemporaryDirectory() as directory:
        return 0 if bench(Path(directory), countries, world.end, setting) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
