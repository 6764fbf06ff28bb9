from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # netaddr ships no types

from lampwatch.formats.mmdb_parts import CountryParts
from lampwatch.model.errors import UserError


def unit(address: str) -> int:
    """The number of a /24."""
    a, b, c, _ = map(int, address.split("."))
    return a << 16 | b << 8 | c


@pytest.fixture
def parts(tmp_path: Path) -> CountryParts:
    writer = MMDBWriter(6, "country ipvAll", ipv4_compatible=True)
    for country, networks in {
        "KZ": ["10.0.0.0/16", "10.2.0.0/24", "2001:db8::/32"],
        "RU": ["10.1.0.0/16", "10.2.1.128/25", "2001:db9::/48"],
        "UA": ["10.2.1.0/25"],
    }.items():
        writer.insert_network(IPSet(networks), {"country_code": country})
    writer.to_db_file(str(tmp_path / "country.mmdb"))
    return CountryParts(tmp_path / "country.mmdb")


def test_a_stretch_is_cut_by_country_and_covered_whole(parts: CountryParts) -> None:
    assert list(parts(unit("10.0.0.0"), unit("10.3.255.0"), False)) == [
        (unit("10.0.0.0"), unit("10.0.255.0"), "KZ"),
        (unit("10.1.0.0"), unit("10.1.255.0"), "RU"),
        (unit("10.2.0.0"), unit("10.2.0.0"), "KZ"),
        # A /24 of two countries belongs to that of its first address.
        (unit("10.2.1.0"), unit("10.2.1.0"), "UA"),
        (unit("10.2.2.0"), unit("10.3.255.0"), ""),
    ]


def test_a_stretch_within_a_country_is_one_part(parts: CountryParts) -> None:
    assert list(parts(unit("10.0.7.0"), unit("10.0.8.0"), False)) == [
        (unit("10.0.7.0"), unit("10.0.8.0"), "KZ")
    ]


def test_ipv6_is_cut_in_48s(parts: CountryParts) -> None:
    begin = 0x20010DB80000
    assert list(parts(begin, begin + 0x1_0001, True)) == [
        (begin, begin + 0xFFFF, "KZ"),
        (begin + 0x10000, begin + 0x10000, "RU"),
        (begin + 0x10001, begin + 0x10001, ""),
    ]


def test_the_whole_address_space_ends(parts: CountryParts) -> None:
    found = list(parts(0, (1 << 24) - 1, False))
    assert (found[0][0], found[-1][1]) == (0, (1 << 24) - 1)
    found = list(parts(0, (1 << 48) - 1, True))
    assert (found[0][0], found[-1][1]) == (0, (1 << 48) - 1)


def test_ipv6_asked_of_a_file_without_it_belongs_nowhere(tmp_path: Path) -> None:
    writer = MMDBWriter(4, "country")
    writer.insert_network(IPSet(["10.0.0.0/8"]), {"country_code": "KZ"})
    writer.to_db_file(str(tmp_path / "country.mmdb"))
    assert list(CountryParts(tmp_path / "country.mmdb")(0, 5, True)) == [(0, 5, "")]


def test_what_is_no_such_file_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(b"no")
    with pytest.raises(UserError, match="lampwatch geoip update"):
        CountryParts(tmp_path / "x.mmdb")
