"""Feeds, boards and counts of what moves."""

import pytest
from google.transit import gtfs_realtime_pb2

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family
from tests.signals.reading import brought, recognised_as


def snapshot(*, made: int = 1700000123, trips: int = 0, vehicles: int = 0, canceled: int = 0) -> bytes:
    feed = gtfs_realtime_pb2.FeedMessage()
    feed.header.gtfs_realtime_version = "2.0"
    feed.header.timestamp = made
    for number in range(trips + canceled):
        one = feed.entity.add()
        one.id = f"t{number}"
        one.trip_update.trip.trip_id = f"trip {number}"
        if number >= trips:
            one.trip_update.trip.schedule_relationship = 3
    for number in range(vehicles):
        one = feed.entity.add()
        one.id = f"v{number}"
        one.vehicle.vehicle.id = f"bus {number}"
    return bytes(feed.SerializeToString())


def test_a_snapshot_counts_trips_that_run_and_vehicles() -> None:
    found = brought(snapshot(trips=3, vehicles=2, canceled=4), "feed-ke.pb")
    assert found.points("KE:gtfs-realtime:trips") == [("2023-11-14 22:15", 3)]
    assert found.values("KE:gtfs-realtime:vehicles") == [2]
    assert found.header("KE:gtfs-realtime:trips").family is Family.TRANSPORT


def test_a_snapshot_with_nothing_in_it_is_a_zero() -> None:
    assert brought(snapshot(), "feed-ke.pb").values("KE:gtfs-realtime:vehicles") == [0]


def test_bins_are_as_wide_as_is_asked_for() -> None:
    found = brought(snapshot(trips=1), "feed.pb", place="KE", resolution_s=3600)
    assert found.points("KE:gtfs-realtime:trips") == [("2023-11-14 22:00", 1)]


def test_a_snapshot_without_a_time_or_that_is_cut_short_is_told() -> None:
    with pytest.raises(UserError, match="when it was made"):
        brought(snapshot(made=0, trips=1), "feed-ke.pb")
    with pytest.raises(UserError, match="no whole"):
        brought(snapshot(trips=9)[:-3], "feed-ke.pb")


def test_a_table_of_counts_keeps_its_gaps() -> None:
    found = brought(
        "hour,country,flights\n2022-02-24 03:00,UA,12\n2022-02-24 05:00,UA,\n2022-02-24 06:00,UA,0\n", "x.csv"
    )
    assert found.values("UA:transport:flights") == [12, None, 0]


def test_departures_are_counted_by_the_hour_and_none_is_zero() -> None:
    table = "icao24,firstseen,destination\na,1645671600,x\nb,1645672000,y\nc,1645682500,\nd,never,\n"
    found = brought(table, "opensky.csv", country="UA")
    assert found.points("UA:transport:departures") == [
        ("2022-02-24 03:00", 2),
        ("2022-02-24 04:00", 0),
        ("2022-02-24 05:00", 0),
        ("2022-02-24 06:00", 1),
    ]
    assert found.lines == [5]


def test_they_are_told_by_what_is_in_them() -> None:
    assert recognised_as(snapshot(), "a") == "transport"
    assert recognised_as("departure_time,train\n", "board.csv") == "transport"
