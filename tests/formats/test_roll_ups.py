import datetime as dt
from collections.abc import Iterable

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.formats.roll_ups import by_category, by_service, targets_on_networks
from lampwatch.formats.vote_tables import COVERAGE
from lampwatch.model.standing import Counts, RollUp, Standing, TargetOnNetwork

NOON = dt.datetime(2022, 1, 5, 12)  # noqa: DTZ001  all times in the store are UTC without a zone
COLUMNS: dict[str, pa.DataType] = {
    "target": pa.string(),
    "probe_cc": pa.string(),
    "probe_asn": pa.int64(),
    "hour": pa.timestamp("us"),
    **dict.fromkeys(("ok", "down", "blocked", "unknown"), pa.int64()),
}
CELL = pa.schema(COLUMNS)
Cell = tuple[str, str, int, int, Counts]
"""Country, target, network, hour, counts."""


def batch(cells: Iterable[Cell]) -> pa.RecordBatch:
    rows = [
        {
            "target": target,
            "probe_cc": country,
            "probe_asn": asn,
            "hour": NOON + dt.timedelta(hours=hour),
            "ok": counts.ok,
            "down": counts.down,
            "blocked": counts.blocked,
            "unknown": counts.unknown,
        }
        for country, target, asn, hour, counts in cells
    ]
    return pa.RecordBatch.from_pylist(rows, schema=CELL)


def on(target: str, asn: int, country: str = "KZ", **counts: int) -> TargetOnNetwork:
    return TargetOnNetwork(country, target, asn, Counts(**counts))


def one(found: list[RollUp]) -> RollUp:
    (only,) = found
    return only


cells = st.lists(
    st.tuples(
        st.sampled_from(["KZ", "RU"]),
        st.sampled_from(["telegram", "web.telegram.org", "www.news.kz"]),
        st.sampled_from([0, 9198, 21299]),
        st.integers(0, 3),
        st.builds(Counts, *[st.integers(0, 5)] * 4),
    )
)


@settings(deadline=None)
@given(cells, st.permutations(range(20)), st.integers(0, 20))
def test_order_and_division_of_the_rows_change_nothing(given: list[Cell], order: list[int], at: int) -> None:
    shuffled = [given[place] for place in order if place < len(given)] + given[20:]
    whole = targets_on_networks([batch(given)])
    assert targets_on_networks([batch(shuffled[:at]), batch([]), batch(shuffled[at:])]) == whole


@settings(deadline=None)
@given(cells)
def test_no_verdict_is_lost_on_the_way_up(given: list[Cell]) -> None:
    total = Counts()
    for *_, counts in given:
        total = total.plus(counts)
    there = Counts()
    for roll_up in by_service(targets_on_networks([batch(given)])):
        there = there.plus(roll_up.elsewhere)
        for held in roll_up.networks.values():
            there = there.plus(held.counts)
    assert there == total


def test_hours_are_counted_together_for_each_target_and_network() -> None:
    given = [("KZ", "telegram", 9198, hour, Counts(ok=1, blocked=2 * hour)) for hour in range(3)]
    assert targets_on_networks([batch(given)]) == [on("telegram", 9198, ok=3, blocked=6)]


def test_the_coverage_that_detection_reads_is_counted_up_over_methods_too() -> None:
    rows = [
        {
            "probe_cc": "KZ",
            "target": "web.telegram.org",
            "method": method,
            "probe_asn": 9198,
            "day": "2022-01-05",
            "ok": 0,
            "down": 1,
            "blocked": 2,
            "unknown": 3,
        }
        for method in ("telegram", "web_connectivity")
    ]
    found = targets_on_networks(pa.Table.from_pylist(rows, schema=COVERAGE).to_batches())
    assert found == [on("web.telegram.org", 9198, down=2, blocked=4, unknown=6)]


def test_nothing_measured_gives_nothing() -> None:
    assert targets_on_networks([]) == []
    assert targets_on_networks([batch([])]) == []
    assert by_service([]) == []


def test_a_network_that_blocks_one_target_blocks_the_service() -> None:
    found = one(by_service([on("telegram", 1, ok=9), on("web.telegram.org", 1, blocked=1)]))
    assert (found.place, found.about) == ("KZ", "telegram")
    assert found.networks_that_are(Standing.BLOCKING) == (1,)
    assert found.targets_that_are(Standing.BLOCKING) == ("web.telegram.org",)
    assert found.targets_that_are(Standing.OPEN) == ("telegram",)


