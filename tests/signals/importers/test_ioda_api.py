"""IODA's API, replayed in the shapes of its documentation."""

from typing import Any

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.fetching import fetched
from tests.signals.replaying import NOON, Asked, Reply, as_json

STEP = 600
DAY = 86_400


def signal(asked: Asked, **more: Any) -> dict[str, Any]:
    """One series of an answer: a value for each bin of the time asked for, its number since 1970 modulo 100."""
    _, _, _, kind, code = asked.path.split("/")
    begins, ends = int(asked.query["from"]), int(asked.query["until"])
    return {
        "entityType": kind,
        "entityCode": code,
        "entityName": "Venezuela",
        "entityFqid": f"geo.provider.SA.{code}",
        "datasource": asked.query["datasource"],
        "subtype": "",
        "from": begins,
        "until": ends,
        "step": STEP,
        "nativeStep": STEP,
        "values": [start // STEP % 100 for start in range(begins, ends, STEP)],
    } | more


def enveloped(data: Any) -> Reply:
    return as_json(
        {
            "type": "signals",
            "metadata": {"requestTime": "2022-01-05T12:00:00", "responseTime": "2022-01-05T12:00:01"},
            "requestParameters": {},
            "error": None,
            "perf": None,
            "data": data,
            "copyright": "Georgia Tech Research Corporation",
        }
    )


def answer(asked: Asked) -> Reply:
    return enveloped([[signal(asked)]])


def test_a_country_brings_each_signal_of_the_last_week() -> None:
    found = fetched("ioda-api", answer, country="VE")
    assert sorted(found.series) == ["VE:ioda:bgp", "VE:ioda:gtr", "VE:ioda:merit-nt", "VE:ioda:ping-slash24"]
    bgp = found.series["VE:ioda:bgp"]
    assert (bgp.family, bgp.unit, bgp.quantity, bgp.resolution_s) == (
        Family.BGP,
        "/24s",
        Quantity.COUNT,
        STEP,
    )
    assert len(found.values["VE:ioda:bgp"]) == 7 * DAY // STEP
    assert [asked.path for asked in found.asked] == ["/signals/raw/country/VE"] * 4


def test_a_long_span_is_asked_for_week_by_week_and_joined_again() -> None:
    since = NOON - 20 * DAY
    found = fetched("ioda-api", answer, country="VE", signal="bgp", since=since, until=NOON)
    assert len(found.asked) == 3
    values = found.values["VE:ioda:bgp"]
    assert values == {start: float(start // STEP % 100) for start in range(since, NOON, STEP)}


@pytest.mark.parametrize(
    ("options", "path", "series"),
    [
        ({"asn": 8048}, "/signals/raw/asn/8048", "AS8048:ioda:bgp"),
        ({"asn": 8048, "country": "VE"}, "/signals/raw/geoasn/8048-VE", "AS8048@VE:ioda:bgp"),
        ({"place": "VE"}, "/signals/raw/country/VE", "VE:ioda:bgp"),
    ],
)
def test_networks_are_asked_for_by_ioda_s_codes(options: dict[str, Any], path: str, series: str) -> None:
    found = fetched("ioda-api", answer, signal="bgp", **options)
    assert [asked.path for asked in found.asked] == [path]
    assert list(found.series) == [series]


def regions(asked: Asked) -> Reply:
    if asked.path == "/entities/query":
        assert asked.query == {"entityType": "region", "relatedTo": "country/VE"}
        return enveloped(
            [
                {"code": "4498", "name": "Anzoategui", "type": "region", "subnames": [], "attrs": {}},
                {"code": "4500", "name": "Aragua", "type": "region", "subnames": [], "attrs": {}},
            ]
        )
    return enveloped([[signal(asked, entityName="Aragua", entityFqid="geo.netacuity.SA.VE.4500")]])


def test_a_region_is_found_by_its_name() -> None:
    found = fetched("ioda-api", regions, place="VE-D", signal="bgp")
    assert found.asked[-1].path == "/signals/raw/region/4500"
    assert list(found.series) == ["VE-D:ioda:bgp"]


def test_a_region_that_ioda_does_not_have_is_told() -> None:
    with pytest.raises(UserError, match="IODA has no region VE-Z "):
        fetched("ioda-api", regions, place="VE-Z", signal="bgp")


def test_times_that_ioda_has_nothing_of_bring_nothing() -> None:
    assert not fetched("ioda-api", lambda _: enveloped([[]]), country="VE").series


def test_an_error_in_the_envelope_is_told() -> None:
    with pytest.raises(UserError, match="no such datasource"):
        fetched("ioda-api", lambda _: as_json({"error": "no such datasource", "data": None}), country="VE")


def test_what_is_nested_is_left_out_and_told() -> None:
    found = fetched(
        "ioda-api",
        lambda asked: enveloped([[signal(asked, values=[[{"agg_values": {"loss": 1}}]]), signal(asked)]]),
        country="VE",
        signal="bgp",
    )
    assert list(found.series) == ["VE:ioda:bgp"]
    assert len(found.malformed) == 1


def test_nobody_is_asked_for_nothing_in_particular() -> None:
    with pytest.raises(UserError, match="say --country, --place or --asn"):
        fetched("ioda-api", answer)
    with pytest.raises(UserError, match="IODA has no signal radio"):
        fetched("ioda-api", answer, country="VE", signal="radio")
