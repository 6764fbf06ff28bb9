"""Lampwatch's own stream measurements as a series."""

import json
from typing import Any

from lampwatch.model.series import Family, Quantity
from tests.signals.reading import brought, recognised_as

GOING = {"kind": "hls", "playlists": [{"live": True, "newest": 7}, {"live": True, "newest": 8}]}
STILL = {"kind": "hls", "playlists": [{"live": True, "newest": 7}, {"live": True, "newest": 7}]}


def measurement(stream: dict[str, Any] | None, **given: Any) -> str:
    return json.dumps(
        {
            "test_name": "stream",
            "probe_cc": "VE",
            "probe_asn": "AS8048",
            "input": "https://tv.test/live.m3u8",
            "measurement_start_time": "2026-01-01 05:10:00",
            "test_keys": {"x_stream": stream},
            **given,
        }
    )


def share(*lines: str) -> list[float | None]:
    return brought("\n".join(lines), "m.jsonl", "streams").values("VE:lampwatch:live-streams")


def test_a_programme_that_goes_on_and_one_that_stands_still_are_half() -> None:
    found = brought("\n".join([measurement(GOING), measurement(STILL, input="https://b.test/")]), "m.jsonl")
    assert found.points("VE:lampwatch:live-streams") == [("2026-01-01 05:00", 0.5)]
    assert found.values("AS8048@VE:lampwatch:live-streams") == [0.5]
    header = found.header("VE:lampwatch:live-streams")
    assert (header.family, header.quantity) == (Family.STREAM, Quantity.SHARE)


def test_a_programme_counts_once_an_hour() -> None:
    assert share(measurement(STILL), measurement(GOING), measurement(STILL)) == [1]


def test_what_cannot_be_had_does_not_go_on() -> None:
    assert share(measurement({"kind": None})) == [0]
    assert share(measurement({"kind": "hls", "playlists": [{"live": None}]})) == [0]


def test_a_recording_says_nothing() -> None:
    lines = [
        measurement(GOING),
        measurement({"kind": "hls", "playlists": [{"live": False, "newest": 9}]}, input="x"),
    ]
    assert share(*lines) == [1]


def test_a_manifest_by_the_clock_needs_a_piece_that_came() -> None:
    looks = [{"live": True, "newest": 7, "by_clock": True}, {"live": True, "newest": 8, "by_clock": True}]
    assert share(measurement({"kind": "dash", "playlists": looks, "segments": []})) == [0]
    pieces = [{"failure": None, "status": 200, "num_bytes": 9}]
    assert share(measurement({"kind": "dash", "playlists": looks, "segments": pieces})) == [1]


def test_a_station_is_heard() -> None:
    assert share(measurement({"kind": "icy", "heard": {"bytes": 4096, "seconds": 6}})) == [1]
    assert share(measurement({"kind": "icy", "heard": {"bytes": 0}})) == [0]


def test_an_hour_without_measurements_is_absent() -> None:
    later = measurement(STILL, measurement_start_time="2026-01-01 09:00:00")
    assert len(share(measurement(GOING), later)) == 2


def test_other_documents_and_broken_lines_cost_nothing() -> None:
    lines = [
        "{",
        measurement(GOING, test_name="telegram"),
        measurement(GOING, probe_cc="ZZ"),
        measurement(GOING, measurement_start_time="never"),
        measurement(None),
        measurement(GOING),
    ]
    found = brought("\n".join(lines), "m.jsonl", "streams")
    assert found.values("VE:lampwatch:live-streams") == [1]
    assert found.lines == [1, 3, 4]


def test_they_are_told_by_the_test_s_name() -> None:
    assert recognised_as(measurement(GOING), "x.jsonl") == "streams"
