import itertools
import time

import pytest

from lampwatch.detect.connectivity.cluster import clusters, country
from lampwatch.model.connectivity import Part
from lampwatch.model.disturbance import Direction
from tests.detect.connectivity.making import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    MONDAY,
    OF_BGP,
    OF_PROBING,
    OF_USERS,
    part,
)


def places(given: list[Part]) -> list[list[str]]:
    return [[one.entity for one in group] for group in clusters(given, lambda _asn: "")]


@pytest.mark.parametrize("second", ["KZ", "KZ-AKM", "KZ/Somewhere", "AS9198@KZ", "AS9198@KZ-AKM"])
def test_a_country_and_what_lies_in_it_at_the_same_time_are_one(second: str) -> None:
    assert len(places([part("KZ"), part(second, OF_PROBING, begin=MONDAY + HOUR)])) == 1


@pytest.mark.parametrize(
    ("first", "second"), [("KZ-AKM", "KZ-ALA"), ("AS9198@KZ", "AS21299@KZ"), ("KZ-AKM", "AS9198@KZ")]
)
def test_places_of_one_country_that_fall_together_are_one(first: str, second: str) -> None:
    assert len(places([part(first), part(second, begin=MONDAY + HOUR)])) == 1


def test_two_countries_are_never_one() -> None:
    assert places([part("KZ"), part("UZ")]) == [["KZ"], ["UZ"]]


def test_a_drop_and_a_surge_are_never_one() -> None:
    assert len(places([part("KZ"), part("KZ", OF_USERS, direction=Direction.SURGE)])) == 2


def test_regions_that_fall_days_apart_are_not_one() -> None:
    assert len(places([part("US-LA"), part("US-TX", begin=MONDAY + 2 * DAY, end=MONDAY + 3 * DAY)])) == 2


def test_nights_of_a_curfew_are_not_one() -> None:
    nights = [part(begin=MONDAY + n * DAY, end=MONDAY + n * DAY + 8 * HOUR) for n in range(5)]
    assert len(places(nights)) == 5


def test_a_signal_that_follows_after_hours_belongs_to_what_lasts() -> None:
    lasting = part("KZ", end=None, until=MONDAY + 5 * DAY)
    later = part("KZ", OF_PROBING, begin=MONDAY + 20 * HOUR, end=MONDAY + 4 * DAY)
    assert len(places([lasting, later])) == 1


def test_a_short_loss_within_the_long_decline_of_one_signal_is_a_thing_of_its_own() -> None:
    decline = part("KZ", OF_USERS, begin=MONDAY - 90 * DAY, end=MONDAY + 90 * DAY, resolution_s=DAY)
    lost = [part("KZ"), part("KZ", OF_PROBING), part("KZ-AKM")]
    assert places([decline, *lost]) == [["KZ"], ["KZ-AKM", "KZ", "KZ"]]


def test_a_signal_that_falls_for_a_while_within_what_several_show_is_a_part_of_it() -> None:
    several = [part("KZ", of, end=MONDAY + 20 * DAY) for of in (OF_PROBING, OF_USERS)]
    later = part("KZ", begin=MONDAY + 9 * DAY, end=MONDAY + 9 * DAY + 5 * HOUR)
    assert len(places([*several, later])) == 1


def test_what_came_before_and_was_over_is_no_part_of_it() -> None:
    before = part("KZ-AKM", begin=MONDAY - DAY, end=MONDAY - DAY + HOUR)
    assert len(places([before, part("KZ")])) == 2


def test_a_day_s_bin_belongs_to_what_happened_on_that_day() -> None:
    daily = part("KZ", OF_USERS, begin=MONDAY, end=MONDAY + 2 * DAY, resolution_s=DAY)
    assert len(places([daily, part("KZ", begin=MONDAY + 15 * HOUR, end=MONDAY + 2 * DAY)])) == 1


def test_a_network_belongs_to_the_country_that_is_known_of_it() -> None:
    of_kz = {9198: "KZ"}
    group = clusters([part("KZ"), part("AS9198"), part("AS1")], lambda asn: of_kz.get(asn, ""))
    assert sorted(sorted(one.entity for one in members) for members in group) == [["AS1"], ["AS9198", "KZ"]]
    assert country(part("AS1"), lambda _asn: "") == "AS1"


def test_parts_in_any_order_are_the_same_groups() -> None:
    several = [
        part("KZ"),
        part("KZ-AKM", OF_PROBING, begin=MONDAY + HOUR),
        part("KZ", OF_USERS, begin=MONDAY - 8 * HOUR, end=MONDAY + DAY, resolution_s=DAY),
        part("AS9198@KZ", begin=MONDAY + 3 * DAY, end=MONDAY + 4 * DAY),
        part("UZ"),
    ]
    found = {tuple(map(tuple, clusters(order, lambda _asn: ""))) for order in itertools.permutations(several)}
    assert len(found) == 1


def test_each_part_is_in_one_group_and_groups_are_in_order_of_onset() -> None:
    several = [
        part(f"KZ/{n}", begin=MONDAY + n * 5 * HOUR, end=MONDAY + (n * 5 + 3) * HOUR) for n in range(40)
    ]
    groups = clusters(several, lambda _asn: "")
    assert sorted(one.series for group in groups for one in group) == sorted(one.series for one in several)
    onsets = [group[0].onset.at for group in groups]
    assert onsets == sorted(onsets)


def test_a_blackout_of_thousands_of_networks_is_joined_in_seconds() -> None:
    several = [
        part(f"AS{n}@BR", of, begin=MONDAY + n % 24 * FIVE_MINUTES)
        for n in range(1, 2001)
        for of in (OF_BGP, OF_PROBING)
    ]
    began = time.process_time()
    assert len(clusters(several, lambda _asn: "")) == 1
    assert time.process_time() - began < 10
