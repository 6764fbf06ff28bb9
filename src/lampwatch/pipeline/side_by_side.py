"""The same done for each of many in several processes, where there is enough of it."""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any, Final, TypeVar

from lampwatch.pipeline.interrupts import held
from lampwatch.pipeline.pool import end_with_parent

_AHEAD: Final = 2
"""So many are under way for each process: none waits, and few are in memory."""
_WORTH: Final = 4
"""So many things to do are worth starting processes for, which takes as long as one or two of them."""

Given = TypeVar("Given")
Result = TypeVar("Result")


class SideBySide:
    """As `map`, in so many processes; in this one where there is one, or hardly anything to do.

    What is to be done, what it is done for and what it gives are pickled. Processes live as long as there is work.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def __call__(self, do: Callable[[Given], Result], given: Iterable[Given], /) -> Iterator[Result]:
        """Do it for each, and give the results in their order."""
        every = iter(given)
        first = list(islice(every, _WORTH))
        if self._workers <= 1 or len(first) < _WORTH:
            yield from map(do, chain(first, every))
            return
        # Spawned, not forked: this process has threads, of the store if of nothing else.
        pool = ProcessPoolExecutor(
            self._workers, mp_context=get_context("spawn"), initializer=end_with_parent
        )
        under_way: deque[Future[Result]] = deque()
        try:
            for one in chain(first, every):
                under_way.append(_submitted(pool, do, one))
                if len(under_way) >= self._workers * _AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, do: Callable[[Any], Result], given: object) -> "Future[Result]":
    """Hand one on. An interrupt is for the main process, so a process that is started by this never hears of it."""
    with held():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return pool.submit(do, given)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
