"""The live loop: documents from many requests become one frame of the archive, are acknowledged, then taken in.

Only one thread writes. What arrives while it works waits, and is its next group: so one fsync serves all who came
meanwhile, and whoever comes alone waits for nobody.

Durability: what is acknowledged is in the archive. Its rows follow at once; where the store fails, or the process dies
in between, they follow later, from the archive.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Final, Self

import msgspec

from lampwatch.collect.reception.receiver import Receipt, UnavailableError
from lampwatch.model.errors import UserError
from lampwatch.pipeline.keeping import Keeper
from lampwatch.pipeline.kernel import Kernel
from lampwatch.store.archive import Archive
from lampwatch.store.protocol import Store

GROUP_DOCUMENTS: Final = 500
GROUP_BYTES: Final = 4 * 1024 * 1024
"""A group takes no further request once it holds this much; one request may bring more."""
MOST_BEHIND: Final = 1000
"""So many frames may wait for a store that fails; then nothing more is accepted."""
STORE_RETRY_S: Final = 30.0
SENDER_RETRY_S: Final = 10


class _Waiting(msgspec.Struct):
    """One request's documents, and where its receipts are awaited."""

    documents: Sequence[bytes]
    receipts: "Future[Sequence[Receipt]]"


class LiveReceiver:
    """Keeps the promise of `collect.reception.receiver.Receiver` on an archive and a store, within its context.

    Leaving the context finishes what was received; before and after, all is refused with UnavailableError. report hears
    in one line when archive or store begin to fail.
    """

    def __init__(
        self, *, store: Store, archive: Archive, kernel: Kernel, report: Callable[[str], None]
    ) -> None:
        def told(line: str) -> None:
            # Nobody left to tell (a closed pipe, a log on the same full disk) must not end the thread that keeps.
            with contextlib.suppress(OSError, ValueError):
                report(line)

        self._keeper = Keeper(store=store, archive=archive, kernel=kernel, report=told)
        self._report = told
        self._changed = threading.Condition()
        self._waiting: deque[_Waiting] = deque()
        self._is_open = False
        self._is_failing = False
        self._writer = threading.Thread(target=self._run, name="live")

    def __enter__(self) -> Self:
        self._is_open = True
        self._writer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._is_open = False
            self._changed.notify()
        self._writer.join()

    async def receive(self, documents: Sequence[bytes], /) -> Sequence[Receipt]:
        """Keep documents, and give a receipt for each, in order, once all are durable. Raises UnavailableError."""
        receipts: Future[Sequence[Receipt]] = Future()
        with self._changed:
            if not self._is_open:
                raise UnavailableError("this collector is ending", retry_after_s=SENDER_RETRY_S)
            self._waiting.append(_Waiting(documents, receipts))
            self._changed.notify()
        return await asyncio.wrap_future(receipts)

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            if self._keeper.behind:
                self._keeper.catch_up()
            if group:
                self._keep(group)

    def _next_group(self) -> list[_Waiting] | None:
        """The requests that wait, as many as fit; none after a while where the store is behind; None at the end."""
        with self._changed:
            while self._is_open and not self._waiting:
                if not self._changed.wait(STORE_RETRY_S if self._keeper.behind else None):
                    return []
            if not self._waiting:
                return None
            group: list[_Waiting] = []
            documents = size = 0
            while self._waiting and documents < GROUP_DOCUMENTS and size < GROUP_BYTES:
                waiting = self._waiting.popleft()
                # Whoever left before the turn came gets no receipt, and has to send it all again.
                if waiting.receipts.set_running_or_notify_cancel():
                    group.append(waiting)
                    documents += len(waiting.documents)
                    size += sum(map(len, waiting.documents))
            return group

    def _keep(self, group: Sequence[_Waiting]) -> None:
        if len(self._keeper.behind) >= MOST_BEHIND:
            _refuse(group, "the store has failed for too long")
            return
        try:
            archived = self._keeper.archived([waiting.documents for waiting in group])
        except (UserError, OSError) as error:
            self._fail(f"measurements cannot be archived, and are refused until they can: {error}")
            _refuse(group, "the archive cannot be written now")
            return
        except Exception as error:  # noqa: BLE001  a bug of ours, met by one request, must cost no other its turn
            if len(group) > 1:
                for waiting in group:
                    self._keep([waiting])
                return
            self._fail(f"Lampwatch failed on a request: a bug of ours ({type(error).__name__}: {error})")
            _refuse(group, "Lampwatch failed on this: a bug of ours")
            return
        self._is_failing = False
        for waiting, receipts in zip(group, archived.receipts, strict=True):
            waiting.receipts.set_result(receipts)
        self._keeper.commit(archived)

    def _fail(self, line: str) -> None:
        """Say what fails, once until it is well again."""
        if not self._is_failing:
            self._report(line)
        self._is_failing = True


def _refuse(group: Sequence[_Waiting], why: str) -> None:
    for waiting in group:
        waiting.receipts.set_exception(UnavailableError(why, retry_after_s=SENDER_RETRY_S))
