import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.probe.spool_thinning import Held, thinned


def held(number: int, time_s: float, about: str = "telegram", size: int = 10) -> Held:
    return Held(number, f"{random.Random(number).random():.12f}", about, time_s, size)


def test_an_even_series_stays_even_and_keeps_its_ends() -> None:
    series = [held(n, 60.0 * n) for n in range(101)]
    gone = {one.number for one in thinned(series, 500)}
    left = [one.time_s for one in series if one.number not in gone]
    assert len(left) == 51
    assert (left[0], left[-1]) == (0, 6000)
    assert max(after - before for before, after in pairwise(left)) <= 4 * 60


def test_thinning_again_and_again_leaves_old_and_new_alike() -> None:
    kept: list[Held] = []
    for n in range(2000):
        kept.append(held(n, 60.0 * n))
        if len(kept) > 100:
            gone = {one.number for one in thinned(kept, 50)}
            kept = [one for one in kept if one.number not in gone]
    gaps = [after.time_s - before.time_s for before, after in pairwise(kept)]
    halves = gaps[: len(gaps) // 2], gaps[len(gaps) // 2 :]
    assert max(gaps) <= 60 * 2000 / 100 * 4
    assert (kept[0].number, kept[-1].number) == (0, 1999)
    assert sum(halves[0]) / len(halves[0]) < 4 * sum(halves[1]) / len(halves[1])


def test_the_only_document_of_a_target_outlives_one_of_many() -> None:
    series = [held(n, 60.0 * n) for n in range(20)]
    lone = held(99, 600.0, about="signal")
    assert lone not in thinned([*series, lone], 180)


def test_documents_that_came_close_together_go_first() -> None:
    series = [held(n, time) for n, time in enumerate([0, 1000, 1001, 1002, 2000, 3000])]
    assert [one.number for one in thinned(series, 10)] == [2]


@given(
    st.lists(
        st.tuples(st.floats(0, 1e9), st.sampled_from("abc"), st.integers(1, 100)), min_size=1, max_size=60
    ),
    st.integers(0, 4000),
)
def test_enough_goes_and_not_one_more(rows: list[tuple[float, str, int]], wanted: int) -> None:
    series = [held(n, *row) for n, row in enumerate(rows)]
    gone = thinned(series, wanted)
    assert len({one.number for one in gone}) == len(gone)
    if len(gone) < len(series):
        assert sum(one.size for one in gone) >= wanted
    assert sum(one.size for one in gone[:-1]) < max(wanted, 1)


@pytest.mark.parametrize("size", [0, 1])
def test_nothing_and_one_are_borne(size: int) -> None:
    assert len(thinned([held(0, 1.0)] * size, int(math.pow(10, 6)))) == size
