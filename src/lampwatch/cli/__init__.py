"""The command line: wiring only. It reads settings, opens what is needed, and puts the rooms together."""

import sys

import click

from lampwatch import __version__
from lampwatch.cli.demo import demo
from lampwatch.cli.explain import explain
from lampwatch.cli.geoip import geoip
from lampwatch.cli.ingest import ingest
from lampwatch.cli.quarantine import quarantine
from lampwatch.cli.reprocess import reprocess
from lampwatch.cli.rules import rules
from lampwatch.cli.serve import serve
from lampwatch.cli.verdicts import verdicts
from lampwatch.model.errors import UserError


class _Front(click.Group):
    """The main group: what a user can mend is told in one line, with exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"lampwatch: {error}", err=True)
            ctx.exit(2)
        except BrokenPipeError:
            # The reader (head, less) has seen enough. Leave without a second complaint from the closing of stdout.
            sys.stdout = None
            ctx.exit(0)


@click.group(cls=_Front, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lampwatch")
def main() -> None:
    """Find out what is blocked or switched off on the Internet, where, how, and on what evidence."""


for command in (ingest, verdicts, explain, rules, quarantine, reprocess, serve, demo, geoip):
    main.add_command(command)
