"""What is done again and again beside a server, on a clock that nobody waits for."""

import datetime as dt
import threading

import pytest

from lampwatch.cli.beside import Beside, until_next_hour

NOON = dt.datetime(2022, 1, 5, 12)  # noqa: DTZ001  the clock gives UTC without a zone


class Days:
    """A clock that jumps to wherever is waited for, and an end after so many times."""

    def __init__(self, times: int) -> None:
        self.now = NOON
        self.done: list[dt.datetime] = []
        self.said: list[str] = []
        self.failing: set[int] = set()
        self._left = times
        self._over = threading.Event()

    def work(self) -> None:
        self.done.append(self.now)
        if len(self.done) in self.failing:
            raise RuntimeError("the disk is full\nand more")

    def wait(self, seconds: float) -> bool:
        self.now += dt.timedelta(seconds=seconds)
        self._left -= 1
        if not self._left:
            self._over.set()
        return not self._left

    def run(self) -> None:
        with Beside(
            "the count",
            self.work,
            pause=until_next_hour,
            clock=lambda: self.now,
            report=self.said.append,
            wait=self.wait,
        ):
            assert self._over.wait(60)


def test_work_is_done_at_once_and_then_when_each_hour_has_settled() -> None:
    days = Days(3)
    days.run()
    assert days.done == [NOON, NOON.replace(minute=16), NOON.replace(hour=13, minute=16)]


def test_what_fails_is_told_once_and_done_again() -> None:
    days = Days(6)
    days.failing = {2, 3, 5}
    days.run()
    assert len(days.done) == 6
    assert days.said == ["the count failed: the disk is full"] * 2


@pytest.mark.parametrize(
    ("minute", "second", "seconds"), [(0, 0, 960), (15, 59, 1), (16, 0, 3600), (16, 1, 3599), (59, 59, 961)]
)
def test_work_is_due_at_sixteen_past(minute: int, second: int, seconds: float) -> None:
    assert until_next_hour(NOON.replace(minute=minute, second=second)) == seconds


def test_how_long_to_wait_is_asked_after_each_time() -> None:
    days = Days(3)
    asked: list[dt.datetime] = []

    def pause(now: dt.datetime) -> float:
        asked.append(now)
        return 10.0

    with Beside(
        "the watch", days.work, pause=pause, clock=lambda: days.now, report=days.said.append, wait=days.wait
    ):
        assert days._over.wait(60)
    assert days.done == asked == [NOON + dt.timedelta(seconds=10 * times) for times in range(3)]