def test_many_open_measurements_of_one_target_never_hide_a_block_of_another() -> None:
    found = one(by_service([on("telegram", 1, ok=10_000), on("web.telegram.org", 1, blocked=2, ok=1)]))
    assert found.standing is Standing.BLOCKING


def test_many_open_networks_never_hide_one_that_blocks() -> None:
    found = one(
        by_service([on("telegram", 1, blocked=1), *(on("telegram", asn, ok=99) for asn in range(2, 8))])
    )
    assert found.networks_that_are(Standing.BLOCKING) == (1,)
    assert found.decided == 7
    assert found.targets_that_are(Standing.BLOCKING) == ("telegram",)


def test_a_network_without_a_deciding_verdict_is_undecided_and_never_open() -> None:
    found = one(by_service([on("telegram", 1, down=3, unknown=4), on("telegram", 2, ok=1)]))
    assert found.networks_that_are(Standing.UNDECIDED) == (1,)
    assert found.networks_that_are(Standing.OPEN) == (2,)
    assert found.decided == 1


def test_a_network_is_open_where_one_target_is_and_another_is_undecided() -> None:
    found = one(by_service([on("telegram", 1, ok=1), on("web.telegram.org", 1, down=1)]))
    assert found.networks_that_are(Standing.OPEN) == (1,)
    assert found.targets_that_are(Standing.UNDECIDED) == ("web.telegram.org",)


def test_networks_that_are_not_known_are_no_network_and_stand_apart() -> None:
    found = one(by_service([on("telegram", 0, blocked=7), on("telegram", 1, ok=1)]))
    assert found.elsewhere == Counts(blocked=7)
    assert found.standing is Standing.OPEN
    assert found.targets_that_are(Standing.OPEN) == ("telegram",)


def test_a_country_is_told_from_another() -> None:
    found = by_service([on("telegram", 1, blocked=1), on("telegram", 1, "RU", ok=1)])
    assert [(roll_up.place, roll_up.standing) for roll_up in found] == [
        ("KZ", Standing.BLOCKING),
        ("RU", Standing.OPEN),
    ]


def test_networks_are_counted_up_by_region_where_it_is_known() -> None:
    regions = {1: "KZ-ALA", 2: "KZ-AST"}
    found = by_service(
        [on("telegram", 1, blocked=1), on("telegram", 2, ok=1), on("telegram", 3, ok=1)],
        place=lambda here: regions.get(here.asn, ""),
    )
    assert [(roll_up.place, roll_up.standing) for roll_up in found] == [
        ("KZ-ALA", Standing.BLOCKING),
        ("KZ-AST", Standing.OPEN),
    ]


def test_the_path_is_no_service_and_of_no_category() -> None:
    found = [on("path", 1, blocked=1), on("internet", 1, blocked=1)]
    assert by_service(found) == []
    assert by_category(found, {"path": "NEWS"}) == []


def test_sites_are_services_by_their_domain() -> None:
    found = one(by_service([on("www.news.kz", 1, ok=1), on("m.news.kz", 2, blocked=1)]))
    assert found.about == "news.kz"
    assert found.decided == 2


@pytest.mark.parametrize(
    ("target", "category"),
    [("news.kz", "NEWS"), ("m.news.kz", "NEWS"), ("telegram", "COMT"), ("other.kz", "")],
)
def test_a_category_holds_its_targets_whether_listed_or_by_their_service(target: str, category: str) -> None:
    assert one(by_category([on(target, 1, ok=1)], {"news.kz": "NEWS"})).about == category


def test_a_category_tells_how_many_of_its_targets_are_blocked_beside_the_networks() -> None:
    listed = {f"site{n}.kz": "NEWS" for n in range(5)}
    measured = [on(f"site{n}.kz", asn, ok=1) for n in range(5) for asn in (1, 2)]
    found = one(by_category([*measured, on("bbc.com", 1, blocked=1)], listed))
    assert found.networks_that_are(Standing.BLOCKING) == (1,)
    assert found.targets_that_are(Standing.BLOCKING) == ("bbc.com",)
    assert len(found.targets) == 6
