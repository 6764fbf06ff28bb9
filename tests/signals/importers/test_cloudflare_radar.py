"""Cloudflare Radar's answers and downloads."""

import json
from typing import Any

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.reading import brought

TIMES = ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"]


def answer(meta: dict[str, Any] | None = None, **series: Any) -> str:
    about = {"aggInterval": "ONE_HOUR", "units": [{"name": "*", "value": "requests"}], **(meta or {})}
    return json.dumps({"success": True, "errors": [], "result": {"meta": about, **series}})


def test_an_answer_gives_its_series() -> None:
    found = brought(answer(serie_0={"timestamps": TIMES, "values": ["0.56", None]}), "radar-ir.json")
    assert found.points("IR:cloudflare-radar:http") == [
        ("2026-01-01 00:00", 0.56),
        ("2026-01-01 01:00", None),
    ]
    header = found.header("IR:cloudflare-radar:http")
    assert (header.family, header.quantity, header.resolution_s) == (Family.TRAFFIC, Quantity.LEVEL, 3600)


def test_the_interval_is_the_answer_s() -> None:
    meta = {"aggInterval": "FIFTEEN_MINUTES", "units": [{"value": "bytes"}]}
    text = answer(meta, main={"timestamps": TIMES, "values": ["1", "1"]})
    assert brought(text, "x.json", country="KE").header("KE:cloudflare-radar:netflows").resolution_s == 900


def test_series_that_are_named_after_countries_are_about_them() -> None:
    one = {"timestamps": TIMES, "values": ["1", "0.5"]}
    found = brought(answer(KE=one, UG=one), "radar.json")
    assert sorted(found.series) == ["KE:cloudflare-radar:http", "UG:cloudflare-radar:http"]


def test_groups_are_shares() -> None:
    found = brought(
        answer(serie_0={"timestamps": TIMES, "mobile": ["60", "61"], "desktop": ["40", "39"]}), "ke.json"
    )
    assert found.values("KE:cloudflare-radar:http-mobile") == [60, 61]
    assert found.header("KE:cloudflare-radar:http-desktop").quantity is Quantity.SHARE


def test_a_series_that_makes_no_sense_costs_no_other() -> None:
    good = {"timestamps": TIMES, "values": ["1", "0.5"]}
    found = brought(
        answer(
            KE=good,
            UG={"timestamps": TIMES, "values": ["1"]},
            TZ={"timestamps": ["soon"], "values": ["1"]},
            RW={"timestamps": TIMES, "values": [{}, "1"]},
        ),
        "radar.json",
    )
    assert list(found.series) == ["KE:cloudflare-radar:http"]
    assert len(found.reasons) == 3


def test_an_error_is_told() -> None:
    with pytest.raises(UserError, match="Authentication"):
        brought(
            '{"success":false,"errors":[{"message":"Authentication error"}]}', "x.json", "cloudflare-radar"
        )


def test_a_download_pairs_times_and_values() -> None:
    table = "Serie_0 timestamps,Serie_0 values\n2026-01-01T00:00:00Z,0.5\n2026-01-01T00:15:00Z,0.25\n"
    found = brought(table, "http-traffic-ke.csv")
    assert found.values("KE:cloudflare-radar:http") == [0.5, 0.25]
    assert found.header("KE:cloudflare-radar:http").resolution_s == 900


def test_a_download_of_several_series_names_them_apart() -> None:
    table = (
        "main timestamps,main values,previous timestamps,previous values\n"
        "2026-01-08T00:00:00Z,0.5,2026-01-01T00:00:00Z,0.6\n2026-01-08T01:00:00Z,0.4,,\n"
    )
    found = brought(table, "x.csv", country="KE", signal="http")
    assert {name: len(one) for name, one in found.series.items()} == {
        "KE:cloudflare-radar:http": 2,
        "KE:cloudflare-radar:http-previous": 1,
    }


def test_whom_it_is_about_must_be_said() -> None:
    with pytest.raises(UserError, match="--country"):
        brought(answer(serie_0={"timestamps": TIMES, "values": ["1", "1"]}), "download.json")
