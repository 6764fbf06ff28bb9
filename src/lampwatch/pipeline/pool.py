"""Runs batches through the kernel, in this process or in a pool of workers, and gives the results in order."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from lampwatch.model.measurement import SetAside
from lampwatch.pipeline.interrupts import held
from lampwatch.pipeline.kernel import Kernel, RawLine, Worked

_AHEAD: Final = 2
"""Batches under way for each worker: enough that none waits, few enough that memory stays bounded."""

T = TypeVar("T")


class Recipe(Protocol):
    """Makes the same kernel in any process; it is pickled, so it names files and holds none."""

    def kernel(self) -> Kernel:
        """A kernel with the methods and references named."""
        ...


class Job(msgspec.Struct, Generic[T], frozen=True):
    """A batch for the kernel, and whatever its owner needs when it is done."""

    lines: Sequence[RawLine]
    asides: Sequence[SetAside]
    about: T


_kernel: Kernel | None = None


def _prepare(recipe: Recipe) -> None:
    end_with_parent()
    global _kernel  # noqa: PLW0603  a worker process has one kernel for all its life
    _kernel = recipe.kernel()


def end_with_parent() -> None:
    """Have this worker end when its parent is gone: killed without a word, it could not say so."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(lines: Sequence[RawLine], asides: Sequence[SetAside]) -> Worked:
    assert _kernel is not None  # noqa: S101  set by _prepare before any work
    return _kernel.work(lines, asides)


def _submit(pool: ProcessPoolExecutor, job: Job[T]) -> "Future[Worked]":
    """Hand a job on. A worker that is started by this never hears of an interrupt, which is for the main process.

    An interrupt that comes meanwhile is held until the worker stands: raised in the middle, it would leave half of one.
    """
    with held():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return pool.submit(_work, job.lines, job.asides)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def worked(
    recipe: Recipe, jobs: Iterable[Job[T]], *, workers: int, here: Callable[[], Kernel] | None = None
) -> Iterator[tuple[T, Worked]]:
    """Give each job's result in the order of the jobs; at most a few batches a worker are under way.

    With one worker all is done in this process, by the kernel that `here` gives, else by one made from the recipe.
    """
    if workers <= 1:
        kernel = here() if here is not None else recipe.kernel()
        for job in jobs:
            yield job.about, kernel.work(job.lines, job.asides)
        return
    # Spawned, not forked: the store's threads must not be copied into the workers.
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_prepare, initargs=(recipe,)
    )
    under_way: deque[tuple[T, Future[Worked]]] = deque()
    try:
        for job in jobs:
            under_way.append((job.about, _submit(pool, job)))
            if len(under_way) >= workers * _AHEAD:
                about, future = under_way.popleft()
                yield about, future.result()
        while under_way:
            about, future = under_way.popleft()
            yield about, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
