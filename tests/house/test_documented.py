"""Each command, option, setting and route is documented, and the pages name none that is gone."""

import ast
import re
from collections.abc import Iterator

import click
import pytest

from lampwatch.cli import main
from lampwatch.cli.settings import SETTINGS
from tests.house.routes import routes
from tests.house.tree import PACKAGE, ROOT, modules, named, parsed


def text(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def commands(command: click.Command, path: str = "lampwatch") -> Iterator[tuple[str, click.Command]]:
    """Every command a user sees, by its full name, groups included."""
    if command.hidden:
        return
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, f"{path} {name}")


def sections(page: str) -> dict[str, str]:
    """What stands under each heading that names one command in code, up to the next such heading."""
    parts = re.split(r"^#+ +`(lampwatch[^`]*)`.*$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


COMMANDS = dict(commands(main))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_section(name: str) -> None:
    assert name in sections(text("commands.md")), f"docs/commands.md has no heading `{name}`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_its_command_s_section(name: str) -> None:
    section = sections(text("commands.md")).get(name, "")
    options = [
        max(option.opts, key=len)
        for option in COMMANDS[name].params
        if isinstance(option, click.Option) and not option.hidden
    ]
    assert [option for option in options if not re.search(rf"{re.escape(option)}(?![\w-])", section)] == []


def test_no_section_is_of_a_command_that_is_gone() -> None:
    assert set(sections(text("commands.md"))) - set(COMMANDS) == set()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: str(setting.name))
def test_every_setting_is_documented_with_its_variable(setting: object) -> None:
    lines = text("settings.md").splitlines()
    name, variable = f"`{getattr(setting, 'name', '')}`", f"`{getattr(setting, 'envvar', '')}`"
    assert any(name in line and variable in line for line in lines), (
        f"docs/settings.md: no line with {name}, {variable}"
    )


def test_no_variable_is_documented_that_nothing_reads() -> None:
    documented = set(re.findall(r"LAMPWATCH_[A-Z0-9_]+", text("settings.md")))
    assert documented - {setting.envvar for setting in SETTINGS} == set()


def test_the_environment_is_read_in_one_place_only() -> None:
    elsewhere = [
        f"{named(module)}:{node.lineno}"
        for module in modules()
        if module != PACKAGE / "cli" / "settings.py"
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}
    ]
    assert elsewhere == []


@pytest.mark.parametrize("route", routes())
def test_every_route_is_documented(route: str) -> None:
    assert f"`{route}`" in text("api.md")


def test_no_route_is_documented_that_is_gone() -> None:
    documented = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`\s?]*)`", text("api.md")))
    assert documented - set(routes()) == set()
