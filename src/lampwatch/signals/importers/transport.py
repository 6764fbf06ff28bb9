"""Trains, buses and aircraft: GTFS-Realtime snapshots, counts, and boards with a row for each departure.

Shapes: https://gtfs.org/documentation/realtime/reference/ (FeedMessage, protobuf), and CSV with a time and a count, or
with a time of departure.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # it ships no types
from google.transit import gtfs_realtime_pb2

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.binned import Combine
from lampwatch.signals.importing import Options
from lampwatch.signals.mapping import Mapping, Measured, read_mapped
from lampwatch.signals.naming import asked_entity, entity_of, word
from lampwatch.signals.table import Table, header_of

NAME: Final = "transport"
ABOUT: Final = "GTFS-Realtime snapshots; counts of flights, trains, buses; boards of departures (CSV)"
LICENCE: Final = ""
DELAY_S: Final = 300

SNAPSHOT_S: Final = 300
"""Snapshots are counted in bins of five minutes; of several in one bin the last one read counts."""
_FEED: Final = re.compile(rb"\x0a[\x05-\x7f]\x0a\x03[12]\.\d", re.DOTALL)
_TIMES: Final = ("time", "timestamp", "datetime", "hour", "date", "day")
_COUNTS: Final = ("departures", "arrivals", "flights", "trains", "buses", "trips", "vehicles")
_DEPARTURES: Final = (
    "departure_time",
    "departure",
    "scheduled_departure",
    "actual_departure",
    "firstseen",
    "std",
    "atd",
)
_COUNTRIES: Final = ("country", "country_code", "origin_country")
_CANCELED: Final = 3


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """A feed message, or a table of times with counts of what moves, or of departures."""
    if _FEED.match(head):
        return True
    columns = set(header_of(head))
    return bool((columns & set(_TIMES) and columns & set(_COUNTS)) or columns & set(_DEPARTURES))


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give trips and vehicles of a snapshot, the counts of a table, or the departures of each hour of a board."""
    if _FEED.match(content):
        return _read_feed(content, name, options)
    return _read_table(content, name, options)


def _read_feed(content: bytes, name: str, options: Options) -> Iterator[Values]:
    """A snapshot without trips or vehicles is a zero of what the feed is about: its source was alive."""
    feed = gtfs_realtime_pb2.FeedMessage()
    try:
        feed.ParseFromString(content)
    except DecodeError as error:
        raise UserError(f"{printable(name)} is no whole GTFS-Realtime snapshot") from error
    if not 0 < feed.header.timestamp < 2**32:
        raise UserError(f"{printable(name)} does not say when it was made")
    width = options.resolution_s or SNAPSHOT_S
    trips = {
        one.trip_update.trip.trip_id or one.id
        for one in feed.entity
        if one.HasField("trip_update") and one.trip_update.trip.schedule_relationship != _CANCELED
    }
    vehicles = {
        one.vehicle.vehicle.id or one.vehicle.trip.trip_id or one.id
        for one in feed.entity
        if one.HasField("vehicle")
    }
    about = {"trips": trips, "vehicles": vehicles}
    for unit, found in about.items():
        if found or not any(about.values()):
            series = Series(
                entity_of(name, options),
                options.source or "gtfs-realtime",
                options.signal or unit,
                Family.TRANSPORT,
                options.unit or unit,
                Quantity.COUNT,
                width,
                LICENCE,
            )
            start = np.array([feed.header.timestamp // width * width], np.int64)
            yield Values(series, start, np.array([float(len(found))]), np.zeros(1, np.int64))


def _read_table(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """On a board that is alive, an hour without departures is a true zero."""
    table = Table(content, name)
    where = table.column(*_COUNTRIES)
    counts = [column for column in _COUNTS if column in table.columns]
    moving = counts and table.column(*_TIMES) is not None
    mapping = Mapping(
        time=table.columns[table.needed(*_TIMES) if moving else table.needed(*_DEPARTURES)],
        country="" if where is None or asked_entity(options) else table.columns[where],
        values={one: Measured(signal=word(one), unit=one) for one in counts} if moving else {},
        missing="gap" if moving else "zero",
        combine=Combine.LAST if moving else Combine.SUM,
        signal="departures",
        unit="departures",
        source=NAME,
        family=Family.TRANSPORT,
        quantity=Quantity.COUNT,
        licence=LICENCE,
    )
    return read_mapped(content, name, mapping, options)
