import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.address_csv import Malformed, country_ranges, network_ranges
from lampwatch.formats.mmdb_build import LAST_ADDRESS


def test_a_row_of_networks() -> None:
    (found,) = network_ranges(['1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."\n'], Malformed())
    assert (found.first, found.last) == (0x01000000, 0x010000FF)
    assert dict(found.fields) == {
        "autonomous_system_number": 13335,
        "autonomous_system_organization": "Cloudflare, Inc.",
    }


def test_a_row_of_countries() -> None:
    (found,) = country_ranges(["2001:200::,2001:200:ffff::,jp\n"], Malformed())
    assert found.first == 0x2001_0200 << 96
    assert dict(found.fields) == {"country_code": "JP"}


def test_addresses_as_numbers() -> None:
    (found,) = country_ranges(["16777216,16777471,AU\n"], Malformed())
    assert (found.first, found.last) == (0x01000000, 0x010000FF)


def test_a_number_may_carry_its_as_and_lack_a_name() -> None:
    (found,) = network_ranges(["1.0.0.0,1.0.0.255,AS13335\n"], Malformed())
    assert dict(found.fields) == {"autonomous_system_number": 13335, "autonomous_system_organization": ""}


def test_no_network_and_no_country_are_gaps_and_no_mistakes() -> None:
    malformed = Malformed()
    assert list(network_ranges(["1.0.0.0,1.0.0.255,0,Not routed\n"], malformed)) == []
    assert list(country_ranges(["1.0.0.0,1.0.0.255,ZZ\n", "1.0.1.0,1.0.1.255,\n"], malformed)) == []
    assert (malformed.rows, malformed.read) == (0, 3)


@pytest.mark.parametrize(
    "bad",
    [
        "start,end,number,name",
        "1.0.0.255,1.0.0.0,5,backwards",
        "1.0.0.0,1.0.0.255",
        "1.0.0.0,1.0.0.255,many,name",
        "1.0.0.0,1.0.0.255,4294967296,too great",
        f"0,{LAST_ADDRESS + 1},5,beyond the last",
        "1.0.0.0/24,1.0.0.255,5,name",
    ],
)
def test_a_malformed_row_is_counted_with_its_reason_and_the_others_are_read(bad: str) -> None:
    malformed = Malformed()
    found = list(
        network_ranges(["1.1.0.0,1.1.0.255,1,a\n", f"{bad}\n", "1.2.0.0,1.2.0.255,2,b\n"], malformed)
    )
    assert [dict(f.fields)["autonomous_system_number"] for f in found] == [1, 2]
    assert (malformed.rows, malformed.read) == (1, 3)
    assert malformed.first.startswith("line 2: ")


@given(st.lists(st.text(max_size=60), max_size=5))
def test_no_text_raises(lines: list[str]) -> None:
    malformed = Malformed()
    found = [*network_ranges(lines, malformed), *country_ranges(lines, malformed)]
    assert len(found) + malformed.rows <= malformed.read
