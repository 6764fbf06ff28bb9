"""What a server takes in is looked at as it comes, and nothing that it changes is missed. Nobody waits for a clock."""

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from lampwatch.cli.beside import Beside
from lampwatch.cli.detecting import Watch
from lampwatch.cli.facts import Facts, read_facts
from lampwatch.cli.place import Place
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.incident import Level, Scope
from lampwatch.model.revision import Revision, Status
from lampwatch.model.vocabulary import State
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.query import Window
from tests.store.samples import NOON, PLACE, measurement, tables_of, verdict

HOUR = dt.timedelta(hours=1)
ONSET = 7 * 24
END = 14 * 24


def measured(store: DuckDBStore, hours: range, *, asn: int = 9198) -> None:
    """One network's measurements, one every three hours; from ONSET on telegram is blocked there."""
    given = [
        (
            measurement(1000 * asn + hour, start=NOON + hour * HOUR, asn=asn, report_id=f"{asn} {hour}"),
            [verdict("telegram", State.BLOCKED if hour >= ONSET else State.OK)],
        )
        for hour in hours
    ]
    store.commit(tables_of(*given), PLACE)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def store(place: Place) -> Iterator[DuckDBStore]:
    with place.archive() as archive, place.store(archive) as opened:
        yield opened


def watch(place: Place, store: DuckDBStore) -> Watch:
    return Watch(place, store, lambda: NOON + END * HOUR, days=7)


def told(place: Place) -> list[Revision]:
    return place.incidents().revisions()


def test_the_measurement_that_decides_makes_the_incident_with_the_next_look(
    place: Place, store: DuckDBStore
) -> None:
    looking = watch(place, store)
    measured(store, range(0, ONSET + 5, 3))
    looking.votes()
    assert told(place) == []
    measured(store, range(ONSET + 6, ONSET + 12, 3))
    looking.votes()
    (first,) = told(place)
    assert isinstance(first.incident, BlockingIncident)
    assert (first.incident.level, first.incident.targets, first.status) == (
        Level.SIGNAL,
        ("telegram",),
        Status.ONGOING,
    )


def test_what_comes_later_is_a_revision_of_the_same_incident(place: Place, store: DuckDBStore) -> None:
    looking = watch(place, store)
    measured(store, range(0, END, 3))
    looking.votes()
    measured(store, range(0, END, 3), asn=21299)
    looking.votes()
    first, second = told(place)
    assert (second.incident.id, second.number) == (first.incident.id, 2)
    assert (first.incident.level, second.incident.level) == (Level.SIGNAL, Level.APPARENT)
    assert "it is now apparent" in second.because


def test_a_server_weighs_networks_by_the_sizes_that_it_is_told(place: Place, store: DuckDBStore) -> None:
    sizes = {"AS9198@KZ": 900.0, "AS21299@KZ": 100.0}
    measured(store, range(0, END, 3))
    measured(store, range(0, END, 3), asn=21299)
    Watch(place, store, lambda: NOON + END * HOUR, days=7, facts=Facts(sizes=sizes)).votes()
    assert [told_of.incident.share for told_of in told(place)] == [1.0]


def test_a_server_tells_regions_apart_by_the_networks_that_it_is_told_of(
    place: Place, store: DuckDBStore, tmp_path: Path
) -> None:
    told_of = tmp_path / "networks.csv"
    told_of.write_text("entity,size,country,region\nAS9198,9,KZ,Almaty\nAS21299,9,KZ,kz-75\nAS29355,9,KZ,\n")
    for asn in (9198, 21299):
        measured(store, range(0, END, 3), asn=asn)
    Watch(place, store, lambda: NOON + END * HOUR, days=7, facts=read_facts([told_of])).votes()
    (made,) = told(place)
    assert (made.incident.scope, made.incident.entities) == (
        Scope.REGIONS,
        ("KZ-75", "AS9198@KZ", "AS21299@KZ"),
    )


