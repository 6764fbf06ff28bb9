"""What is read of one moment is what evidence tells of it, and a digest tells whether votes are the same."""

import datetime as dt
from typing import Any

import pytest

from lampwatch.formats.vote_tables import COVERAGE, GROUP, PRESENCE, VOTE
from lampwatch.model.vocabulary import State
from lampwatch.store.duckdb import DuckDBStore, votes
from lampwatch.store.protocol import Store
from lampwatch.store.query import ALWAYS, Window
from tests.store.samples import NOON, PLACE
from tests.store.voting import HOUR, found, judged, told

WINDOWS = [ALWAYS, Window(since=NOON + HOUR), Window(until=NOON + 2 * HOUR), Window(until=NOON)]
WORLD = [
    found(0, session="one"),
    found(1, State.BLOCKED, after=HOUR),
    found(2, State.DOWN, after=3 * HOUR),
    found(3, State.BLOCKED, after=3 * HOUR, asn=21299),
    found(4, asn=48503),
    found(5, State.BLOCKED, "b.test", country="DE", asn=3320),
    found(6, target="quiet.test"),
]


def groups(store: Store, window: Window = ALWAYS) -> dict[tuple[str, str], tuple[int, int]]:
    """By country and target: number of votes, and digest."""
    with store.moment(window) as moment:
        table = moment.groups()
    assert table.schema.equals(GROUP)
    rows = table.to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["probe_cc"], row["target"], row["method"]))
    return {(row["probe_cc"], row["target"]): (row["votes"], row["digest"]) for row in rows}


@pytest.fixture
def world(as_promised: Store) -> Store:
    as_promised.commit(judged(*WORLD), PLACE)
    as_promised.refresh_votes()
    return as_promised


@pytest.mark.parametrize("window", WINDOWS)
def test_the_parts_of_a_moment_are_those_of_the_evidence(world: Store, window: Window) -> None:
    evidence = world.evidence(window)
    with world.moment(window) as moment:
        histories = moment.histories(moment.groups())
        coverage, presence = moment.coverage(), moment.presence()
    for table, schema in ((histories, VOTE), (coverage, COVERAGE), (presence, PRESENCE)):
        assert table.schema.equals(schema)
    assert told(histories) == told(evidence.histories)
    assert told(coverage) == told(evidence.coverage)
    assert told(presence) == told(evidence.presence)


def test_groups_are_what_has_troubled_histories_with_their_votes(world: Store) -> None:
    assert {name: votes for name, (votes, _) in groups(world).items()} == {
        # Of the network that never found it blocked nothing is counted.
        ("KZ", "a.test"): 4,
        ("DE", "b.test"): 1,
    }
    assert groups(world, Window(since=NOON + HOUR)).keys() == {("KZ", "a.test")}
    assert groups(world, Window(until=NOON)) == {}


def test_of_some_groups_only_their_votes_are_read(world: Store) -> None:
    with world.moment() as moment:
        every = moment.groups()
        parts = [told(moment.histories(every.slice(place, 1))) for place in range(every.num_rows)]
        assert told(moment.histories(every.slice(0, 0))) == []
        assert told(moment.histories(every)) == sorted((row for part in parts for row in part), key=repr)
    assert [{row["probe_cc"] for row in part} for part in parts] == [{"DE"}, {"KZ"}]


@pytest.mark.parametrize(
    "more",
    [
        found(10, after=5 * HOUR),
        found(10, session="another"),
        found(10, State.BLOCKED, after=HOUR),
        found(10, State.BLOCKED, asn=48503),
        found(10, State.UNKNOWN, asn=21299),
    ],
)
def test_a_digest_is_another_where_a_vote_is_another(world: Store, more: Any) -> None:
    before = groups(world)
    world.commit(judged(more), PLACE)
    world.refresh_votes()
    after = groups(world)
    assert after["KZ", "a.test"][1] != before["KZ", "a.test"][1]
    assert after["DE", "b.test"] == before["DE", "b.test"]


@pytest.mark.parametrize("again", [WORLD, WORLD[::-1], [*WORLD, found(7, target="quiet.test")]])
def test_a_digest_is_the_same_where_votes_are_the_same(world: Store, again: Any) -> None:
    before = groups(world)
    world.commit(judged(*again), PLACE, replace=True)
    assert world.stale_hours() > 0
    world.refresh_votes()
    assert groups(world) == before


def test_a_digest_is_another_where_a_vote_leaves_the_window(world: Store) -> None:
    whole, later = groups(world), groups(world, Window(since=NOON + HOUR))
    assert later["KZ", "a.test"][1] != whole["KZ", "a.test"][1]


def in_window(store: Store, since: dt.datetime) -> dict[str, set[dt.datetime]]:
    """By country: the hours of votes in a window that moves on daily."""
    hours: dict[str, set[dt.datetime]] = {}
    with store.moment(Window(since), daily=True) as moment:
        for row in moment.histories(moment.groups()).to_pylist():
            hours.setdefault(row["probe_cc"], set()).add(row["hour"])
    return hours


def test_a_daily_window_moves_on_by_a_day_at_each_countrys_own_hour(as_promised: Store) -> None:
    hours = range(-30, 30)
    for place, country in enumerate(("KZ", "DE")):
        votes = [
            found(100 * place + hour, State.BLOCKED, after=hour * HOUR, country=country) for hour in hours
        ]
        as_promised.commit(judged(*votes), None)
    as_promised.refresh_votes()
    begins: dict[str, list[dt.datetime]] = {"KZ": [], "DE": []}
    for hour in range(24):
        since = NOON + hour * HOUR
        for country, there in in_window(as_promised, since).items():
            assert since - 24 * HOUR < min(there) <= since
            assert len(there) == (NOON + 29 * HOUR - min(there)) // HOUR + 1
            begins[country].append(min(there))
    assert {len(set(every)) for every in begins.values()} == {2}
    assert begins["KZ"][0].hour != begins["DE"][0].hour


def test_all_of_a_moment_is_of_before_what_comes_meanwhile(store: DuckDBStore) -> None:
    store.commit(judged(*WORLD), PLACE)
    store.refresh_votes()
    with store.moment() as moment:
        before = moment.groups(), told(moment.presence())
        store.commit(judged(found(20, State.BLOCKED, after=dt.timedelta(days=9))), PLACE)
        store.refresh_votes()
        assert (moment.groups(), told(moment.presence())) == before
        assert len(told(moment.histories(before[0]))) == 5
    assert groups(store)["KZ", "a.test"][0] == 5


def test_many_days_are_counted_while_a_moment_is_read(
    store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(votes, "VERDICTS_OF_CHUNK", 1)
    store.commit(judged(*WORLD), PLACE)
    store.refresh_votes()
    with store.moment() as moment:
        before = moment.groups()
        later = [found(20 + n, State.BLOCKED, after=n * 24 * HOUR) for n in range(1, 5)]
        store.commit(judged(*later), None)
        assert store.refresh_votes() == len(later)
        assert moment.groups() == before
    assert groups(store)["KZ", "a.test"][0] == 4 + len(later)


def test_what_is_not_counted_yet_is_not_in_it(as_promised: Store) -> None:
    as_promised.commit(judged(*WORLD), PLACE)
    assert groups(as_promised) == {}
    as_promised.refresh_votes()
    assert len(groups(as_promised)) == 2
