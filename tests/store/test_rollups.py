"""Roll-ups always equal what counting all rows gives, whatever was committed in whatever order."""

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.model.vocabulary import State
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.query import ALWAYS
from lampwatch.store.segment import Locator
from tests.store.samples import NOON, measurement, store_at, tables_of, verdict

MEASUREMENT = st.tuples(
    st.integers(0, 6),  # which measurement
    st.lists(
        st.tuples(st.sampled_from(["a.test", "b.test"]), st.sampled_from(list(State))),
        unique_by=lambda p: p[0],
    ),
)
COMMIT = st.tuples(
    st.lists(MEASUREMENT, unique_by=lambda m: m[0], max_size=5), st.integers(0, 2), st.booleans()
)


def commit(store: DuckDBStore, made: tuple[list[tuple[int, list[tuple[str, State]]]], int, bool]) -> None:
    given_rows, frame, replace = made
    tables = tables_of(
        *(
            (
                measurement(
                    n, start=NOON + dt.timedelta(hours=11 * (n % 3)), country=["KZ", "DE"][n % 2], asn=n % 4
                ),
                [verdict(target, state) for target, state in verdicts],
            )
            for n, verdicts in given_rows
        )
    )
    store.commit(tables, Locator("s", frame, 1), replace=replace)


def counted(store: DuckDBStore) -> Counter[tuple[object, ...]]:
    """Cells, by counting all verdicts one by one."""
    return Counter(
        (row.target, row.probe_cc, row.probe_asn, row.start_time.replace(minute=0, second=0), row.state)
        for row in store.verdicts(limit=1000)
    )


def cells(store: DuckDBStore) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    rows = [row for batch in store.cells() for row in batch.to_pylist()]
    for row in rows:
        for state in State:
            found[row["target"], row["probe_cc"], row["probe_asn"], row["hour"], state] += row[state]
    assert len(rows) == len({(row["target"], row["probe_cc"], row["probe_asn"], row["hour"]) for row in rows})
    return +found


def days(store: DuckDBStore) -> Counter[tuple[object, ...]]:
    return Counter(
        {
            (country.country, day.day, state): count
            for country in store.countries()
            for day in store.country_days(country.country)
            for state in State
            if (count := getattr(day, state))
        }
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(COMMIT, max_size=6))
def test_cells_and_days_equal_the_rows(
    commits: list[tuple[list[tuple[int, list[tuple[str, State]]]], int, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as directory, store_at(Path(directory)) as store:
        for made in commits:
            commit(store, made)
        by_row = counted(store)
        assert cells(store) == by_row
        by_day: Counter[tuple[object, ...]] = Counter()
        for (_, country, _, hour, state), count in by_row.items():
            assert isinstance(hour, dt.datetime)
            by_day[country, hour.date().isoformat(), state] += count
        assert days(store) == by_day
        by_target: Counter[tuple[object, ...]] = Counter()
        for (target, _, _, _, state), count in by_row.items():
            by_target[target, state] += count
        found = {(row.target, state): getattr(row, state) for row in store.targets() for state in State}
        assert +Counter(found) == by_target
        in_countries: Counter[tuple[object, ...]] = Counter()
        for country in store.countries():
            for row in store.targets(country.country):
                in_countries.update({(row.target, state): getattr(row, state) for state in State})
        assert +in_countries == by_target


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=4))
def test_any_order_and_repetition_of_commits_gives_the_same_cells(order: list[int], again: list[int]) -> None:
    # Frames overlap, as they do when a source is taken in twice; the same uid always has the same verdict.
    commits = [
        ([(n, [("a.test", list(State)[n % 4])]) for n in range(2 * step, 2 * step + 4)], step, False)
        for step in range(4)
    ]
    with tempfile.TemporaryDirectory() as directory:
        with store_at(Path(directory) / "one") as store:
            for step in range(4):
                commit(store, commits[step])
            expected = cells(store)
        with store_at(Path(directory) / "two") as store:
            for step in [*order, *again]:
                commit(store, commits[step])
            assert cells(store) == expected


def test_the_latest_state_is_kept_and_the_gravest_of_equals(store: DuckDBStore) -> None:
    later = NOON + dt.timedelta(minutes=5)
    store.commit(tables_of((measurement(0, start=later), [verdict("a.test", State.OK)])), Locator("s", 0, 1))
    store.commit(tables_of((measurement(1), [verdict("a.test", State.BLOCKED)])), Locator("s", 1, 1))
    assert (store.targets()[0].last, store.targets()[0].last_state) == (later, "ok")
    store.commit(
        tables_of((measurement(2, start=later), [verdict("a.test", State.DOWN)])), Locator("s", 2, 1)
    )
    assert store.targets(window=ALWAYS)[0].last_state == "down"
