import datetime as dt
import fcntl
import gzip
import os
from pathlib import Path

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.network import UNKNOWN_NETWORK, Network
from lampwatch.store.references.geoip import Update, update_geoip
from lampwatch.store.references.snapshot import GEOIP, Snapshot, in_force, open_networks
from lampwatch.store.references.web import Web
from tests.store.references.registry_server import ASN, COUNTRY, Registry, country_mmdb

NOW = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.UTC)
NOWHERE = "http://127.0.0.1:1"
KT_ROW = "192.0.2.0,192.0.2.255,9198,Kazakhtelecom\n"


def update(directory: Path, registry: str = NOWHERE, **given: list[str]) -> Snapshot:
    how = Update(registry=registry, web=Web(timeout_s=5), now=NOW, progress=lambda *_: None)
    return update_geoip(directory, given, how)[0]


def network(directory: Path, ip: str) -> Network:
    book = open_networks(directory)
    assert book is not None
    return book.network_of(ip)


def csv(path: Path, content: str = KT_ROW) -> str:
    path.write_text(content)
    os.utime(path, (1_781_654_400, 1_781_654_400))
    return str(path)


def test_free_data_comes_from_the_registry(registry: Registry, tmp_path: Path) -> None:
    registry.publish_defaults(tmp_path)
    snapshot = update(tmp_path, registry.base)
    assert network(tmp_path, "192.0.2.1") == Network(9198, "Kazakhtelecom, JSC", "KZ")
    assert network(tmp_path, "2001:db8::1") == Network(9198, "Kazakhtelecom", "KZ")
    assert [f.role for f in snapshot.files] == ["asn", "country"]


def test_the_record_keeps_source_date_licence_and_what_the_publisher_warns_of(
    registry: Registry, tmp_path: Path
) -> None:
    registry.publish_defaults(tmp_path)
    asn = update(tmp_path, registry.base).files[0]
    assert (asn.source, asn.data_date) == (f"npm {ASN} 2.3.2026061719", "2026-06-17")
    assert (asn.licence, asn.attribution) == (
        "CC-BY-4.0",
        "Attribute it to DB-IP.com.\n\nAttribute it to nro.net.",
    )
    assert "releases" in asn.caveat


def test_the_same_data_twice_is_the_same_snapshot(registry: Registry, tmp_path: Path) -> None:
    registry.publish_defaults(tmp_path)
    assert update(tmp_path, registry.base).version == update(tmp_path, registry.base).version


def test_a_failure_half_way_leaves_the_snapshot_in_force_and_nothing_behind(
    registry: Registry, tmp_path: Path
) -> None:
    registry.publish_defaults(tmp_path)
    before = update(tmp_path, registry.base)
    registry.publish(ASN, {"asn-ipv4.csv": b"192.0.2.0,192.0.2.255,1,New\n", "asn-ipv6.csv": b""})
    registry.integrity[COUNTRY] = "sha512-AAAA"
    registry.publish(COUNTRY, {"geo-whois-asn-country.mmdb": b"new"})
    with pytest.raises(UserError):
        update(tmp_path, registry.base)
    assert network(tmp_path, "192.0.2.1").asn == 9198
    left = {path.name for path in (tmp_path / GEOIP).iterdir()}
    assert left == {".lock", "current", before.version}


def test_offline_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        update(tmp_path)
    assert str(told.value).startswith(f"cannot fetch {NOWHERE}/@ip-location-db%2fasn: ")
    assert "\n" not in str(told.value)


def test_what_a_killed_update_left_is_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / GEOIP / ".new-snapshot"
    left.mkdir(parents=True)
    (left / "asn.mmdb").write_bytes(b"half")
    update(tmp_path, asn=[csv(tmp_path / "a.csv")])
    assert not left.exists()


def test_two_updates_do_not_meet(tmp_path: Path) -> None:
    (tmp_path / GEOIP).mkdir(parents=True)
    with (tmp_path / GEOIP / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another `lampwatch geoip update` is at work"):
            update(tmp_path, asn=[csv(tmp_path / "a.csv")])


def test_local_csv_files_need_no_network(tmp_path: Path) -> None:
    four, six = csv(tmp_path / "4.csv"), csv(tmp_path / "6.csv", "2001:db8::,2001:db8::ffff,9198,KT\n")
    countries = csv(tmp_path / "c.csv", "192.0.2.0,192.0.2.255,KZ\n")
    snapshot = update(tmp_path, asn=[four, six], country=[countries])
    assert network(tmp_path, "192.0.2.1") == Network(9198, "Kazakhtelecom", "KZ")
    assert network(tmp_path, "2001:db8::1").asn == 9198
    assert {f.data_date for f in snapshot.files} == {"2026-06-17"}


def test_a_local_mmdb_is_taken_as_it_is(tmp_path: Path) -> None:
    content = country_mmdb(tmp_path / "c.mmdb")
    (file,) = update(tmp_path, country=[str(tmp_path / "c.mmdb")]).files
    found = in_force(tmp_path)
    assert found is not None
    assert (found[1] / file.file).read_bytes() == content


def test_gzipped_files_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(KT_ROW.encode()))
    update(tmp_path, asn=[str(path)])
    assert network(tmp_path, "192.0.2.1").asn == 9198


