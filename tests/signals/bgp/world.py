"""A small world of routers: three peers with whole tables, two networks of one country, two of another."""

from collections.abc import Iterable, Sequence

from lampwatch.formats.mrt import MrtReader
from lampwatch.model.series import Values
from lampwatch.signals.bgp.bins import Bins
from lampwatch.signals.bgp.space import Part
from tests.formats.mrt import writer
from tests.formats.mrt.writer import T0

PEERS = [(64500, "192.0.2.1"), (64501, "192.0.2.2"), (64502, "192.0.2.3")]
A, B, C = PEERS
KAZAKH, OTHER = ["10.1.0.0/16", "10.2.0.0/17"], ["11.0.0.0/16", "11.1.0.0/16", "11.2.0.0/16", "11.3.0.0/16"]
TABLE = {**dict.fromkeys(KAZAKH, 9198), **dict.fromkeys(OTHER, 3216), "2001:db8::/32": 3216}
"""Origins by prefix. 10/8 lies in Kazakhstan, all else in Russia."""
BIN = 300


def countries(first: int, last: int, ipv6: bool) -> Iterable[Part]:
    return ((first, last, "KZ" if not ipv6 and first >> 16 == 10 else "RU"),)


def dump(time: int = T0, peers: Sequence[tuple[int, str]] = PEERS, table: dict[str, int] = TABLE) -> bytes:
    """A table dump in which every peer sees every prefix."""
    return writer.peer_index(time, peers) + b"".join(
        writer.rib(time, prefix, [(index, [asn, origin]) for index, (asn, _) in enumerate(peers)])
        for prefix, origin in table.items()
    )


def heartbeat(time: int) -> bytes:
    """An update that changes nothing: a collector is never silent for a whole bin."""
    return writer.update(time, A, OTHER[0], path=[A[0], 3216])


def announced(time: int, prefixes: Iterable[str] = KAZAKH, peers: Iterable[tuple[int, str]] = PEERS) -> bytes:
    return b"".join(
        writer.update(time, peer, prefix, path=[peer[0], TABLE.get(prefix, 9198)])
        for peer in peers
        for prefix in prefixes
    )


def withdrawn(time: int, prefixes: Iterable[str] = KAZAKH, peers: Iterable[tuple[int, str]] = PEERS) -> bytes:
    return b"".join(writer.update(time, peer, withdrawn=prefixes) for peer in peers)


def fed(bins: Bins, *contents: bytes, feed: str = "rrc00") -> Bins:
    """Each content is a file of its own."""
    for content in contents:
        reader = MrtReader([content])
        time = 0.0
        for item in reader:
            time = item.time
            bins.take_in(feed, item)
        bins.file_over(feed, time, whole=reader.whole)
    return bins


def series(bins: Bins, *countries_wanted: str) -> dict[str, Values]:
    return {one.series.id: one for one in bins.taken(T0 + 7777, countries_wanted or None)}
