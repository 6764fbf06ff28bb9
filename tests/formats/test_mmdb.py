import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # netaddr ships no types

from lampwatch.formats import mmdb
from lampwatch.formats.mmdb import AddressBook
from lampwatch.model.errors import UserError
from lampwatch.model.network import UNKNOWN_NETWORK, Network


def write(path: Path, records: dict[str, object], version: int = 6) -> Path:
    writer = MMDBWriter(version, ipv4_compatible=version == 6)
    for prefix, record in records.items():
        writer.insert_network(IPSet([prefix]), record)  # type: ignore[arg-type]  # any record a publisher may write
    writer.to_db_file(str(path))
    return path


def book(path: Path, record: object) -> AddressBook:
    return AddressBook(asn=write(path / "a.mmdb", {"192.0.2.0/24": record}), country=None, version="v")


@pytest.mark.parametrize(
    "record",
    [
        {
            "autonomous_system_number": 9198,
            "autonomous_system_organization": "KT",
            "country": {"iso_code": "KZ"},
        },
        {"asn": "AS9198", "as_name": "KT", "country": "Kazakhstan", "country_code": "KZ"},
        {"asn": "9198", "name": "KT", "country": "KZ"},
        {"as_number": 9198, "as_organization": "KT", "registered_country": {"iso_code": "kz"}},
    ],
)
def test_every_publisher_s_spelling_is_read(tmp_path: Path, record: object) -> None:
    assert book(tmp_path, record).network_of("192.0.2.1") == Network(9198, "KT", "KZ")


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"asn": "none", "country": "Kazakhstan"},
        {"asn": 2**32, "country_code": "ZZ"},
        {"asn": [9198], "country": ["KZ"]},
        {"country": {"iso_code": 7}},
        "text",
        ["list"],
    ],
)
def test_a_record_that_says_nothing_usable_is_an_unknown_network(tmp_path: Path, record: object) -> None:
    assert book(tmp_path, record).network_of("192.0.2.1") == UNKNOWN_NETWORK


def test_networks_and_countries_come_from_their_own_files(tmp_path: Path) -> None:
    asn = write(tmp_path / "a.mmdb", {"192.0.2.0/24": {"asn": 9198, "as_name": "KT", "country_code": "RU"}})
    country = write(tmp_path / "c.mmdb", {"192.0.2.0/24": {"country_code": "KZ", "asn": 1}})
    both = AddressBook(asn=asn, country=country, version="v")
    assert both.network_of("192.0.2.1") == Network(9198, "KT", "KZ")


def test_one_file_may_answer_both(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mmdb", {"192.0.2.0/24": {"asn": 9198, "as_name": "KT", "country_code": "KZ"}})
    assert AddressBook(asn=None, country=path, version="v").network_of("192.0.2.1") == Network(
        9198, "KT", "KZ"
    )


def test_without_files_every_network_is_unknown() -> None:
    nothing = AddressBook(asn=None, country=None, version="v")
    assert (nothing.network_of("192.0.2.1"), nothing.name_of(9198)) == (UNKNOWN_NETWORK, "")


@pytest.mark.parametrize(
    "ip", ["2001:db8::1", "::ffff:192.0.2.1", "::FFFF:192.0.2.1", "64:ff9b::192.0.2.1", "64:ff9b::c000:201"]
)
def test_ipv6_and_the_ipv4_addresses_inside_it_are_found(tmp_path: Path, ip: str) -> None:
    path = write(tmp_path / "a.mmdb", {"192.0.2.0/24": {"asn": 9198}, "2001:db8::/32": {"asn": 9198}})
    assert AddressBook(asn=path, country=None, version="v").network_of(ip).asn == 9198


def test_an_ipv6_address_is_unknown_to_a_file_of_ipv4_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mmdb", {"192.0.2.0/24": {"asn": 9198}}, version=4)
    assert AddressBook(asn=path, country=None, version="v").network_of("2001:db8::1") == UNKNOWN_NETWORK


@given(st.text(max_size=60))
def test_no_text_raises(tmp_path_factory: pytest.TempPathFactory, ip: str) -> None:
    path = tmp_path_factory.mktemp("any")
    assert book(path, {"asn": 9198}).network_of(f"x{ip}") == UNKNOWN_NETWORK


def test_the_cache_is_bounded_and_keeps_answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmdb, "CACHED_ADDRESSES", 10)
    remembered = mmdb._Remembered(book(tmp_path, {"asn": 9198}).network_of)
    assert {remembered[f"192.0.2.{n}"].asn for n in range(200)} == {9198}
    assert len(remembered) <= 10


def test_what_is_too_long_for_an_address_is_not_remembered(tmp_path: Path) -> None:
    remembered = mmdb._Remembered(book(tmp_path, {"asn": 9198}).network_of)
    assert remembered["1" * 1_000_000] == UNKNOWN_NETWORK
    assert len(remembered) == 0


def test_names_are_found_by_number_the_commonest_first(tmp_path: Path) -> None:
    records = {
        f"192.0.{n}.0/24": {"asn": 9198, "as_name": name} for n, name in ((1, "Old"), (3, "KT"), (5, "KT"))
    }
    path = write(tmp_path / "a.mmdb", dict(records))
    named = AddressBook(asn=path, country=None, version="v")
    assert (named.name_of(9198), named.name_of(1)) == ("KT", "")


def test_address_books_travel_to_worker_processes(tmp_path: Path) -> None:
    copy = pickle.loads(pickle.dumps(book(tmp_path, {"asn": 9198})))  # noqa: S301  made in this very line
    assert (copy.version, copy.network_of("192.0.2.1").asn) == ("v", 9198)


def test_another_kind_of_file_is_the_user_s_mistake(tmp_path: Path) -> None:
    path = tmp_path / "a.mmdb"
    path.write_bytes(b"no such format")
    with pytest.raises(UserError, match=r"a\.mmdb cannot be read as a MaxMind-format file"):
        AddressBook(asn=path, country=None, version="v")
