"""Which importer reads a file, and when what it brings arrived."""

import numpy as np
import pytest

from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.importing import UnrecognisedError, arrived, discover, recognised

HOURLY = Series(Entity("VE"), "ioda", "bgp", Family.BGP, "/24s", Quantity.COUNT, 3600)


def came(values: Values) -> list[int]:
    return [int(one) for one in values.arrived]


def hours(*given: int) -> Values:
    starts = np.array([0, 3600, 7200], np.int64)
    return Values(HOURLY, starts, np.ones(3), np.array(given or (0, 0, 0), np.int64))


def test_every_importer_is_found_by_its_file_s_name() -> None:
    assert all(one.__name__.endswith(name.replace("-", "_")) for name, one in discover().items())  # type: ignore[attr-defined]  # they are modules


def test_the_only_one_that_knows_a_file_reads_it() -> None:
    assert recognised(b"date,country,users\n", "x.csv").NAME == "tor-users"


def test_the_one_that_is_asked_for_reads_it() -> None:
    assert recognised(b"date,country,users\n", "x.csv", "ioda").NAME == "ioda"


def test_a_file_that_nobody_knows_is_told() -> None:
    with pytest.raises(UnrecognisedError, match="--map"):
        recognised(b"a,b\n", "x.csv")


def test_a_file_that_two_know_is_told_with_their_names() -> None:
    with pytest.raises(UserError, match="--as mlab or --as tor-users"):
        recognised(b"date,country,users,tests\n", "x.csv")


def test_one_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UserError, match="tor-users"):
        recognised(b"", "x.csv", "tor")


def test_what_is_imported_now_arrived_now() -> None:
    assert came(arrived(hours(), now=10_000, published=False)) == [10_000] * 3


def test_what_is_published_arrived_when_its_bin_had_ended_and_the_source_was_ready() -> None:
    assert came(arrived(hours(), now=99_999, published=True, delay_s=600)) == [4200, 7800, 11_400]


def test_nothing_arrived_later_than_now() -> None:
    assert came(arrived(hours(), now=5000, published=True, delay_s=600)) == [4200, 5000, 5000]
    assert came(arrived(hours(1, 7000, 0), now=5000, published=False)) == [1, 5000, 5000]


def test_what_a_file_says_of_an_arrival_stands() -> None:
    assert came(arrived(hours(8000, 0, 9000), now=10_000, published=False)) == [8000, 10_000, 9000]
