"""Reads the series of the shared data for backtests: each data set's values, as `Values`, with its labels' file."""

import csv
import gzip
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from lampwatch.formats.places import region_place
from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series, Values

DAY_S: Final = 86_400
HOUR_S: Final = 3_600
LEAST_USERS: Final = 100
"""Countries with fewer Tor users in the median are not scored: a handful of people says nothing of a country."""

_CARACAS_S: Final = 4 * HOUR_S
_YANGON: Final = timezone(timedelta(hours=6, minutes=30))
_NO_COUNTRY: Final = frozenset({"date", "all", "??", "a1", "a2", "ap", "eu"})
_TOR_FROM: Final = int(datetime(2009, 11, 1, tzinfo=UTC).timestamp())
"""Before it, the counts of 2009 are one sample scaled, and days are missing."""


class DataSet(NamedTuple):
    """One data set of a backtest.

    scored is what labels and false alarms are counted on; beside is what a detector may look at besides. labels is the
    name of its file under bench/labels.
    """

    name: str
    labels: str
    scored: tuple[Values, ...]
    beside: tuple[Values, ...]


def data_sets(shared: Path) -> Iterator[DataSet]:
    """Every data set that the shared data hold, in a fixed order."""
    readers: tuple[tuple[str, str, str, Callable[[Path], tuple[Values, ...]]], ...] = (
        ("Venezuela 2019", "venezuela-2019", "monash-venezuela-2019/ven-2019-07-22_gif.csv", _venezuela),
        ("Bago 2021", "bago-2021", "monash-bago-2021/mmr-2021-04-09_Bago.csv.gz", _bago),
        (
            "Hurricane Laura 2020",
            "hurricane-laura-2020",
            "monash-us-hurricane-2020/usa-2020-08-31_HurrLaura.csv.gz",
            _laura,
        ),
        ("Tor 2009-2011", "tor-2009-2011", "tor-2009-2011/direct-users.csv", _tor_2009),
        ("Tor 2021-2023", "tor-2021-2023", "acsac-2021-2023/data/tor", _tor_2021),
    )
    for name, labels, path, reader in readers:
        place = shared / "series" / path
        if place.exists():
            every = reader(place)
            scored = tuple(v for v in every if v.series.family is not Family.USERS or _many(v))
            yield DataSet(name, labels, scored, every)


def _many(values: Values) -> bool:
    return float(np.nanmedian(values.values)) >= LEAST_USERS


def _rows(file: Path) -> Iterator[Mapping[str, str]]:
    content = file.read_bytes()
    content = gzip.decompress(content) if file.suffix == ".gz" else content
    yield from csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))


def _values(series: Series, points: Iterable[tuple[int, float]]) -> Values:
    """The values of a series, each as arrived when its bin had ended."""
    ordered = sorted(points)
    starts = np.array([start for start, _ in ordered], dtype=np.int64)
    values = np.array([value for _, value in ordered], dtype=np.float64)
    return Values(series, starts, values, starts + series.resolution_s)


def _monash(entity: Entity, unit: str, quantity: Quantity, label: str) -> Series:
    return Series(entity, "monash", "connectivity", Family.PROBING, unit, quantity, HOUR_S, "GPL-3.0", label)


def _venezuela(file: Path) -> tuple[Values, ...]:
    points: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row in _rows(file):
        # Local time, written as if it were UTC.
        points[row["name_1"]].append((int(row["time_e"]) + _CARACAS_S, float(row["connectivity"])))
    return tuple(
        _values(_monash(Entity(region_place("VE", name)), "percent", Quantity.SHARE, name), found)
        for name, found in sorted(points.items())
    )


def _bago(file: Path) -> tuple[Values, ...]:
    hours: Counter[int] = Counter()
    for row in _rows(file):
        local = datetime.fromisoformat(row["time_local_str"]).replace(tzinfo=_YANGON)
        hours[int(local.replace(minute=0, second=0, microsecond=0).timestamp())] += 1
    # The first and the last hour are cut; an hour between them without an answer is a zero.
    inside = range(min(hours) + HOUR_S, max(hours), HOUR_S)
    series = _monash(Entity("MM-02"), "answers", Quantity.COUNT, "Bago")
    return (_values(series, ((hour, float(hours[hour])) for hour in inside)),)


def _laura(file: Path) -> tuple[Values, ...]:
    points: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for row in _rows(file):
        points[row["name_1"], row["name_2"]].append((int(row["time_e_utc"]), float(row["connectivity"])))
    return tuple(
        _values(
            _monash(Entity(region_place("US", *names)), "tenths", Quantity.SHARE, ", ".join(names)), found
        )
        for names, found in sorted(points.items())
    )


def _tor(country: str, points: Iterable[tuple[int, float]]) -> Values:
    entity = Entity(country.upper())
    series = Series(entity, "tor", "relay-users", Family.USERS, "users", Quantity.COUNT, DAY_S, "CC0")
    return _values(series, points)


def _day(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def _tor_2009(file: Path) -> tuple[Values, ...]:
    points: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row in _rows(file):
        day = _day(row["date"])
        for country, users in row.items():
            if day >= _TOR_FROM and country not in _NO_COUNTRY and users != "NA":
                points[country].append((day, float(users)))
    return tuple(_tor(country, found) for country, found in sorted(points.items()))


def _tor_2021(folder: Path) -> tuple[Values, ...]:
    return tuple(
        _tor(file.stem[-2:], [(_day(row["date"]), float(row["users"])) for row in _rows(file)])
        for file in sorted(folder.glob("*.csv"))
    )
