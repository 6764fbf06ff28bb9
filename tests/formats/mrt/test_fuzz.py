"""Whatever bytes come, a reader gives what it can and never raises."""

import gzip
import random

import pytest

from lampwatch.formats.mrt import MrtReader, PeerTable, Rib, Update
from tests.formats.mrt import writer
from tests.formats.mrt.reading import read
from tests.formats.mrt.writer import T0

A, B6 = (64500, "192.0.2.1"), (64501, "2001:db8::1")


def small() -> bytes:
    """A file with a record of each kind."""
    return b"".join(
        (
            writer.peer_index(T0, [A, B6], "v"),
            writer.rib(T0, "198.51.100.0/24", [(0, [64500, 1]), (1, [64501, [1, 2]])]),
            writer.rib(T0, "2001:db8::/32", [(1, [64501])]),
            writer.rib(T0, "10.0.0.0/8", [(0, [1]), (0, [2])], path_ids=[1, 2]),
            writer.old_table(T0, "10.0.0.0/8", A, [64500, 7]),
            writer.update(T0 + 1, A, "10.0.0.0/8", "11.1.0.0/16", path=[64500, 9], withdrawn=["12.0.0.0/8"]),
            writer.update(T0 + 1, B6, path=[64501], reach6=["2001:db8:1::/48"], unreach6=["2001:db8:2::/48"]),
            writer.update(T0 + 2, A, "10.0.0.0/8", path=[5], size=2, as4_path=[5], microseconds=1),
            writer.update(T0 + 2, A, "10.0.0.0/8", path=[5], path_id=3),
            writer.state(T0 + 3, A, 6, 1),
            writer.record(T0 + 3, 99, 0, b"?"),
        )
    )


def test_a_file_cut_off_at_any_byte_gives_the_records_before() -> None:
    content = small()[:-13]
    whole, reader = read(content)
    assert reader.whole
    counts = []
    for end in range(len(content)):
        items, reader = read(content[:end])
        assert items == whole[: len(items)]
        counts.append(len(items))
        # Only where a record ends there is nothing to tell.
        assert reader.whole == (end == 0 or len(items) > counts[-2])
    assert counts == sorted(counts)


def test_a_gzip_file_cut_off_at_any_byte_never_raises() -> None:
    content = gzip.compress(small()[:-13])
    whole = read(small()[:-13])[0]
    for end in range(1, len(content)):
        items, reader = read(content[:end])
        assert items == whole[: len(items)]
        # A file that is shorter than the sign of its packing is read as what it looks like.
        assert not reader.whole


@pytest.mark.parametrize("seed", range(8))
def test_random_damage_never_raises_and_is_told(seed: int) -> None:
    chance = random.Random(seed)
    content = small() * 3
    for _ in range(250):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 2, 8, 40))):
            at = chance.randrange(len(damaged))
            match chance.randrange(3):
                case 0:
                    damaged[at] ^= 1 << chance.randrange(8)
                case 1:
                    damaged[at] = chance.randrange(256)
                case _:
                    del damaged[at : at + chance.randrange(1, 30)]
        reader = MrtReader([bytes(damaged)])
        for item in reader:
            assert item.time >= 0
            if isinstance(item, Rib):
                assert len(item.peers) == len(item.origins)
                assert item.key[0] <= (128 if item.ipv6 else 32)
            elif isinstance(item, Update) and not item.with_paths:
                assert all(key[0] <= 32 for key in item.announced4 + item.withdrawn4)
                assert all(key[0] <= 128 for key in item.announced6 + item.withdrawn6)
            elif isinstance(item, PeerTable):
                assert all(len(peer.address) in (4, 16) for peer in item.peers)
        assert reader.malformed <= reader.damage


@pytest.mark.parametrize("seed", range(4))
def test_noise_never_raises(seed: int) -> None:
    chance = random.Random(seed)
    for size in (0, 1, 11, 12, 13, 100, 5000):
        items, reader = read(chance.randbytes(size))
        assert items == []
        assert reader.whole == (size == 0)
