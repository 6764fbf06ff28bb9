"""Files of one or many collectors -> what their peers said, in order of time."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from lampwatch.formats.mrt import Broken, MrtItem, MrtReader, PeerTable, Rib
from lampwatch.signals.bgp.archives import collector_in, named
from lampwatch.signals.bgp.bins import DOUBTED_S
from lampwatch.signals.bgp.fetch import MissingError, chunks_of

TOLD_PLACES: Final = 1000
"""Files whose damage is told one by one; more are counted."""


class FileOver(msgspec.Struct, frozen=True):
    """A file ended: whether it was whole, and the time up to which it told (seconds since 1970)."""

    time: float
    whole: bool


Said: TypeAlias = tuple[str, MrtItem | FileOver]
"""The feed, and what came from it."""


class Report:
    """What was found while reading: kept for the end, when a person is told."""

    def __init__(self) -> None:
        self.files = 0
        self.records = 0
        self.unknown: Counter[str] = Counter()
        self.malformed = 0
        self.broken: list[tuple[str, Broken, int]] = []
        """Damaged files: name, the first damaged place, and how many places there are."""
        self.missing: list[str] = []

    def add(self, name: str, reader: MrtReader) -> None:
        """A file was read to its end."""
        self.files += 1
        self.records += reader.records
        self.unknown += reader.unknown
        self.malformed += reader.malformed
        if reader.broken and len(self.broken) < TOLD_PLACES:
            self.broken.append((name, reader.broken[0], reader.damage))


class MrtFile(msgspec.Struct, frozen=True):
    """One file of a feed: name is what people call it, path opens it (and may fetch it first)."""

    name: str
    feed: str
    path: Callable[[], Path]


def said(files: Sequence[MrtFile], report: Report) -> Iterator[Said]:
    """What the files say: of each feed one after the other, and all feeds together in order of time.

    Files that an archive named follow its names, others the time of their first record, a table before updates. A feed
    opens its next file when the one before is over.
    """
    feeds = {file.feed: [one for one in files if one.feed == file.feed] for file in files}
    streams = [_of_feed(feed, _in_order(of_feed), report) for feed, of_feed in feeds.items()]
    for _, feed, item in streams[0] if len(streams) == 1 else heapq.merge(*streams, key=lambda one: one[0]):
        yield feed, item


def _in_order(files: Iterable[MrtFile]) -> list[MrtFile]:
    return sorted(files, key=_begins)


def _begins(file: MrtFile) -> tuple[float, bool]:
    """When a file begins, and whether it has updates."""
    known = named(file.name)
    if known is not None:
        return known.start, not known.table
    first = next(iter(MrtReader(chunks_of(file.path()))), None)
    return (first.time if first is not None else 0.0), not isinstance(first, Rib | PeerTable)


def _of_feed(
    feed: str, files: Sequence[MrtFile], report: Report
) -> Iterator[tuple[float, str, MrtItem | FileOver]]:
    """What a feed says, each with the time that the feed has reached, which never steps back within a file."""
    for file in files:
        try:
            path = file.path()
        except MissingError:
            report.missing.append(file.name)
            continue
        reader = MrtReader(chunks_of(path))
        reached: float | None = None
        for item in reader:
            if reached is None:
                reached = item.time
            elif reached < item.time < reached + DOUBTED_S:
                # A damaged time far ahead would hold this feed back until all others are over.
                reached = item.time
            yield reached, feed, item
        report.add(file.name, reader)
        known = named(file.name)
        reached = reached or 0.0
        # An archive's file tells of all its minutes, also of the quiet ones at its end.
        if known is not None and known.start <= reached < known.start + known.seconds:
            reached = known.start + known.seconds
        yield reached, feed, FileOver(reached, reader.whole)


def feed_of(place: str, otherwise: str) -> str:
    """The feed of a file: the collector that its name tells, else the one given."""
    return collector_in(place) or otherwise
