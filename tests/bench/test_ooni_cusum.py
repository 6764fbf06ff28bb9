"""OONI's detector, on series written by hand."""

import numpy as np
import pytest

from bench.baselines.ooni_cusum import Alert, alerts, grouped
from bench.blocking.catalogue import Item, blocked, down, ok, unknown
from bench.blocking.country import FIRST, HOUR_S
from bench.blocking.rows import Rows
from lampwatch.model.vocabulary import Layer, Mechanism

SITE = Item("example.org", "web_connectivity", "NEWS")
WHYS = (
    ok(SITE.method),
    blocked(SITE.method, Mechanism.DNS_SPOOF),
    blocked(SITE.method, Mechanism.HTTP_RESET),
    unknown(SITE.method),
    down(SITE.method),
)
OK, DNS, HTTP, UNKNOWN, DOWN = range(5)


def hours(*stretches: tuple[int, int, int]) -> Rows:
    """A country with one network and site: stretches of a first hour, how many hours, and what each says."""
    said = [(first + n, why) for first, count, why in stretches for n in range(count)]
    zero = np.zeros(len(said), np.int64)
    time = np.array([(FIRST + hour * HOUR_S + 60) * 1_000_000 for hour, _ in said], dtype=np.int64)
    return Rows(
        country="AA",
        items=(SITE,),
        networks=np.array([64500]),
        users=np.ones(1),
        whys=WHYS,
        time=time,
        item=zero,
        network=zero,
        voter=np.arange(len(said)),
        software=zero,
        version=zero,
        why=np.array([why for _, why in said], dtype=np.int64),
    )


def alerted(rows: Rows) -> list[int]:
    """The hours in which it alerted."""
    return [(alert.at - FIRST) // HOUR_S - 1 for alert in alerts(rows)]


def test_eleven_good_hours_make_it_ok_and_six_blocked_ones_an_alert() -> None:
    assert alerted(hours((0, 11, OK), (11, 6, DNS))) == [16]
    assert alerted(hours((0, 11, OK), (11, 5, DNS))) == []


def test_without_a_state_the_first_crossing_is_silent() -> None:
    assert alerted(hours((0, 10, OK), (10, 40, DNS))) == []
    assert alerted(hours((0, 50, DNS))) == []


def test_it_alerts_again_only_after_it_was_ok_in_between() -> None:
    twice = hours((0, 11, OK), (11, 20, DNS), (31, 11, OK), (42, 6, DNS))
    assert alerted(twice) == [16, 47]
    assert alerted(hours((0, 11, OK), (11, 20, DNS), (31, 9, OK), (40, 20, DNS))) == [16]


def test_an_hour_of_half_and_half_is_half_blocked() -> None:
    half = hours((0, 11, OK), *((11 + n, 1, DNS) for n in range(30)), *((11 + n, 1, OK) for n in range(30)))
    order = np.argsort(half.time, kind="stable")
    # 0.5 - 0.35 an hour: the 24th crosses 3.5.
    assert alerted(half.taken(order)) == [34]


def test_a_long_silence_halves_what_has_added_up() -> None:
    # Five blocked hours, silence, and two more: of 3.25 an eighth is left after six days.
    assert alerted(hours((0, 11, OK), (11, 5, DNS), (16 + 144, 2, DNS))) == []
    assert alerted(hours((0, 11, OK), (11, 5, DNS), (16 + 12, 1, DNS))) == [28]


def test_what_was_ten_days_ago_is_forgotten() -> None:
    assert alerted(hours((0, 11, OK), (11 + 241, 40, DNS))) == []
    assert alerted(hours((0, 11, OK), (11 + 200, 6, DNS))) == [216]


@pytest.mark.parametrize("why", [HTTP, DOWN])
def test_it_has_no_layer_for_http_and_none_for_what_is_down(why: int) -> None:
    assert alerted(hours((0, 11, OK), (11, 40, why))) == []


def test_what_says_nothing_is_no_sample() -> None:
    assert alerted(hours((0, 11, OK), (11, 5, DNS), (16, 8, UNKNOWN), (24, 1, DNS))) == [24]


def test_alerts_on_one_target_within_a_day_are_one() -> None:
    def alert(asn: int, hour: int, target: str = "example.org") -> Alert:
        return Alert("AA", asn, target, Layer.DNS, FIRST + hour * HOUR_S)

    given = [alert(1, 0), alert(1, 2), alert(2, 5), alert(1, 24), alert(3, 3, "other.example")]
    first, other, later = grouped(given)
    assert (first.networks, first.second) == (frozenset({1, 2}), FIRST + 5 * HOUR_S)
    assert (other.target, other.second) == ("other.example", None)
    assert (later.at, later.networks) == (FIRST + 24 * HOUR_S, frozenset({1}))
