"""`lampwatch series probe`: asks /24s whether they are up, and keeps how many are."""

import asyncio
from pathlib import Path
from random import SystemRandom

import click

from lampwatch.cli.place import Place, data_option
from lampwatch.cli.series_probe_kept import probing_folder, recalled
from lampwatch.cli.series_probe_run import Runner, Wishes, plan_of
from lampwatch.model.errors import UserError
from lampwatch.signals.probing.consent import TEXT


@click.command()
@click.argument("listed", metavar="LIST", type=click.Path(path_type=Path))
@data_option
@click.option(
    "--control",
    "controls",
    multiple=True,
    metavar="ADDRESS",
    help="An address that always answers, of your own or with leave. May be given again, and should. While none of "
    "them answers, rounds are gaps, and nobody else is asked.",
)
@click.option(
    "--contact",
    default="",
    metavar="TEXT",
    help="Where somebody learns who asks and asks to be left alone, as https://example.org/probing. It goes out with "
    "every ICMP question.",
)
@click.option(
    "--exclude",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Addresses and prefixes that are never asked, one a line. Read anew before every round. May be given again.",
)
@click.option(
    "--method",
    type=click.Choice(["icmp", "tcp"]),
    default="icmp",
    show_default=True,
    help="ICMP echo, or TCP to --port, where a refusal counts as an answer.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="The port to ask by TCP.")
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 10_000),
    default=20.0,
    show_default=True,
    metavar="N",
    help="Questions a second at most, to all together.",
)
@click.option(
    "--block-rate",
    type=click.FloatRange(0.1, 100),
    default=1.0,
    show_default=True,
    metavar="N",
    help="Questions a second at most to one /24.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(0.01, 10),
    default=3.0,
    show_default=True,
    metavar="SECONDS",
    help="After so long without an answer, an address is silent.",
)
@click.option(
    "--round",
    "round_s",
    type=click.IntRange(1, 86_400),
    default=660,
    show_default=True,
    metavar="SECONDS",
    help="How long a round is, and so how fine the series.",
)
@click.option("--rounds", type=click.IntRange(1), metavar="N", help="End after so many rounds.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    metavar="N",
    help="Decides the order of the questions. [default: drawn once, and remembered]",
)
@click.option("--allow-private", is_flag=True, help="Ask private and reserved addresses too. For labs.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a round.")
@click.option(
    "--i-have-permission",
    "has_permission",
    is_flag=True,
    help="You have read what this does and its risks, and you, your provider and your law allow it.",
)
def probe(
    place: Place, rounds: int | None, *, as_json: bool, has_permission: bool, **options: object
) -> None:
    """Ask the /24s of LIST whether they are up, round after round, until you press Ctrl-C.

    Each answer and each silence moves the belief that a /24 is up; how many are up goes into series of countries,
    regions and networks. Nothing is asked before you have said that you may: without --i-have-permission it only tells
    what it does and what that can mean.
    """
    if not has_permission:
        click.echo(TEXT)
        raise UserError("nothing is asked without --i-have-permission; give it once you have read the above")
    wishes = Wishes(**options)  # type: ignore[arg-type]  # click has checked and converted them
    plan = plan_of(wishes)
    with probing_folder(place.directory) as folder:
        memory = recalled(folder, SystemRandom().getrandbits(32))
        if wishes.seed is not None:
            memory.seed = wishes.seed
        runner = Runner(wishes, plan, place.directory, folder, as_json=as_json)
        try:
            asyncio.run(runner.run(memory, rounds))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
