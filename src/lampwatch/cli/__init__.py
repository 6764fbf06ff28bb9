"""The command line: wiring only. It reads settings, opens what is needed, and puts the rooms together."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from lampwatch import __version__
from lampwatch.model.errors import UserError

COMMANDS: Final = (
    "check",
    "ingest",
    "verdicts",
    "explain",
    "rules",
    "services",
    "quarantine",
    "reprocess",
    "detect",
    "incidents",
    "incident",
    "backtest",
    "sign-off",
    "sign-offs",
    "serve",
    "control",
    "probe",
    "demo",
    "geoip",
    "series",
    "lab",
    "lists",
)
"""Each is the command of the same name in the module of the same name, imported when it is asked for; - becomes _."""


class _Front(click.Group):
    """The main group: imports the one command that is run, and tells in one line what a user can mend."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the name is click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  as above
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(importlib.import_module(f"lampwatch.cli.{name}"), name)
        assert isinstance(command, click.Command)  # noqa: S101  ours, and named alike
        return command

    def main(  # type: ignore[override]  # click spells it as overloads
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,  # noqa: ARG002  we have one name, however we are called
        **extra: Any,  # noqa: ANN401  as in click
    ) -> Any:  # noqa: ANN401  as in click
        """Run a command line to its end. What was typed wrongly is told in one line, with exit status 2."""
        extra.pop("standalone_mode", None)
        try:
            status = super().main(args, "lampwatch", standalone_mode=False, **extra)
        except click.ClickException as error:
            path = (
                error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "lampwatch"
            )
            what = " ".join(error.format_message().split()).rstrip(".")
            click.echo(f"lampwatch: {what}; see {path} --help", err=True)
            sys.exit(error.exit_code)
        sys.exit(status if isinstance(status, int) else 0)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"lampwatch: {error}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt as interrupt:
            # A command that knows more of what is kept says so itself.
            what_next = str(interrupt) or "run the same command again to go on from here"
            click.echo(f"lampwatch: interrupted; {what_next}", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            # The reader (head, less) has seen enough. Leave without a second complaint from the closing of stdout.
            sys.stdout = None
            ctx.exit(0)


@click.group(cls=_Front, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lampwatch")
def main() -> None:
    """Find out what is blocked or switched off on the Internet, where, how, and on what evidence."""
