"""Cloudflare Radar's API, replayed in the shapes of its documentation."""

import datetime as dt
from typing import Any

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.fetching import Fetched, fetched
from tests.signals.replaying import NOON, Asked, Reply, as_json

KEYS = {"cloudflare-radar-api": "what-nobody-may-see"}
HOUR = 3600
DAY = 86_400


def answer(asked: Asked) -> Reply:
    begins, ends = (
        int(dt.datetime.fromisoformat(asked.query[name]).timestamp()) for name in ("dateStart", "dateEnd")
    )
    times = [dt.datetime.fromtimestamp(start, dt.UTC) for start in range(begins, ends, HOUR)]
    meta = {
        "aggInterval": "ONE_HOUR",
        "normalization": "MIN0_MAX",
        "lastUpdated": "2022-01-05T11:30:00Z",
        "dateRange": [{"startTime": asked.query["dateStart"], "endTime": asked.query["dateEnd"]}],
        "units": [{"name": "*", "value": "bytes"}],
        "confidenceInfo": {"level": 5, "annotations": []},
    }
    main = {
        "timestamps": [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in times],
        "values": ["0.535174"] * len(times),
    }
    return as_json({"success": True, "errors": [], "result": {"meta": meta, "main": main}})


def radar(**options: Any) -> Fetched:
    return fetched("cloudflare-radar-api", answer, tokens=KEYS, **options)


def test_a_country_brings_bytes_and_requests_of_four_weeks_by_the_hour() -> None:
    found = radar(country="IR")
    assert sorted(found.series) == ["IR:cloudflare-radar:http", "IR:cloudflare-radar:netflows"]
    flows = found.series["IR:cloudflare-radar:netflows"]
    assert (flows.family, flows.quantity, flows.resolution_s) == (Family.TRAFFIC, Quantity.LEVEL, HOUR)
    assert len(found.values[flows.id]) == 28 * 24
    assert set(found.values[flows.id].values()) == {0.535174}


def test_one_request_asks_for_the_whole_span_since_each_answer_has_a_scale_of_its_own() -> None:
    found = radar(country="IR", signal="http", since=NOON - 90 * DAY, until=NOON - DAY)
    assert len(found.asked) == 1
    assert found.asked[0].path == "/http/timeseries"
    assert found.asked[0].query == {
        "name": "main",
        "format": "JSON",
        "aggInterval": "1h",
        "location": "IR",
        "dateStart": "2021-10-07T12:00:00Z",
        "dateEnd": "2022-01-04T12:00:00Z",
    }


def test_a_network_is_asked_for_by_its_number() -> None:
    found = radar(asn=197207, signal="netflows")
    assert found.asked[0].query["asn"] == "197207"
    assert list(found.series) == ["AS197207:cloudflare-radar:netflows"]


def test_the_hour_that_is_going_on_is_left_for_later() -> None:
    assert max(radar(country="IR", signal="http").values["IR:cloudflare-radar:http"]) == NOON - 2 * HOUR


def test_the_token_goes_along_and_without_one_nobody_is_asked() -> None:
    assert radar(country="IR").asked[0].headers["Authorization"] == f"Bearer {KEYS['cloudflare-radar-api']}"
    with pytest.raises(UserError, match="LAMPWATCH_RADAR_TOKEN"):
        fetched("cloudflare-radar-api", answer, country="IR")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"place": "IR-23"},
        {"country": "IR", "asn": 1},
        {"country": "IR", "resolution_s": 7},
        {"country": "IR", "signal": "dns"},
    ],
)
def test_what_radar_cannot_be_asked_is_told(options: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="Radar"):
        radar(**options)


def test_a_refusal_is_told_in_cloudflare_s_words() -> None:
    refusal = as_json({"success": False, "errors": [{"code": 1, "message": "Bad location"}], "result": None})
    with pytest.raises(UserError, match="Bad location"):
        fetched("cloudflare-radar-api", lambda _: refusal, tokens=KEYS, country="IR")
