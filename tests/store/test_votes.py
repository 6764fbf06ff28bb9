"""Votes always equal what counting all verdicts gives, whatever was committed in whatever order, once or again."""

import datetime as dt
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.formats.tables_schema import VERDICT
from lampwatch.formats.vote_tables import MOST_VOTERS, VOTE
from lampwatch.formats.voters import voter_of
from lampwatch.model.vocabulary import State
from lampwatch.store import votes as expressions
from lampwatch.store.duckdb import DuckDBStore, open_store, votes
from lampwatch.store.duckdb.migrations import MIGRATIONS, migrate
from lampwatch.store.protocol import Store
from lampwatch.store.query import Window
from lampwatch.store.rows import VerdictRow
from lampwatch.store.segment import Locator
from tests.store.samples import NOON, archive_at, store_at
from tests.store.voting import HOUR, Given, all_told, found, judged, submitted, told

DAY = dt.timedelta(days=1)
STATES = list(State)
RULES = ["r1", "r2"]


def frame(number: int, arrived: dt.datetime = NOON) -> Locator:
    return Locator(f"{arrived:%Y%m%dT%H}-0000.jsonl.zst", number, 1)


def kept(store: DuckDBStore) -> list[dict[str, Any]]:
    """The table of votes, as it is."""
    with store._reading() as cursor:
        return told(cursor.sql("FROM vote").to_arrow_table())


def by_one_s_fingers(verdicts: Iterable[VerdictRow]) -> list[dict[str, Any]]:
    """The votes of verdicts, counted without any engine."""
    alike: defaultdict[tuple[object, ...], list[VerdictRow]] = defaultdict(list)
    for row in verdicts:
        hour = row.start_time.replace(minute=0, second=0)
        values = {"hour": hour, "mechanism": row.mechanism or ""}
        key = VOTE.names[: VOTE.names.index("verdicts")]
        alike[tuple(values.get(name, getattr(row, name, None)) for name in key)].append(row)
    counted = []
    for same, rows in alike.items():
        earliest = min(rows, key=lambda row: (row.start_time, row.uid))
        last = max(row.start_time for row in rows)
        voters = sorted({row.voter for row in rows})[:MOST_VOTERS]
        cells = (*same, len(rows), voters, earliest.start_time, last, earliest.uid)
        counted.append(dict(zip(VOTE.names, cells, strict=True)))
    return sorted(counted, key=repr)


