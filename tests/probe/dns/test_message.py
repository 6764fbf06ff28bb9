import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.failure import Failure
from lampwatch.probe.dns.message import MOST_RECORDS, Question, Reply, question, reply_to
from lampwatch.probe.failed import Failed
from tests.probe.servers import Zone, dns_reply

NAME = "www.example.org"


def asked(*, padded: bool = False) -> Question:
    found = question(NAME, "A", number=7, padded=padded)
    assert isinstance(found, Question)
    return found


def reply(zone: Zone) -> Reply:
    found = reply_to(asked(), dns_reply(asked().wire, zone))
    assert isinstance(found, Reply)
    return found


def test_a_plain_question_has_no_extension_and_a_padded_one_hides_its_length() -> None:
    assert dns.message.from_wire(asked().wire).edns == -1
    assert len(asked(padded=True).wire) == 128


def test_the_name_matches_in_whatever_case_it_comes_back() -> None:
    raw = dns_reply(asked().wire, {(NAME, "A"): ["93.184.216.34"]})
    found = reply_to(asked(), raw.replace(b"example", b"eXAMPLE"))
    assert isinstance(found, Reply)
    assert found.addresses == ("93.184.216.34",)


def test_a_reply_to_another_question_is_none() -> None:
    other = question("other.example.org", "A", number=7)
    assert isinstance(other, Question)
    found = reply_to(asked(), dns_reply(other.wire, {}))
    assert isinstance(found, Failed)
    assert found.failure is Failure.DNS_MISBEHAVING


def test_a_query_is_no_reply() -> None:
    assert isinstance(reply_to(asked(), asked().wire), Failed)


def test_a_reply_may_be_followed_by_other_bytes() -> None:
    raw = dns_reply(asked().wire, {(NAME, "A"): ["93.184.216.34"]})
    assert isinstance(reply_to(asked(), raw + b"\0\0"), Reply)


def test_addresses_keep_their_order_and_an_alias_is_told() -> None:
    found = reply({(NAME, "A"): ["CNAME Edge.Example.NET.", "203.0.113.9", "198.51.100.1"]})
    assert found.addresses == ("203.0.113.9", "198.51.100.1")
    assert found.cnames == ("edge.example.net",)


def test_of_very_many_records_the_first_are_kept() -> None:
    many = [f"10.0.{n // 250}.{n % 250}" for n in range(1000)]
    found = reply({(NAME, "A"): many})
    assert len(found.records) == MOST_RECORDS


@given(st.binary(max_size=300))
def test_any_bytes_are_a_reply_or_a_failure(raw: bytes) -> None:
    assert isinstance(reply_to(asked(), raw), Reply | Failed)


@given(st.data())
def test_a_reply_with_any_bytes_changed_is_a_reply_or_a_failure(data: st.DataObject) -> None:
    raw = bytearray(dns_reply(asked().wire, {(NAME, "A"): ["CNAME a.b.", "192.0.2.1", "192.0.2.2"]}))
    changes = st.lists(st.tuples(st.integers(2, len(raw) - 1), st.integers(0, 255)), max_size=6)
    for at, value in data.draw(changes):
        raw[at] = value
    assert isinstance(reply_to(asked(), bytes(raw[: data.draw(st.integers(0, len(raw)))])), Reply | Failed)


@pytest.mark.parametrize("kind", [3, 4, 77, 254, 255])
def test_a_record_that_is_not_of_the_internet_is_no_address(kind: int) -> None:
    answer = b"\xc0\x0c\x00\x01" + kind.to_bytes(2, "big") + b"\x00\x00\x00\x3c\x00\x05\x01a\x00\x00\x05"
    wire = bytearray(asked().wire + answer)
    wire[2:4], wire[6:8] = b"\x81\x80", b"\x00\x01"
    found = reply_to(asked(), bytes(wire))
    assert not isinstance(found, Reply) or found.addresses == ()
