"""Routes of real archives, counted as bgpdump counts them.

The table dump of January 2000 is of the kind that has many routes in a record. bgpdump reads the first route of each
such record and loses its way after it, so that it is given the same routes as one record each, cut apart here.
"""

import gzip
import ipaddress
import shutil
import struct
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lampwatch.formats.mrt import Rib, StateChange, Update
from lampwatch.formats.mrt.prefix import text
from tests.formats.mrt.reading import read

BGPDUMP = shutil.which("bgpdump") or ""
UPDATES = (
    "rrc00_1999.12_updates.19991214.1621.gz",
    "rrc15_2010.02_updates.20100227.1600.gz",
    "rrc15_2010.02_updates.20100227.1610.gz",
)
TABLE = "rrc00_2000.01_bview.20000111.0032.gz"
Counted = Counter[tuple[str, ...]]
"""What was said how often: kind, peer, and of routes the prefix and, of announcements, the origin."""

needs_bgpdump = pytest.mark.skipif(
    not BGPDUMP, reason="bgpdump is not installed (Debian: apt-get install bgpdump)"
)


def real(shared_data: Path, name: str) -> Path:
    """One archive of the shared data; the test skips where it is absent."""
    file = shared_data / "mrt" / name
    if not file.is_file():
        pytest.skip(f"no MRT archive at {file}")
    return file


def told_by_bgpdump(file: Path) -> Counted:
    told = [line.split("|") for line in ran("-m", file).splitlines()]
    # Of withdrawals in the oldest records its short form prints the peer in place of the prefix, its long form the
    # prefix.
    found = Counter(said(fields) for fields in told if (fields[0], fields[2]) != ("BGP", "W"))
    if told and told[0][0] == "BGP":
        found.update(withdrawn_in_long_form(ran("-H", file)))
    return found


def ran(form: str, file: Path) -> str:
    command = [BGPDUMP, "-q", form, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def withdrawn_in_long_form(out: str) -> Iterator[tuple[str, ...]]:
    for block in out.split("\n\n"):
        peer, withdraws = "", False
        for line in block.splitlines():
            if line.startswith("FROM: "):
                peer = line.split()[1]
            elif line.startswith(" ") and withdraws:
                yield "W", peer, line.strip(), ""
            else:
                withdraws = line == "WITHDRAW"


def said(fields: list[str]) -> tuple[str, ...]:
    kind, peer = fields[2], fields[3]
    if kind == "STATE":
        return kind, peer, fields[5], fields[6]
    prefix = plain(fields[5])
    # A set at the end of a path is {1,2,2}: some routers named members twice.
    last = fields[6].split(" ")[-1].strip("{}").split(",") if kind != "W" else []
    origin = ",".join(sorted(set(last), key=int))
    return kind, peer, prefix, origin


@cache
def plain(prefix: str) -> str:
    return str(ipaddress.ip_network(prefix, strict=False))


def told_by_us(content: bytes) -> Counted:
    items, reader = read(content)
    assert reader.whole
    return Counter(line for item in items for line in lines(item))


def lines(item: object) -> Iterator[tuple[str, ...]]:
    if isinstance(item, StateChange):
        yield "STATE", address(item.peer.address), str(item.old), str(item.new)
    elif isinstance(item, Rib):
        for peer, origins in zip(item.peers, item.origins, strict=True):
            yield "B", address(peer.address), written(item.key, ipv6=item.ipv6), ",".join(map(str, origins))
    elif isinstance(item, Update):
        who, origin = address(item.peer.address), ",".join(map(str, item.origins))
        for ipv6, announced, withdrawn in (
            (False, item.announced4, item.withdrawn4),
            (True, item.announced6, item.withdrawn6),
        ):
            yield from (("A", who, written(key, ipv6=ipv6), origin) for key in announced)
            yield from (("W", who, written(key, ipv6=ipv6), "") for key in withdrawn)


@cache
def written(key: bytes, *, ipv6: bool) -> str:
    return text(key, ipv6=ipv6)


@cache
def address(packed: bytes) -> str:
    return str(ipaddress.ip_address(packed))


def cut_apart(content: bytes) -> bytes:
    """The records of a packed table, one for each route."""
    out: list[bytes] = []
    at = 0
    while at < len(content):
        time, kind, subtype, length = struct.unpack_from(">IHHI", content, at)
        end, at = at + 12 + 4 + length, at + 16
        while at < end:
            stop = at + 18 + int.from_bytes(content[at + 16 : at + 18], "big")
            body = bytes(4) + content[at:stop]
            out.append(struct.pack(">IHHI", time, kind, subtype, len(body)) + body)
            at = stop
    return b"".join(out)


@needs_bgpdump
@pytest.mark.parametrize("name", UPDATES)
def test_announcements_withdrawals_and_states_are_those_of_bgpdump(shared_data: Path, name: str) -> None:
    file = real(shared_data, name)
    ours = told_by_us(file.read_bytes())
    theirs = told_by_bgpdump(file)
    assert (ours - theirs, theirs - ours) == (Counter(), Counter())
    assert sum(ours.values()) > 7000


@needs_bgpdump
def test_the_table_has_the_routes_that_bgpdump_finds(shared_data: Path, tmp_path: Path) -> None:
    content = gzip.decompress(real(shared_data, TABLE).read_bytes())
    (tmp_path / "table").write_bytes(cut_apart(content))
    theirs = told_by_bgpdump(tmp_path / "table")
    ours = told_by_us(content)
    assert (ours - theirs, theirs - ours) == (Counter(), Counter())
    assert sum(theirs.values()) == 452_018


@needs_bgpdump
def test_of_the_table_as_it_is_bgpdump_finds_the_first_route(shared_data: Path) -> None:
    # The day this fails, bgpdump reads such tables too, and need not be given them cut apart.
    assert sum(told_by_bgpdump(real(shared_data, TABLE)).values()) == 1
