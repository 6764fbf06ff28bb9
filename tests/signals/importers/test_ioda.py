"""IODA's API answers and dashboard exports."""

import json
from typing import Any

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.reading import brought, recognised_as


def signal(**given: Any) -> dict[str, Any]:
    return {
        "entityType": "country",
        "entityCode": "IR",
        "entityName": "Iran (Islamic Republic Of)",
        "entityFqid": "geo.netacuity.AS.IR",
        "datasource": "bgp",
        "subtype": "",
        "from": 1767225600,
        "until": 1767226800,
        "step": 300,
        "nativeStep": 300,
        "values": [40000, None, 39990, None],
        **given,
    }


def answer(*signals: dict[str, Any]) -> str:
    return json.dumps({"type": "signals", "error": None, "data": [list(signals)]})


def test_an_answer_gives_a_series_a_signal() -> None:
    found = brought(
        answer(signal(), signal(datasource="ping-slash24", step=600, nativeStep=600, values=[9, 8])),
        "ir.json",
    )
    assert found.points("IR:ioda:bgp") == [
        ("2026-01-01 00:00", 40000),
        ("2026-01-01 00:05", None),
        ("2026-01-01 00:10", 39990),
    ]
    header = found.header("IR:ioda:ping-slash24")
    assert (header.family, header.quantity, header.resolution_s) == (Family.PROBING, Quantity.COUNT, 600)
    assert found.header("IR:ioda:bgp").label == "Iran (Islamic Republic Of)"


def test_what_ends_in_nulls_has_not_been_measured_yet() -> None:
    assert brought(answer(signal(values=[1, None, None])), "ir.json").values("IR:ioda:bgp") == [1]
    assert (
        brought(answer(signal(), signal(datasource="merit-nt", values=[None])), "x").values(
            "IR:ioda:merit-nt"
        )
        == []
    )


def test_google_s_products_are_signals_of_their_own() -> None:
    found = brought(answer(signal(datasource="gtr-norm", subtype="WEB_SEARCH", values=[0.5])), "ir.json")
    assert found.header("IR:ioda:gtr-norm-web-search").quantity is Quantity.LEVEL


def test_several_values_a_time_are_left_out() -> None:
    nested = signal(datasource="ping-slash24-loss", values=[[{"agg_values": {"loss_pct": 3}}]])
    sarima = signal(datasource="gtr-sarima", values=[[1, 2]])
    found = brought(answer(signal(), nested, sarima), "ir.json")
    assert list(found.series) == ["IR:ioda:bgp"]
    assert found.reasons == [
        "ping-slash24-loss is no signal with one value a time",
        "gtr-sarima has several values a time",
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"entityType": "asn", "entityCode": "58224"}, "AS58224"),
        ({"entityType": "geoasn", "entityCode": "58224-IR"}, "AS58224@IR"),
        (
            {
                "entityType": "region",
                "entityCode": "4416",
                "entityName": "Louisiana",
                "entityFqid": "geo.netacuity.NA.US.4416",
            },
            "US-LA",
        ),
        (
            {
                "entityType": "region",
                "entityCode": "1",
                "entityName": "Nowhere",
                "entityFqid": "geo.netacuity.NA.US.1",
            },
            "US/Nowhere",
        ),
    ],
)
def test_entities_are_named_as_lampwatch_names_them(given: dict[str, str], code: str) -> None:
    assert list(brought(answer(signal(**given)), "x.json").series) == [f"{code}:ioda:bgp"]


def test_a_region_of_a_country_that_nobody_says_is_left_out_until_somebody_does() -> None:
    text = answer(signal(entityType="region", entityCode="4416", entityName="Zulia", entityFqid=""), signal())
    assert brought(text, "x.json").reasons == [
        "region 4416 is IODA's own number; say its country with --country"
    ]
    assert "VE-V:ioda:bgp" in brought(text, "x.json", country="VE").series