def random_measurement(number: int, *, judged_by: int) -> Given:
    """One of a few measurements, always the same, and what a version of the rules makes of it."""
    return found(
        number,
        STATES[(number * (judged_by + 1)) % 4],
        ["a.test", "b.test"][number // 2 % 2],
        after=[0 * HOUR, HOUR / 2, HOUR, 30 * DAY][number % 4],
        country=["KZ", "DE"][number % 2],
        asn=number % 3,
        session=["", "one", "two"][number % 3],
    )


ARRIVAL = st.tuples(
    st.lists(st.integers(0, 11), max_size=6),  # which measurements
    st.integers(0, 2),  # in which frame
    st.booleans(),  # whether they take the place of what is there
    st.integers(0, 1),  # by which rules
    st.booleans(),  # whether votes are counted after it
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ARRIVAL, max_size=8))
def test_any_order_batching_repetition_and_rejudging_gives_the_votes_of_counting_from_scratch(
    arrivals: list[tuple[list[int], int, bool, int, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as directory, store_at(Path(directory)) as store:
        for numbers, place, replace, rules, refreshing in arrivals:
            rows = (random_measurement(number, judged_by=rules) for number in numbers)
            store.commit(judged(*rows, rules=RULES[rules]), frame(place), replace=replace)
            if refreshing:
                store.refresh_votes()
        behind = store.evidence()
        store.refresh_votes()
        assert kept(store) == by_one_s_fingers(store.verdicts(limit=1000))
        assert all_told(store.evidence()) == all_told(behind)


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=3), st.permutations(range(4)))
def test_the_same_inputs_in_any_order_judged_anew_in_any_other_give_the_same_votes(
    order: list[int], again: list[int], anew: list[int]
) -> None:
    def numbers(place: int) -> range:
        return range(3 * place, 3 * place + 3)

    with tempfile.TemporaryDirectory() as directory, store_at(Path(directory)) as store:
        for place in [*order, *again]:
            rows = (random_measurement(number, judged_by=0) for number in numbers(place))
            store.commit(judged(*rows), frame(place))
        store.refresh_votes()
        once = kept(store)
        for place in anew:
            rows = (random_measurement(number, judged_by=1) for number in numbers(place))
            store.commit(judged(*rows, rules="r2"), frame(place), replace=True)
            store.refresh_votes()
        twice = kept(store)
    with tempfile.TemporaryDirectory() as directory, store_at(Path(directory)) as store:
        store.commit(judged(*(random_measurement(n, judged_by=0) for n in range(12))), frame(0))
        store.refresh_votes()
        assert kept(store) == once
    with tempfile.TemporaryDirectory() as directory, store_at(Path(directory)) as store:
        store.commit(judged(*(random_measurement(n, judged_by=1) for n in range(12)), rules="r2"), frame(0))
        store.refresh_votes()
        assert kept(store) == twice


def test_a_commit_leaves_the_hours_of_its_verdicts_behind_and_no_others(
    store: DuckDBStore, as_promised: Store
) -> None:
    store.commit(judged(found(0), found(1, after=HOUR / 2), found(2, after=HOUR)), frame(0))
    assert as_promised.stale_hours() == 2
    assert as_promised.stale_hours(Window(since=NOON + HOUR)) == 1
    assert as_promised.refresh_votes() == 2
    assert as_promised.stale_hours() == 0
    store.commit(judged(found(3, after=HOUR), found(0)), frame(1))
    assert as_promised.stale_hours() == 1


def test_what_is_there_already_leaves_nothing_behind(store: DuckDBStore) -> None:
    store.commit(judged(found(0)), frame(0))
    store.refresh_votes()
    store.commit(judged(found(0)), frame(1))
    assert store.refresh_votes() == 0


def test_what_is_replaced_leaves_its_old_hour_behind_too(store: DuckDBStore) -> None:
    store.commit(judged(found(0), found(1, State.BLOCKED, after=HOUR)), frame(0))
    store.refresh_votes()
    store.commit(judged(found(0, State.BLOCKED), rules="r2"), frame(0), replace=True)
    assert store.stale_hours() == 2
    store.refresh_votes()
    assert [(row["hour"], row["state"], row["rules_version"]) for row in kept(store)] == [
        (NOON, "blocked", "r2")
    ]


def test_a_commit_that_fails_leaves_nothing_behind(store: DuckDBStore) -> None:
    tables = dict(judged(found(0)))
    with pytest.raises(TypeError):
        store.commit(tables, frame(0), progress={"kz.jsonl": None})  # type: ignore[dict-item]  # what breaks it
    assert store.stale_hours() == 0


def test_counting_is_done_by_days_and_told(store: DuckDBStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(votes, "VERDICTS_OF_CHUNK", 2)
    store.commit(judged(*(found(n, after=n * DAY / 2) for n in range(7))), frame(0))
    heard: list[tuple[int, int]] = []
    assert store.refresh_votes(lambda done, of: heard.append((done, of))) == 7
    assert heard == [(1, 7), (3, 7), (5, 7), (7, 7)]
    assert kept(store) == by_one_s_fingers(store.verdicts())


def test_counting_that_breaks_off_is_gone_on_with(
    store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(votes, "VERDICTS_OF_CHUNK", 1)
    store.commit(judged(*(found(n, State.BLOCKED, after=n * DAY) for n in range(4))), frame(0))

    def power_cut(done: int, _of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.refresh_votes(power_cut)
    assert store.stale_hours() == 2
    assert len(kept(store)) == 2
    halfway = store.evidence()
    assert halfway.histories.num_rows == 4
    assert store.refresh_votes() == 2
    assert all_told(store.evidence()) == all_told(halfway)


def test_a_portion_that_fails_changes_nothing(store: DuckDBStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.commit(judged(found(0)), frame(0))
    store.refresh_votes()
    before = kept(store)
    store.commit(judged(found(1)), frame(1))
    monkeypatch.setattr(votes, "_votes_of", lambda _given: "SELECT no_such_column")
    with pytest.raises(duckdb.Error):
        store.refresh_votes()
    monkeypatch.undo()
    assert (kept(store), store.stale_hours()) == (before, 1)
    store.refresh_votes()
    assert kept(store) == by_one_s_fingers(store.verdicts())


def test_days_far_apart_are_counted_too(store: DuckDBStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(votes, "DAYS_OF_CHUNK", 3)
    rows = [found(n, State.BLOCKED, after=-n * 100 * DAY) for n in range(10)]
    store.commit(judged(*rows), frame(0))
    assert store.evidence().histories.num_rows == 10
    assert store.refresh_votes() == 10
    assert kept(store) == by_one_s_fingers(store.verdicts())


def test_votes_survive_the_end_of_the_process(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        store.commit(judged(found(0)), frame(0))
        store.refresh_votes()
        store.commit(judged(found(1, after=HOUR)), frame(1))
        before = kept(store)
    with store_at(tmp_path) as store:
        assert (kept(store), store.stale_hours()) == (before, 1)


def test_nothing_is_found_in_an_empty_store(store: DuckDBStore) -> None:
    assert store.refresh_votes() == 0
    assert [rows for rows in all_told(store.evidence()).values() if rows] == []


def test_evidence_is_of_one_moment_though_a_commit_comes_between_its_tables(
    store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.commit(judged(found(0, State.BLOCKED)), frame(0))
    before = all_told(store.evidence())
    write = expressions.sql

    def commit_and_write(table: expressions.Table, dialect: expressions.Dialect) -> str:
        if (number := store.count_verdicts()) < 4:
            store.commit(judged(found(number, State.BLOCKED)), frame(number))
            store.refresh_votes()
        return write(table, dialect)

    store.refresh_votes()
    monkeypatch.setattr(expressions, "sql", commit_and_write)
    assert all_told(store.evidence()) == before
    assert store.count_verdicts() == 4
    assert all_told(store.evidence()) != before


def test_asked_of_no_country_there_is_nothing(store: DuckDBStore) -> None:
    store.commit(judged(found(0, State.BLOCKED)), frame(0))
    assert [table.num_rows for table in store.evidence(countries=[])] == [0, 0, 0]


# Handed in by a probe: it arrived when its segment's hour was over, however long ago it began.
@pytest.mark.parametrize(
    ("as_of", "numbers"),
    [
        (NOON - DAY, []),
        (NOON, [2]),
        (NOON + HOUR / 2, [2]),
        (NOON + HOUR, [1, 2]),
        (NOON + 3 * HOUR, [1, 2, 4]),
        (NOON + 6 * HOUR, [1, 2, 3, 4]),
    ],
)
def test_evidence_as_of_a_time_is_of_what_had_arrived(
    store: DuckDBStore, as_of: dt.datetime, numbers: list[int]
) -> None:
    store.commit(judged(submitted(found(1, State.BLOCKED, "one.test"))), frame(0, NOON))
    store.commit(judged(found(2, State.BLOCKED, "two.test")), frame(0, NOON + 9 * HOUR))
    store.commit(
        judged(submitted(found(3, State.BLOCKED, "three.test", after=-30 * DAY))), frame(0, NOON + 5 * HOUR)
    )
    store.commit(judged(submitted(found(4, State.BLOCKED, "four.test", after=3 * HOUR))), None)
    store.refresh_votes()
    names = {"one.test": 1, "two.test": 2, "three.test": 3, "four.test": 4}
    seen = store.evidence(as_of=as_of)
    assert sorted(names[str(target)] for target in seen.histories["target"].to_pylist()) == numbers
    assert sum(count or 0 for count in seen.presence["verdicts"].to_pylist()) == len(numbers)


def test_evidence_as_of_the_end_is_all_evidence_of_any_window(store: DuckDBStore) -> None:
    store.commit(judged(*(submitted(random_measurement(n, judged_by=0)) for n in range(12))), frame(0))
    for window in (
        Window(),
        Window(since=NOON),
        Window(since=NOON + HOUR / 2, until=NOON + 31 * DAY),
        Window(until=NOON + HOUR / 2),
    ):
        expected = all_told(store.evidence(window, countries=["KZ"]))
        assert all_told(store.evidence(window, countries=["KZ"], as_of=NOON + 365 * DAY)) == expected
        assert expected["presence"]


def test_a_file_from_before_votes_is_given_them_all(tmp_path: Path) -> None:
    file = tmp_path / "lampwatch.duckdb"
    tables = judged(found(0, State.BLOCKED), found(1, session=""), found(2, after=HOUR))
    with duckdb.connect(str(file)) as old:
        assert migrate(old, str(file), MIGRATIONS[:3]) == 3
        old.register("given", tables["measurement"])
        old.execute("INSERT INTO measurement SELECT *, 's', 0, 1 FROM given")
        old.register("given", tables["verdict"])
        old.execute("INSERT INTO verdict SELECT * EXCLUDE (voter, software) FROM given")
    with open_store(file, archive_at(tmp_path)) as store:
        (exported,) = store.export_verdicts()
        assert exported.schema.names == VERDICT.names
        assert exported.to_pylist() == tables["verdict"].to_pylist()
        assert [row.voter for row in store.verdicts_of(str(exported["uid"][1]))] == [
            voter_of(str(exported["uid"][1]))
        ]
        assert store.stale_hours() == 2
        store.refresh_votes()
        assert kept(store) == by_one_s_fingers(store.verdicts())
        # Rows go in by place, so the columns of the new table must be where those of the rows are.
        store.commit(judged(found(3)), frame(1))
        assert store.stale_hours() == 1
