"""How good the dates and the alarms are, on simulated histories of which the truth is known."""

import numpy as np
import pytest

from bench._planted import Found, Planted, compared, planted, quiet


@pytest.fixture(scope="module")
def found() -> list[Found]:
    """What was found of 300 blocks of every kind of roll-out."""
    random = np.random.default_rng(11)
    kinds = [
        (rate, votes, usual)
        for rate in (0.3, 0.5, 1.0)
        for votes in (0.5, 1.0, 3.0)
        for usual in (0.003, 0.02)
    ]
    histories = [
        block for rate, votes, usual in kinds for block in planted(17, rate, votes, usual, random, days=40)
    ]
    return compared(histories, 40 * 24, random)


def test_roll_outs_of_every_size_are_found_once(found: list[Found]) -> None:
    assert len(found) >= 300
    assert sum(one.pieces > 0 for one in found) >= 0.97 * len(found)
    assert sum(one.pieces > 1 for one in found) <= 0.03 * len(found)
    assert all(one.pieces == 1 for one in found if one.truth.rate > 0.9)


def test_nine_intervals_in_ten_hold_the_onset(found: list[Found]) -> None:
    held = [one.holds_onset for one in found if one.pieces]
    assert 0.85 <= np.mean(held) <= 0.97


def test_nine_intervals_in_ten_hold_the_end(found: list[Found]) -> None:
    held = [one.holds_end for one in found if one.pieces and one.end_delay_s is not None]
    assert len(held) > 250
    assert 0.85 <= np.mean(held) <= 0.97


def test_a_full_block_is_known_within_hours(found: list[Found]) -> None:
    often = [one.delay_s for one in found if one.pieces and one.truth.rate > 0.9 and one.truth.votes == 3]
    assert np.median(often) <= 3 * 3600


def test_quiet_and_flaky_histories_of_ninety_days_have_blocks_once_in_five_hundred() -> None:
    random = np.random.default_rng(5)
    histories = quiet(2000, random)
    found = compared(histories, 90 * 24, random)
    assert sum(one.pieces + one.others for one in found) <= 4


def test_what_is_flaky_from_the_first_measurement_on_is_no_stretch() -> None:
    random = np.random.default_rng(6)
    histories = [Planted(usual, 0, 0, 0, 2.0) for usual in (0.1, 0.2, 0.3) for _ in range(20)]
    assert sum(one.others for one in compared(histories, 30 * 24, random)) == 0
