"""Work that is done again and again beside a server, and whose failure ends nothing."""

import datetime as dt
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

AFTER: Final = dt.timedelta(minutes=16)
"""How long after the full hour: a minute after our own series count it."""
_HOUR: Final = dt.timedelta(hours=1)
_ENDING_S: Final = 60.0
"""So long the end waits for work that is going on; all of it can be done again."""


class Beside:
    """Does work when its context is entered and then again and again, in a thread of its own, until it is left.

    pause gives how many seconds to wait after work was done at a time. clock gives UTC without a zone. wait waits for
    so many seconds, and is true where the end has come before. report hears in one line, with the name of the work,
    when it begins to fail.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], object],
        *,
        pause: Callable[[dt.datetime], float],
        clock: Callable[[], dt.datetime],
        report: Callable[[str], None],
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._name, self._work, self._pause = name, work, pause
        self._clock, self._report = clock, report
        self._ended = threading.Event()
        self._wait = wait or self._ended.wait
        self._is_failing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(_ENDING_S)

    def _run(self) -> None:
        while True:
            self._do()
            if self._wait(self._pause(self._clock())):
                return

    def _do(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001  whatever ails it, what serves beside it goes on
            if not self._is_failing and not self._ended.is_set():
                self._report(f"{self._name} failed: {str(error).partition(chr(10))[0]}")
            self._is_failing = True
        else:
            self._is_failing = False


def until_next_hour(now: dt.datetime) -> float:
    """Seconds until the next time at which what is done once an hour is due; never none."""
    hour = (now - AFTER).replace(minute=0, second=0, microsecond=0)
    return max((hour + _HOUR + AFTER - now).total_seconds(), 1.0)