def test_an_address_is_fetched_and_dated_by_its_server(registry: Registry, tmp_path: Path) -> None:
    modified = {"Last-Modified": "Fri, 20 Nov 2026 03:00:00 GMT"}
    registry.answers["/asn-ipv4.csv?raw"] = (200, modified, KT_ROW.encode())
    (file,) = update(tmp_path, asn=[f"{registry.base}/asn-ipv4.csv?raw"]).files
    assert (file.data_date, network(tmp_path, "192.0.2.1").asn) == ("2026-11-20", 9198)


def test_a_role_that_is_not_given_keeps_what_is_in_force(tmp_path: Path) -> None:
    update(tmp_path, country=[csv(tmp_path / "c.csv", "192.0.2.0,192.0.2.255,KZ\n")])
    assert network(tmp_path, "192.0.2.1") == Network(0, "", "KZ")
    update(tmp_path, asn=[csv(tmp_path / "a.csv")])
    assert network(tmp_path, "192.0.2.1") == Network(9198, "Kazakhtelecom", "KZ")


def test_names_stand_beside_the_networks(tmp_path: Path) -> None:
    update(tmp_path, asn=[csv(tmp_path / "a.csv")])
    book = open_networks(tmp_path)
    assert book is not None
    assert book.name_of(9198) == "Kazakhtelecom"
    assert book._names is not None


def test_few_malformed_rows_are_left_out(tmp_path: Path) -> None:
    rows = "".join(f"10.0.{n // 256}.{n % 256},10.0.{n // 256}.{n % 256},{n + 1},n\n" for n in range(500))
    update(tmp_path, asn=[csv(tmp_path / "a.csv", f"{rows}broken\n")])
    assert network(tmp_path, "10.0.1.0").asn == 257


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", "name,scope\nooni,nat\n", r"2 of 2 rows are no address ranges \(line 1: 2 fields"),
        ("a.csv", "", "it is empty"),
        ("a.csv", "192.0.2.0,192.0.2.255,KZ\n", "no network's number"),
        ("a.mmdb", "no such format", "cannot be read as a MaxMind-format file"),
        ("a.zip", "PK", "give one .mmdb, or .csv files"),
        ("a.csv.gz", "not packed", "cannot be unpacked"),
    ],
)
def test_another_kind_of_file_is_refused_with_its_reason(
    tmp_path: Path, name: str, content: str, why: str
) -> None:
    with pytest.raises(UserError, match=why):
        update(tmp_path, asn=[csv(tmp_path / name, content)])
    assert in_force(tmp_path) is None


def test_a_file_of_countries_cannot_stand_for_networks(tmp_path: Path) -> None:
    country_mmdb(tmp_path / "c.mmdb")
    with pytest.raises(UserError, match="holds no network numbers: it cannot be used for --asn"):
        update(tmp_path, asn=[str(tmp_path / "c.mmdb")])


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read .*none\.mmdb: No such file"):
        update(tmp_path, asn=[str(tmp_path / "none.mmdb")])


def test_addresses_in_no_range_are_unknown(tmp_path: Path) -> None:
    update(tmp_path, asn=[csv(tmp_path / "a.csv")])
    assert network(tmp_path, "198.51.100.1") == UNKNOWN_NETWORK


@pytest.mark.parametrize(("version", "date"), [("1.0.0", "2026-11-23"), ("2.3.2026139919", "2026-11-23")])
def test_a_package_version_without_a_date_counts_from_today(
    registry: Registry, tmp_path: Path, version: str, date: str
) -> None:
    registry.publish_defaults(tmp_path)
    registry.publish(ASN, {"asn-ipv4.csv": KT_ROW.encode(), "asn-ipv6.csv": b""}, version)
    assert update(tmp_path, registry.base).files[0].data_date == date
