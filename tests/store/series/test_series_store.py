import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.store.series import Appended, SeriesStore

HOUR = 3600
NOON = dt.datetime(2022, 1, 5, 12)  # noqa: DTZ001  UTC without a zone, as everywhere
NAN = float("nan")


def header(place: str = "KZ", signal: str = "bgp") -> Series:
    return Series(Entity.of(place), "ioda", signal, Family.BGP, "/24s", Quantity.COUNT, HOUR, "CC BY 4.0")


def values(numbers: list[float], *, series: Series | None = None, first: int = 0, arrived: int = 0) -> Values:
    starts = first + HOUR * np.arange(len(numbers), dtype=np.int64)
    return Values(
        series or header(), starts, np.array(numbers, float), np.full(len(numbers), arrived, np.int64)
    )


@pytest.fixture
def store(tmp_path: Path) -> SeriesStore:
    return SeriesStore(tmp_path / "series", clock=lambda: NOON)


def told(
    store: SeriesStore, *, since: int | None = None, until: int | None = None, as_of: int | None = None
) -> dict[str, list[float]]:
    found = store.values(since=since, until=until, as_of=as_of)
    return {one.series.id: one.values.tolist() for one in found}


def test_what_was_appended_is_read_back_with_its_header(store: SeriesStore) -> None:
    assert store.append([values([10, 11, NAN])]) == Appended(3, 0, 0)
    (one,) = store.values()
    assert one.series == header()
    assert one.starts.tolist() == [0, HOUR, 2 * HOUR]
    assert one.values[:2].tolist() == [10, 11]
    assert np.isnan(one.values[2])


def test_the_same_values_again_are_left_out(store: SeriesStore) -> None:
    store.append([values([10, NAN], arrived=1)])
    assert store.append([values([10, NAN, 12], arrived=2)]) == Appended(1, 0, 2)
    assert len(next(iter(store.values()))) == 3


def test_a_revision_counts_from_its_arrival_on_and_what_was_known_before_can_still_be_told(
    store: SeriesStore,
) -> None:
    store.append([values([10, 11], arrived=100)])
    assert store.append([values([10, 0], arrived=200)]) == Appended(0, 1, 1)
    assert told(store) == {"KZ:ioda:bgp": [10, 0]}
    assert told(store, as_of=199) == {"KZ:ioda:bgp": [10, 11]}
    assert told(store, as_of=99) == {}


def test_a_revision_back_to_the_first_value_counts_too(store: SeriesStore) -> None:
    for arrived, number in ((1, 10.0), (2, 0.0), (3, 10.0)):
        store.append([values([number], arrived=arrived)])
    assert told(store) == {"KZ:ioda:bgp": [10]}


def test_since_and_until_bound_the_starts_of_bins(store: SeriesStore) -> None:
    store.append([values([1, 2, 3, 4])])
    assert told(store, since=HOUR, until=3 * HOUR) == {"KZ:ioda:bgp": [2, 3]}


def test_series_come_by_id_and_only_those_asked_for(store: SeriesStore) -> None:
    store.append([values([1], series=header("RU")), values([2], series=header("AS9198@KZ"))])
    assert list(told(store)) == ["AS9198@KZ:ioda:bgp", "RU:ioda:bgp"]
    assert [one.series.entity.code for one in store.values({"RU:ioda:bgp"})] == ["RU"]


def test_many_appends_are_merged_and_nothing_is_lost(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path / "series", clock=lambda: NOON)
    for n in range(70):
        store.append([values([n], first=n * HOUR, arrived=n)])
    assert len(list((tmp_path / "series").glob("*.parquet"))) < 10
    assert told(store) == {"KZ:ioda:bgp": [float(n) for n in range(70)]}
    assert told(store, as_of=9) == {"KZ:ioda:bgp": [float(n) for n in range(10)]}


def test_a_merge_that_was_cut_short_costs_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "series"
    store = SeriesStore(directory, clock=lambda: NOON)
    kept: dict[str, bytes] = {}
    for n in range(65):
        kept |= {path.name: path.read_bytes() for path in directory.glob("*.parquet")}
        store.append([values([n], first=n * HOUR)])
    for name, content in kept.items():
        (directory / name).write_bytes(content)
    again = SeriesStore(directory, clock=lambda: NOON)
    assert told(again) == {"KZ:ioda:bgp": [float(n) for n in range(65)]}


def test_a_file_that_was_cut_short_is_never_seen(tmp_path: Path, store: SeriesStore) -> None:
    store.append([values([1])])
    (tmp_path / "series" / ".20220105T120000.77.part").write_bytes(b"PAR1 and then the power went")
    assert told(store) == {"KZ:ioda:bgp": [1]}


def test_a_damaged_file_is_named_in_one_line(tmp_path: Path, store: SeriesStore) -> None:
    store.append([values([1])])
    (tmp_path / "series" / "00.parquet").write_bytes(b"no parquet")
    with pytest.raises(UserError, match=r"00\.parquet is damaged.*import what it held again"):
        list(SeriesStore(tmp_path / "series", clock=lambda: NOON).values())


def test_known_tells_each_series_span(store: SeriesStore) -> None:
    store.append([values([1, 2, 3], first=HOUR)])
    (known,) = store.known()
    assert (known.first, known.last, known.count) == (HOUR, 3 * HOUR, 3)


def test_an_empty_store_has_nothing(store: SeriesStore) -> None:
    assert list(store.values()) == []
    assert store.known() == []
    assert store.append([]) == Appended(0, 0, 0)
