"""Our own series of the shipped recording: a week in which mobile networks go dark, and then the country."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pytest
import zstandard

from lampwatch.cli.demo import EXAMPLE
from lampwatch.judge.references import NO_REFERENCES
from lampwatch.lab.week import (
    CAMPUS,
    FRIDAY,
    HAPPENINGS,
    MOBILE,
    SATURDAY,
    TELECOM,
    THURSDAY,
    WEDNESDAY,
    WEEK,
)
from lampwatch.pipeline.keeping import Keeper
from lampwatch.pipeline.kernel import Kernel, RawLine
from lampwatch.pipeline.methods import by_test_name, discover
from lampwatch.signals.job import Recomputed, recompute
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore, open_store
from lampwatch.store.series import SeriesStore

HOUR: Final = dt.timedelta(hours=1)
SHUTDOWN: Final = range(FRIDAY + 14, SATURDAY + 8)
"""The hours of the week in which no network reaches the outside."""
UNTROUBLED: Final = 0
"""A network to which nothing happens."""
DELIVERY: Final = HOUR / 20
OUTAGES: Final = [one for one in HAPPENINGS if one.outage]


class Document(msgspec.Struct, frozen=True):
    """A document of the recording: when it began (hours of the week), on which network, and its bytes."""

    hour: float
    asn: int
    raw: bytes


class _Head(msgspec.Struct):
    measurement_start_time: str
    probe_asn: str


@cache
def recording() -> Sequence[Document]:
    packed = resources.files("lampwatch.cli").joinpath(EXAMPLE).read_bytes()
    found = []
    for raw in zstandard.ZstdDecompressor(max_window_size=2**27).decompress(packed).splitlines():
        head = msgspec.json.decode(raw, type=_Head)
        began = dt.datetime.fromisoformat(head.measurement_start_time)
        found.append(Document((began - WEEK.starts) / HOUR, int(head.probe_asn.removeprefix("AS")), raw))
    return found


def heard_of() -> list[Document]:
    """Those of Wednesday and after."""
    return [one for one in recording() if one.hour >= WEDNESDAY]


def delivered(document: Document) -> float:
    """When a probe that keeps its results gets rid of one: at once, or when its network is back."""
    hour = document.hour
    for outage in sorted(OUTAGES, key=lambda one: one.begins):
        if outage.going_on(document.asn, hour):
            hour = outage.ends
    return hour + DELIVERY / HOUR


def elsewhere(hour: int) -> Document:
    """A measurement of another country in an hour of the week, for the world goes on."""
    calm = next(one for one in recording() if one.asn == CAMPUS and b"herald.example" in one.raw)
    began, then = (f"{WEEK.time(at):%Y-%m-%d %H:%M:%S}" for at in (calm.hour, hour + 0.4))
    raw = calm.raw.replace(began.encode(), then.encode()).replace(b'"probe_cc":"XA"', b'"probe_cc":"XB"')
    assert then.encode() in raw
    assert b'"XB"' in raw
    return Document(hour + 0.4, UNTROUBLED, raw)


class Collector:
    """A collector that hears of documents at the hours of the week that they come at."""

    def __init__(self, directory: Path) -> None:
        self._hour = 0.0
        self._archive = LocalArchive(directory / "raw", clock=lambda: WEEK.time(self._hour), report=print)
        self.store: DuckDBStore = open_store(
            directory / "l.duckdb", self._archive, memory_limit="256MB", threads=1
        )
        self.series = SeriesStore(directory / "series", clock=lambda: WEEK.time(self._hour))
        self._kernel = Kernel(by_test_name(discover()), NO_REFERENCES)
        self._keeper = Keeper(store=self.store, archive=self._archive, kernel=self._kernel, report=print)

    def hear(self, documents: Sequence[Document], *, since: float, until: float) -> None:
        """Take in what comes from an hour of the week to another, as it comes."""
        coming: dict[int, list[bytes]] = {}
        for document in documents:
            if since <= delivered(document) < until:
                coming.setdefault(int(delivered(document)), []).append(document.raw)
        for hour in sorted(coming):
            self._hour = hour + 0.5
            self._keeper.commit(self._keeper.archived([coming[hour]]))

    def take_in(self, documents: Sequence[Document], source: str) -> None:
        """Take in a file of documents."""
        worked = self._kernel.work([RawLine(one.raw, source, n) for n, one in enumerate(documents, start=1)])
        self.store.commit(worked.tables, self._archive.append(worked.archive))

    def recompute(self, hour: float) -> Recomputed:
        """Run the job at an hour of the week."""
        self._hour = hour
        return recompute(self.store, self.series, now=WEEK.time(hour), days=14)

    def values(self, name: str, *, as_of: float | None = None) -> dict[int, float]:
        """A series' values by the hour of the week."""
        known = None if as_of is None else seconds(as_of)
        found = list(self.series.values([f"{name.replace(' ', ':lampwatch:')}"], as_of=known))
        if not found:
            return {}
        hours = (found[0].starts - seconds(0)) // 3600
        return dict(zip(hours.tolist(), found[0].values.tolist(), strict=True))


