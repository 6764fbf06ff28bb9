"""Times votes: how long counting them takes, reading the evidence, and catching up with one hour's arrival.

Run `python -m bench votes` for ten million verdicts (about five minutes); `--rows` for fewer. The rows are those of
`bench/store.py`, the worst there are for this: verdicts of one hour are hardly ever alike, and two in a hundred call
something blocked, on every network and of every target.
"""

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bench.store import DAYS, FIRST, arrivals, load
from lampwatch.formats.vote_tables import EVIDENCE, Evidence
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore, open_store
from lampwatch.store.query import Window

ALL_S = 60.0
"""Counting all votes and reading all evidence may take so long together."""
HOUR_S = 3.0
"""So long may catching up with one hour take."""
ARRIVING = 100_000
COMMITS = 20
NOW = FIRST + dt.timedelta(days=DAYS)
WEEKS = Window(since=NOW - dt.timedelta(days=28))

Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What it gave, and the seconds it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def sizes(evidence: Evidence) -> str:
    """The numbers of rows of each table."""
    return ", ".join(f"{name} {getattr(evidence, name).num_rows:,}" for name in EVIDENCE)


def arrive(store: DuckDBStore, count: int) -> None:
    """Commit one hour's measurements, in several commits; one in twenty is a day late."""
    for number in range(COMMITS):
        start = NOW if number else NOW - dt.timedelta(days=1)
        store.commit(arrivals(start, max(1, count // COMMITS), seed=number + 1), None)


def bench(directory: Path, rows: int, arriving: int) -> bool:
    """Load, count, read, catch up, print; whether it was done in time."""
    archive = LocalArchive(directory / "raw", clock=lambda: FIRST, report=print)
    file = directory / "lampwatch.duckdb"
    with open_store(file, archive, memory_limit="4GB", threads=2) as store:
        if not store.count_verdicts():
            load(store, rows)
    before = file.stat().st_size
    with open_store(file, archive, memory_limit="4GB", threads=2) as store:
        hours, counting = timed(store.refresh_votes)
        print(f"counting  {hours:,} hours of a country in {counting:.1f} s")
        evidence, reading = timed(store.evidence)
        print(f"evidence  of all {DAYS} days in {reading:.1f} s: {sizes(evidence)}")
        evidence, weeks = timed(lambda: store.evidence(WEEKS))
        print(f"evidence  of four weeks in {weeks:.1f} s: {sizes(evidence)}")
        del evidence
        arrive(store, arriving)
        hours, catching_up = timed(store.refresh_votes)
        print(f"arrival   of {arriving:,} measurements: {hours} hours counted again in {catching_up:.2f} s")
        _, one = timed(lambda: store.evidence(WEEKS, countries=["AA"]))
        print(f"evidence  of four weeks of the busiest country in {one:.2f} s")
    after = file.stat().st_size
    print(f"on disk   {(after - before) / rows:.0f} bytes a verdict more, to {after / 1e6:,.0f} MB")
    return counting + reading < ALL_S and catching_up < HOUR_S


def main() -> int:
    """Run from the command line: 0 where all is in time, 1 where not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=10_000_000, help="verdicts to load (default: ten million)"
    )
    parser.add_argument(
        "--arriving", type=int, default=ARRIVING, help="measurements of one hour (default: 100,000)"
    )
    parser.add_argument(
        "--dir",
        type=Path,
        help="a directory to keep the store in, or that has one (default: a temporary one)",
    )
    given = parser.parse_args()
    if given.dir is not None:
        return 0 if bench(given.dir, given.rows, given.arriving) else 1
    with tempfile.TemporaryDirectory() as directory:
        return 0 if bench(Path(directory), given.rows, given.arriving) else 1


if __name__ == "__main__":
    sys.exit(main())
