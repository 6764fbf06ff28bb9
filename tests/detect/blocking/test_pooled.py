"""What no network shows alone is found in all of a country's, and each is asked whether it changed then."""

import pytest

from lampwatch.detect.blocking.blocks import blocks
from tests.detect.blocking.making_votes import Row, since, table, vote

ONSET = 480
LASTS = 360


def network(asn: int, *, fails: int, every: int = 24, before: int = 0) -> list[Row]:
    """Measured once a day by another voter each time; from ONSET on one of so many fails, before it one of so many."""
    found = []
    for number, hour in enumerate(range(asn, ONSET + LASTS, every)):
        often = fails if hour >= ONSET else before
        is_blocked = bool(often) and (number + asn) % often == 0
        voters = [asn * 10_000 + number]
        found.append(vote(hour, "blocked" if is_blocked else "ok", probe_asn=asn, voters=voters))
    return found


def test_five_networks_that_fail_a_third_of_the_time_show_it_together() -> None:
    networks = [network(asn, fails=3) for asn in range(1, 6)]
    alone = [block for rows in networks for block in blocks(table(rows))]
    together = blocks(table(*networks))
    assert len(together) > len(alone)
    assert {block.asn for block in together} == {1, 2, 3, 4, 5}
    for block in together:
        assert block.rate == pytest.approx(1 / 3, abs=0.12)
        assert block.onset.low <= since(ONSET + 72)
        assert block.onset.high >= since(ONSET)


def test_a_network_that_does_not_change_is_not_dragged_along() -> None:
    networks = [network(asn, fails=3) for asn in range(1, 5)]
    quiet = network(9, fails=0)
    assert 9 not in {block.asn for block in blocks(table(*networks, quiet))}


def test_a_site_that_always_fails_now_and_then_is_not_blocked() -> None:
    assert blocks(table(*(network(asn, fails=4, before=4) for asn in range(1, 6)))) == []


def test_one_network_is_no_pool() -> None:
    rows = network(1, fails=3)
    assert len(blocks(table(rows, network(1, fails=3)))) <= 1


def test_what_the_pool_is_sure_of_is_not_doubted_where_a_network_begins_to_show_it_alone() -> None:
    def alike(asn: int, hours: int) -> list[Row]:
        return network(asn, fails=0) + [
            vote(ONSET + LASTS + 3 * hour, probe_asn=asn, voters=[asn * 90_000 + hour])
            for hour in range(hours)
        ]

    (alone,) = blocks(table(alike(1, 3)))
    told = blocks(table(alike(1, 3), *(alike(asn, 3) for asn in range(2, 5))))
    (one,) = [block for block in told if block.asn == 1]
    assert alone.probability < 0.99 < one.probability
    assert (one.onset, one.rate) == (alone.onset, alone.rate)
