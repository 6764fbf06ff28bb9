"""How fast MRT files are read, against bgpdump: `python -m bench mrt [FILES…]`, in one run on one core.

Without FILES, those in ../shared/data/mrt. Each file is unpacked and joined to itself until it has 400,000 routes. A
table of the earliest kind, with many routes in a record, is first cut into one record a route (bgpdump loses its way in
it), and written as TABLE_DUMP_V2 beside that. `bgpdump -m` writes its text to /dev/null; we give prefixes, peers and
origins, ready to be kept. Both are timed by the CPU they take, in turns; each figure is the best of three. Ends with
status 1 where a ratio is below 1, or where the counts differ.
"""

import argparse
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lampwatch.formats.mrt import MrtReader, Rib, StateChange, Update
from lampwatch.formats.mrt.unpack import Unpacked
from lampwatch.signals.bgp.bins import Bins
from lampwatch.signals.bgp.fetch import chunks_of

SHARED: Final = Path(os.environ.get("LAMPWATCH_SHARED") or Path(__file__).parents[2] / "shared" / "data")
LEAST_ROUTES: Final = 400_000
ROUNDS: Final = 3
_HEADER: Final = struct.Struct(">IHHI")


def packed_routes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Time and bytes of each route of a table with many routes in a record; nothing where it is another file."""
    at = 0
    while at < len(content):
        stamp, kind, _, length = _HEADER.unpack_from(content, at)
        end, at = at + 16 + length, at + 16
        if kind != 12 or at + 18 + int.from_bytes(content[at + 16 : at + 18], "big") == end - 4:
            return
        while at < end:
            stop = at + 18 + int.from_bytes(content[at + 16 : at + 18], "big")
            yield stamp, content[at:stop]
            at = stop


def record(stamp: int, kind: int, subtype: int, body: bytes) -> bytes:
    """One MRT record."""
    return _HEADER.pack(stamp, kind, subtype, len(body)) + body


def wide_path(attributes: bytes) -> bytes:
    """Attributes with networks of four bytes in the AS path, which stands second, as all tables of 2000 have it."""
    at = 4
    extended = attributes[at] & 0x10
    begin = at + (4 if extended else 3)
    size = int.from_bytes(attributes[at + 2 : begin], "big")
    path, wide, place = attributes[begin : begin + size], b"", 0
    assert attributes[at + 1] == 2
    while place < size:
        kind, count = path[place], path[place + 1]
        wide += bytes((kind, count))
        wide += b"".join(b"\0\0" + path[n : n + 2] for n in range(place + 2, place + 2 + 2 * count, 2))
        place += 2 + 2 * count
    header = b"\x50\x02" + len(wide).to_bytes(2, "big")
    return attributes[:at] + header + wide + attributes[begin + size :]


def version_two(routes: list[tuple[int, bytes]]) -> bytes:
    """The same routes as TABLE_DUMP_V2: a table of peers, then all routes to a prefix in one record."""
    peers: dict[bytes, int] = {}
    prefixes: dict[bytes, list[bytes]] = {}
    for _, route in routes:
        index = peers.setdefault(route[10:16], len(peers))
        told = wide_path(route[18:])
        entry = struct.pack(">HIH", index, 0, len(told)) + told
        key = route[4:5] + route[: route[4] + 7 >> 3]
        prefixes.setdefault(key, []).append(entry)
    stamp = routes[0][0]
    listed = b"".join(b"\2" + bytes(4) + peer[:4] + b"\0\0" + peer[4:] for peer in peers)
    out = [record(stamp, 13, 1, bytes(4) + struct.pack(">HH", 0, len(peers)) + listed)]
    for number, (key, entries) in enumerate(prefixes.items()):
        body = struct.pack(">I", number) + key + struct.pack(">H", len(entries)) + b"".join(entries)
        out.append(record(stamp, 13, 2, body))
    return b"".join(out)


def prepared(file: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """What to time of a file, by name: its content unpacked and long enough, or a table in both forms."""
    content = b"".join(Unpacked(chunks_of(file)))
    routes = list(packed_routes(content))
    forms = {file.name: content}
    if routes:
        forms = {
            f"{file.name}, a record each": b"".join(
                record(t, 12, 1, bytes(4) + route) for t, route in routes
            ),
            f"{file.name}, as TABLE_DUMP_V2": version_two(routes),
        }
    for number, (name, form) in enumerate(forms.items()):
        path = folder / f"{file.name}.{number}"
        times = max(1, LEAST_ROUTES // max(1, ours(form)[0]))
        path.write_bytes(form * times)
        yield name, path


def ours(content: bytes) -> tuple[int, float]:
    """How many routes, withdrawals and states we find, and the CPU seconds that takes."""
    began = time.process_time()
    count = 0
    for item in MrtReader(content[at : at + 65536] for at in range(0, len(content), 65536)):
        if type(item) is Update:
            count += len(item.announced4) + len(item.withdrawn4) + len(item.announced6) + len(item.withdrawn6)
        elif type(item) is Rib:
            count += len(item.peers)
        elif type(item) is StateChange:
            count += 1
    return count, time.process_time() - began


def theirs(program: str, file: Path) -> float:
    """The CPU seconds that bgpdump takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Path(os.devnull).open("wb") as nowhere:
        subprocess.run([program, "-q", "-m", file], stdout=nowhere, stderr=nowhere, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def kept(content: bytes) -> float:
    """The CPU seconds that it takes to read the routes and to keep them in tables, with a bin at the end."""
    began = time.process_time()
    bins = Bins("bench")
    for item in MrtReader(content[at : at + 65536] for at in range(0, len(content), 65536)):
        bins.take_in("bench", item)
    bins.finish()
    return time.process_time() - began


def bench(program: str, files: list[Path]) -> bool:
    """Time all files and print; whether we are at least as fast everywhere, and count alike."""
    well = True
    print(f"{'':60} {'routes':>9} {'bgpdump -m':>10} {'ours':>8} {'ratio':>6} {'and kept':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            for name, path in prepared(file, Path(folder)):
                content = path.read_bytes()
                out = subprocess.run([program, "-q", "-m", path], capture_output=True, check=True).stdout
                rounds = [(theirs(program, path), ours(content)) for _ in range(ROUNDS)]
                count, lines = rounds[0][1][0], out.count(b"\n")
                slow, quick = min(one for one, _ in rounds), min(one for _, (_, one) in rounds)
                well = well and slow >= quick and lines == count
                ratio = f"{slow:>8.2f} s {quick:>6.2f} s {slow / quick:>6.2f} {kept(content):>7.2f} s"
                differs = "" if lines == count else f"  bgpdump counts {lines:,}"
                print(f"{name:60} {count:>9,} {ratio}{differs}", flush=True)
    return well


def main() -> int:
    """Run from the command line: 0 where we are at least as fast, 1 where not, 2 where there is nothing to compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILES", help="MRT files")
    files = parser.parse_args().files or sorted((SHARED / "mrt").glob("*.gz"))
    program = shutil.which("bgpdump")
    if program is None or not files:
        what = "bgpdump is not installed" if program is None else f"there are no files in {SHARED / 'mrt'}"
        print(f"lampwatch: {what}", file=sys.stderr)
        return 2
    return 0 if bench(program, files) else 1


if __name__ == "__main__":
    sys.exit(main())
