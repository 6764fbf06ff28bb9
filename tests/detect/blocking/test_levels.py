"""Networks vote, each once and with voters of its own; levels take time."""

import pytest

from lampwatch.detect.blocking.levels import Voting, is_confirmable, share, steps, strong
from lampwatch.model.blocking import Block
from lampwatch.model.incident import Level, Step
from lampwatch.model.vocabulary import Mechanism
from tests.detect.blocking.making_blocks import HOUR, MONDAY, block, voting


def of(blocks: list[Block], votes: Voting) -> tuple[Step, ...]:
    return steps(blocks, strong(blocks, votes), votes)


def level(blocks: list[Block], **known: object) -> Level:
    found = of(blocks, voting(**known))  # type: ignore[arg-type]
    return found[-1].level if found else Level.REPORTED


def on(many: int, **what: object) -> list[Block]:
    return [block(asn, **what) for asn in range(1, many + 1)]  # type: ignore[arg-type]


def test_one_network_is_a_signal_however_loud() -> None:
    assert level([block(1, voters=64, blocked=5000)]) is Level.SIGNAL


def test_two_networks_are_apparent_and_three_corroborated() -> None:
    assert level(on(2)) is Level.APPARENT
    assert level(on(3)) is Level.CORROBORATED


def test_two_failures_are_nothing() -> None:
    assert level([block(blocked=2, voters=2)]) is Level.REPORTED


def test_networks_of_one_operator_count_once() -> None:
    assert level(on(2), operators={1: "Telecom", 2: "Telecom"}) is Level.SIGNAL


def test_one_session_that_claims_many_networks_counts_once() -> None:
    assert level(on(5), shared=frozenset({1, 2, 3})) is Level.SIGNAL


def test_networks_that_nobody_knew_before_count_as_one() -> None:
    assert level(on(5), first=2) is Level.SIGNAL
    assert level(on(5), first=1) is Level.CORROBORATED


@pytest.mark.parametrize(
    ("days", "before", "expected"),
    [(6, None, Level.SIGNAL), (8, None, Level.CORROBORATED), (8, 0.0, Level.SIGNAL)],
)
def test_what_stood_there_from_the_first_day_on_counts_after_a_week_where_six_say_so(
    days: int, before: float | None, expected: Level
) -> None:
    assert level(on(3, begins=0, until=days * 24, before=before, voters=6)) is expected
    assert level(on(3, begins=0, until=days * 24, before=before, voters=5)) is Level.SIGNAL


def test_three_of_many_networks_are_not_half_of_the_users() -> None:
    assert level(on(3), tested=range(1, 8)) is Level.APPARENT
    assert level(on(3), tested=range(1, 8), users=dict.fromkeys(range(1, 8), 1.0) | {1: 10.0}) is (
        Level.CORROBORATED
    )


def test_half_of_a_region_will_do_on_three_networks_of_it() -> None:
    tested = range(1, 13)
    assert level(on(3), tested=tested) is Level.APPARENT
    assert level(on(3), tested=tested, regions={"XA/North": [1, 2, 3, 4]}) is Level.CORROBORATED
    assert level(on(3), tested=tested, regions={"XA/North": [1, 2], "XA/South": [3, 4]}) is Level.APPARENT
    assert level(on(3), tested=tested, regions={"XA/North": range(1, 8)}) is Level.APPARENT
    users = dict.fromkeys(tested, 1.0) | {4: 10.0}
    assert level(on(3), tested=tested, regions={"XA/North": [1, 2, 3, 4]}, users=users) is Level.APPARENT


def test_an_operator_that_blocks_elsewhere_too_takes_nothing_from_a_region() -> None:
    elsewhere = block(9, voters=4)
    assert (
        level(
            [*on(3), elsewhere],
            tested=range(1, 14),
            operators={1: "Telecom", 9: "Telecom"},
            regions={"XA/North": [1, 2, 3, 4]},
        )
        is Level.CORROBORATED
    )


def test_what_stood_there_from_the_first_day_on_is_dated_by_when_that_was_known() -> None:
    found = of(on(3, begins=0, until=9 * 24, before=None), voting())
    assert [(step.level, (step.at - MONDAY) / HOUR) for step in found] == [
        (Level.SIGNAL, 2.0),
        (Level.APPARENT, 168.0),
        (Level.CORROBORATED, 168.0),
    ]


def test_three_ways_on_three_networks_are_no_one_signature() -> None:
    ways = (Mechanism.DNS_BOGON, Mechanism.TLS_SNI_RESET, Mechanism.HTTP_BLOCK_PAGE)
    assert level([block(asn, mechanism=way) for asn, way in enumerate(ways, 1)]) is Level.APPARENT
    shown = [block(asn, mechanism=way, fingerprints=("f",)) for asn, way in enumerate(ways, 1)]
    assert level(shown) is Level.CORROBORATED


def test_an_independent_source_stands_in_for_the_third_network() -> None:
    assert level(on(2), others=True) is Level.CORROBORATED


def test_a_part_of_the_users_counts_where_enough_say_so() -> None:
    assert level(on(2, rate=0.3, voters=8)) is Level.APPARENT
    assert level(on(2, rate=0.3, voters=3)) is Level.SIGNAL


def test_a_site_that_always_falters_is_not_apparent() -> None:
    assert level(on(2, rate=0.5, before=0.25)) is Level.SIGNAL


def test_levels_take_half_an_hour_and_two_hours() -> None:
    found = of(on(3), voting())
    assert [(step.level, (step.at - MONDAY) / HOUR) for step in found] == [
        (Level.SIGNAL, 50.0),
        (Level.APPARENT, 50.0),
        (Level.CORROBORATED, 50.5),
    ]


def test_what_was_over_before_the_second_network_followed_is_no_more_than_a_signal() -> None:
    assert level([block(1, begins=48, ends=50), block(2, begins=60)]) is Level.SIGNAL


def test_what_was_blocked_before_anybody_looked_counts_where_it_is_open_elsewhere() -> None:
    assert level(on(2, before=None)) is Level.APPARENT
    assert level([block(asn, before=None, target="unknown.example") for asn in (1, 2)]) is Level.SIGNAL


@pytest.mark.parametrize(("direct", "expected"), [((1, 2), True), ((1,), False), ((), False)])
def test_a_sign_off_confirms_what_shows_itself_on_two_networks(
    direct: tuple[int, ...], *, expected: bool
) -> None:
    blocks = [block(asn, direct=5 if asn in direct else 0) for asn in (1, 2, 3)]
    assert is_confirmable(blocks, Level.CORROBORATED) is expected
    assert not is_confirmable(blocks, Level.APPARENT)


def test_a_share_of_users_needs_most_sizes_known() -> None:
    assert share([1, 2], range(1, 5), {1: 3.0, 2: 3.0, 3: 3.0, 4: 1.0}.get) == 0.6
    assert share([1, 2], range(1, 5), {1: 3.0}.get) is None
