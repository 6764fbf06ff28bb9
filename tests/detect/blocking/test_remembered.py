"""Whoever looks again reads and works only what changed, and finds what a whole detection finds."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from bench.blocking.rows import MICRO, Rows
from bench.blocking.verdicts import batches
from bench.blocking.world import World
from lampwatch.detect.blocking.findings import Findings, findings
from lampwatch.detect.blocking.incidents import incidents
from lampwatch.detect.blocking.remembered import Remembered, in_portions
from lampwatch.detect.blocking.setting import Setting
from lampwatch.detect.connectivity.incidents import incidents as connectivity_incidents
from lampwatch.detect.job import WINDOW, Detected, detect_blocking
from lampwatch.formats.vote_tables import GROUP
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.incidents import IncidentLog
from lampwatch.store.query import Window
from tests.detect.blocking.making_votes import table as votes_table
from tests.detect.blocking.making_votes import votes
from tests.detect.connectivity.making import DAY
from tests.detect.test_revisions import dark
from tests.store.samples import store_at

LATE = dt.timedelta(seconds=1)
WORLD = World(countries=4, days=30)


@pytest.fixture(scope="module")
def countries() -> list[Rows]:
    return [one.rows for one in WORLD.simulated()]


class Looking:
    """A store that is looked at again and again. read has the groups whose votes each look read."""

    def __init__(self, store: DuckDBStore, log: Path) -> None:
        self.store, self.log, self.known = store, IncidentLog(log), Remembered()
        self.read: list[set[tuple[str, str, str]]] = []

    def taken_in(self, rows: Rows, named: str = "") -> None:
        for tables in batches(rows, named=named):
            self.store.commit(tables, None)

    def look(self) -> Detected:
        self.store.refresh_votes()
        self.read.append(set())
        store: Any = self
        return detect_blocking(store, self.log, Setting(), now=WORLD.end + 3600, known=self.known)

    def whole(self) -> list[Any]:
        latest = self.store.totals().last
        assert latest is not None
        return incidents(self.store.evidence(Window(latest - WINDOW, latest + LATE)))

    def last_measured(self, until: dt.datetime) -> dt.datetime | None:
        return self.store.last_measured(until)

    def snapshots(self) -> list[Any]:
        return []

    @contextmanager
    def moment(self, window: Window, *, daily: bool) -> Iterator[Any]:
        with self.store.moment(window, daily=daily) as moment:
            ask = moment.histories

            def histories(groups: pa.Table) -> pa.Table:
                columns = (groups[name].to_pylist() for name in ("probe_cc", "target", "method"))
                self.read[-1] |= set(zip(*columns, strict=True))
                return ask(groups)

            setattr(moment, "histories", histories)  # noqa: B010  a method, to hear what is read
            yield moment


@pytest.fixture
def looking(tmp_path: Path) -> Iterator[Looking]:
    with store_at(tmp_path) as store:
        yield Looking(store, tmp_path / "incidents.jsonl")


def part(rows: Rows, since: float, until: float) -> Rows:
    """What was measured from one part of the world's time to another."""
    begin, end = ((WORLD.begin + share * (WORLD.end - WORLD.begin)) * MICRO for share in (since, until))
    return rows.taken((rows.time >= begin) & (rows.time < end))


def test_look_by_look_the_incidents_are_those_of_a_whole_detection(
    looking: Looking, countries: list[Rows]
) -> None:
    for since, until in ((0.0, 0.5), (0.5, 0.9), (0.9, 1.0)):
        for rows in countries:
            looking.taken_in(part(rows, since, until))
        made = looking.look()
        assert made.incidents == looking.whole()
    assert len(made.incidents) > 3


def test_what_is_looked_at_again_unchanged_reads_no_votes_and_makes_no_revision(
    looking: Looking, countries: list[Rows]
) -> None:
    for rows in countries:
        looking.taken_in(rows)
    first, second = looking.look(), looking.look()
    assert (len(first.revisions) > 3, second.revisions) == (True, [])
    assert first.incidents == second.incidents
    assert (len(looking.read[0]) > 10, looking.read[1]) == (True, set())


