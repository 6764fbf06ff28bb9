"""A GTFS-Realtime feed, replayed in the shape of its documentation."""

from typing import Any

import pytest
from google.transit import gtfs_realtime_pb2

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family
from lampwatch.signals.importers.transport import SNAPSHOT_S
from lampwatch.signals.importing import Options, network_importers
from tests.signals.fetching import fetched
from tests.signals.replaying import NOON, Reply, web

DAY = 86_400


def feed(trips: int, *, made: int = NOON) -> Reply:
    message = gtfs_realtime_pb2.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.header.timestamp = made
    for number in range(trips):
        entity = message.entity.add()
        entity.id = str(number)
        entity.trip_update.trip.trip_id = f"trip {number}"
    return Reply(message.SerializeToString(), headers={"Content-Type": "application/x-protobuf"})


def test_one_snapshot_is_one_value() -> None:
    found = fetched("transport-api", lambda _: feed(7, made=NOON + 130), country="KZ")
    assert found.values == {"KZ:gtfs-realtime:trips": {NOON: 7.0}}
    header = found.series["KZ:gtfs-realtime:trips"]
    assert (header.family, header.resolution_s) == (Family.TRANSPORT, SNAPSHOT_S)
    assert len(found.asked) == 1


def test_a_feed_in_which_nothing_moves_is_zero() -> None:
    found = fetched("transport-api", lambda _: feed(0), country="KZ")
    assert set(found.values["KZ:gtfs-realtime:trips"].values()) == {0.0}


def test_a_feed_that_hangs_is_no_value_of_today() -> None:
    found = fetched("transport-api", lambda _: feed(7, made=NOON - 2 * DAY), country="KZ")
    assert not found.series
    assert "it hangs" in found.malformed[0].reason


@pytest.mark.parametrize("options", [{}, {"country": "KZ", "since": NOON}])
def test_what_a_feed_cannot_be_asked_is_told(options: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="a feed"):
        fetched("transport-api", lambda _: feed(1), **options)


def test_an_address_must_be_said() -> None:
    with web() as out, pytest.raises(UserError, match="--address"):
        list(network_importers()["transport-api"].fetch(out, Options(country="KZ")))


def test_a_page_in_place_of_a_feed_is_told() -> None:
    with pytest.raises(UserError):
        fetched("transport-api", lambda _: Reply(b"<html>not here</html>"), country="KZ")
