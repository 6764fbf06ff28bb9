"""Our own CSV of series: what is written is read back as it was."""

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import LATEST
from lampwatch.formats.series_csv import read, write
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Series, Values

GOLDEN = Path(__file__).with_name("series.golden.csv").read_text(encoding="utf-8")
HEAD = GOLDEN.partition("\n")[0] + "\n"


def values(series: Series, points: list[tuple[int, float, int]]) -> Values:
    starts, found, came = zip(*points, strict=True)
    return Values(series, np.array(starts, np.int64), np.array(found, np.float64), np.array(came, np.int64))


EXAMPLE = [
    values(
        Series(
            Entity("VE-B"),
            "ioda",
            "ping-slash24",
            Family.PROBING,
            "/24s",
            Quantity.COUNT,
            600,
            "free",
            'Bolívar, "the state"',
        ),
        [(1563595200, 812.0, 1563596400), (1563595800, math.nan, 1563597000)],
    ),
    values(
        Series(Entity("VE", 8048), "ioda", "bgp", Family.BGP, "/24s", Quantity.COUNT, 300),
        [(1563595200, 0.1, 0)],
    ),
]


def same(one: Values, other: Values) -> bool:
    return (
        one.series == other.series
        and np.array_equal(one.starts, other.starts)
        and np.array_equal(one.values, other.values, equal_nan=True)
        and np.array_equal(one.arrived, other.arrived)
    )


def test_this_is_how_it_looks() -> None:
    assert "".join(write(EXAMPLE)) == GOLDEN


def test_this_is_how_it_is_read() -> None:
    found = [one for one in read(GOLDEN.encode(), "x.csv") if isinstance(one, Values)]
    assert len(found) == len(EXAMPLE)
    assert all(same(one, other) for one, other in zip(found, EXAMPLE, strict=True))


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
WORD = st.from_regex(r"[a-z0-9-]{1,8}", fullmatch=True)
TIMES = st.integers(0, LATEST - 1)
HEADERS = st.builds(
    Series,
    st.sampled_from(
        [Entity("VE"), Entity("US-LA/Calcasieu"), Entity("", 8048), Entity("MM-02/Bago, the city", 1)]
    ),
    WORD,
    WORD,
    st.sampled_from(list(Family)),
    TEXT,
    st.sampled_from(list(Quantity)),
    st.integers(1, 86400),
    TEXT,
    TEXT,
)


@settings(max_examples=80, deadline=None)
@given(
    header=HEADERS,
    points=st.dictionaries(TIMES, st.tuples(st.floats(allow_infinity=False), TIMES), min_size=1, max_size=8),
)
@example(header=EXAMPLE[0].series, points={0: (-0.0, 0), 1: (5e-324, 1)})
@example(header=msgspec.structs.replace(EXAMPLE[1].series, label="\r"), points={0: (1.0, 0)})
@example(header=msgspec.structs.replace(EXAMPLE[1].series, unit='"', label="a\r\nb\0"), points={0: (1.0, 0)})
def test_anything_comes_back_as_it_was(header: Series, points: dict[int, tuple[float, int]]) -> None:
    written = values(header, [(start, value, came) for start, (value, came) in sorted(points.items())])
    (found,) = read("".join(write([written])).encode(), "x.csv")
    assert isinstance(found, Values)
    assert same(found, written)


def test_columns_may_stand_in_any_order_and_some_may_be_missing() -> None:
    text = "\ufeffvalue,start,resolution_s,signal,source,entity\r\n5,2026-01-01,300,bgp,ioda,VE\r\n\r\n"
    (found,) = read(text.encode(), "x.csv")
    assert isinstance(found, Values)
    assert found.series == Series(Entity("VE"), "ioda", "bgp", Family.OTHER, "", Quantity.COUNT, 300)


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("entity,source,signal,start,value", "no column resolution_s"),
        (HEAD.strip() + ",weather", "weather"),
        (HEAD.strip() + ",value", "twice"),
        ("", "no column entity"),
    ],
)
def test_columns_that_are_none_of_ours_or_missing_are_refused(head: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        list(read(head.encode(), "x.csv"))


@pytest.mark.parametrize(
    "row",
    [
        "Venezuela,ioda,bgp,bgp,,count,300,,,2026-01-01,5,",
        "VE,ioda,bgp,weather,,count,300,,,2026-01-01,5,",
        "VE,ioda,bgp,bgp,,count,0,,,2026-01-01,5,",
        "VE,ioda,bgp,bgp,,count,300,,,soon,5,",
        "VE,ioda,bgp,bgp,,count,300,,,2026-01-01,inf,",
        "VE,,bgp,bgp,,count,300,,,2026-01-01,5,",
        "VE,ioda,bgp",
    ],
)
def test_a_row_that_makes_no_sense_costs_no_other(row: str) -> None:
    found = list(read((GOLDEN + row + "\n").encode(), "x.csv"))
    assert sum(len(one) for one in found if isinstance(one, Values)) == 3
    assert [one.line for one in found if isinstance(one, MalformedRow)] == [5]


def test_of_two_values_of_a_bin_the_later_row_counts() -> None:
    row = "VE,ioda,bgp,bgp,,count,300,,,2026-01-01,{},\n"
    (found,) = read((HEAD + row.format(5) + row.format(6)).encode(), "x.csv")
    assert isinstance(found, Values)
    assert found.values.tolist() == [6]
