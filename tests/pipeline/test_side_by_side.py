import operator
import os
from collections.abc import Iterator
from math import sqrt

import pytest

from lampwatch.pipeline.side_by_side import SideBySide


def test_several_processes_give_the_same_in_the_same_order() -> None:
    assert list(SideBySide(2)(sqrt, range(20))) == list(map(sqrt, range(20)))


def test_the_work_is_done_elsewhere_only_where_there_is_enough_of_it() -> None:
    here = os.getpid()
    assert list(SideBySide(2)(lambda _: here, ["one"])) == [here]
    assert list(SideBySide(2)(lambda _: here, ["one", "two", "three"])) == [here] * 3
    assert list(SideBySide(1)(lambda _: here, range(9))) == [here] * 9
    assert list(SideBySide(2)(lambda _: here, [])) == []
    elsewhere = set(SideBySide(2)(operator.call, [os.getpid] * 4))
    assert elsewhere
    assert here not in elsewhere


def test_only_a_few_are_under_way() -> None:
    taken = 0

    def given() -> Iterator[int]:
        nonlocal taken
        for number in range(30):
            taken += 1
            yield number

    results = SideBySide(2)(sqrt, given())
    next(results)
    assert taken <= 5
    assert len(list(results)) == 29


def test_what_goes_wrong_elsewhere_is_heard_here() -> None:
    with pytest.raises(ValueError, match="math domain error"):
        list(SideBySide(2)(sqrt, [4, 1, -1, 9]))
