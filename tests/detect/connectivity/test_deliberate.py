import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from lampwatch.detect.connectivity.deliberate import probability, reasons
from lampwatch.detect.connectivity.measured import Measured
from lampwatch.model.connectivity import Part, Recurrence
from lampwatch.model.disturbance import Direction
from lampwatch.model.incident import Reason
from lampwatch.model.occasion import Occasion, OccasionKind
from tests.detect.connectivity.making import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    MINUTE,
    OF_BGP,
    OF_PROBING,
    OF_TELESCOPE,
    OF_TRAFFIC,
    given,
    header,
    moment,
    part,
)

ALL_SIGNALS = [OF_BGP, OF_PROBING, OF_TELESCOPE, OF_TRAFFIC]
MIDNIGHT_IN_YANGON = moment("MM", 2021, 2, 15)
NIGHT = ((MIDNIGHT_IN_YANGON, MIDNIGHT_IN_YANGON + 8 * HOUR),)
RECURRING = Recurrence(NIGHT * 3, "00:00", "Asia/Yangon", 1, None)


def measured(country: str = "MM", begin: int = MIDNIGHT_IN_YANGON) -> Measured:
    return Measured(given(header(country, of), [100.0] * 96, begin - DAY) for of in ALL_SIGNALS)


def named(
    parts: list[Part],
    country: str = "MM",
    occasions: tuple[Occasion, ...] = (),
    again: Recurrence | None = None,
) -> dict[str, Reason]:
    found = reasons(parts, country, again, occasions, measured(country, parts[0].onset.at))
    assert len({one.name for one in found}) == len(found)
    return {one.name: one for one in found}


def occasion(kind: OccasionKind, day: int, country: str = "MM", name: str = "x") -> Occasion:
    return Occasion(country, kind, day, day, name)


def likely(parts: list[Part], occasions: tuple[Occasion, ...] = ()) -> float:
    return probability(named(parts, occasions=occasions).values())


CLOCKS = {"on_the_hour", "on_the_half_hour", "off_the_clock"}


@pytest.mark.parametrize(
    ("country", "clock", "name", "speaks"),
    [
        ("MM", (2021, 2, 15, 1, 0), "on_the_hour", "on the hour"),
        ("MM", (2021, 2, 15, 0, 58), "on_the_hour", "on the hour"),
        ("NP", (2021, 2, 15, 1, 0), "on_the_hour", "on the hour"),
        ("DE", (2022, 7, 4, 9, 0), "on_the_hour", "on the hour"),
        ("MM", (2021, 2, 15, 1, 30), "on_the_half_hour", "half-hour"),
        ("MM", (2021, 2, 15, 1, 17), "off_the_clock", "no round"),
    ],
)
def test_the_clock_is_that_of_the_country(
    country: str, clock: tuple[int, ...], name: str, speaks: str
) -> None:
    begin = moment(country, *clock)
    reason = named([part(country, begin=begin, end=begin + 6 * HOUR)], country)[name]
    assert speaks in reason.text
    assert (reason.factor > 1) is (speaks == "on the hour")


@pytest.mark.parametrize("resolution_s", [HOUR, DAY])
def test_bins_of_an_hour_tell_nothing_of_the_minute(resolution_s: int) -> None:
    assert not CLOCKS & named([part("MM", begin=MIDNIGHT_IN_YANGON, resolution_s=resolution_s)]).keys()


def test_a_country_without_a_clock_has_none() -> None:
    assert not CLOCKS & named([part("AS8048")], "AS8048").keys()


def test_a_cliff_speaks_for_an_order_and_a_ramp_against_it() -> None:
    slow = [part("MM", begin=MIDNIGHT_IN_YANGON, ramp_s=6 * HOUR, recovery_s=9 * HOUR)]
    found = named(slow)
    assert named([part("MM", begin=MIDNIGHT_IN_YANGON)])["cliff"].factor > 1
    assert found["ramp"].factor < 1
    assert found["slow_recovery"].factor < 1
    assert "cliff" not in found


def test_all_signals_gone_speak_for_an_order_and_some_against_it() -> None:
    everything = [part("MM", of, begin=MIDNIGHT_IN_YANGON) for of in ALL_SIGNALS]
    assert named(everything)["all_signals"].factor > 1
    assert named(everything[:2])["not_all_signals"].factor < 1


