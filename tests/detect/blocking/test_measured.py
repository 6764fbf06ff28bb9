"""What was measured around a block."""

from typing import Any

import pyarrow as pa

from lampwatch.formats.vote_tables import COVERAGE
from tests.detect.blocking.making_blocks import DAY, MONDAY, coverage, evidence, measured, presence
from tests.detect.blocking.making_votes import table, vote

ROWS = [("XA", "telegram", 1, 4, 4), ("XA", "telegram", 2, 2, 0), ("XA", "signal", 3, 9, 0)]


def test_networks_are_tested_for_the_targets_asked_for_on_the_days_asked_for() -> None:
    around = measured(evidence(covered=coverage(ROWS)))
    assert around.tested("XA", ["telegram"], MONDAY, MONDAY) == {1: 8}
    assert around.tested("XA", ["telegram"], MONDAY, MONDAY + DAY) == {1: 16, 2: 4}
    assert around.tested("XA", ["telegram", "signal"], MONDAY, MONDAY) == {1: 8, 3: 9}
    assert around.tested("XB", ["telegram"], MONDAY, MONDAY) == {}
    assert around.tested("XA", ["unknown"], MONDAY, MONDAY) == {}


def test_how_open_a_target_is_elsewhere_leaves_the_country_itself_out() -> None:
    rows = [("XA", "telegram", 1, 0, 9), ("YA", "telegram", 1, 1, 1), ("YB", "telegram", 1, 1, 1)]
    where: dict[str, Any] = {"target": "telegram", "probe_asn": 1}
    blocked = [vote(0, probe_cc=country, voters=[1, 2], verdicts=900, **where) for country in ("XA", "YA")]
    around = measured(evidence(table(blocked), coverage(rows, days=9)))
    assert around.open_share("telegram", "XA") == 0.9
    assert around.open_share("signal", "XA") is None
    assert around.countries("telegram") == {"XA", "YA", "YB"}


def test_what_one_voter_says_of_a_network_tells_nothing() -> None:
    alone = coverage([*ROWS, ("YA", "telegram", 1, 9, 9)]).to_pylist()
    one = pa.Table.from_pylist([row | {"greatest_voter": row["least_voter"]} for row in alone], COVERAGE)
    around = measured(evidence(covered=one))
    assert around.tested("XA", ["telegram"], MONDAY, MONDAY + DAY) == {}
    assert around.countries("telegram") == set()
    assert around.open_share("telegram", "XA") is None
    assert around.targets("XA", 1, MONDAY, MONDAY + DAY) == 0


def test_a_network_is_known_for_the_days_it_was_measured() -> None:
    around = measured(evidence(present=presence({("XA", 1): 0, ("XA", 2): 3})))
    assert around.days_before("XA", 1, MONDAY + 2 * DAY) == 2
    assert around.days_before("XA", 2, MONDAY + 2 * DAY) == 0
    assert around.days_before("XA", 9, MONDAY + 2 * DAY) == 0


def test_targets_of_a_network_are_counted_where_their_verdicts_decide() -> None:
    around = measured(evidence(covered=coverage([*ROWS, ("XA", "signal", 1, 0, 0)])))
    assert around.targets("XA", 1, MONDAY, MONDAY + DAY) == 1
    assert around.targets("XA", 3, MONDAY, MONDAY + DAY) == 1
    assert around.targets("XA", 3, MONDAY - 3 * DAY, MONDAY - DAY) == 0
    assert around.targets("XB", 1, MONDAY, MONDAY + DAY) == 0


def test_nothing_is_known_of_nothing() -> None:
    around = measured(evidence())
    assert around.tested("XA", ["telegram"], MONDAY, MONDAY) == {}
    assert around.countries("telegram") == set()
