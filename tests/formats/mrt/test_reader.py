import bz2
import gzip
import struct

import pytest

from lampwatch.formats.mrt import PeerTable, Rib, StateChange, Update
from lampwatch.formats.mrt.prefix import text
from tests.formats.mrt import writer
from tests.formats.mrt.reading import read, texts
from tests.formats.mrt.writer import T0

A, B, C6 = (64500, "192.0.2.1"), (4_200_000_001, "192.0.2.2"), (64502, "2001:db8::3")


def one_update(content: bytes) -> Update:
    (item,), reader = read(content)
    assert isinstance(item, Update)
    assert reader.whole
    return item


def test_an_update_tells_peer_origin_and_prefixes() -> None:
    told = one_update(
        writer.update(
            T0, B, "198.51.100.0/24", "203.0.113.128/25", path=[64500, 64510], withdrawn=["10.0.0.0/8"]
        )
    )
    assert (told.time, told.peer.asn, told.peer.address) == (T0, B[0], b"\xc0\0\2\2")
    assert told.origins == (64510,)
    assert texts(told.announced4) == ["198.51.100.0/24", "203.0.113.128/25"]
    assert texts(told.withdrawn4) == ["10.0.0.0/8"]
    assert (told.announced6, told.withdrawn6) == ([], [])


def test_ipv6_comes_in_attributes() -> None:
    told = one_update(
        writer.update(T0, C6, path=[64502, 64511], reach6=["2001:db8:1::/48"], unreach6=["2001:db8:2::/47"])
    )
    assert len(told.peer.address) == 16
    assert texts(told.announced6, ipv6=True) == ["2001:db8:1::/48"]
    assert texts(told.withdrawn6, ipv6=True) == ["2001:db8:2::/47"]
    assert told.announced4 == []


def test_the_members_of_a_set_at_the_end_are_all_origins() -> None:
    assert one_update(writer.update(T0, A, "10.0.0.0/8", path=[64500, [3, 1, 2]])).origins == (1, 2, 3)


def test_a_set_in_the_middle_is_no_origin() -> None:
    assert one_update(writer.update(T0, A, "10.0.0.0/8", path=[64500, [3, 1], 9])).origins == (9,)


def test_a_confederation_is_no_origin() -> None:
    path = b"\2\1" + (9).to_bytes(4, "big") + b"\3\1" + (65001).to_bytes(4, "big")
    told = writer.attribute(2, path)
    message = writer.update_body(writer.nlri("10.0.0.0/8"), b"", told)
    assert one_update(writer.record(T0, 16, 4, writer.head(*A, 4) + writer.bgp(2, message))).origins == (9,)


def test_as4_path_has_the_networks_that_two_bytes_cannot_hold() -> None:
    told = writer.update(T0, A, "10.0.0.0/8", path=[64500, 23456], size=2, as4_path=[64500, 4_200_000_007])
    assert one_update(told).origins == (4_200_000_007,)


def test_an_as4_path_longer_than_the_path_is_not_believed() -> None:
    told = writer.update(T0, A, "10.0.0.0/8", path=[64510], size=2, as4_path=[1, 2, 4_200_000_007])
    assert one_update(told).origins == (64510,)


def test_microseconds_and_path_identifiers_are_read() -> None:
    told = one_update(
        writer.update(
            T0, A, "10.0.0.0/8", path=[64500], path_id=7, withdrawn=["11.0.0.0/8"], microseconds=250_000
        )
    )
    assert told.time == T0 + 0.25
    assert told.with_paths
    assert told.announced4 == [b"\0\0\0\7\x08\x0a"]
    assert told.withdrawn4 == [b"\0\0\0\7\x08\x0b"]


def test_state_changes_are_told() -> None:
    (item,), _ = read(writer.state(T0, C6, 6, 1))
    assert isinstance(item, StateChange)
    assert (item.peer.asn, item.old, item.new) == (64502, 6, 1)


def test_a_table_of_version_two_names_peers_by_its_index() -> None:
    content = writer.peer_index(T0, [A, B, C6], "view") + writer.rib(
        T0, "198.51.100.0/24", [(1, [64501, 64510]), (0, [64500, 64511])]
    )
    (index, route), reader = read(content + writer.rib(T0, "2001:db8::/32", [(2, [64502])]))[0][:2], None
    assert isinstance(index, PeerTable)
    assert index.view == "view"
    assert [peer.asn for peer in index.peers] == [A[0], B[0], C6[0]]
    assert isinstance(route, Rib)
    assert [peer.asn for peer in route.peers] == [B[0], A[0]]
    assert route.origins == [(64510,), (64511,)]
    assert text(route.key, ipv6=route.ipv6) == "198.51.100.0/24"
    assert reader is None


def test_a_table_may_have_several_paths_of_a_peer() -> None:
    content = writer.peer_index(T0, [A]) + writer.rib(T0, "10.0.0.0/8", [(0, [1]), (0, [2])], path_ids=[5, 6])
    route = read(content)[0][1]
    assert isinstance(route, Rib)
    assert (route.paths, route.origins) == ([5, 6], [(1,), (2,)])


def test_a_table_of_version_one_has_a_route_in_each_record() -> None:
    content = writer.old_table(T0, "10.0.0.0/8", A, [64500, 7]) + writer.old_table(
        T0, "2001:db8::/32", C6, [8]
    )
    first, second = read(content)[0]
    assert isinstance(first, Rib)
    assert isinstance(second, Rib)
    assert (first.origins, first.ipv6, first.peers[0].asn) == ([(7,)], False, 64500)
    assert (second.origins, second.ipv6, text(second.key, ipv6=True)) == ([(8,)], True, "2001:db8::/32")


