"""One run of `lampwatch series bgp`: reads, shows how far it is, keeps series, and tells what it did."""

import datetime as dt
import ipaddress
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

import click
import httpx
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lampwatch.cli.place import utc_now
from lampwatch.formats.instants import seconds_of
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family
from lampwatch.pipeline.interrupts import held
from lampwatch.signals.bgp.bins import Bins
from lampwatch.signals.bgp.feed import FileOver, MrtFile, Report, feed_of, said
from lampwatch.signals.bgp.fetch import TIMEOUT, Fetcher
from lampwatch.signals.bgp.ris_link import Lost, RisLink
from lampwatch.signals.bgp.space import Countries
from lampwatch.store.series import Appended, SeriesStore

SERIES_FOLDER: Final = "series"
CACHE_FOLDER: Final = Path("cache") / "bgp"
KEPT_EVERY_BINS: Final = 144
"""Twelve hours of bins are appended together: values of all networks in each are many."""
_SHOWN_EVERY: Final = 4096
_TOLD_FILES: Final = 10


class BgpRun:
    """One run: reads, shows how far it is, keeps series, and tells at its end what it did, also when interrupted."""

    def __init__(
        self,
        directory: Path,
        source: str,
        *,
        country: str | None,
        countries: Countries | None,
        least_peers: int,
        since: dt.datetime | None,
        until: dt.datetime | None,
    ) -> None:
        """Directory is the data directory; country, where given, bounds what is kept; the rest is as Bins has it."""
        self._directory, self._country = directory, country
        self._store = SeriesStore(directory / SERIES_FOLDER, clock=utc_now)
        self._bins = Bins(
            source,
            countries=countries,
            least_peers=least_peers,
            since=None if since is None else seconds_of(since),
            until=None if until is None else seconds_of(until),
            remembered=_remembered(self._store, source),
        )
        self._report = Report()
        self._link: RisLink | None = None
        self._kept = Appended(0, 0, 0)
        self._told = 0
        console = Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("reading")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._bar.stop()
        if kind is None or issubclass(kind, KeyboardInterrupt | UserError):
            self._keep()
            if self._report.files or self._link is not None:
                self._tell()

    def read(self, paths: Sequence[str], *, otherwise: str) -> None:
        """Take in files and addresses."""
        with httpx.Client(timeout=TIMEOUT) as client:
            fetcher = Fetcher(
                self._directory / CACHE_FOLDER, client=client, wait=time.sleep, progress=self._fetching
            )
            files = [MrtFile(path, feed_of(path, otherwise), _opener(path, fetcher)) for path in paths]
            for count, (feed, item) in enumerate(said(files, self._report)):
                if isinstance(item, FileOver):
                    self._bins.file_over(feed, item.time, whole=item.whole)
                else:
                    self._bins.take_in(feed, item)
                if not count % _SHOWN_EVERY:
                    self._show()
                    self._keep_if(KEPT_EVERY_BINS)
        self._bins.finish()

    def follow(self, address: str, collector: str) -> None:
        """Go on with what a collector's peers say now, until interrupted; each bin is kept when it is over."""
        self._link = RisLink(address, collector, wait=time.sleep)
        start = self._bins.at
        for heard in self._link.messages(None if start is None else float(start)):
            if isinstance(heard, Lost):
                self._bins.lost(heard.begin, heard.end)
            else:
                self._bins.take_in(*heard)
            self._show()
            self._keep_if(1)

    def _keep_if(self, bins: int) -> None:
        if self._bins.closed - self._told >= bins:
            self._keep()

    def _keep(self) -> None:
        """Append what was counted; an interrupt waits for it."""
        if self._bins.closed == self._told:
            return
        with held():
            self._told = self._bins.closed
            wanted = None if self._country is None else [self._country]
            kept = self._store.append(self._bins.taken(seconds_of(utc_now()), wanted))
            before = self._kept
            self._kept = Appended(
                before.new + kept.new, before.revised + kept.revised, before.same + kept.same
            )

    def _fetching(self, name: str, done: int, total: int | None) -> None:
        size = f"{done / 1e6:.1f}" + (f" of {total / 1e6:.1f}" if total else "")
        self._bar.update(self._task, description=f"fetching {printable(name)}, {size} MB")

    def _show(self) -> None:
        at = self._bins.at
        if at is None or self._bar.disable:
            return
        four, six = self._bins.full_feeds
        when = f"{dt.datetime.fromtimestamp(at, dt.UTC):%Y-%m-%d %H:%M} UTC"
        shown = f"{when}, {self._bins.prefixes} prefixes, {four} and {six} full feeds"
        self._bar.update(self._task, description=shown)

    def _tell(self) -> None:
        """Say what was done, and on standard error what could not be."""
        bins, kept = self._bins, self._kept
        four, six = bins.full_feeds
        click.echo(
            f"{bins.closed} bins from {self._report.files} files, {bins.gaps} of them gaps; "
            f"{kept.new} values are new, {kept.revised} revised, {kept.same} were there already"
        )
        click.echo(f"at the end {bins.prefixes} prefixes known, {four} full feeds of IPv4 and {six} of IPv6")
        for line in self._troubles():
            click.echo(f"note: {line}", err=True)

    def _troubles(self) -> Iterator[str]:
        bins = self._bins
        if not bins.based:
            yield "no table dump came before the updates, so nothing is known: give one (bview, rib) too"
        yield from _of_files(self._report)
        if bins.doubted:
            yield f"{bins.doubted} records have a time that no other agrees with, and are left out"
        if bins.refused_dumps:
            yield f"{bins.refused_dumps} damaged table dumps did not take the place of whole tables"
        link = self._link
        if link is not None:
            yield f"RIS Live: {link.heard} messages, {link.malformed} malformed; the link broke {link.losses} times"
            if link.first_malformed:
                yield f"the first malformed message: {link.first_malformed}"
            if link.complaints:
                yield f"the last trouble with the link: {link.complaints[-1]}"


def _of_files(report: Report) -> Iterator[str]:
    """What could not be read, a line for each thing."""
    for name, first, count in report.broken[:_TOLD_FILES]:
        more = f", and {count - 1} places more" if count > 1 else ""
        yield f"{printable(name)}: {first}{more}"
    if len(report.broken) > _TOLD_FILES:
        yield f"{len(report.broken) - _TOLD_FILES} files more are damaged"
    if report.malformed:
        yield f"{report.malformed} of {report.records} records are malformed and left out"
    for name, count in report.unknown.most_common():
        yield f"{count} records of {name} say nothing that is counted"
    if report.missing:
        yield f"{len(report.missing)} files are not in the archive, the first {printable(report.missing[0])}"


def _remembered(store: SeriesStore, source: str) -> list[Entity]:
    """Entities that the store has series of: where none of their prefixes is seen now, they have none."""
    return list({one.entity for one in store.series() if one.source == source and one.family is Family.BGP})


def _opener(path: str, fetcher: Fetcher) -> Callable[[], Path]:
    """What gives a file or address, fetched when it is asked for. Raises UserError at once for what is neither."""
    try:
        parts = urlsplit(path)
    except ValueError as error:
        raise UserError(f"{printable(path)} is no address: {error}") from error
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return lambda: fetcher.path(path)
    if parts.scheme == "http":
        raise UserError(f"{printable(path)}: http can be read and changed on the way; use https")
    file = Path(path)
    if not file.is_file():
        raise UserError(f"{printable(path)} is no file; name MRT files, or their https:// addresses")
    return lambda: file


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
