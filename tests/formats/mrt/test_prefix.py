import pytest

from lampwatch.formats.mrt.prefix import canonical, keys, parse, text, units
from lampwatch.formats.mrt.records import Malformed


def test_bits_past_the_length_make_no_other_prefix() -> None:
    assert canonical(b"\x09\x0a\xff") == canonical(b"\x09\x0a\x80") == b"\x09\x0a\x80"
    assert canonical(b"\x08\x0a") == b"\x08\x0a"
    assert canonical(b"\0") == b"\0"


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("10.0.0.0/8", (0x0A0000, 0x0AFFFF)),
        ("192.0.2.0/24", (0xC00002, 0xC00002)),
        ("192.0.2.128/25", (0xC00002, 0xC00002)),
        ("0.0.0.0/0", (0, 0xFFFFFF)),
        ("2001:db8::/32", (0x20010DB80000, 0x20010DB8FFFF)),
        ("2001:db8:1:2::/64", (0x20010DB80001, 0x20010DB80001)),
    ],
)
def test_space_is_counted_in_units(prefix: str, expected: tuple[int, int]) -> None:
    key, ipv6 = parse(prefix)
    assert text(key, ipv6=ipv6) == prefix
    assert units(key, ipv6=ipv6) == expected


@pytest.mark.parametrize(
    ("nlri", "with_paths"), [(b"\x21\1\2\3\4\5", False), (b"\x18\1\2", False), (b"\0\0\0\1", True)]
)
def test_a_list_that_does_not_add_up_is_malformed(nlri: bytes, *, with_paths: bool) -> None:
    with pytest.raises(Malformed):
        keys(nlri, ipv6=False, with_paths=with_paths)