def packed(*routes: bytes) -> bytes:
    """Many routes in a record whose length leaves out view and sequence number."""
    body = b"".join(routes)
    return struct.pack(">IHHI", T0, 12, 1, len(body)) + bytes(4) + body


def test_the_first_archives_put_many_routes_in_a_record_and_count_it_short() -> None:
    routes = [writer.old_route(f"10.{n}.0.0/16", A, [64500, n]) for n in range(1, 6)]
    items, reader = read(packed(*routes[:3]) + packed(*routes[3:]))
    assert [item.origins for item in items if isinstance(item, Rib)] == [[(n,)] for n in range(1, 6)]
    assert (reader.whole, reader.records) == (True, 2)


def test_bytes_after_a_route_of_version_one_do_not_swallow_the_next_record() -> None:
    loose = writer.record(T0, 12, 1, bytes(4) + writer.old_route("10.0.0.0/8", A, [1]) + b"loose")
    items, reader = read(loose + writer.old_table(T0, "11.0.0.0/8", A, [2]))
    assert [item.origins for item in items if isinstance(item, Rib)] == [[(1,)], [(2,)]]
    assert reader.malformed == 1


def test_updates_of_the_first_archives_are_read() -> None:
    body = struct.pack(">H", 64500) + b"\xc0\0\2\1" + struct.pack(">H", 12654) + bytes(4)
    message = writer.update_body(writer.nlri("10.0.0.0/8"), b"", writer.attributes([64500, 9], size=2))
    told = one_update(writer.record(T0, 5, 1, body + message))
    assert (told.peer.asn, told.origins, texts(told.announced4)) == (64500, (9,), ["10.0.0.0/8"])


def test_what_says_nothing_of_routes_is_counted() -> None:
    content = writer.record(T0, 13, 6, b"generic") + writer.record(T0, 11, 0, b"ospf") * 2
    items, reader = read(content)
    assert items == []
    assert reader.unknown == {"TABLE_DUMP_V2, subtype 6": 1, "OSPFv2, subtype 0": 2}
    assert (reader.records, reader.whole) == (3, True)


def test_messages_other_than_updates_and_the_collectors_own_say_nothing() -> None:
    own = writer.record(T0, 16, 7, writer.head(*A, 4) + writer.bgp(2, writer.update_body(b"", b"", b"")))
    keepalive = writer.record(T0, 16, 4, writer.head(*A, 4) + writer.bgp(4, b""))
    items, reader = read(own + keepalive)
    assert items == []
    assert (reader.records, reader.malformed, reader.unknown) == (2, 0, {})


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, bytes], ids=["gzip", "bzip2", "plain"])
@pytest.mark.parametrize("size", [1, 7, 65_536])
def test_packing_is_told_by_content_and_chunks_do_not_matter(pack: object, size: int) -> None:
    assert callable(pack)
    half = writer.update(T0, A, "10.0.0.0/8", path=[1])
    # Files are often packed piece by piece and joined.
    items, reader = read(pack(half * 3) + pack(half * 2), size)
    assert len(items) == 5
    assert reader.whole


def test_a_malformed_record_costs_only_itself() -> None:
    good = writer.update(T0, A, "10.0.0.0/8", path=[1])
    bad = bytearray(good)
    bad[-2] = 99  # the length of the prefix
    items, reader = read(good + bytes(bad) + good)
    assert len(items) == 2
    assert (reader.malformed, reader.records) == (1, 3)
    (broken,) = reader.broken
    assert (broken.offset, broken.record) == (len(good), 2)
    assert "a prefix is longer" in broken.reason


def test_a_damaged_length_costs_the_records_it_covers_at_most() -> None:
    good = writer.update(T0, A, "10.0.0.0/8", path=[1])
    for length in (0, 3, len(good) - 12 + 5, 5 * len(good), 0xFFFF_FFFF):
        bad = bytearray(good)
        bad[8:12] = length.to_bytes(4, "big")
        items, reader = read(good * 2 + bytes(bad) + good * 3)
        assert len(items) == 5, length
        # A length that is a little too long is seen where the next record should begin.
        assert 2 * len(good) <= reader.broken[0].offset <= 3 * len(good) + 5
        assert reader.broken[0].record in (3, 4)


def test_a_truncated_file_says_where_it_ends() -> None:
    good = writer.update(T0, A, "10.0.0.0/8", path=[1])
    items, reader = read(good * 2 + good[:20])
    assert len(items) == 2
    (broken,) = reader.broken
    assert (
        str(broken)
        == f"record 3 at byte {2 * len(good)}: the file ends inside a record of {len(good) - 12} bytes"
    )


def test_damaged_gzip_gives_what_comes_before() -> None:
    good = writer.update(T0, A, "10.0.0.0/8", path=[1])
    content = gzip.compress(good * 1000)
    items, reader = read(content[:-20])
    assert 900 < len(items) < 1000
    assert any("ends inside gzip" in broken.reason for broken in reader.broken)
    damaged = bytearray(
        gzip.compress(b"".join(writer.update(T0, A, f"10.{n % 256}.0.0/16", path=[n]) for n in range(5000)))
    )
    middle = len(damaged) // 2
    damaged[middle : middle + 40] = b"\xff" * 40
    items, reader = read(bytes(damaged), 1000)
    assert len(items) > 1000
    assert any("damaged gzip" in broken.reason for broken in reader.broken)