def test_an_error_is_told() -> None:
    with pytest.raises(UserError, match="no such entity"):
        brought('{"type":"signals","error":"no such entity","data":null}', "x.json", "ioda")


@pytest.mark.parametrize(
    "given",
    [
        {"step": -300},
        {"from": -5},
        {"from": 10**400},
        {"values": ["x"]},
        {"values": [True]},
        {"values": [10**400]},
        {"step": None, "nativeStep": None},
        {"entityType": "continent"},
    ],
)
def test_a_signal_that_makes_no_sense_costs_no_other(given: dict[str, Any]) -> None:
    found = brought(answer(signal(**given), signal(datasource="merit-nt")), "x.json")
    assert list(found.series) == ["IR:ioda:merit-nt"]
    assert found.lines == [1]


DASHBOARD = """\
Time (UTC),"Active Probing (#/24s Up)","BGP (# Visible /24s)","Telescope (# Unique Source IPs)","Google (Search)"
2026-01-08 00:00:00,9000,41000,310,1200
2026-01-08 00:05:00,,41010,,
2026-01-08 00:10:00,8990,,300,
2026-01-08 00:15:00,,41020,,
2026-01-08 00:20:00,8980,41000,290,
2026-01-08 00:30:00,,41000,280,1100
2026-01-08 00:40:00,12,41000,5,
2026-01-08 01:00:00,10,41000,4,30
"""
FILE = "ioda-iran-(islamic-republic-of)-26-01-08-00-00-raw.csv"


def test_a_dashboard_s_table_gives_a_series_a_column() -> None:
    found = brought(DASHBOARD, FILE)
    assert {name: found.header(name).resolution_s for name in found.series} == {
        "IR:ioda:ping-slash24": 600,
        "IR:ioda:bgp": 300,
        "IR:ioda:merit-nt": 600,
        "IR:ioda:gtr-search": 1800,
    }
    assert found.header("IR:ioda:bgp").quantity is Quantity.COUNT


def test_an_empty_cell_is_a_gap_only_where_the_signal_has_a_bin() -> None:
    found = brought(DASHBOARD, FILE)
    assert found.values("IR:ioda:gtr-search") == [1200, 1100, 30]
    assert found.points("IR:ioda:ping-slash24")[3] == ("2026-01-08 00:30", None)
    assert found.points("IR:ioda:bgp")[2] == ("2026-01-08 00:10", None)


def test_a_normalised_export_is_a_level() -> None:
    found = brought(
        "Time (UTC),BGP,Active Probing\n2026-01-08 00:00:00,100,99.1\n", FILE.replace("raw", "normalized")
    )
    assert found.header("IR:ioda:bgp").quantity is Quantity.LEVEL


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("ioda-venezuela-26-01-08-00-00-raw.csv", {}, "VE"),
        ("ioda-zulia-26-01-08-00-00-raw.csv", {"country": "VE"}, "VE-V"),
        ("ioda-as58224-(tci)-26-01-08-00-00-raw.csv", {}, "AS58224"),
        ("export.csv", {"country": "IR"}, "IR"),
        ("iran_january.csv", {}, "IR"),
        ("ioda_ir.csv", {}, "IR"),
        ("ioda-venezuela-26-01-08-00-00-raw.csv", {"place": "VE-B"}, "VE-B"),
    ],
)
def test_whom_a_table_is_about(name: str, options: dict[str, str], code: str) -> None:
    assert f"{code}:ioda:bgp" in brought(DASHBOARD, name, **options).series


def test_whom_a_table_is_about_must_be_said() -> None:
    with pytest.raises(UserError, match="--country"):
        brought(DASHBOARD, "export.csv")


@pytest.mark.parametrize(
    "head", ["Time,BGP,Active Probing,Telescope", "datetime,bgp,ping-slash24,merit-nt", "date;BGP;Google"]
)
def test_other_headers_are_known(head: str) -> None:
    assert recognised_as(head + "\n", "x.csv") == "ioda"