def seconds(hour: float) -> int:
    return int(WEEK.time(hour).replace(tzinfo=dt.UTC).timestamp())


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """The week from Wednesday on, as a collector heard it; the job ran in the night of the shutdown, and at the end."""
    collector = Collector(tmp_path_factory.mktemp("week"))
    documents = [*heard_of(), *(elsewhere(hour) for hour in range(WEDNESDAY, 168))]
    with collector.store:
        collector.hear(documents, since=0, until=SATURDAY + 3)
        collector.recompute(SATURDAY + 3.5)
        collector.hear(documents, since=SATURDAY + 3, until=200)
        collector.recompute(170)
        yield collector


def test_heartbeats_and_volume_fall_to_nothing_in_the_national_shutdown(week: Collector) -> None:
    heartbeats, received = week.values("XA heartbeats"), week.values("XA received")
    # The round of 14:00 on Friday is cut off before it is delivered.
    assert {heartbeats[hour] for hour in SHUTDOWN} == {0}
    assert {received[hour] for hour in SHUTDOWN} == {0}
    before = [heartbeats[hour] for hour in range(WEDNESDAY, THURSDAY, 3)]
    assert min(before) >= 3
    assert heartbeats[FRIDAY + 12] == 4
    # Elsewhere nothing happened.
    assert {week.values("XB heartbeats")[hour] for hour in range(WEDNESDAY, 168)} == {1}


def test_the_mobile_network_alone_falls_silent_a_day_before(week: Collector) -> None:
    mobile, telecom = week.values(f"AS{MOBILE}@XA received"), week.values(f"AS{TELECOM}@XA received")
    silent = range(THURSDAY + 11, FRIDAY + 6)
    assert {mobile[hour] for hour in silent} == {0}
    assert sum(telecom[hour] for hour in silent) > 50


def test_the_backlog_of_the_blackout_arrives_late_when_each_network_is_back(week: Collector) -> None:
    late = {hour: number for hour, number in week.values("XA late").items() if number > 0}
    expected = Counter(int(delivered(one)) for one in heard_of() if int(delivered(one)) - int(one.hour) >= 2)
    assert late == expected
    assert set(late) >= {FRIDAY + 6, SATURDAY + 8, SATURDAY + 10, SATURDAY + 11, SATURDAY + 14}


def test_what_was_known_in_the_night_is_kept_beside_what_is_known_since(week: Collector) -> None:
    friday_evening = FRIDAY + 18
    assert week.values("XA measurements", as_of=SATURDAY + 4)[friday_evening] == 0
    began = sum(int(one.hour) == friday_evening for one in recording())
    assert week.values("XA measurements")[friday_evening] == began > 0


@pytest.mark.parametrize("signal", ["XA control-answered", "XA online"])
def test_controls_and_connectivity_tell_that_it_was_the_network(week: Collector, signal: str) -> None:
    values = week.values(signal)
    assert {value for hour, value in values.items() if hour in SHUTDOWN} == {0}
    assert min(value for hour, value in values.items() if hour < THURSDAY) == 1
    assert min(value for hour, value in values.items() if hour >= SATURDAY + 15) == 1
    # While mobile networks are dark, three in four are not.
    assert values[FRIDAY + 3] == pytest.approx(0.75, abs=0.05)


def test_cut_off_counts_the_tests_that_found_nothing_left(week: Collector) -> None:
    values = week.values("XA cut-off")
    assert values[FRIDAY + 18] == 4
    assert values[FRIDAY + 9] == 0


def test_doing_it_again_changes_nothing(week: Collector) -> None:
    again = week.recompute(170)
    assert (again.appended.new, again.appended.revised) == (0, 0)
    assert again.appended.same > 1000
    assert again.measurements == len(heard_of()) + 168 - WEDNESDAY


def test_an_hour_more_changes_no_hour_before(week: Collector) -> None:
    later = week.recompute(171)
    assert later.appended.revised == 0


def test_a_country_that_delivered_is_missed_however_long_it_is_silent(week: Collector) -> None:
    silent = 40 * 24
    documents = [elsewhere(hour) for hour in range(silent, silent + 5)]
    week.hear(documents, since=silent, until=silent + 10)
    week.recompute(silent + 5.5)
    values = week.values("XA received")
    assert [values[hour] for hour in range(silent, silent + 5)] == [0] * 5
    assert np.isnan(values[silent - 1])
    assert silent not in week.values("XA measurements") or week.values("XA measurements")[silent] == 0


def test_history_that_is_taken_in_from_a_file_shows_the_shutdown_too(tmp_path: Path) -> None:
    """As `lampwatch demo` has it: everything arrived at once, and only what was measured tells."""
    collector = Collector(tmp_path)
    with collector.store:
        collector.take_in(recording(), "example/lab-recording.jsonl.zst")
        collector.recompute(170)
    assert {value for hour, value in collector.values("XA control-answered").items() if hour in SHUTDOWN} == {
        0
    }
    assert {value for hour, value in collector.values("XA online").items() if hour in SHUTDOWN} == {0}
    assert collector.values("XA received") == {}
