"""The memory that bodies may hold together: shared out as they arrive, given back when they are answered."""

import threading
from types import TracebackType
from typing import Self

from lampwatch.collect.reception.limits import Limits
from lampwatch.collect.reception.receiver import UnavailableError

_RETRY_S = 2


class Memory:
    """Counts what all bodies hold. May be used from any thread."""

    def __init__(self, limits: Limits) -> None:
        self._lock = threading.Lock()
        self._bodies = limits.bodies
        self._bytes = limits.memory_bytes

    def share(self) -> "Share":
        """Room for one body, which ends with the share. Raises UnavailableError where too many are held."""
        with self._lock:
            if not self._bodies:
                raise UnavailableError("too many are submitting at once", retry_after_s=_RETRY_S)
            self._bodies -= 1
        return Share(self)

    def take(self, more: int) -> None:
        """Count more bytes. Raises UnavailableError where they do not fit."""
        with self._lock:
            if more > self._bytes:
                raise UnavailableError("too much is being submitted at once", retry_after_s=_RETRY_S)
            self._bytes -= more

    def give_back(self, held: int) -> None:
        """Count a body, and what it held, no more."""
        with self._lock:
            self._bodies += 1
            self._bytes += held


class Share:
    """What one body holds of the memory; given back where its context ends."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._held = 0

    def take(self, more: int) -> None:
        """Hold so many bytes more. Raises UnavailableError where all bodies together would hold too many."""
        self._memory.take(more)
        self._held += more

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._memory.give_back(self._held)