def test_what_one_country_measures_leaves_the_votes_of_others_unread(
    looking: Looking, countries: list[Rows]
) -> None:
    one, *others = countries
    for rows in (*others, part(one, 0.0, 0.8)):
        looking.taken_in(rows)
    looking.look()
    looking.taken_in(part(one, 0.8, 1.0))
    assert looking.look().incidents == looking.whole()
    assert {country for country, _, _ in looking.read[1]} == {one.country}


def test_what_arrives_late_and_what_is_judged_again_is_found_anew(
    looking: Looking, countries: list[Rows]
) -> None:
    first, *others = countries
    late = np.random.default_rng(1).random(first.size) < 0.3
    for rows in (*others, first.taken(~late)):
        looking.taken_in(rows)
    looking.look()
    looking.taken_in(first.taken(late), "late_")
    assert looking.look().incidents == looking.whole()
    for tables in batches(others[0]):
        # The same measurements, by rules that call nothing blocked any more.
        states = pa.array(["ok"] * tables["verdict"].num_rows)
        place = tables["verdict"].schema.get_field_index("state")
        tables["verdict"] = tables["verdict"].set_column(place, "state", states)
        looking.store.commit(tables, None, replace=True)
    found = looking.look().incidents
    assert found == looking.whole()
    assert others[0].country not in {one.country for one in found}


def groups(*given: tuple[str, int, int]) -> pa.Table:
    """Groups of countries, with a number of votes and a digest each."""
    rows = [
        {"probe_cc": country, "target": "a.test", "method": "web", "votes": many, "digest": digest}
        for country, many, digest in given
    ]
    return pa.Table.from_pylist(rows, schema=GROUP)


def of(table: pa.Table) -> list[str]:
    return [str(country) for country in table["probe_cc"].to_pylist()]


def nothing_found(table: pa.Table) -> Findings:
    """What votes give that say nothing, by the names of these groups."""
    (finding,) = findings([votes_table(votes(range(3), "ok"))], ()).values()
    return {(country, "a.test", "web"): finding for country in of(table)}


def test_what_is_known_rests_on_votes_and_on_the_outages_of_its_country() -> None:
    known = Remembered()
    seen = groups(("KZ", 1, 5), ("UZ", 1, 6))
    assert of(known.changed(seen, ())) == ["KZ", "UZ"]
    known.completed(seen, (), nothing_found(seen))
    assert of(known.changed(seen, ())) == []
    assert of(known.changed(groups(("KZ", 1, 5), ("UZ", 1, 7)), ())) == ["UZ"]
    cut_off = outage("KZ")
    assert of(known.changed(seen, cut_off)) == ["KZ"]
    assert of(known.changed(seen, outage(""))) == ["KZ", "UZ"]
    known.completed(seen, cut_off, nothing_found(groups(("KZ", 1, 5))))
    assert of(known.changed(seen, cut_off)) == []
    assert of(known.changed(seen, ())) == ["KZ"]


def test_what_is_no_more_is_forgotten() -> None:
    known = Remembered()
    seen = groups(("KZ", 1, 5), ("UZ", 1, 6))
    known.completed(seen, (), nothing_found(seen))
    assert set(known.completed(groups(("KZ", 1, 5)), (), {})) == {("KZ", "a.test", "web")}
    assert of(known.changed(seen, ())) == ["UZ"]


def test_groups_come_in_portions_of_about_so_many_votes() -> None:
    seen = groups(("AA", 4, 0), ("BB", 4, 0), ("CC", 30, 0), ("DD", 1, 0), ("EE", 1, 0))
    assert [of(portion) for portion in in_portions(seen, 10)] == [["AA", "BB"], ["CC", "DD"], ["EE"]]
    assert list(in_portions(groups(), 10)) == []


def outage(country: str) -> tuple[ConnectivityIncident, ...]:
    (one,) = connectivity_incidents([dark(DAY)])
    return (msgspec.structs.replace(one, country=country),)
