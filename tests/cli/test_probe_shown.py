import io

import pytest
from rich.console import Console

from lampwatch.cli.probe_shown import Shown
from lampwatch.probe.schedule import Task
from lampwatch.probe.spool import Waiting
from lampwatch.probe.spool_worth import Seen
from lampwatch.probe.upload import Attempt
from tests.probe.spooling import NOON


def shown(*, terminal: bool) -> tuple[Shown, io.StringIO]:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=200, highlight=False)
    return Shown(console, lambda: NOON, lambda: Waiting(7, 2_500_000, 0)), out


def test_elsewhere_than_on_a_terminal_each_measurement_has_a_plain_line() -> None:
    watcher, out = shown(terminal=False)
    with watcher:
        watcher.begun(Task("telegram"))
        watcher.ended(Task("telegram"), Seen("telegram", "ok"))
        watcher.broke(Task("signal"), "a fault [bold]\x1b[2J")
    assert out.getvalue() == (
        "12:00:00 telegram: ok\n12:00:00 signal was not measured: a fault [bold]\\x1b[2J\n"
    )


def test_on_a_terminal_only_what_failed_has_a_line_of_its_own() -> None:
    watcher, out = shown(terminal=True)
    with watcher:
        for name, outcome in (("telegram", "ok"), ("signal", "requests eof_error")):
            watcher.begun(Task(name))
            watcher.ended(Task(name), Seen(name, outcome))
    assert "12:00:00 signal: HTTP eof" in out.getvalue()
    assert "12:00:00 telegram" not in out.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_the_same_trouble_is_told_once_and_so_is_its_end(terminal: bool) -> None:
    watcher, out = shown(terminal=terminal)
    with watcher:
        for _ in range(3):
            watcher.uploaded(Attempt(failure="no way out"))
        watcher.uploaded(Attempt(delivered=3))
    assert out.getvalue().count("nothing can be sent: no way out; 7 measurements wait") == 1
    assert out.getvalue().count("12:00:00 3 sent, 7 wait") == 1


def test_the_summary_names_only_what_there_was() -> None:
    watcher, _ = shown(terminal=False)
    watcher.uploaded(Attempt(delivered=3, refused=1))
    watcher.broke(Task("signal"), "a fault")
    assert watcher.summary() == (
        "0 measured, 3 sent, 1 could not be measured, 1 refused by the collector, 7 wait in the spool (2.5 MB)"
    )
