import pytest

from lampwatch.probe.own_addresses import OwnAddresses


def own(*addresses: str) -> OwnAddresses:
    known = OwnAddresses()
    for address in addresses:
        known.add(address)
    return known


@pytest.mark.parametrize(
    ("address", "content", "kept"),
    [
        ("203.0.114.9", b"Your address is 203.0.114.9.", b"Your address is [scrubbed]."),
        ("203.0.114.9", b"<b>203.0.114.9</b>:80 [203.0.114.9]", b"<b>[scrubbed]</b>:80 [[scrubbed]]"),
        (
            "203.0.114.9",
            b"1203.0.114.9 203.0.114.90 203.0.114.9.1",
            b"1203.0.114.9 203.0.114.90 203.0.114.9.1",
        ),
        ("2001:DB8::a", b"you are 2001:db8::A!", b"you are [scrubbed]!"),
        ("2001:db8::a", b"2001:0db8:0000:0000:0000:0000:0000:000a", b"[scrubbed]"),
        ("203.0.114.9", b"IP:203.0.114.9 src203.0.114.9", b"IP:[scrubbed] src[scrubbed]"),
        ("203.0.114.9", b"::ffff:203.0.114.9 203.0.114.9:51234", b"::ffff:[scrubbed] [scrubbed]:51234"),
        ("2001:db8::a", b"2001:db8:0:0:0:0:0:a", b"[scrubbed]"),
        ("2001:db8::a", b"2001:db8::a1 12001:db8::a", b"2001:db8::a1 12001:db8::a"),
        ("fe80::1%eth0", b"fe80::1", b"[scrubbed]"),
        ("127.0.0.1", b"127.0.0.1", b"127.0.0.1"),
        ("nonsense", b"nonsense", b"nonsense"),
    ],
)
def test_an_own_address_is_replaced_and_nothing_else(address: str, content: bytes, kept: bytes) -> None:
    assert own(address).without(content) == kept


def test_nothing_known_changes_nothing() -> None:
    assert own().without(b"8.8.8.8") == b"8.8.8.8"


def test_the_oldest_of_too_many_is_forgotten() -> None:
    known = own(*(f"203.0.114.{n}" for n in range(1, 70)))
    assert known.without(b"203.0.114.1 203.0.114.69") == b"203.0.114.1 [scrubbed]"
