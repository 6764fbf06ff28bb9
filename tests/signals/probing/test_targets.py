import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.signals.probing.targets import Targets, may_be_asked, read_targets

HEADER = "block,addresses,availability,asn,country,region\n"


def read(*rows: str, header: str = HEADER, allow_private: bool = False) -> Targets:
    return read_targets((header + "\n".join(rows)).encode(), "blocks.csv", allow_private=allow_private)


def reason(row: str, *, allow_private: bool = False) -> str:
    found = read(row, allow_private=allow_private)
    assert found.blocks == []
    (malformed,) = found.malformed
    assert malformed.line == 2
    return malformed.reason


def test_a_row_says_whose_a_block_is_and_which_of_its_addresses_ever_answered() -> None:
    (block,) = read("93.184.216.0/24,1-3 34 254,0.62,AS15133,us,US-CA").blocks
    assert block.name == "93.184.216.0/24"
    assert list(block.octets) == [1, 2, 3, 34, 254]
    assert block.availability == 0.62
    assert block.entities == (Entity("US"), Entity("US-CA"), Entity("", 15133))


def test_columns_may_come_in_any_order_and_those_of_places_may_be_missing() -> None:
    (block,) = read("0.5,1-20,93.184.216.0/24", header="availability,addresses,block\n").blocks
    assert (len(block.octets), block.entities) == (20, ())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("93.184.216.0/23,1-20,0.5,,,", "is no /24"),
        ("93.184.216.1/24,1-20,0.5,,,", "is no block"),
        ("2001:db8::/24,1-20,0.5,,,", "is no block"),
        ("93.184.216.0/24,1-256,0.5,,,", "is no last octet"),
        ("93.184.216.0/24,20-1,0.5,,,", "is no last octet"),
        ("93.184.216.0/24,all,0.5,,,", "is no last octet"),
        ("93.184.216.0/24,1-20,1.5,,,", "is no availability"),
        ("93.184.216.0/24,1-20,nan,,,", "is no availability"),
        ("93.184.216.0/24,1-20,,,,", "is no availability"),
        ("93.184.216.0/24,1-20,0.5,AS0,,", "is no entity"),
        ("93.184.216.0/24,1-20,0.5,,Utopia,", "is no entity"),
        ("93.184.216.0/24,1-20,0.5,,AS64500,", "is no country"),
        ("93.184.216.0/24,1-20,0.5,,,somewhere", "is no entity"),
        ("93.184.216.0/24", "is no availability"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_and_costs_no_other(row: str, said: str) -> None:
    assert said in reason(row)
    assert len(read(row, "93.184.217.0/24,1-20,0.5,,,").blocks) == 1


@pytest.mark.parametrize(
    "block", ["10.0.0.0/24", "192.168.1.0/24", "100.64.0.0/24", "127.0.0.0/24", "198.18.1.0/24"]
)
def test_private_and_reserved_blocks_are_refused_unless_a_lab_allows_them(block: str) -> None:
    row = f"{block},1-20,0.5,,,"
    assert "private or reserved" in reason(row)
    assert len(read(row, allow_private=True).blocks) == 1


@pytest.mark.parametrize("block", ["224.0.0.0/24", "0.0.0.0/24", "255.255.255.0/24"])
def test_multicast_and_broadcast_are_never_asked(block: str) -> None:
    assert "private or reserved" in reason(f"{block},1-20,0.5,,,", allow_private=True)


def test_a_control_is_held_to_the_same() -> None:
    assert may_be_asked("93.184.216.40", allow_private=False)
    assert not may_be_asked("10.0.0.1", allow_private=False)
    assert not may_be_asked("control.test", allow_private=True)
    assert not may_be_asked("::1", allow_private=True)


def test_a_block_that_stands_twice_counts_once() -> None:
    found = read("93.184.216.0/24,1-20,0.5,,,", "93.184.216.0/24,1-9,0.9,,,")
    assert (len(found.blocks), found.blocks[0].availability) == (1, 0.5)
    assert "stands twice" in found.malformed[0].reason


def test_blocks_with_few_addresses_or_rare_answers_are_not_judged() -> None:
    found = read("93.184.216.0/24,1-14,0.9,,,", "93.184.217.0/24,1-15,0.09,,,", "93.184.218.0/24,1-15,0.1,,,")
    assert len(found.blocks) == 3
    assert [block.name for block in found.judged] == ["93.184.218.0/24"]


@pytest.mark.parametrize("content", [b"", b"url,category\n", b"\xff\xfe\x00", b"block,addresses\n1,2\n"])
def test_what_is_no_list_at_all_is_told_in_one_line(content: bytes) -> None:
    with pytest.raises(UserError, match=r"blocks\.csv is no list of blocks.*names no column"):
        read_targets(content, "blocks.csv")


@given(st.binary(max_size=300))
def test_no_content_of_rows_ends_the_reading(rows: bytes) -> None:
    found = read_targets(HEADER.encode() + rows, "blocks.csv")
    assert len(found.blocks) + len(found.malformed) <= rows.count(b"\n") + rows.count(b"\r") + 1
