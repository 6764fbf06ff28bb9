import itertools
import math
from collections import Counter

from lampwatch.signals.probing.belief import BlockState, first_standing
from lampwatch.signals.probing.rounds import Answer, Ask, Rhythm, Round, Wait
from tests.signals.probing.scripted import CONTROLS, block, new_round, played

ANSWERED, SILENT, UNSENT = Answer.ANSWERED, Answer.SILENT, Answer.UNSENT


def test_the_controls_are_asked_first_and_nobody_else_before_they_have_answered() -> None:
    talk = new_round([block(1)])
    first, second = talk.next(0.0), talk.next(0.0)
    assert {first, second} == {Ask(control) for control in CONTROLS}
    assert talk.next(0.0) == Wait(math.inf)
    talk.hear(Ask(CONTROLS[0]), SILENT, 3.0)
    assert talk.next(3.0) == Wait(math.inf)
    talk.hear(Ask(CONTROLS[1]), ANSWERED, 3.0)
    asked = talk.next(3.0)
    assert isinstance(asked, Ask)
    assert asked.block == "198.18.1.0/24"


def test_where_no_control_ever_answers_no_block_is_asked_and_the_round_is_a_gap() -> None:
    talk, asked = new_round([block(1), block(2)]), list[Ask]()
    played(talk, lambda _: SILENT, asked=asked)
    assert Counter(one.address for one in asked) == dict.fromkeys(CONTROLS, 3)
    result = talk.result()
    assert "none of the controls answers" in result.gap
    assert result.standings["198.18.1.0/24"] == first_standing(0.5)
    assert result.probes == 0


def test_a_control_that_answers_in_the_second_try_is_enough() -> None:
    talk, asked = new_round([block(1)]), list[Ask]()
    played(talk, lambda _: SILENT if len(asked) <= 2 else ANSWERED, asked=asked)
    assert not talk.result().gap


def test_blocks_that_answer_are_up_after_one_question_each() -> None:
    talk, asked = new_round([block(1), block(2)]), list[Ask]()
    played(talk, lambda _: ANSWERED, asked=asked)
    result = talk.result()
    assert [one.block for one in asked if one.block] == ["198.18.1.0/24", "198.18.2.0/24"]
    assert {one.state for one in result.standings.values()} == {BlockState.UP}
    assert (result.probes, result.answered, result.gap) == (2, 2, "")


def test_our_own_network_failing_in_the_middle_makes_a_gap_of_the_whole_round() -> None:
    talk = new_round([block(1), block(2)])
    begun = False

    # From the first question to a block on, all is silent: an outage of everything, or our own.
    def answer(ask: Ask) -> Answer:
        nonlocal begun
        begun = begun or bool(ask.block)
        return SILENT if begun else ANSWERED

    played(talk, answer)
    result = talk.result()
    assert result.probes > 2
    assert "own network" in result.gap
    assert result.standings["198.18.1.0/24"] == first_standing(0.5)


def test_after_the_last_block_the_controls_are_asked_once_more() -> None:
    talk, asked = new_round([block(1)]), list[Ask]()
    played(talk, lambda _: ANSWERED, asked=asked)
    assert [bool(one.block) for one in asked] == [False, False, True, False, False]


def test_a_long_round_looks_at_the_controls_in_between() -> None:
    talk, asked = new_round([block(n) for n in range(5)]), list[Ask]()
    played(talk, lambda _: ANSWERED, asked=asked, answer_s=20.0)
    assert sum(not one.block for one in asked) > 4


def test_a_block_is_never_asked_faster_than_its_pace_nor_more_than_fifteen_times() -> None:
    talk, times = new_round([block(1, 0.2)]), list[float]()
    now_s = 0.0
    while (step := talk.next(now_s)) is not None:
        if isinstance(step, Wait):
            now_s = step.until_s
            continue
        if step.block:
            times.append(now_s)
        talk.hear(step, SILENT if step.block else ANSWERED, now_s + 0.1)
    assert len(times) == 15
    assert all(after - before >= 1.0 for before, after in itertools.pairwise(times))


def test_every_block_is_asked_once_before_any_is_asked_again() -> None:
    talk, asked = new_round([block(n) for n in range(20)]), list[Ask]()
    played(talk, lambda ask: SILENT if ask.block else ANSWERED, asked=asked, answer_s=0.01)
    assert len({one.block for one in [one for one in asked if one.block][:20]}) == 20


def test_the_same_address_is_not_asked_twice_before_all_others_were() -> None:
    talk, asked = new_round([block(1, 0.2)]), list[Ask]()
    played(talk, lambda ask: SILENT if ask.block else ANSWERED, asked=asked)
    again = Round([block(1, 0.2)], talk.result().standings, CONTROLS, seed=1, ends_s=600.0, rhythm=Rhythm())
    played(again, lambda ask: SILENT if ask.block else ANSWERED, asked=asked)
    addresses = [one.address for one in asked if one.block]
    assert len(addresses) == len(set(addresses)) == 30


def test_another_seed_is_another_order() -> None:
    orders = []
    for seed in (1, 1, 2):
        asked = list[Ask]()
        talk = Round([block(1, 0.2)], {}, CONTROLS, seed=seed, ends_s=600.0, rhythm=Rhythm())
        played(talk, lambda ask: SILENT if ask.block else ANSWERED, asked=asked)
        orders.append([one.address for one in asked])
    assert orders[0] == orders[1] != orders[2]


def test_when_time_is_over_what_is_undecided_stays_so() -> None:
    talk = new_round([block(1, 0.2)], ends_s=5.0)
    took_s = played(talk, lambda ask: SILENT if ask.block else ANSWERED)
    result = talk.result()
    assert took_s < 7
    assert not result.gap
    assert result.probes < 7
    assert result.standings["198.18.1.0/24"].state is BlockState.UNCERTAIN


def test_a_round_that_did_not_come_to_every_block_is_a_gap() -> None:
    talk = new_round([block(n) for n in range(100)], ends_s=5.0)
    played(talk, lambda _: ANSWERED)
    assert "of 100 blocks were not asked" in talk.result().gap


def test_a_question_that_never_left_is_no_silence() -> None:
    talk = new_round([block(1)])
    played(talk, lambda ask: UNSENT if ask.block else ANSWERED)
    result = talk.result()
    assert result.unsent == result.probes == 15
    assert "1 of 1 blocks were not asked" in result.gap
    mostly = new_round([block(1)])
    tried = list[Ask]()
    played(mostly, lambda ask: UNSENT if ask.block and len(tried) < 5 else ANSWERED, asked=tried)
    assert mostly.result().standings["198.18.1.0/24"].state is BlockState.UP


def test_a_round_without_blocks_ends() -> None:
    talk = new_round([])
    played(talk, lambda _: ANSWERED)
    assert (talk.result().gap, talk.result().standings) == ("", {})
