from collections.abc import Iterator

import click
import pytest

from lampwatch import __version__
from lampwatch.cli import main
from tests.cli.running import lampwatch, ran, said


def commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, (*path, name))


COMMANDS = dict(commands(main))


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "lampwatch")
def test_every_command_has_help_with_every_option(path: tuple[str, ...]) -> None:
    out = said(*path, "--help")
    assert out.startswith("Usage: ")
    for option in COMMANDS[path].params:
        if isinstance(option, click.Option):
            assert max(option.opts, key=len) in out


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "lampwatch")
def test_every_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    options = [option for option in COMMANDS[path].params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_the_version_is_told() -> None:
    assert said("--version") == f"lampwatch, version {__version__}\n"


def test_a_command_that_does_not_exist_is_told() -> None:
    result = lampwatch("nothing")
    assert result.exit_code == 2
    assert "nothing" in result.stderr


@pytest.mark.parametrize("path", [(), ("ingest",), ("geoip", "update")], ids=" ".join)
def test_the_short_flag_gives_help_too(path: tuple[str, ...]) -> None:
    status, out, err = ran(*path, "-h")
    assert (status, err) == (0, "")
    assert out.startswith("Usage: ")
