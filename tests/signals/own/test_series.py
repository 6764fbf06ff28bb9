"""What our own counts become: a drop, a zero, a gap or nothing, by what is known of the silence."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.methods.connectivity.rules import RULES
from lampwatch.model.entity import Entity
from lampwatch.model.series import Values
from lampwatch.signals.own.counts import LEFT_BY_RULE, Found, Heard, Left
from lampwatch.signals.own.series import Asked, own_series

H = 3600
T = 1_641_384_000
"""2022-01-05 12:00 UTC, the first hour of each test."""
DAY = Asked(T, T + 24 * H)


def heard(
    hour: int, *, arrived: int | None = None, country: str = "KZ", asn: int = 9198, **more: Any
) -> Heard:
    """Ten measurements of a network that began in an hour; without an arrival nobody knows when they came."""
    came = None if arrived is None else T + arrived * H
    fields: dict[str, Any] = {
        "method": "web_connectivity",
        "measurements": 10,
        "controlled": 10,
        "reports": 2,
    } | more
    return Heard(country=country, asn=asn, start=T + hour * H, arrived=came, **fields)


def live(hour: int, **more: Any) -> Heard:
    return heard(hour, arrived=hour, **more)


def told(hour: int, left: Left, *, country: str = "KZ", asn: int = 9198) -> Found:
    return Found(country, asn, T + hour * H, left)


def made(
    rows: Iterable[Heard], tests: Iterable[Found] = (), asked: Asked = DAY
) -> dict[str, dict[int, float]]:
    """Series by id, their values by the number of the hour."""
    found: dict[str, dict[int, float]] = {}
    for one in own_series(rows, tests, asked):
        hours = ((one.starts - T) // H).tolist()
        found[one.series.id] = dict(zip(hours, one.values.tolist(), strict=True))
    return found


def shown(values: dict[int, float]) -> list[tuple[int, float | None]]:
    """Hours with their values, None for a gap."""
    return [(hour, None if math.isnan(value) else value) for hour, value in values.items()]


def test_volume_and_reports_are_counted_for_network_and_country() -> None:
    found = made([heard(0), heard(0, asn=21299), heard(0, asn=0, method="telegram"), heard(1)])
    assert found["AS9198@KZ:lampwatch:measurements"] == {0: 10, 1: 10}
    assert found["KZ:lampwatch:measurements"] == {0: 30, 1: 10}
    assert found["KZ:lampwatch:reports"] == {0: 6, 1: 2}
    assert found["KZ:lampwatch:networks"] == {0: 2, 1: 1}
    assert "AS9198@KZ:lampwatch:networks" not in found


def test_who_is_silent_while_others_measure_has_zero() -> None:
    found = made([heard(0), heard(0, country="DE"), heard(1, country="DE"), heard(3, country="DE")])
    assert found["KZ:lampwatch:measurements"] == {0: 10, 1: 0, 3: 0}


def test_an_hour_in_which_nobody_measured_is_absent() -> None:
    assert 2 not in made([heard(1), heard(3)])["KZ:lampwatch:measurements"]


def test_nobody_is_silent_before_it_was_ever_heard() -> None:
    found = made([heard(0), heard(1), heard(2, country="DE", asn=3320)])
    assert found["DE:lampwatch:measurements"] == {2: 10}


def test_who_measured_before_the_window_is_silent_from_its_beginning() -> None:
    asked = Asked(T, T + 24 * H, before={Entity("KZ"), Entity("KZ", 9198)})
    found = made([heard(0, country="DE")], asked=asked)
    assert found["KZ:lampwatch:measurements"] == {0: 0}
    assert found["AS9198@KZ:lampwatch:measurements"] == {0: 0}
    assert "KZ:lampwatch:received" not in found


def test_what_arrives_late_is_counted_when_it_began_and_when_it_came() -> None:
    found = made(
        [live(0), live(1, country="DE"), live(2, country="DE"), heard(1, arrived=4), heard(3, arrived=4)]
    )
    assert found["KZ:lampwatch:measurements"] == {0: 10, 1: 10, 2: 0, 3: 10}
    assert shown(found["KZ:lampwatch:received"])[:5] == [(0, 10), (1, 0), (2, 0), (3, None), (4, 20)]
    assert shown(found["KZ:lampwatch:late"])[:5] == [(0, 0), (1, 0), (2, 0), (3, None), (4, 10)]


def test_a_silence_of_all_is_a_gap_until_something_tells_whose_it_was() -> None:
    rows = [live(0), live(3)]
    assert shown(made(rows)["KZ:lampwatch:heartbeats"])[:4] == [(0, 1), (1, None), (2, None), (3, 1)]
    # Measured during the silence and delivered after it: the network was cut off, and we were not.
    tests = [told(1, Left.CUT_OFF), told(2, Left.ONLINE)]
    assert shown(made(rows, tests)["KZ:lampwatch:heartbeats"])[:4] == [(0, 1), (1, 0), (2, None), (3, 1)]


def test_heartbeats_are_the_networks_heard_from() -> None:
    found = made([live(0), live(0, asn=21299), live(1), heard(2, asn=7)])
    assert shown(found["KZ:lampwatch:heartbeats"])[:2] == [(0, 2), (1, 1)]


def test_who_delivered_before_the_window_is_missed_from_its_beginning() -> None:
    kz = {Entity("KZ")}
    found = made([live(1, country="DE")], asked=Asked(T, T + 3 * H, before=kz, delivering=kz))
    assert shown(found["KZ:lampwatch:received"]) == [(0, None), (1, 0), (2, None)]


def test_imported_history_tells_nothing_of_arrivals() -> None:
    assert {name.rpartition(":")[2] for name in made([heard(0)])} == {
        "measurements", "reports", "networks", "control-answered",
    }  # fmt: skip


def test_controls_that_answer_elsewhere_show_that_it_is_the_network() -> None:
    found = made([heard(0), heard(1, controlled=0), heard(1, country="DE", controlled=9)])
    assert found["KZ:lampwatch:control-answered"] == {0: 1.0, 1: 0.0}
    assert found["DE:lampwatch:control-answered"] == {1: 0.9}


def test_a_control_that_answers_nowhere_says_nothing_of_anyone() -> None:
    rows = [heard(0), heard(1, controlled=0), heard(1, country="DE", controlled=0)]
    assert shown(made(rows)["KZ:lampwatch:control-answered"]) == [(0, 1), (1, None)]
    tests = [told(1, Left.CUT_OFF)]
    assert shown(made(rows, tests)["KZ:lampwatch:control-answered"]) == [(0, 1), (1, 0)]
    assert shown(made(rows, tests)["DE:lampwatch:control-answered"]) == [(1, None)]


def test_methods_that_ask_no_control_do_not_lower_the_share() -> None:
    assert made([heard(0), heard(0, method="telegram", controlled=0)])["KZ:lampwatch:control-answered"] == {
        0: 1
    }


def test_connectivity_tells_what_is_left() -> None:
    tests = [
        told(0, Left.ONLINE),
        told(0, Left.ONLINE, asn=21299),
        told(1, Left.ONLINE),
        told(1, Left.CUT_OFF, asn=21299),
        told(2, Left.UNTOLD),
    ]
    found = made([], tests)
    assert found["KZ:lampwatch:online"] == {0: 1.0, 1: 0.5}
    assert found["KZ:lampwatch:cut-off"] == {0: 0, 1: 1}
    assert found["AS21299@KZ:lampwatch:online"] == {0: 1.0, 1: 0.0}


def test_every_rule_of_connectivity_is_given_a_meaning() -> None:
    assert {rule.id for rule in RULES} == set(LEFT_BY_RULE)


@pytest.mark.parametrize("country", ["ZZ", "", "kz", "KAZ", "KZ-ALA", "K\x00"])
def test_what_is_of_no_country_has_no_series(country: str) -> None:
    assert (
        made([heard(0, country=country), live(1, country=country)], [told(0, Left.ONLINE, country=country)])
        == {}
    )


def test_hours_outside_the_window_are_left_out() -> None:
    found = made([heard(-1, arrived=1), live(0), live(30)])
    assert found["KZ:lampwatch:measurements"] == {0: 10}
    assert found["KZ:lampwatch:received"][1] == 10


ROWS = st.lists(
    st.builds(
        heard,
        st.integers(0, 5),
        arrived=st.none() | st.integers(0, 9),
        country=st.sampled_from(["KZ", "DE"]),
        asn=st.integers(0, 2),
        method=st.sampled_from(["web_connectivity", "telegram"]),
        controlled=st.integers(0, 10),
    ),
    max_size=12,
)
TESTS = st.lists(st.builds(told, st.integers(0, 5), st.sampled_from(list(Left))), max_size=4)


def as_told(found: Iterable[Values]) -> list[tuple[str, bytes, bytes]]:
    return [(one.series.id, one.starts.tobytes(), one.values.tobytes()) for one in found]


@given(ROWS, TESTS, st.randoms(use_true_random=False))
def test_the_same_rows_in_any_order_give_the_same_series(
    rows: Sequence[Heard], tests: Sequence[Found], random: Any
) -> None:
    before = as_told(own_series(rows, tests, DAY))
    mixed = list(rows)
    random.shuffle(mixed)
    assert as_told(own_series(mixed, reversed(tests), DAY)) == before


@given(ROWS)
def test_nothing_is_counted_twice_or_lost(rows: Sequence[Heard]) -> None:
    found = made(rows)
    for country in ("KZ", "DE"):
        begun = sum(row.measurements for row in rows if row.country == country)
        assert sum(found.get(f"{country}:lampwatch:measurements", {}).values()) == begun
        came = [row for row in rows if row.country == country and row.arrived is not None]
        received = found.get(f"{country}:lampwatch:received", {}).values()
        assert sum(value for value in received if not math.isnan(value)) == sum(
            row.measurements for row in came
        )


def test_one_network_of_four_does_not_speak_for_the_country() -> None:
    rows = [live(0, asn=asn) for asn in (1, 2, 3, 4)] + [live(1, asn=4)]
    tests = [told(0, Left.ONLINE, asn=asn) for asn in (1, 2, 3, 4)] + [told(1, Left.CUT_OFF, asn=4)]
    found = made(rows, tests)
    assert shown(found["KZ:lampwatch:online"]) == [(0, 1.0), (1, None)]
    assert shown(found["AS4@KZ:lampwatch:online"]) == [(0, 1.0), (1, 0.0)]
