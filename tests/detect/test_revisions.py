"""What is found again is the same incident; what changed, and only that, is a new revision."""

import msgspec

from lampwatch.detect.connectivity.incidents import incidents
from lampwatch.detect.revisions import revisions
from lampwatch.detect.sign_offs import Said
from lampwatch.detect.signing import signed_revision
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.incident import Level
from lampwatch.model.revision import AnyIncident, Revision, Status
from lampwatch.model.series import Values
from lampwatch.model.signoff import Decision, SignOff
from tests.detect import found as of_both_kinds
from tests.detect.connectivity.making import DAY, HOUR, MONDAY, OF_PROBING, header, ordinary

ONSET = MONDAY + 20 * DAY + 12 * HOUR
DAYS = 30


def dark(lasts_s: int, *, until: int = MONDAY + DAYS * DAY, floor: float = 0.0) -> Values:
    """A country that is dark for a while from ONSET on, as far as it is known at a time."""
    whole = ordinary(header("KZ", OF_PROBING), DAYS)
    values = whole.values.copy()
    gone = (whole.starts >= ONSET) & (whole.starts < ONSET + lasts_s)
    values[gone] *= floor
    known = whole.starts + HOUR <= until
    return Values(whole.series, whole.starts[known], values[known], whole.arrived[known])


def looked(before: list[Revision], values: Values, now: int) -> list[Revision]:
    latest = int(values.starts[-1]) + HOUR
    return revisions(before, incidents([values]), since=None, latest=latest, now=now, as_of=now)


def test_an_incident_is_followed_from_its_beginning_to_its_end() -> None:
    first = looked([], dark(DAY, until=ONSET + 4 * HOUR), 1)
    assert [(one.number, one.status) for one in first] == [(1, Status.ONGOING)]
    assert first[0].because == "first seen, a signal"
    second = looked(first, dark(DAY), 2)
    assert [(one.number, one.status) for one in second] == [(2, Status.RESTORED)]
    assert "it is restored" in second[0].because
    assert second[0].incident.id == first[0].incident.id


def test_what_did_not_change_is_no_revision() -> None:
    first = looked([], dark(DAY), 1)
    assert looked(first, dark(DAY), 2) == []


def test_what_is_gone_with_revised_values_is_retracted_once_and_stays_listed() -> None:
    first = looked([], dark(DAY), 1)
    second = looked(first, dark(DAY, floor=1.0), 2)
    assert [(one.number, one.status) for one in second] == [(2, Status.RETRACTED)]
    assert second[0].incident == first[0].incident
    assert looked(second, dark(DAY, floor=1.0), 3) == []


def test_what_began_before_the_window_is_left_as_it_stands() -> None:
    first = looked([], dark(DAY), 1)
    quiet = dark(DAY, floor=1.0)
    made = revisions(
        first, incidents([quiet]), since=ONSET + DAY, latest=int(quiet.starts[-1]), now=2, as_of=2
    )
    assert made == []


def test_a_series_that_falls_silent_leaves_it_inconclusive() -> None:
    first = looked([], dark(9 * DAY, until=ONSET + DAY), 1)
    dark_values = dark(9 * DAY, until=ONSET + DAY)
    made = revisions(first, incidents([dark_values]), since=None, latest=ONSET + 4 * DAY, now=2, as_of=2)
    assert [one.status for one in made] == [Status.INCONCLUSIVE]


def test_one_with_a_new_name_that_overlaps_it_keeps_the_old_name() -> None:
    first = looked([], dark(DAY), 1)
    (again,) = incidents([dark(DAY)])
    renamed: ConnectivityIncident = msgspec.structs.replace(again, id="another", level=Level.APPARENT)
    (made,) = revisions(first, [renamed], since=None, latest=ONSET + 9 * DAY, now=2, as_of=2)
    assert made.incident.id == first[0].incident.id
    assert "it is now apparent" in made.because


def test_what_is_insufficient_is_not_told() -> None:
    (found,) = incidents([dark(DAY)])
    weak = msgspec.structs.replace(found, probability=0.1)
    assert revisions([], [weak], since=None, latest=ONSET + 9 * DAY, now=1, as_of=1) == []


def again(history: list[Revision], said: list[SignOff], found: AnyIncident | None) -> list[Revision]:
    """What the next detection has to say, with what persons signed."""
    return revisions(
        history[-1:],
        [found] if found is not None else [],
        since=None,
        latest=of_both_kinds.ONSET + 10 * HOUR,
        now=9,
        as_of=9,
        said=Said(said, history),
    )


def confirmed() -> tuple[list[Revision], list[SignOff]]:
    said = [of_both_kinds.signed(Decision.CONFIRM)]
    first = of_both_kinds.revision(of_both_kinds.blocked())
    return [first, signed_revision([first], said, 5)], said


def test_what_a_person_confirmed_stays_confirmed_without_another_word() -> None:
    history, said = confirmed()
    assert again(history, said, of_both_kinds.blocked()) == []


def test_a_sign_off_that_no_revision_tells_of_is_made_up_for() -> None:
    history, said = confirmed()
    (made,) = again(history[:1], said, of_both_kinds.blocked())
    assert (made.incident.level, made.number) == (Level.CONFIRMED, 2)
    assert made.because == "it is now confirmed; confirmed by Aida: two operators told us"


def test_a_confirmation_ends_with_level_three_and_the_revision_says_so() -> None:
    history, said = confirmed()
    (made,) = again(history, said, of_both_kinds.blocked(level=Level.APPARENT, confirmable=False))
    assert made.incident.level is Level.APPARENT
    assert made.because.startswith("it is now apparent; Aida confirmed revision 1, which no longer applies:")


def test_what_is_not_found_any_more_is_retracted_and_no_longer_confirmed() -> None:
    history, said = confirmed()
    (made,) = again(history, said, None)
    assert (made.status, made.incident.level) == (Status.RETRACTED, Level.CORROBORATED)
    assert made.because.endswith("Aida confirmed revision 1, which no longer applies: it was retracted")


def test_what_a_person_retracted_stays_retracted_when_it_is_found_again() -> None:
    said = [of_both_kinds.signed(Decision.RETRACT)]
    first = of_both_kinds.revision(of_both_kinds.blocked())
    history = [first, signed_revision([first], said, 5)]
    assert history[1].reason == "two operators told us (Aida)"
    assert again(history, said, of_both_kinds.blocked()) == []
    assert again(history, said, None) == []
    (made,) = again(history, said, of_both_kinds.blocked(targets=("telegram", "herald.example")))
    assert (made.status, made.reason) == (Status.ONGOING, "")
    assert "Aida retracted revision 1, which no longer applies" in made.because


def test_a_sign_off_that_stopped_counting_confirms_nothing() -> None:
    history, _ = confirmed()
    (made,) = again(history, [], of_both_kinds.blocked())
    assert made.because == "it is now corroborated; no sign-off of it counts any more"