def test_a_network_with_rows_of_several_regions_serves_none_alone(tmp_path: Path) -> None:
    told_of = tmp_path / "networks.csv"
    told_of.write_text("entity,size,country,region\nAS1,9,KZ,Almaty\nAS1,9,KZ,Astana\nAS2@KZ,9,KZ,Astana\n")
    assert read_facts([told_of]).regions == {("KZ", 2): "KZ-71"}


def test_a_network_of_several_countries_has_a_size_in_each(tmp_path: Path) -> None:
    told_of = tmp_path / "networks.csv"
    told_of.write_text(
        "entity,size,country,region\nAS1,9,KZ,Almaty\nAS1,4,KZ,Astana\nAS1,2,UZ,\nAS1,3,UZ,\nAS2,5,UZ,\nAS2@UZ,6,,\nKZ,7,,\n"
    )
    facts = read_facts([told_of])
    assert facts.sizes == {"AS1": 16, "AS1@KZ": 13, "AS1@UZ": 3, "AS2": 5, "AS2@UZ": 6, "KZ": 7}
    assert facts.countries == {1: "KZ", 2: "UZ"}


def test_a_file_of_regions_beside_one_of_sizes_counts_nobody_twice(tmp_path: Path) -> None:
    sizes, regions = tmp_path / "sizes.csv", tmp_path / "regions.csv"
    sizes.write_text("entity,size,country\nAS1,100,KZ\nAS2,50,\n")
    regions.write_text("entity,size,country,region\nAS1,90,KZ,Almaty\nAS2,40,KZ,Astana\n")
    for files in ([sizes, regions], [regions, sizes]):
        facts = read_facts(files)
        assert facts.sizes == {"AS1": 90, "AS1@KZ": 90, "AS2": 50, "AS2@KZ": 40}
        assert facts.regions == {("KZ", 1): "KZ-75", ("KZ", 2): "KZ-71"}


def test_where_nothing_came_nothing_is_done(
    place: Place, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = watch(place, store)
    measured(store, range(0, END, 3))
    looking.votes()
    before = told(place)
    # Whoever looks asks for a moment of the store.
    monkeypatch.setattr(store, "moment", lambda *_given, **_said: pytest.fail("it was looked at"))
    looking.votes()
    assert told(place) == before


def test_a_server_that_starts_looks_once_though_nothing_came(place: Place, store: DuckDBStore) -> None:
    measured(store, range(0, END, 3))
    # As if it had been killed when votes were counted, and not yet looked at.
    store.refresh_votes()
    assert store.stale_hours() == 0
    watch(place, store).votes()
    assert len(told(place)) == 1


def test_a_store_that_fails_is_told_once_and_looked_at_again_until_all_is_seen(
    place: Place, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, said, left = watch(place, store), list[str](), list[int]()
    looking.votes()
    measured(store, range(0, END, 3))
    moment, over = store.moment, threading.Event()

    def failing(*_given: object, **_said: object) -> None:
        raise duckdb.IOException("the disk is full\nand more")

    def wait(_seconds: float) -> bool:
        # The hours are counted by then: of themselves they would not be looked at again.
        left.append(store.stale_hours() + len(told(place)))
        if len(left) == 2:
            monkeypatch.setattr(store, "moment", moment)
        if len(left) == 3:
            over.set()
        return over.is_set()

    monkeypatch.setattr(store, "moment", failing)
    with Beside(
        "looking", looking.votes, pause=lambda _: 10.0, clock=lambda: NOON, report=said.append, wait=wait
    ):
        assert over.wait(60)
    assert left == [0, 0, 1]
    assert said == ["looking failed: the disk is full"]


def test_what_changed_connectivity_meanwhile_is_looked_at_though_no_measurement_came(
    place: Place, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, moment, looked = watch(place, store), store.moment, 0
    measured(store, range(0, END, 3))

    def counting(window: Window, *, daily: bool) -> object:
        nonlocal looked
        looked += 1
        if looked == 1:
            # As the thread that looks at series does while this one looks.
            looking._due.set()
        return moment(window, daily=daily)

    monkeypatch.setattr(store, "moment", counting)
    looking.votes()
    looking.votes()
    looking.votes()
    assert looked == 2
