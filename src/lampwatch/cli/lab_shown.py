"""How a run of many scenarios goes on, on a terminal: what is being run and how long, how many have been."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from lampwatch.lab.scenario import Scenario

_MOST_NAMED: Final = 3


class RunsShown:
    """A bar on standard error while it is entered; nothing where that is no terminal."""

    def __init__(self, console: Console, total: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Take a console on standard error, the number of runs, and a clock in seconds."""
        self._monotonic = monotonic
        # Standard output is written to beside the bar, and may be a file: it must never be led to the console's stream.
        self._progress = Progress(
            _GoingOn(self), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn(),
            console=console, transient=True, redirect_stdout=False, redirect_stderr=False,
            disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._progress.add_task("", total=total)
        self._begun: list[tuple[str, float]] = []

    def begun(self, scenario: Scenario) -> None:
        """A run begins. May be called in any thread."""
        self._begun.append((scenario.name, self._monotonic()))

    def ended(self, scenario: Scenario) -> None:
        """A run ended."""
        first = next((one for one in self._begun if one[0] == scenario.name), None)
        if first is not None:
            self._begun.remove(first)
        self._progress.advance(self._task)

    def going_on(self) -> Sequence[tuple[str, float]]:
        """What is being run, and for how many seconds, the longest first."""
        now = self._monotonic()
        return [(name, now - at) for name, at in list(self._begun)]

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while something is printed: both may be on one terminal."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


class _GoingOn(TextColumn):
    """The runs that have gone on longest."""

    def __init__(self, shown: RunsShown) -> None:
        super().__init__("")
        self._shown = shown

    def render(self, task: object) -> Text:  # noqa: ARG002  rich's form; all is one task
        going_on = self._shown.going_on()
        named = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in going_on[:_MOST_NAMED])
        return Text(named + (" …" if len(going_on) > _MOST_NAMED else ""))
