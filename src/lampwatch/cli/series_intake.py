"""Taking series in: what files and services bring goes to where series lie, and is told line by line."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from lampwatch.cli.series_files import ReadFile, read_file
from lampwatch.cli.series_sources import joined, now, within
from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.signals.importing import Importer, NetworkImporter, Options, UnrecognisedError, arrived
from lampwatch.signals.web import Web
from lampwatch.store.series import Appended, SeriesStore

_REASONS: Final = 3
"""So many reasons are told for each file, the most frequent first."""
_SMALL: Final = 50
"""Files with fewer values than this (snapshots of a feed, which come by the thousand) are kept together."""
_MOST_TOGETHER: Final = 1000
_SHOWN: Final = 5


class _Together(msgspec.Struct):
    """What files in a row brought that one importer read."""

    importer: Importer
    names: list[str] = msgspec.field(default_factory=list)
    series: dict[str, Values] = msgspec.field(default_factory=dict)
    malformed: list[MalformedRow] = msgspec.field(default_factory=list)

    def add(self, name: str, series: Sequence[Values], malformed: Sequence[MalformedRow]) -> None:
        """Take one more. Of values that two files have of one bin the later file's count."""
        self.names.append(name)
        self.malformed += malformed
        for one in series:
            before = self.series.get(one.series.id)
            self.series[one.series.id] = one if before is None else joined(before, one)


class Intake:
    """Takes series in, and counts what came."""

    def __init__(self, store: SeriesStore, options: Options, *, published: bool) -> None:
        """Say where to, what of it, and whether it arrived when it was published or now."""
        self._store = store
        self._options = options
        self._published = published
        self._waiting: _Together | None = None
        self._series: set[str] = set()
        self._passed_over: list[str] = []
        self._unread = 0
        self._new = self._revised = self._same = 0
        self.files = 0
        """Files and services that something was taken in from."""

    def read(self, path: Path, wanted: str, *, named: bool) -> None:
        """Read one file. What it lacks is told, and stops nothing; named files are expected to be of a source."""
        try:
            found = read_file(path, self._options, wanted)
        except UnrecognisedError as error:
            if named:
                self.miss(error)
            else:
                self._passed_over.append(printable(path.name))
        except UserError as error:
            self.miss(error)
        else:
            self._take(path.name, found)

    def miss(self, error: UserError) -> None:
        """Tell why something could not be read."""
        self._unread += 1
        click.echo(f"lampwatch: {error}", err=True)

    def fetch(self, importer: NetworkImporter, web: Web) -> None:
        """Ask one service. What it brought before it failed is kept. Raises UserError where it brought nothing."""
        found: list[Values] = []
        malformed: list[MalformedRow] = []
        try:
            for one in importer.fetch(web, self._options):
                if isinstance(one, MalformedRow):
                    malformed.append(one)
                elif len(one):
                    found.append(one)
        except UserError as error:
            if not found:
                raise
            self.miss(error)
        together = _Together(importer)
        together.add(importer.NAME, found, malformed)
        self._keep(together)

    def finish(self) -> None:
        """Keep what waits, and tell what all of it came to."""
        self._flush()
        if self._passed_over:
            more = ", …" if len(self._passed_over) > _SHOWN else ""
            click.echo(
                f"{_files(len(self._passed_over))} of no source that is known passed over: "
                f"{', '.join(self._passed_over[:_SHOWN])}{more}"
            )
        if self.files:
            click.echo(
                f"{len(self._series)} series from {_files(self.files)}: "
                f"{self._new} new values, {self._revised} revised, {self._same} same"
                + (f"; {self._unread} could not be read" if self._unread else "")
            )

    def _take(self, name: str, found: ReadFile) -> None:
        small = sum(map(len, found.series)) < _SMALL
        waiting = self._waiting
        if waiting and (
            waiting.importer is not found.importer or len(waiting.names) >= _MOST_TOGETHER or not small
        ):
            self._flush()
        together = self._waiting or _Together(found.importer)
        together.add(name, found.series, found.malformed)
        self._waiting = together
        if not small:
            self._flush()

    def _flush(self) -> None:
        if self._waiting is not None:
            self._keep(self._waiting)
            self._waiting = None

    def _keep(self, together: _Together) -> None:
        """When this returns, what came is durable, and told."""
        delay_s = together.importer.DELAY_S
        appended = self._store.append(
            within(
                arrived(one, now=now(), published=self._published, delay_s=delay_s),
                since=self._options.since,
                until=self._options.until,
                as_of=None,
            )
            for one in together.series.values()
        )
        self._series |= set(together.series)
        self.files += len(together.names) if together.series else 0
        self._new, self._revised = self._new + appended.new, self._revised + appended.revised
        self._same += appended.same
        for line in _told(together, appended):
            click.echo(line)


def _told(together: _Together, appended: Appended) -> Iterator[str]:
    """What came: a line, and one more for what was left out."""
    names = together.names
    name = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]} ({_files(len(names))})"
    yield (
        f"{printable(name)}  {together.importer.NAME}  {len(together.series)} series: "
        f"{appended.new} new, {appended.revised} revised, {appended.same} same"
    )
    if together.malformed:
        reasons = Counter(row.reason for row in together.malformed)
        lines: dict[str, int] = {}
        for row in together.malformed:
            lines.setdefault(row.reason, row.line)
        told = "; ".join(
            f"{reason} (line {lines[reason]}{f', {number} times' if number > 1 else ''})"
            for reason, number in reasons.most_common(_REASONS)
        )
        more = f"; and {len(reasons) - _REASONS} more reasons" if len(reasons) > _REASONS else ""
        yield f"  {len(together.malformed)} left out: {printable(told)}{more}"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
