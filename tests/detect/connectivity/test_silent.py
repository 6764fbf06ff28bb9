import pytest

from lampwatch.detect.connectivity.measured import Measured
from lampwatch.detect.connectivity.silent import silent
from lampwatch.model.connectivity import Part
from lampwatch.model.disturbance import Direction
from lampwatch.model.series import Values
from tests.detect.connectivity.making import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    MONDAY,
    OF_BGP,
    OF_PROBING,
    OF_TELESCOPE,
    OF_TRAFFIC,
    OF_USERS,
    Signal,
    header,
    ordinary,
    part,
    without,
)

BEGIN = MONDAY + 5 * HOUR


def beside(of: Signal, place: str = "KZ", resolution_s: int = FIVE_MINUTES) -> Values:
    return ordinary(header(place, of, resolution_s), 2)


def lost(of: Signal = OF_PROBING, *, depth: float = 0.9, hours: float = 6, place: str = "KZ") -> Part:
    return part(place, of, begin=BEGIN, end=BEGIN + round(hours * HOUR), depth=depth)


def doubts(parts: list[Part], *others: Values) -> dict[str, float]:
    """What speaks against a loss, by the family in its words."""
    of_parts = [beside(OF_PROBING), beside(OF_BGP)]
    reasons = silent(parts, Measured([*of_parts, *others]))
    return {reason.text.partition("(")[2].rstrip(")"): reason.factor for reason in reasons}


def test_answers_that_stop_while_traffic_flows_are_doubted() -> None:
    found = doubts([lost()], beside(OF_TRAFFIC))
    assert set(found) == {"bgp", "traffic"}
    assert found["traffic"] < found["bgp"] < 1


def test_traffic_that_stops_while_routes_stay_is_hardly_doubted() -> None:
    traffic = doubts([lost(OF_TRAFFIC)], beside(OF_TRAFFIC))
    answers = doubts([lost()], beside(OF_TRAFFIC))
    assert traffic["bgp"] * traffic["probing"] > answers["bgp"] * answers["traffic"]


@pytest.mark.parametrize(("depth", "doubted"), [(0.1, set()), (0.25, {"bgp"}), (0.5, {"bgp", "traffic"})])
def test_a_loss_that_another_signal_would_not_show_is_not_doubted_by_it(
    depth: float, doubted: set[str]
) -> None:
    found = doubts([lost(depth=depth)], beside(OF_TRAFFIC), beside(OF_TELESCOPE))
    assert set(found) - {"bgp"} == doubted - {"bgp"}


def test_the_deeper_a_loss_the_more_it_is_doubted() -> None:
    shallow, deep = (doubts([lost(depth=depth)], beside(OF_TRAFFIC))["traffic"] for depth in (0.35, 0.9))
    assert deep < shallow < 1


def test_two_bins_at_least_have_to_be_as_usual() -> None:
    assert "traffic" not in doubts([lost(hours=1.5)], beside(OF_TRAFFIC, resolution_s=HOUR))
    assert "traffic" in doubts([lost(hours=4)], beside(OF_TRAFFIC, resolution_s=HOUR))


def test_a_signal_that_has_a_gap_doubts_nothing() -> None:
    gone = without(beside(OF_TRAFFIC), MONDAY + 4 * HOUR, MONDAY + DAY)
    assert "traffic" not in doubts([lost()], gone)


def test_a_signal_that_fell_too_or_is_of_another_place_or_follows_people_doubts_nothing() -> None:
    assert doubts([lost(), lost(OF_TRAFFIC)], beside(OF_TRAFFIC)).keys() == {"bgp"}
    assert "traffic" not in doubts([lost()], beside(OF_TRAFFIC, "KZ-AKM"), beside(OF_USERS))


def test_what_fell_for_minutes_only_is_no_sign_that_its_family_fell() -> None:
    blink = part("KZ", OF_BGP, begin=BEGIN, end=BEGIN + 3 * FIVE_MINUTES, depth=0.3)
    assert "traffic" in doubts([lost(), blink], beside(OF_TRAFFIC))


def test_more_users_than_usual_are_doubted_by_nothing() -> None:
    surge = part("KZ", OF_USERS, begin=BEGIN, direction=Direction.SURGE)
    assert silent([surge], Measured([beside(OF_TRAFFIC)])) == ()
