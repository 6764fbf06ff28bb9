"""`lampwatch check`: one measurement now, and what it means."""

import asyncio
import datetime as dt
from typing import Final

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from lampwatch.cli.asked import Country, Network
from lampwatch.cli.compared import NOT_ASKED
from lampwatch.cli.layers import Layers
from lampwatch.cli.place import Place, data_option
from lampwatch.cli.probing import Probing, probing_options
from lampwatch.formats.printable import printable
from lampwatch.judge.references import References
from lampwatch.methods.connectivity.rules import TARGET as INTERNET
from lampwatch.model.errors import UserError
from lampwatch.model.measurement import SetAside
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import State
from lampwatch.observe.read import Reader
from lampwatch.pipeline.kernel import Kernel
from lampwatch.pipeline.measuring import Prober
from lampwatch.pipeline.methods import by_test_name, discover, measurable
from lampwatch.probe.document import Vantage
from lampwatch.probe.kit import Kit
from lampwatch.probe.own_addresses import OwnAddresses
from lampwatch.publish.words import MECHANISMS

_REFRESH_S: Final = 0.1
_SITE: Final = "web_connectivity"


@click.command()
@click.argument("what")
@click.argument("target", required=False)
@data_option
@probing_options
@click.option(
    "--country", type=Country(), default="ZZ", metavar="CC", help="The country to write into the measurement."
)
@click.option(
    "--asn",
    type=Network(),
    default=0,
    metavar="N",
    help="The network to write into the measurement, as AS9198.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the measurement itself, which `lampwatch ingest -` takes."
)
def check(
    what: str,
    target: str | None,
    place: Place,
    country: str,
    asn: int,
    *,
    as_json: bool,
    control: tuple[str, ...],
    **options: object,
) -> None:
    """Measure once, now. WHAT is a web address, or a method such as telegram, with its TARGET where it needs one.

    The network that you are on can see what is measured, as if you visited it.
    """
    method, asked = _method_and_input(what, target)
    probing = Probing(control=control, **options)  # type: ignore[arg-type]  # click has checked and converted them
    vantage = Vantage(probe_cc=country, probe_asn=asn)
    console = Console(highlight=False)
    if not as_json:
        tell(console, header(method, asked, vantage, probing.clock().utc()))
    try:
        document = asyncio.run(
            _measured(probing, vantage, method, asked, Watching(None if as_json else console))
        )
    except UserError as error:
        if asked:
            raise
        raise UserError(f"{method} needs a TARGET: {error}") from error
    except KeyboardInterrupt:
        raise KeyboardInterrupt("nothing is kept of it") from None
    if as_json:
        click.echo(document)
        return
    for line in sentences(document, place.recipe(()).references, controls=len(control)):
        tell(console, line)


def tell(console: Console, line: str) -> None:
    """One line; a terminal has it broken between words, and what reads a pipe has it whole."""
    console.print(Text(printable(line)), soft_wrap=not console.is_terminal)


def _method_and_input(what: str, target: str | None) -> tuple[str, str]:
    names = measurable()
    if what in names:
        return what, target or ""
    if "://" in what and target is None:
        return _SITE, what
    if "." in what and "/" not in what and target is None:
        return _SITE, f"https://{what}/"
    raise UserError(
        f"{what!r} is no web address and no method; give https://example.org/, or one of {', '.join(names)}"
    )


class Watching:
    """Shows a measurement's layers while it goes on. Without a console it shows nothing."""

    def __init__(self, console: Console | None) -> None:
        self._console = console
        # One spinner for all tables: it knows by itself how far it has turned.
        self._going_on = Spinner("dots", "measuring")
        self.kit: Kit | None = None

    def begin(self, kit: Kit) -> None:
        """Look on from here."""
        self.kit = kit

    async def show(self, measuring: "asyncio.Task[bytes]") -> None:
        """Show the table until the measurement is done; once where nobody can see it change."""
        console = self._console
        if console is not None and console.is_terminal:
            with Live(console=console, auto_refresh=False) as live:
                while not measuring.done():
                    self._update(live, self._going_on)
                    await asyncio.wait({measuring}, timeout=_REFRESH_S)
                self._update(live, *self._without_control())
        else:
            await asyncio.wait({measuring})
            if console is not None and self.kit is not None and not measuring.exception():
                console.print(Layers(self.kit.record).table(), *self._without_control())

    def _without_control(self) -> list[RenderableType]:
        """A line that says so, where no control was asked."""
        asked = self.kit is None or self.kit.record.comparisons
        return [] if asked else [Text(f"  {NOT_ASKED}", "dim")]

    def _update(self, live: Live, *below: RenderableType) -> None:
        if self.kit is not None:
            live.update(Group(Layers(self.kit.record).table(), *below), refresh=True)


async def _measured(probing: Probing, vantage: Vantage, method: str, asked: str, watching: Watching) -> bytes:
    own = OwnAddresses()
    clock, client = probing.clock(), probing.ask_control(own)
    try:
        prober = Prober(probing.surroundings(clock, client, own), vantage, clock.utc())
        measuring = asyncio.create_task(prober.measured(method, asked, watch=watching.begin))
        await watching.show(measuring)
        return await measuring
    finally:
        if client is not None:
            await client.close()


def sentences(document: bytes, references: References, *, controls: int) -> list[str]:
    """What a measurement means, a sentence a target; and what would make it surer."""
    methods = by_test_name(discover())
    read = Reader({name: method.extractor for name, method in methods.items()}).read(document)
    if isinstance(read, SetAside):
        return [f"This measurement cannot be read: {read.reason} {read.detail}".strip() + "."]
    verdicts = Kernel(methods, references).verdicts(read)
    if isinstance(verdicts, str):
        return [f"This measurement cannot be judged, by a fault of Lampwatch: {verdicts}."]
    found = [_sentence(verdict) for verdict in verdicts]
    states = {verdict.state for verdict in verdicts}
    if State.BLOCKED in states:
        found.append("Measured once; run it again in an hour before you rely on it.")
    elif not controls and b'"control_failure":' in document and State.UNKNOWN in states:
        found.append("No control was asked, and without one nothing is accused: name one with --control URL.")
    return found


def _sentence(verdict: Verdict) -> str:
    at = f" (at {verdict.hostname})" if verdict.hostname and verdict.hostname != verdict.target else ""
    subject = f"{verdict.target}{at}"
    if verdict.target == INTERNET:
        # Not a target that somebody blocks, but what is left of the network.
        if verdict.state is State.OK:
            return f"The Internet works here: {verdict.because}."
        return f"{verdict.because[:1].upper()}{verdict.because[1:]}."
    if verdict.state is State.BLOCKED:
        how = MECHANISMS.get(verdict.mechanism or "", "")
        return f"{subject} is blocked here: {how or verdict.because}."
    if verdict.state is State.OK:
        also = f"; but {MECHANISMS.get(verdict.mechanism, '')}" if verdict.mechanism else ""
        return f"{subject} works here{also}."
    if verdict.state is State.DOWN:
        return f"{subject} is down, not blocked here: {verdict.because}."
    return f"Whether {subject} is blocked here cannot be told: {verdict.because}."


def header(method: str, asked: str, vantage: Vantage, now: dt.datetime) -> str:
    """The first line: what is measured, from where, when. The usual method goes without its name."""
    what = asked if method == _SITE else f"{method} {asked}".rstrip()
    network = f" from AS{vantage.probe_asn} {vantage.network_name}".rstrip() if vantage.probe_asn else ""
    return f"{what}{network}, {now:%H:%M} UTC"
