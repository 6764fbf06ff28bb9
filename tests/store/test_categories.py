import itertools
from collections.abc import Sequence

import pytest

from lampwatch.model.vocabulary import State
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.query import MeasurementFilter, VerdictFilter
from tests.store.samples import PLACE, measurement, tables_of, verdict

LISTED = [("news.kz", "NEWS"), ("shop.test", "COMM")]


def take_in(store: DuckDBStore, *targets: str, first: int = 0, replace: bool = False) -> None:
    given = [(measurement(n), [verdict(target)]) for n, target in enumerate(targets, start=first)]
    store.commit(tables_of(*given), PLACE if replace else None, replace=replace)


def test_a_service_s_targets_have_its_category_without_any_list(store: DuckDBStore) -> None:
    take_in(store, "telegram", "web.telegram.org", "tor-obfs4", "site.test")
    assert store.target_categories() == {"telegram": "COMT", "web.telegram.org": "COMT", "tor-obfs4": "ANON"}


def test_a_target_has_the_category_of_its_site(store: DuckDBStore) -> None:
    store.set_categories(LISTED)
    take_in(store, "www.news.kz", "other.kz")
    assert store.target_categories(["www.news.kz", "other.kz"]) == {"www.news.kz": "NEWS"}


def test_what_is_given_is_kept_whatever_the_catalogue_says(store: DuckDBStore) -> None:
    take_in(store, "telegram")
    store.set_categories([("telegram", "MISC")])
    take_in(store, "telegram", first=1)
    assert store.target_categories(["telegram"]) == {"telegram": "MISC"}


def test_a_new_list_replaces_what_an_earlier_one_told(store: DuckDBStore) -> None:
    store.set_categories(LISTED)
    take_in(store, "www.news.kz", "telegram")
    store.set_categories([("news.kz", "POLR")])
    assert store.target_categories() == {"news.kz": "POLR", "www.news.kz": "POLR", "telegram": "COMT"}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_any_order_of_targets_and_lists_gives_the_same(store: DuckDBStore, order: Sequence[int]) -> None:
    steps = (
        lambda: store.set_categories([("www.news.kz", "NEWS"), ("news.kz", "POLR")]),
        lambda: take_in(store, "m.news.kz"),
        lambda: take_in(store, "news.kz", first=1),
        lambda: take_in(store, "telegram", "a.m.news.kz", first=2),
    )
    for number in order:
        steps[number]()
    assert store.target_categories() == {
        "www.news.kz": "NEWS",
        "news.kz": "POLR",
        "m.news.kz": "POLR",
        "a.m.news.kz": "POLR",
        "telegram": "COMT",
    }


def test_judging_again_completes_a_store_too(store: DuckDBStore) -> None:
    take_in(store, "telegram", replace=True)
    assert store.target_categories() == {"telegram": "COMT"}


def test_filters_and_summaries_know_the_category_of_a_service(store: DuckDBStore) -> None:
    store.commit(
        tables_of(
            (measurement(0), [verdict("telegram", State.BLOCKED)]), (measurement(1), [verdict("a.test")])
        ),
        None,
    )
    assert [row.target for row in store.verdicts(VerdictFilter(category="COMT"))] == ["telegram"]
    assert store.count_measurements(MeasurementFilter(categories=("COMT",))) == 1
    assert [(row.category, row.blocked_targets) for row in store.categories()] == [("COMT", 1), ("", 0)]
    assert {row.target: row.category for row in store.targets()} == {"telegram": "COMT", "a.test": ""}


def test_a_hostile_target_is_borne(store: DuckDBStore) -> None:
    take_in(store, "", "..", "'; DROP TABLE category; --", "x" * 253, "\u202e.kz")
    assert store.target_categories() == {}
