"""`lampwatch probe`: measures by a schedule, keeps what it finds, and sends it to a collector."""

import asyncio
import datetime as dt
import signal
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom
from typing import Final

import click
import httpx
from rich.console import Console
from rich.text import Text

from lampwatch.cli.asked import Country, Network
from lampwatch.cli.place import Place, data_option
from lampwatch.cli.probe_session import Session, Wishes
from lampwatch.cli.probe_shown import Shown
from lampwatch.cli.probing import Probing, probing_options
from lampwatch.cli.settings import COLLECTOR
from lampwatch.model.errors import UserError
from lampwatch.pipeline.methods import measurable
from lampwatch.probe.budget import budget_of, size_of
from lampwatch.probe.consent import TEXT, given_consent, record_consent
from lampwatch.probe.document import Vantage
from lampwatch.probe.schedule import ENTRY_METHODS, SERVICES, Pace
from lampwatch.probe.spool import Spool
from lampwatch.probe.trust import believing
from lampwatch.probe.upload import checked_collector

FOLDER: Final = "probe"
"""Where consent, spool and whereabouts are, in the data directory."""
SITE_GAP_S: Final = 30.0
"""So long a registered domain is left alone between two measurements."""


@click.command()
@data_option
@probing_options
@click.option(
    "--collector",
    envvar=COLLECTOR.envvar,
    metavar="URL",
    help="Where results are sent, as https://lampwatch.example.org/. Without one they are kept. "
    f"[env: {COLLECTOR.envvar}]",
)
@click.option("--once", is_flag=True, help="Measure everything one time, send it, and end.")
@click.option(
    "--country",
    type=Country(),
    metavar="CC",
    help="The country you are in. [default: the collector is asked]",
)
@click.option(
    "--asn",
    type=Network(),
    metavar="N",
    help="The network you are on, as AS9198. [default: the collector is asked]",
)
@click.option(
    "--category",
    multiple=True,
    metavar="CODE",
    help="Of the lists only this category, as NEWS. May be given again.",
)
@click.option("--method", multiple=True, metavar="NAME", help="Only this method. May be given again.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="End after so many measurements.")
@click.option(
    "--parallel",
    type=click.IntRange(1, 64),
    default=3,
    show_default=True,
    metavar="N",
    help="So many at a time.",
)
@click.option(
    "--budget",
    multiple=True,
    metavar="SIZE|N",
    help="The most that a day (UTC) may use: bytes, as 500MB, or measurements, as 5000. May be given again, for "
    "both. [default: 500MB and 5000]",
)
@click.option(
    "--spool-size",
    default="512MB",
    show_default=True,
    metavar="SIZE",
    help="What may wait on the disk; beyond that, the least informative is dropped and counted.",
)
@click.option("--yes", is_flag=True, help="You have read what the probe does and its risks, and you consent.")
def probe(
    place: Place,
    collector: str | None,
    country: str | None,
    asn: int | None,
    category: tuple[str, ...],
    method: tuple[str, ...],
    limit: int | None,
    parallel: int,
    budget: tuple[str, ...],
    spool_size: str,
    *,
    once: bool,
    yes: bool,
    **options: object,
) -> None:
    """Measure web sites of the test lists, and messengers, again and again, until you press Ctrl-C.

    What is found is kept on the disk until a collector has acknowledged it, however long that takes. Before the first
    measurement, the risks are explained and your consent is asked for.
    """
    probing = Probing(**options)  # type: ignore[arg-type]  # click has checked and converted them
    wishes = Wishes(
        vantage=Vantage(
            probe_cc=country or Vantage().probe_cc,
            probe_asn=asn or 0,
        ),
        methods=_methods(method),
        categories=tuple(code.upper() for code in category),
        pace=Pace(parallel=parallel, site_gap_s=SITE_GAP_S, once=once, limit=limit),
        budget=budget_of(budget),
        collector=checked_collector(collector) if collector else "",
    )
    cap, directory = size_of(spool_size), place.directory / FOLDER
    clock = probing.clock()
    _consent(directory, clock.utc(), yes=yes)
    console = Console(highlight=False)
    with (
        Spool(
            directory,
            clock=clock,
            tell=lambda line: click.echo(f"lampwatch: {line}", err=True),
            cap_bytes=cap,
        ) as spool,
        Shown(console, clock.utc, spool.waiting) as shown,
    ):
        session = Session(place.directory, directory, wishes, probing, spool, clock, shown)
        try:
            asyncio.run(_until_told(session, believing(probing.ca_file)))
        except (KeyboardInterrupt, asyncio.CancelledError):
            console.print(Text(shown.summary()), soft_wrap=not console.is_terminal)
            raise KeyboardInterrupt from None
        console.print(Text(shown.summary()), soft_wrap=not console.is_terminal)


async def _until_told(session: Session, authorities: ssl.SSLContext) -> None:
    """Run a session; a polite kill ends it as Ctrl-C does."""
    running = asyncio.current_task()
    assert running is not None  # noqa: S101  asyncio.run made it
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    # Nothing is taken from the environment: a proxy there would see what is sent, and by whom.
    async with httpx.AsyncClient(verify=authorities, trust_env=False, timeout=httpx.Timeout(30.0)) as client:
        await session.run(client, SystemRandom())


def _consent(directory: Path, now: dt.datetime, *, yes: bool) -> None:
    """Explain and ask, unless that was done before. Raises UserError where nobody consents."""
    if given_consent(directory) is not None:
        return
    Console(highlight=False).print(Text(TEXT))
    click.echo(f"The folder: {directory}")
    if yes:
        record_consent(directory, now, "option")
        return
    click.echo('Type "yes" if you have read this and want to measure: ', nl=False)
    if sys.stdin.readline().strip().lower() != "yes":
        raise UserError("nothing is measured without your consent; type yes when asked, or give --yes")
    record_consent(directory, now, "typed")


def _methods(asked: Sequence[str]) -> tuple[str, ...]:
    """The methods to measure by: those asked for, else web_connectivity and all services."""
    able = measurable()
    usual = [name for name in able if name in SERVICES or name in ENTRY_METHODS[:1]]
    scheduled = [name for name in able if name in SERVICES or name in ENTRY_METHODS]
    wrong = [name for name in asked if name not in scheduled]
    if wrong:
        raise UserError(f"{wrong[0]!r} cannot be scheduled; --method is one of {', '.join(scheduled)}")
    return tuple(dict.fromkeys(asked or usual))
