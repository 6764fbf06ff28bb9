"""Shows how a probe's run goes on: a line at the bottom of a terminal, or a plain line for each thing elsewhere."""

import datetime as dt
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.text import Text

from lampwatch.formats.printable import printable
from lampwatch.probe.schedule import Task
from lampwatch.probe.spool import Waiting
from lampwatch.probe.spool_worth import OK, Seen
from lampwatch.probe.upload import Attempt
from lampwatch.publish.words import failure_in_words


class Shown:
    """Is told of measurements and of what is sent. On a terminal only what fails has a line of its own.

    clock gives UTC, waiting what is in the spool.
    """

    def __init__(
        self, console: Console, clock: Callable[[], dt.datetime], waiting: Callable[[], Waiting]
    ) -> None:
        self._console = console
        self._clock = clock
        self._waiting = waiting
        self._status = console.status("starting") if console.is_terminal else None
        self._running: dict[str, None] = {}
        self._trouble = ""
        self.measured = 0
        self.broken = 0
        self.sent = 0
        self.refused = 0

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def begun(self, task: Task) -> None:
        """A measurement begins."""
        self._running[task.about] = None
        self._update()

    def ended(self, task: Task, seen: Seen) -> None:
        """A measurement ended, and is in the spool."""
        self._running.pop(task.about, None)
        self.measured += 1
        if self._status is None or seen.outcome != OK:
            self.say(f"{task.about}: {_in_words(seen.outcome)}")
        self._update()

    def broke(self, task: Task, why: str) -> None:
        """A measurement could not be made."""
        self._running.pop(task.about, None)
        self.broken += 1
        self.say(f"{task.about} was not measured: {why}")
        self._update()

    def uploaded(self, attempt: Attempt) -> None:
        """A batch was sent, or could not be; the same trouble is told once."""
        self.sent += attempt.delivered
        self.refused += attempt.refused
        if attempt.failure and attempt.failure != self._trouble:
            self.say(f"nothing can be sent: {attempt.failure}; {self._waiting().documents} measurements wait")
        elif attempt.delivered and (self._trouble or self._status is None):
            self.say(f"{attempt.delivered} sent, {self._waiting().documents} wait")
        if not attempt.idle:
            self._trouble = attempt.failure
        self._update()

    def say(self, line: str) -> None:
        """One line, with the time."""
        self._console.print(Text(printable(f"{self._clock():%H:%M:%S} {line}")), soft_wrap=True)

    def summary(self) -> str:
        """What a run did, in one line."""
        waiting = self._waiting()
        parts = [f"{self.measured} measured", f"{self.sent} sent"]
        if self.broken:
            parts.append(f"{self.broken} could not be measured")
        if self.refused:
            parts.append(f"{self.refused} refused by the collector")
        parts.append(f"{waiting.documents} wait in the spool ({waiting.bytes / 1e6:.1f} MB)")
        return ", ".join(parts)

    def _update(self) -> None:
        if self._status is not None:
            running = ", ".join(self._running) or "waiting for what is due"
            self._status.update(Text(printable(f"{self.summary()}; {running}")))


def _in_words(outcome: str) -> str:
    """What happened, for a person: `tcp_connect generic_timeout_error` -> "TCP timeout"."""
    parts = [part.partition(" ") for part in outcome.split("; ")]
    return "; ".join(
        f"{_STEPS.get(step, step)} {failure_in_words(failure)}".rstrip() for step, _, failure in parts
    )


_STEPS: Final = {
    "queries": "DNS",
    "tcp_connect": "TCP",
    "tls_handshakes": "TLS",
    "quic_handshakes": "QUIC",
    "requests": "HTTP",
    "all": "",
}