def test_places_that_fall_one_after_the_other_speak_against_an_order() -> None:
    path = [
        part(f"MM/{n}", begin=MIDNIGHT_IN_YANGON + 2 * n * HOUR, end=MIDNIGHT_IN_YANGON + 3 * DAY)
        for n in range(8)
    ]
    assert named(path)["path"].factor < 1
    together = [part(f"MM/{n}", begin=MIDNIGHT_IN_YANGON, end=MIDNIGHT_IN_YANGON + DAY) for n in range(8)]
    assert named(together)["together"].factor > 1


def test_a_power_cut_is_probably_not_deliberate() -> None:
    begin = moment("MM", 2021, 2, 15, 16, 52)
    parts = [
        part(
            f"MM/{n}",
            OF_PROBING,
            begin=begin + n * 10 * MINUTE,
            end=begin + (20 + 6 * n) * HOUR,
            ramp_s=2 * HOUR,
            recovery_s=12 * HOUR,
        )
        for n in range(9)
    ]
    assert likely(parts) < 0.1


def test_a_cliff_on_the_hour_with_all_signals_gone_and_an_election_is_probably_deliberate() -> None:
    begin = moment("MM", 2021, 2, 15, 1, 0)
    parts = [part("MM", of, begin=begin, end=begin + 8 * HOUR) for of in ALL_SIGNALS]
    assert likely(parts) > 0.4
    assert likely(parts, (occasion(OccasionKind.ELECTION, begin // DAY),)) > 0.85


def test_occasions_count_in_their_own_country_and_days_only() -> None:
    day = MIDNIGHT_IN_YANGON // DAY
    parts = [part("MM", begin=MIDNIGHT_IN_YANGON)]
    kind = OccasionKind.ELECTION
    assert str(kind) in named(parts, occasions=(occasion(kind, day + 1),))
    assert str(kind) not in named(parts, occasions=(occasion(kind, day, "TH"),))
    assert str(kind) not in named(parts, occasions=(occasion(kind, day + 30),))


def test_the_day_of_an_exam_is_a_local_day() -> None:
    """Four in the morning in Yangon is the evening before by UTC."""
    begin = moment("MM", 2021, 2, 15, 4, 0)
    exam = (occasion(OccasionKind.EXAM, (begin + DAY // 2) // DAY),)
    assert str(OccasionKind.EXAM) in named([part("MM", begin=begin)], occasions=exam)
    assert str(OccasionKind.EXAM) not in named([part("MM", begin=begin - 12 * HOUR)], occasions=exam)


def test_each_reason_counts_once_however_many_occasions_of_a_kind_there_are() -> None:
    day = MIDNIGHT_IN_YANGON // DAY
    parts = [part("MM", begin=MIDNIGHT_IN_YANGON)]
    several = tuple(occasion(OccasionKind.ELECTION, day + n, name=str(n)) for n in (-1, 0, 1))
    assert likely(parts, several) == likely(parts, several[:1])
    assert named(parts, occasions=several) == named(parts, occasions=several[::-1])


def test_an_occasion_of_another_night_of_a_curfew_counts() -> None:
    nights = [MIDNIGHT_IN_YANGON + n * DAY for n in range(9)]
    occasions = (occasion(OccasionKind.COUP, nights[8] // DAY + 1),)
    found = reasons([part("MM", begin=nights[0])], "MM", RECURRING, occasions, measured(), nights)
    assert {"coup", "recurring"} <= {one.name for one in found}


def test_what_comes_again_speaks_strongly_for_an_order() -> None:
    parts = [part("MM", begin=MIDNIGHT_IN_YANGON)]
    assert probability(named(parts, again=RECURRING).values()) > likely(parts) + 0.2


def test_what_lasts_for_days_speaks_for_an_order_and_what_is_over_in_an_hour_against_it() -> None:
    begin = MIDNIGHT_IN_YANGON
    assert named([part("MM", begin=begin, end=begin + 2 * DAY)])["long"].factor > 1
    assert named([part("MM", begin=begin, end=begin + HOUR)])["short"].factor < 1


@given_any(st.lists(st.floats(1e-6, 1e6).map(lambda factor: Reason("x", "y", factor)), max_size=20))
def test_nobody_is_ever_sure(several: list[Reason]) -> None:
    assert 0 < probability(several) < 1


def test_without_reasons_most_outages_are_not_deliberate() -> None:
    assert probability([]) < 0.5


def test_parts_in_any_order_have_the_same_reasons() -> None:
    parts = [
        part("MM", of, begin=MIDNIGHT_IN_YANGON + n * FIVE_MINUTES, direction=Direction.DROP)
        for n, of in enumerate(ALL_SIGNALS)
    ]
    there = reasons(parts, "MM", None, (), measured())
    assert reasons(parts[::-1], "MM", None, (), measured()) == there
