"""RIPE Atlas' API and archive, replayed in the shapes of their documentation."""

import bz2
import json
from typing import Any

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.fetching import fetched
from tests.signals.replaying import NOON, Asked, Reply, as_json

DAY = 86_400
HOUR = 3600


def probe(country: str | None, asn: int | None, status: Any) -> dict[str, Any]:
    return {
        "id": 1003272,
        "asn_v4": asn,
        "asn_v6": None,
        "country_code": country,
        "is_anchor": False,
        "status": status,
        "total_uptime": 60,
        "type": "Probe",
    }


def connected(country: str | None, asn: int | None) -> dict[str, Any]:
    return probe(country, asn, {"id": 1, "name": "Connected", "since": "2022-01-01T09:28:25Z"})


PAGES = [
    [connected("KZ", 9198), connected("KZ", 9198), connected("KZ", None)],
    [connected("KZ", 21299), connected("KG", 12997), connected(None, 9198), connected("??", 1)],
]


def paged(asked: Asked) -> Reply:
    page = int(asked.query["page"])
    last = page == len(PAGES)
    # Where the next page is said to be must not be believed.
    following = None if last else "https://192.0.2.1/elsewhere"
    return as_json({"count": 7, "next": following, "previous": None, "results": PAGES[page - 1]})


def test_probes_that_are_connected_now_are_counted_over_all_pages() -> None:
    found = fetched("ripe-atlas-api", paged, country="KZ")
    assert {name: values[NOON] for name, values in found.values.items()} == {
        "KZ:ripe-atlas:connected-now": 4.0,
        "AS9198@KZ:ripe-atlas:connected-now": 2.0,
        "AS21299@KZ:ripe-atlas:connected-now": 1.0,
    }
    header = found.series["KZ:ripe-atlas:connected-now"]
    assert (header.family, header.quantity, header.resolution_s) == (Family.PROBES, Quantity.COUNT, HOUR)
    assert [asked.query for asked in found.asked] == [
        {"status": "1", "page_size": "500", "country_code": "KZ", "page": str(page)} for page in (1, 2)
    ]


def test_without_a_country_each_has_a_count() -> None:
    found = fetched("ripe-atlas-api", paged)
    assert found.values["KG:ripe-atlas:connected-now"][NOON] == 1.0


def test_a_network_is_counted_wherever_its_probes_are() -> None:
    found = fetched("ripe-atlas-api", paged, asn=9198)
    assert found.values["AS9198:ripe-atlas:connected-now"][NOON] == 2.0
    assert found.asked[0].query["asn_v4"] == "9198"


def test_a_country_without_a_probe_has_none() -> None:
    found = fetched(
        "ripe-atlas-api", lambda _: as_json({"count": 0, "next": None, "results": []}), country="KP"
    )
    assert found.values["KP:ripe-atlas:connected-now"] == {NOON: 0.0}


def test_pages_without_end_are_given_up() -> None:
    endless = as_json({"count": 1, "next": "?page=2", "results": []})
    with pytest.raises(UserError, match="more than 200 pages"):
        fetched("ripe-atlas-api", lambda _: endless, country="KZ")


def archive(asked: Asked) -> Reply:
    """On the 3rd all are connected, on the 4th one network is gone, of the 2nd there is no file."""
    if asked.path == "/2022/01/20220102.json.bz2":
        return Reply(status=404)
    gone = 2 if asked.path == "/2022/01/20220104.json.bz2" else 1
    objects = [probe("KZ", 9198, 1), probe("KZ", 9198, 1), probe("KZ", 21299, gone), probe("KG", 1, 1)]
    document = {"meta": {"total_count": len(objects)}, "objects": objects}
    return Reply(bz2.compress(json.dumps(document).encode()))


def test_days_come_from_the_archive_and_a_network_that_is_gone_has_zero() -> None:
    found = fetched("ripe-atlas-api", archive, country="KZ", since=NOON - 3 * DAY)
    third, fourth = NOON - 2 * DAY - DAY // 2, NOON - DAY - DAY // 2
    assert found.values == {
        "KZ:ripe-atlas:connected": {third: 3.0, fourth: 2.0},
        "AS9198@KZ:ripe-atlas:connected": {third: 2.0, fourth: 2.0},
        "AS21299@KZ:ripe-atlas:connected": {third: 1.0, fourth: 0.0},
    }
    assert [row.reason for row in found.malformed] == ["the archive has no file of this day"]
    assert found.series["KZ:ripe-atlas:connected"].resolution_s == DAY


@pytest.mark.parametrize(
    "body", [b"BZh9 no", bz2.compress(b"x" * 1000)[:-20], bz2.compress(b"[]"), bz2.compress(b"no JSON")]
)
def test_a_file_that_is_damaged_is_told(body: bytes) -> None:
    with pytest.raises(UserError, match=r"20220104\.json\.bz2"):
        fetched("ripe-atlas-api", lambda _: Reply(body), country="KZ", since=NOON - DAY)


def test_regions_are_not_told_apart() -> None:
    with pytest.raises(UserError, match="no region"):
        fetched("ripe-atlas-api", paged, place="KZ-ALA")
