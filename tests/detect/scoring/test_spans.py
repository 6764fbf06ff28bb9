from lampwatch.detect.connectivity.incidents import incidents
from lampwatch.detect.scoring.spans import spans
from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Values
from tests.detect.connectivity.making import (
    DAY,
    HOUR,
    MONDAY,
    OF_PROBING,
    OF_USERS,
    changed,
    header,
    ordinary,
)


def nights(count: int, place: str = "MM-02") -> Values:
    whole = ordinary(header(place, OF_PROBING), 30)
    values = whole.values.copy()
    for night in range(count):
        begin = MONDAY + (15 + night) * DAY + 18 * HOUR
        values[(whole.starts >= begin) & (whole.starts < begin + 8 * HOUR)] = 0.0
    return Values(whole.series, whole.starts, values, whole.arrived)


def test_each_night_of_a_curfew_is_a_span() -> None:
    found = incidents([nights(9)])
    assert len(found) == 1
    told = spans(found)
    assert [one.entity for one in told] == [Entity("MM-02")] * 9
    assert [(one.begin - MONDAY) // DAY for one in told] == list(range(15, 24))
    assert all(one.end is not None and 7 * HOUR <= one.end - one.begin <= 9 * HOUR for one in told)
    assert len({one.id for one in told}) == 9


def test_a_span_begins_when_its_signals_agree_and_not_with_a_day_s_bin() -> None:
    begin, end = MONDAY + 30 * DAY + 15 * HOUR, MONDAY + 33 * DAY + 9 * HOUR
    lost = [
        changed(ordinary(header("KZ", OF_PROBING), 36), begin, end),
        changed(ordinary(header("KZ", OF_USERS, DAY), 36), begin, end),
    ]
    (one,) = spans(incidents(lost))
    assert one.begin == begin
    assert one.families == {Family.PROBING, Family.USERS}


def test_a_country_that_is_known_by_its_regions_has_a_span_of_its_own() -> None:
    gone = [nights(1, f"MM-0{n}") for n in range(1, 5)]
    told = spans(incidents(gone))
    assert {one.entity.code for one in told} == {"MM", "MM-01", "MM-02", "MM-03", "MM-04"}
