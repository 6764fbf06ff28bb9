"""How fast one core reads, observes and judges: `python -m bench observe FILES…` (measurements, one or many a file).

Prints measurements and megabytes a second for each stage and for all together, from bytes to rows ready to store, and
the peak memory. To beat, on one core of a like machine, without judging: 330 a second at 41 KB on average, 760 at 7 KB,
95 at 312 KB (OONI's own pipeline).
"""

import argparse
import io
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from lampwatch.cli.references import load_references
from lampwatch.collect.discover import discover
from lampwatch.collect.documents import Line, documents
from lampwatch.model.measurement import SetAside
from lampwatch.observe.document import Document
from lampwatch.observe.read import Read, Reader
from lampwatch.pipeline.kernel import Kernel, RawLine
from lampwatch.pipeline.methods import by_test_name
from lampwatch.pipeline.methods import discover as discover_methods

BATCH = 500


def lines_of(paths: Sequence[str]) -> Iterator[RawLine]:
    """The documents of all paths, each on one line."""
    for source in discover(paths, stdin=io.BytesIO(), environ={}):
        for item in documents(source):
            if isinstance(item, Line):
                yield RawLine(item.raw, item.source, item.position)


def seconds_a_round(work: Callable[[], Any], least_s: float) -> float:
    """The best of several rounds: noise on a shared machine only ever adds."""
    best, spent = float("inf"), 0.0
    while spent < least_s:
        start = time.perf_counter()
        work()
        took = time.perf_counter() - start
        best, spent = min(best, took), spent + took
    return best


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="FILES")
    parser.add_argument("--fingerprints", action="append", default=[], type=Path)
    parser.add_argument("--data", type=Path, help="a data directory whose networks (geoip) are to be used")
    parser.add_argument("--seconds", type=float, default=2.0, help="at least this long for each stage")
    args = parser.parse_args()
    methods = by_test_name(discover_methods())
    references = load_references(args.data or Path(), args.fingerprints).references
    reader = Reader({name: method.extractor for name, method in methods.items()})
    kernel = Kernel(methods, references)
    lines = [line for line in lines_of(args.files) if not isinstance(reader.read(line.raw), SetAside)]
    if not lines:
        print("no measurement in these files that can be read", file=sys.stderr)
        return 2
    size = sum(len(line.raw) for line in lines)
    reads = [read for line in lines if isinstance(read := reader.read(line.raw), Read)]
    decoders: dict[str, msgspec.json.Decoder[Any]] = {
        name: msgspec.json.Decoder(Document[method.extractor.TestKeys])  # type: ignore[name-defined]  # made at run time
        for name, method in methods.items()
    }
    unread: msgspec.json.Decoder[Any] = msgspec.json.Decoder(msgspec.Raw)
    decode = [
        (decoders.get(read.measurement.method, unread).decode, line.raw)
        for read, line in zip(reads, lines, strict=True)
    ]
    stages: dict[str, Callable[[], Any]] = {
        "decode": lambda: [decoder(raw) for decoder, raw in decode],
        "decode + observe": lambda: [reader.read(line.raw, line.source, line.position) for line in lines],
        "judge": lambda: [kernel.verdicts(read) for read in reads],
        "all, to rows": lambda: [
            kernel.rows(lines[start : start + BATCH]) for start in range(0, len(lines), BATCH)
        ],
    }
    print(f"{len(lines)} measurements, {size / len(lines) / 1000:.1f} kB on average, one core")
    print(
        f"references: networks {references.networks_version}, fingerprints {references.fingerprints_version}"
    )
    # A handful of files would measure how a batch begins: they are repeated until a batch is full.
    if len(lines) < BATCH:
        times = -(-BATCH // len(lines))
        lines, reads, decode = lines * times, reads * times, decode * times
        size *= times
    # What any Python pays here today: machines are noisy, and figures of two days compare only through it.
    yardstick = seconds_a_round(lambda: [json.loads(line.raw) for line in lines], args.seconds)
    print(
        f"json.loads         {len(lines) / yardstick:10,.0f} measurements/s, as a yardstick of this machine"
    )
    for name, work in stages.items():
        took = seconds_a_round(work, args.seconds)
        rate, bandwidth, each = len(lines) / took, size / took / 1e6, took / len(lines) * 1e6
        print(f"{name:18} {rate:10,.0f} measurements/s {bandwidth:8,.0f} MB/s {each:8.1f} µs each")
    print(f"peak memory        {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:10,.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
