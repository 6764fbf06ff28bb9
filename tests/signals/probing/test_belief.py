"""Beliefs computed by hand, and what holds whatever the answers are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.signals.probing.belief import (
    FLOOR,
    HIGHEST,
    LOWEST,
    MOST_PROBES,
    BlockState,
    Standing,
    Watch,
    evidence,
    first_standing,
    log_odds,
    probability,
)

# (1 - 0.01) / 256: an answer in the place of a block that is down.
STRAY = 0.0038671875
availabilities = st.floats(0.15, 0.9)
answers = st.lists(st.booleans(), max_size=MOST_PROBES)


def standing(
    availability: float, belief: float = HIGHEST, state: BlockState = BlockState.UP, pending: int = 0
) -> Standing:
    return Standing(1.0, 1 / availability, belief=belief, state=state, pending=pending)


def watch(availability: float, heard: list[bool], belief: float = HIGHEST) -> Watch:
    found = Watch(standing(availability, belief))
    for answered in heard:
        found.hear(answered=answered)
    return found


def heard_until_settled(before: Standing, *, answered: bool) -> Watch:
    found = Watch(before)
    while not found.has_heard_enough:
        found.hear(answered=answered)
    return found


@pytest.mark.parametrize(
    ("availability", "belief", "heard", "odds"),
    [
        # Of a block that is up half of the questions are answered; of one that is down, 0.387 %.
        (0.5, 0.5, [True], 99.0),
        (0.5, 0.5, [False], 0.5 / 0.9961328125),
        (0.5, 0.99, [False], 49.692),
        (0.5, 0.99, [False] * 9, 0.20022),
        (0.5, 0.99, [False] * 10, 0.10050),
        (0.9, 0.99, [False] * 2, 0.99773),
        (0.9, 0.99, [False] * 3, 0.10016),
        # From the lowest belief, 1 to 99, one answer of a block with availability 0.5 makes 129.29 to 99.
        (0.5, 0.01, [True], 1.30598),
        (0.2, 0.01, [True, False], 0.41953),
    ],
)
def test_belief_after_known_answers(
    availability: float, belief: float, heard: list[bool], odds: float
) -> None:
    assert watch(availability, heard, belief).belief == pytest.approx(odds / (1 + odds), rel=1e-4)


def test_what_an_answer_weighs_is_its_likelihood_ratio() -> None:
    found = evidence(0.3)
    assert math.exp(found.answer) == pytest.approx(0.3 / STRAY)
    assert math.exp(found.silence) == pytest.approx(0.7 / (1 - STRAY))


@pytest.mark.parametrize(
    ("availability", "silences"), [(0.9, 3), (0.8, 5), (0.5, 10), (0.3, 20), (0.21, 30), (0.15, 30)]
)
def test_so_many_silences_turn_a_block_from_up_to_down(availability: float, silences: int) -> None:
    heard = [False] * silences
    assert watch(availability, heard[1:]).state is not BlockState.DOWN
    assert watch(availability, heard).state is BlockState.DOWN


@pytest.mark.parametrize("availability", [0.14, 0.15, 0.18, 0.2, 0.3, 0.5, 0.9, 0.99, 1.0])
def test_two_rounds_of_silence_are_enough(availability: float) -> None:
    first = heard_until_settled(standing(availability), answered=False).ended()
    assert heard_until_settled(first, answered=False).ended().state is BlockState.DOWN


def test_an_answer_ends_a_round_at_once() -> None:
    assert heard_until_settled(standing(0.5), answered=True).asked == 1


def test_silence_never_ends_a_round_as_up() -> None:
    silent = watch(0.15, [False])
    assert silent.state is BlockState.UP
    assert not silent.has_heard_enough


def test_no_round_asks_more_than_fifteen_times() -> None:
    assert heard_until_settled(standing(0.15), answered=False).asked == 15


@pytest.mark.parametrize(("availability", "asked"), [(0.9, 1), (0.5, 3), (0.2, 8), (0.15, 10), (0.1, 15)])
def test_a_block_that_is_down_gets_its_chance_to_show_that_it_is_back(
    availability: float, asked: int
) -> None:
    down = standing(availability, LOWEST, BlockState.DOWN)
    assert heard_until_settled(down, answered=False).asked == asked


def test_one_stray_answer_does_not_bring_a_block_back_and_two_answers_do() -> None:
    down = Watch(standing(0.5, LOWEST, BlockState.DOWN))
    down.hear(answered=True)
    assert down.state is BlockState.UNCERTAIN
    assert not down.has_heard_enough
    down.hear(answered=True)
    assert down.ended().state is BlockState.UP


def test_an_uncertain_block_keeps_its_last_state() -> None:
    after = watch(0.5, [False] * 7).ended()
    assert not after.is_decided
    assert after.state is BlockState.UP


def test_a_block_that_was_never_asked_is_not_up_before_it_answers() -> None:
    new = Watch(first_standing(0.5))
    new.hear(answered=False)
    assert new.ended().state is BlockState.UNCERTAIN
    new.hear(answered=True)
    assert new.ended().state is BlockState.UP


def test_availability_is_learnt_slowly_from_rounds_in_which_the_block_was_up() -> None:
    after = watch(0.5, [False, False, False, True]).ended()
    # One answer of four: 0.99 of the old averages (1 of 2) and 0.01 of these.
    assert after.availability == pytest.approx(1 / (0.99 * 2 + 0.01 * 4))


def test_silent_rounds_are_learnt_from_once_the_block_turns_out_to_have_been_up() -> None:
    silent = watch(0.15, [False] * 15).ended()
    assert silent.pending == 15
    assert silent.availability == pytest.approx(0.15)
    again = Watch(silent)
    again.hear(answered=True)
    assert again.ended().availability == pytest.approx(1 / (0.99 / 0.15 + 0.01 * 16))
    assert again.ended().pending == 0


def test_an_outage_teaches_nothing_about_availability() -> None:
    down = heard_until_settled(standing(0.5), answered=False).ended()
    assert (down.state, down.availability, down.pending) == (BlockState.DOWN, 0.5, 0)
    back = Watch(down)
    for answered in (False, True, False, True):
        back.hear(answered=answered)
    assert back.ended().state is BlockState.UP
    assert back.ended().availability == 0.5


def test_availability_below_the_floor_counts_as_the_floor_and_the_block_is_not_judged() -> None:
    assert evidence(0.02) == evidence(FLOOR)
    assert not standing(0.09).is_judged
    assert standing(0.1).is_judged


def test_odds_and_probability_are_each_other_s_inverse() -> None:
    assert probability(log_odds(0.2)) == pytest.approx(0.2)


@given(availabilities, st.floats(LOWEST, HIGHEST), answers)
def test_belief_stays_within_its_bounds(availability: float, belief: float, heard: list[bool]) -> None:
    found = watch(availability, heard, belief)
    assert LOWEST - 1e-9 <= found.belief <= HIGHEST + 1e-9


@given(st.floats(0.21, 0.35), st.integers(0, 4), st.integers(0, 4))
def test_the_same_answers_in_another_order_say_the_same(availability: float, before: int, after: int) -> None:
    # None of these comes to the bounds of belief, where it forgets.
    early = watch(availability, [True, *[False] * (before + after)], 0.2)
    late = watch(availability, [*[False] * before, True, *[False] * after], 0.2)
    assert late.belief == pytest.approx(early.belief)


@given(availabilities, answers)
def test_an_answer_never_lowers_belief_and_silence_never_raises_it(
    availability: float, heard: list[bool]
) -> None:
    before = watch(availability, heard).belief
    assert watch(availability, [*heard, True]).belief >= before
    assert watch(availability, [*heard, False]).belief <= before
