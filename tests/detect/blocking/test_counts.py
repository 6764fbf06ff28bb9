import numpy as np
import pytest

from lampwatch.detect.blocking.counts import NEVER, Counts, counts, parted
from lampwatch.detect.blocking.votes import deciding
from tests.detect.blocking.making_votes import Row, since, table, vote, votes


def counted(*rows: list[Row]) -> Counts:
    return counts(deciding(table(*rows)))


def weight(found: Counts) -> list[float]:
    return [float(total) for total in found.blocked + found.open]


def test_every_voter_has_one_vote_an_hour() -> None:
    found = counted([vote(0, voters=[1, 2], verdicts=9), vote(0, voters=[2, 3], rule_id="other")])
    assert (found.blocked.tolist(), found.open.tolist(), found.failures.tolist()) == ([3], [0], [3])


def test_who_found_both_splits_the_vote() -> None:
    found = counted([vote(0, voters=[1], minute=9), vote(0, "ok", voters=[1], minute=9)])
    assert (float(found.blocked.sum()), float(found.open.sum())) == (0.5, 0.5)


def test_hours_nobody_measured_are_absent() -> None:
    found = counted(votes([3, 90], "ok"), votes([50], "down"))
    assert np.diff(found.hour).tolist() == [87]


def test_an_hour_says_when_each_kind_was_first_and_last_found() -> None:
    found = counted([vote(0, "ok", minute=1), vote(0, minute=5, until_minute=40), vote(0, "ok", minute=50)])
    assert (found.first_open[0], found.last_open[0]) == (since(0) + 60, since(0) + 3000)
    assert (found.first_blocked[0], found.last_blocked[0]) == (since(0) + 300, since(0) + 2400)


@pytest.mark.parametrize(("first", "second"), [("ok", "blocked"), ("blocked", "ok")])
def test_an_hour_that_turned_is_two_parts_in_the_order_of_time(first: str, second: str) -> None:
    found = counted([vote(0, first, minute=1, voters=[1]), vote(0, second, minute=5, voters=[2])])
    assert found.hour[0] == found.hour[1]
    assert found.blocked.tolist() == [float(first == "blocked"), float(second == "blocked")]
    assert found.failures.tolist() == found.blocked.tolist()
    assert (found.last_open == NEVER).tolist() == (found.blocked > 0).tolist()
    assert parted(found).hour.tolist() == found.hour.tolist()


def test_a_voter_that_finds_the_same_again_and_again_has_six_votes_and_a_little() -> None:
    others = [vote(hour, "ok", voters=[100 + hour]) for hour in range(24)]
    alone = counted(others, votes(range(24), "ok", voters=[7]))
    assert sum(weight(alone)) == pytest.approx(24 + 6, abs=0.5)


def test_one_voice_however_long_it_goes_on_does_not_outweigh_those_who_are_heard_once() -> None:
    news = [vote(24 * day + 12, "ok", voters=[100 + day]) for day in range(30)]
    every_hour = counted(news, votes(range(24 * 30), voters=[7]))
    assert float(every_hour.blocked.sum()) < 6
    once_a_day = counted(news, votes(range(13, 24 * 30, 24), voters=[7]))
    assert float(once_a_day.blocked.sum()) < 2


def test_two_who_always_disagree_are_both_heard() -> None:
    found = counted(
        votes(range(240), "ok", voters=[7], minute=5, until_minute=50), votes(range(240), voters=[8])
    )
    assert float(found.blocked[-1]) == float(found.open[-1]) == 0.25


def test_who_measures_alone_keeps_half_a_vote() -> None:
    found = weight(counted(votes(range(200), "ok", voters=[7])))
    assert found[0] == 1
    assert found[-1] == 0.5


def test_a_finding_that_is_new_to_the_voter_counts_in_full() -> None:
    found = weight(counted(votes(range(50), "ok", voters=[7]), votes(range(50, 60), voters=[7])))
    assert found[50] == 1


def test_who_changes_its_mind_all_day_has_little_weight() -> None:
    rows = [vote(hour, "blocked" if hour % 2 else "ok", voters=[7]) for hour in range(48)]
    assert max(weight(counted(rows))[24:]) < 0.1


def test_who_insists_while_many_find_the_contrary_has_a_fifth_of_their_weight() -> None:
    others = [vote(hour, "ok", voters=[100 + hour]) for hour in range(1, 23, 2)]
    found = counted(others, votes(range(24), voters=[7]))
    assert float(found.blocked.sum()) == pytest.approx(11 / 5)
    assert float(found.open.sum()) == pytest.approx(11)


def test_nobody_is_contradicted_by_what_was_found_before_it_changed() -> None:
    others = [vote(hour, "ok", voters=[100 + hour]) for hour in range(12)]
    found = counted(others, votes(range(12, 15), voters=[7]))
    assert found.blocked[-3:].tolist() == pytest.approx([1, 5 / 6, 25 / 36])


def test_a_program_that_others_contradict_has_half_their_weight() -> None:
    buggy = [vote(0, voters=list(range(10)), software="buggy 2", minute=5, until_minute=55)]
    found = counted(buggy, [vote(0, "ok", voters=[20, 21])])
    assert [float(found.blocked.sum()), float(found.open.sum())] == pytest.approx([1, 2])


def test_one_voter_with_another_program_contradicts_nobody() -> None:
    many = [vote(0, voters=list(range(10)), minute=5, until_minute=55)]
    found = counted(many, [vote(0, "ok", voters=[20], software="made up 9")])
    assert float(found.blocked[0]) == 10


def test_a_program_that_others_agree_with_keeps_its_weight() -> None:
    rows = [vote(0, voters=list(range(5)), software="one 2"), vote(0, voters=[20, 21], software="other 1")]
    assert weight(counted(rows)) == [7.0]


def test_a_flood_has_a_few_times_the_votes_of_a_usual_hour() -> None:
    usual = [vote(hour, "ok", voters=[10 * hour + at for at in range(5)]) for hour in range(100)]
    found = counted(usual, [vote(100, voters=list(range(5000, 5060)))])
    assert weight(found)[50] == pytest.approx(5)
    assert weight(found)[-1] == pytest.approx(20, abs=1)
    assert found.failures[-1] == 60


def test_verdicts_beyond_a_full_list_of_voters_count_for_half_a_voter() -> None:
    usual = [vote(hour, "ok", voters=[100 * hour + at for at in range(50)]) for hour in range(100)]
    full = vote(200, voters=list(range(100_000, 100_064)), verdicts=84)
    assert weight(counted(usual, [full]))[-1] == pytest.approx(64 + 10)
    short = vote(200, voters=list(range(100_000, 100_060)), verdicts=84)
    assert weight(counted(usual, [short]))[-1] == pytest.approx(60)
