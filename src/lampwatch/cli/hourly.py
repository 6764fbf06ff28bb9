"""Work that is done once an hour beside a server, and whose failure ends nothing."""

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


class Hourly:
    """Does work when its context is entered and then once an hour, in a thread of its own, until it is left.

    clock gives UTC without a zone. wait waits for so many seconds, and is true where the end has come before. report
    hears in one line when the work begins to fail.
    """

    def __init__(
        self,
        work: Callable[[], object],
        *,
        clock: Callable[[], dt.datetime],
        report: Callable[[str], None],
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._work, self._clock, self._report = work, clock, report
        self._ended = threading.Event()
        self._wait = wait or self._ended.wait
        self._is_failing = False
        self._thread = threading.Thread(target=self._run, name="hourly", daemon=True)

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
            if self._wait(until_next(self._clock())):
                return

    def _do(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001  whatever ails it, what serves beside it goes on
            if not self._is_failing and not self._ended.is_set():
                self._report(f"what is done once an hour failed: {str(error).partition(chr(10))[0]}")
            self._is_failing = True
        else:
            self._is_failing = False


def until_next(now: dt.datetime) -> float:
    """Seconds until the next time at which work is due; never none."""
    hour = (now - AFTER).replace(minute=0, second=0, microsecond=0)
    return max((hour + _HOUR + AFTER - now).total_seconds(), 1.0)
