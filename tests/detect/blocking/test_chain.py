import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.detect.blocking import chain
from lampwatch.detect.blocking.chain import posterior
from lampwatch.detect.blocking.counts import NEVER, Counts

Hour = tuple[int, float, float]
"""Hour, blocked, open."""

HOURS = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 6), st.integers(0, 6)).map(
        lambda one: (one[0], float(one[1]), float(one[2]))
    ),
    min_size=1,
    max_size=40,
)


def counted(*histories: list[Hour]) -> Counts:
    """Histories of hours, each given with the hours since the one before."""
    number = np.array([at for at, hours in enumerate(histories) for _ in hours], dtype=np.int64)
    hour = np.concatenate([np.cumsum([passed for passed, _, _ in hours]) for hours in histories])
    blocked = np.array([blocked for hours in histories for _, blocked, _ in hours])
    opened = np.array([opened for hours in histories for _, _, opened in hours])
    never = np.full(len(number), NEVER)
    return Counts(number, hour, blocked, opened, blocked.astype(np.int64), never, never, never, never)


@settings(max_examples=60, deadline=None)
@given(HOURS, st.data(), st.integers(1, 5))
def test_open_votes_more_in_an_hour_never_make_it_more_probable_that_it_was_blocked(
    hours: list[Hour], data: st.DataObject, more: int
) -> None:
    at = data.draw(st.integers(0, len(hours) - 1))
    passed, blocked, opened = hours[at]
    added = [*hours[:at], (passed, blocked, opened + more), *hours[at + 1 :]]
    before, after = posterior(counted(hours)).blocked[at], posterior(counted(added)).blocked[at]
    assert after <= before + 1e-9


@settings(max_examples=40, deadline=None)
@given(HOURS, HOURS)
def test_histories_do_not_touch_each_other_in_the_last_digit(one: list[Hour], other: list[Hour]) -> None:
    together = posterior(counted(one, other))
    for whole, first, second in zip(
        together, posterior(counted(one)), posterior(counted(other)), strict=True
    ):
        assert whole.tolist() == np.concatenate([first, second]).tolist()


@settings(max_examples=40, deadline=None)
@given(HOURS)
def test_what_is_known_when_an_hour_is_over_is_what_the_hours_up_to_it_say(hours: list[Hour]) -> None:
    cut = posterior(counted(hours[: len(hours) // 2 + 1]))
    whole = posterior(counted(hours))
    assert whole.so_far[len(hours) // 2] == pytest.approx(cut.blocked[-1], abs=1e-9)


def test_a_small_chain_is_as_probable_as_all_its_paths_together() -> None:
    hours = [(1, 0.0, 3.0), (5, 2.0, 0.0), (2, 3.0, 1.0), (40, 0.0, 2.0)]
    found = posterior(counted(hours))
    likely, spread = [], 15.0
    for _, blocked, opened in hours:
        each = []
        for mean in (*chain.NETWORK.bases, *chain.NETWORK.rates):
            a, b = mean * spread, (1 - mean) * spread
            up = math.lgamma(a + blocked) + math.lgamma(b + opened) - math.lgamma(a + b + blocked + opened)
            each.append(math.exp(up - math.lgamma(a) - math.lgamma(b) + math.lgamma(a + b)))
        likely.append(each)
    assert found.blocked == pytest.approx(_by_paths(hours, likely), abs=1e-7)


def _by_paths(hours: list[Hour], likely: list[list[float]]) -> list[float]:
    """The same by going over every path of states: an open one is (base, None), a blocked one (base, rate)."""
    bases, rates = range(len(chain.NETWORK.bases)), range(len(chain.NETWORK.rates))
    states = [(base, rate) for base in bases for rate in (None, *rates)]
    weights: dict[tuple[State, ...], float] = {
        (state,): _first(state) * _seen(likely[0], state) for state in states
    }
    for at, (passed, _, _) in list(enumerate(hours))[1:]:
        weights = {
            (*path, state): weight * move * _seen(likely[at], state)
            for path, weight in weights.items()
            for state in states
            if (move := _move(path[-1], state, passed)) * weight > 1e-14
        }
    whole = sum(weights.values())
    return [
        sum(weight for path, weight in weights.items() if path[at][1] is not None) / whole
        for at in range(len(hours))
    ]


State = tuple[int, int | None]


def _first(state: State) -> float:
    base, rate = state
    prior = float(chain.NETWORK.base_prior[base])
    if rate is None:
        return (1 - chain._FROM_THE_FIRST) * prior
    return float(chain._FROM_THE_FIRST * prior * chain.NETWORK.first_rate_prior[rate])


def _seen(likely: list[float], state: State) -> float:
    base, rate = state
    return likely[base if rate is None else len(chain.NETWORK.bases) + rate]


def _move(old: State, new: State, passed: float) -> float:
    both = chain._ONSET_AN_HOUR + chain._END_AN_HOUR
    changed = 1 - math.exp(-both * passed)
    onset = changed * chain._ONSET_AN_HOUR / both * float(chain.NETWORK.onset_by_base[old[0]])
    end = changed * chain._END_AN_HOUR / both
    redraw = 1 - math.exp(-chain._RATE_CHANGE_AN_HOUR * passed)
    drift = (1 - math.exp(-3 * chain._BASE_CHANGE_AN_HOUR * passed)) / 3
    if old[1] is None and new[1] is None:
        neighbours = (old[0] > 0) + (old[0] < len(chain.NETWORK.bases) - 1)
        stays = 1 - neighbours * drift if old[0] == new[0] else drift * (abs(old[0] - new[0]) == 1)
        return (1 - onset) * stays
    if old[0] != new[0]:
        return 0.0
    if old[1] is None:
        assert new[1] is not None
        return onset * float(chain.NETWORK.rate_prior[old[0], new[1]])
    if new[1] is None:
        return end
    return (1 - end) * (
        (1 - redraw) * (old[1] == new[1]) + redraw * float(chain.NETWORK.rate_prior[old[0], new[1]])
    )
