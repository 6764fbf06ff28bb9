import io
import ipaddress
from pathlib import Path

import maxminddb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPRange, IPSet  # type: ignore[import-untyped]  # netaddr ships no types

from lampwatch.formats.mmdb_build import LAST_ADDRESS, AddressRange, Built, write_mmdb

KZ = (("country_code", "KZ"),)
RU = (("country_code", "RU"),)


def address(text: str) -> int:
    return int(ipaddress.ip_address(text))


def built(*ranges: AddressRange) -> tuple[maxminddb.Reader, Built]:
    out = io.BytesIO()
    what = write_mmdb(ranges, out, database_type="Test", build_epoch=1_641_340_800)
    out.seek(0)
    return maxminddb.open_database(out, maxminddb.MODE_FD), what


def test_both_ends_of_a_range_belong_to_it_and_their_neighbours_do_not() -> None:
    reader, _ = built(AddressRange(address("192.0.2.3"), address("192.0.2.9"), KZ))
    answers = [reader.get(f"192.0.2.{n}") for n in (2, 3, 9, 10)]
    assert answers == [None, {"country_code": "KZ"}, {"country_code": "KZ"}, None]


def test_ipv4_and_ipv6_share_a_file() -> None:
    reader, _ = built(
        AddressRange(address("2001:db8::"), address("2001:db8::ffff"), RU),
        AddressRange(address("192.0.2.0"), address("192.0.2.255"), KZ),
    )
    assert (reader.get("192.0.2.7"), reader.get("2001:db8::7")) == (
        {"country_code": "KZ"},
        {"country_code": "RU"},
    )


def test_numbers_and_long_names_come_back_as_they_went_in() -> None:
    fields = (
        ("autonomous_system_number", 2**32 - 1),
        ("autonomous_system_organization", "Қазақтелеком " * 30),
    )
    reader, _ = built(AddressRange(1, 1, fields))
    assert reader.get("::1") == dict(fields)


@pytest.mark.parametrize("length", [0, 1, 28, 29, 284, 285, 65_820, 65_821])
def test_text_of_every_size_class_comes_back(length: int) -> None:
    reader, _ = built(AddressRange(1, 1, (("country_code", "x" * length),)))
    assert reader.get("::1") == {"country_code": "x" * length}


def test_the_file_says_when_and_what_it_is() -> None:
    metadata = built(AddressRange(1, 1, KZ))[0].metadata()
    assert (metadata.build_epoch, metadata.database_type, metadata.ip_version) == (1_641_340_800, "Test", 6)


def test_no_ranges_make_an_empty_file() -> None:
    assert built()[0].get("192.0.2.1") is None


def test_one_range_may_cover_everything() -> None:
    assert built(AddressRange(0, LAST_ADDRESS, KZ))[0].get("2001:db8::1") == {"country_code": "KZ"}


def test_the_order_of_ranges_changes_no_byte() -> None:
    ranges = [AddressRange(n * 10, n * 10 + 5, KZ if n % 2 else RU) for n in range(50)]
    files = []
    for order in (ranges, ranges[::-1]):
        out = io.BytesIO()
        write_mmdb(order, out, database_type="T", build_epoch=0)
        files.append(out.getvalue())
    assert files[0] == files[1]


def test_of_overlapping_ranges_the_first_stays_and_the_other_is_counted() -> None:
    reader, what = built(AddressRange(10, 20, KZ), AddressRange(15, 30, RU))
    assert (what.ranges, what.overlapping) == (1, 1)
    assert (reader.get("::f"), reader.get("::1e")) == ({"country_code": "KZ"}, None)


def test_neighbours_that_say_the_same_become_one() -> None:
    assert built(AddressRange(10, 19, KZ), AddressRange(20, 30, KZ))[1].ranges == 1


@given(
    st.lists(st.integers(0, 4_000), min_size=2, max_size=24, unique=True).map(sorted),
    st.lists(st.sampled_from(["KZ", "RU", "DE"]), min_size=12, max_size=12),
)
def test_it_answers_as_a_file_by_the_reference_writer(
    tmp_path_factory: pytest.TempPathFactory, ends: list[int], codes: list[str]
) -> None:
    base = address("192.0.0.0")
    ranges = [
        AddressRange(base + first, base + last - 1, (("country_code", code),))
        for first, last, code in zip(ends[::2], ends[1::2], codes, strict=False)
    ]
    writer = MMDBWriter(6, ipv4_compatible=True)
    for r in ranges:
        covered = IPSet(
            IPRange(str(ipaddress.IPv4Address(r.first)), str(ipaddress.IPv4Address(r.last))).cidrs()
        )
        writer.insert_network(covered, dict(r.fields))
    path: Path = tmp_path_factory.mktemp("reference") / "r.mmdb"
    writer.to_db_file(str(path))
    ours, _ = built(*ranges)
    asked = {str(ipaddress.IPv4Address(base + e + d)) for e in ends for d in (-1, 0, 1)}
    with maxminddb.open_database(path) as theirs:
        assert {a: ours.get(a) for a in asked} == {a: theirs.get(a) for a in asked}
