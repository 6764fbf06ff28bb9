import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest

from lampwatch.detect.connectivity.local_time import zone_of
from lampwatch.detect.connectivity.recurrence import chains, recurrence
from lampwatch.model.connectivity import ConnectivityIncident, Recurrence
from lampwatch.model.disturbance import Direction
from lampwatch.model.incident import Level, Scope
from tests.detect.connectivity.making import DAY, FIVE_MINUTES, HOUR, MINUTE, OF_BGP, local, moment, part


def incident(
    begin: int, end: int | None, place: str = "MM", resolution_s: int = FIVE_MINUTES
) -> ConnectivityIncident:
    one = part(place, OF_BGP, begin=begin, end=end, resolution_s=resolution_s)
    return ConnectivityIncident(
        id=f"{place}-{begin}",
        country=place[:2],
        scope=Scope.COUNTRY,
        direction=Direction.DROP,
        entities=(place,),
        onset=one.onset,
        end=one.end,
        until=one.until,
        level=Level.SIGNAL,
        steps=(),
        depth=one.depth,
        share=None,
        probability=0.5,
        deliberate=0.5,
        reasons=(),
        against=(),
        parts=(one,),
    )


def nights(
    place: str, first: tuple[int, int, int], clocks: list[str], hours: float = 6
) -> list[ConnectivityIncident]:
    """A night a day from a local date on, beginning at these local times."""
    zone, found = ZoneInfo(zone_of(place[:2])), []
    for after, clock in enumerate(clocks):
        day = dt.date(*first) + dt.timedelta(days=after)
        begin = int(dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=zone).timestamp())
        found.append(incident(begin, begin + round(hours * HOUR), place))
    return found


def of(chain: list[ConnectivityIncident], country: str = "MM", after: int = 0) -> Recurrence:
    found = recurrence(chain, country, chain[-1].until + after)
    assert found is not None
    return found


def test_nights_at_the_same_time_are_one_chain() -> None:
    assert [len(chain) for chain in chains(nights("MM", (2021, 2, 15), ["01:00"] * 10))] == [10]


def test_two_times_are_no_recurrence() -> None:
    chain = nights("MM", (2021, 2, 15), ["01:00"] * 2)
    assert [len(one) for one in chains(chain)] == [1, 1]
    assert recurrence(chain, "MM", chain[-1].until) is None


def test_other_hours_other_places_and_what_lasts_for_days_are_no_chain() -> None:
    hours = nights("MM", (2021, 2, 15), ["01:00", "07:00", "15:00", "20:00", "11:00"])
    places = [one for place in ("MM", "TH", "LA") for one in nights(place, (2021, 2, 15), ["01:00"])]
    long = nights("MM", (2021, 2, 15), ["01:00"] * 4, hours=23.5)
    assert all(len(chain) == 1 for several in (hours, places, long) for chain in chains(several))


def test_every_second_night_is_due_every_second_night() -> None:
    chain = nights("MM", (2021, 2, 15), ["01:00"] * 9)[::2]
    assert [len(one) for one in chains(chain)] == [5]
    found = of(chain)
    assert found.every_days == 2
    assert found.next_due == moment("MM", 2021, 2, 25, 1, 0)


@pytest.mark.parametrize("country", ["MM", "NP", "VE", "DE"])
def test_the_next_is_due_at_the_local_time_it_always_began(country: str) -> None:
    found = of(nights(country, (2021, 2, 15), ["01:00", "01:05", "00:55", "01:00"]), country)
    assert (found.clock, found.zone) == ("01:00", zone_of(country))
    assert found.next_due == moment(country, 2021, 2, 19, 1, 0)


@pytest.mark.parametrize(
    ("country", "last"), [("DE", (2022, 3, 26)), ("DE", (2022, 10, 29)), ("US", (2022, 3, 12))]
)
@pytest.mark.parametrize("clock", ["00:00", "09:00", "23:00"])
def test_it_is_due_at_the_same_clock_when_summer_time_begins_or_ends(
    country: str, last: tuple[int, int, int], clock: str
) -> None:
    first = dt.date(*last) - dt.timedelta(days=6)
    chain = nights(country, (first.year, first.month, first.day), [clock] * 7)
    assert [len(one) for one in chains(chain)] == [7]
    due = of(chain, country).next_due
    assert due is not None
    assert f"{local(due, country):%H:%M}" == clock
    assert local(due, country).date() == dt.date(*last) + dt.timedelta(days=1)


@pytest.mark.parametrize("country", ["DE", "US"])
def test_a_curfew_goes_on_while_the_clocks_change(country: str) -> None:
    first = (2022, 3, 20) if country == "DE" else (2022, 3, 6)
    assert [len(one) for one in chains(nights(country, first, ["23:00"] * 14))] == [14]


@pytest.mark.parametrize(
    ("clocks", "offsets"),
    [
        (["23:55", "23:55", "23:55", "23:55"], [0, 0, 0, 0]),
        (["23:55", "23:55", "23:55", "00:05"], [0, 0, 0, 1]),
        (["00:05", "00:05", "00:05", "23:55"], [1, 1, 1, 0]),
        (["00:05", "23:55", "00:05", "23:55", "00:05"], [1, 0, 1, 0, 1]),
    ],
)
def test_nights_around_midnight_are_due_on_the_next_night(clocks: list[str], offsets: list[int]) -> None:
    """The n-th night begins just before the n-th midnight or just after it."""
    several = []
    for night, (clock, offset) in enumerate(zip(clocks, offsets, strict=True)):
        several += nights("MM", (2021, 2, 15 + night + offset), [clock])
    (chain,) = chains(several)
    due = of(chain).next_due
    assert due == pytest.approx(moment("MM", 2021, 2, 16 + len(clocks), 0, 0), abs=10 * MINUTE)


def test_it_is_due_until_it_should_have_been_seen() -> None:
    chain = nights("MM", (2021, 2, 15), ["01:00"] * 5)
    due = moment("MM", 2021, 2, 20, 1, 0)
    assert [
        of(chain, after=at - chain[-1].until).next_due
        for at in (due - HOUR, due + 5 * MINUTE, due + 5 * HOUR)
    ] == [due, due, None]


def test_bins_of_an_hour_do_not_make_it_overdue_before_two_of_them_have_ended() -> None:
    begin = moment("MM", 2021, 2, 15, 1, 0)
    chain = [incident(begin + n * DAY, begin + n * DAY + 6 * HOUR, resolution_s=HOUR) for n in range(5)]
    due = begin + 5 * DAY
    assert of(chain, after=due + 2 * HOUR - chain[-1].until).next_due == due


def test_the_night_that_lasts_has_no_end_and_the_others_theirs() -> None:
    *over, _ = nights("MM", (2021, 2, 15), ["01:00"] * 5)
    lasting = incident(moment("MM", 2021, 2, 19, 1, 0), None)
    (chain,) = chains([*over, lasting])
    assert [end is None for _, end in of(chain).occurrences] == [False] * 4 + [True]


def test_every_incident_is_in_one_chain_in_whatever_order_they_come() -> None:
    several = nights("MM", (2021, 2, 15), ["01:00"] * 4) + nights("TH", (2021, 2, 15), ["13:00", "20:00"])
    expected = chains(several)
    assert sorted(one.id for chain in expected for one in chain) == sorted(one.id for one in several)
    for order in itertools.islice(itertools.permutations(several), 0, 720, 37):
        assert chains(order) == expected
