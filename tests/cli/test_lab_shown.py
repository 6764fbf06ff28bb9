import io

import pytest
from rich.console import Console

from lampwatch.cli.lab_shown import RunsShown
from lampwatch.lab.scenario import Scenario
from lampwatch.lab.truth import Truth
from lampwatch.model.vocabulary import State


def scenario(name: str) -> Scenario:
    return Scenario(name=name, story="", truth=Truth(State.OK), measure="https://a.test/")


class Terminal:
    """A terminal on which runs are shown, with a clock that is set by hand."""

    def __init__(self, *, is_terminal: bool = True) -> None:
        self.out, self.now = io.StringIO(), 100.0
        console = Console(file=self.out, force_terminal=is_terminal, width=120)
        self.shown = RunsShown(console, 5, lambda: self.now)

    def text(self) -> str:
        return self.out.getvalue()


def test_what_is_being_run_is_named_with_its_seconds_and_how_many_have_ended() -> None:
    terminal = Terminal()
    with terminal.shown:
        terminal.shown.begun(scenario("well_http"))
        terminal.shown.begun(scenario("bad_line"))
        terminal.now += 12
        terminal.shown.ended(scenario("well_http"))
    assert "bad_line 12 s" in terminal.text()
    assert "1/5" in terminal.text()


def test_of_many_only_the_longest_are_named() -> None:
    terminal = Terminal()
    with terminal.shown:
        for number in range(5):
            terminal.shown.begun(scenario(f"scenario_{number}"))
            terminal.now += 1
    assert "scenario_0 5 s, scenario_1 4 s, scenario_2 3 s …" in terminal.text()


def test_of_two_runs_of_the_same_the_other_goes_on() -> None:
    terminal = Terminal()
    for _ in range(2):
        terminal.shown.begun(scenario("well_http"))
    terminal.shown.ended(scenario("well_http"))
    assert [name for name, _ in terminal.shown.going_on()] == ["well_http"]


def test_where_nobody_looks_nothing_is_shown() -> None:
    terminal = Terminal(is_terminal=False)
    with terminal.shown, terminal.shown.aside():
        terminal.shown.begun(scenario("well_http"))
    assert terminal.text() == ""


def test_what_is_printed_aside_goes_where_it_should(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    with terminal.shown:
        print("beside the bar")  # noqa: T201  what a command does with its results
        with terminal.shown.aside():
            print("in its place")  # noqa: T201  as above
    assert capsys.readouterr().out == "beside the bar\nin its place\n"
    assert "beside" not in terminal.text()
