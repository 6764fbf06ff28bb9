"""What is found again is the same incident; what changed, and only that, is a new revision."""

import time
from collections.abc import Sequence

import msgspec

from lampwatch.detect.blocking.against import BEGUN_BEFORE, EVERYWHERE
from lampwatch.detect.connectivity.incidents import incidents
from lampwatch.detect.revisions import revisions
from lampwatch.detect.sign_offs import Said
from lampwatch.detect.signing import signed_revision
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.incident import Level, Reason
from lampwatch.model.revision import AnyIncident, Revision, Status
from lampwatch.model.series import Values
from lampwatch.model.signoff import Decision, SignOff
from tests.detect import found as of_both_kinds
from tests.detect.blocking.making_blocks import block
from tests.detect.blocking.making_votes import BEGIN
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


def seen(**changes: object) -> BlockingIncident:
    """A block of Telegram on three networks, seen to begin on one, a month after the window's beginning."""
    blocks = tuple(block(asn, country="KZ", before=0.0 if asn == 1 else None) for asn in (1, 2, 3))
    low = min(one.onset.low for one in blocks)
    return of_both_kinds.blocked(
        **{"blocks": blocks, "onset": blocks[0].onset, "until": blocks[0].until, "id": f"kz-{low}"} | changes
    )


def looked_at(
    history: list[Revision], found: Sequence[AnyIncident], since: int, latest: int
) -> list[Revision]:
    return revisions(history, found, since=since, latest=latest, now=latest, as_of=latest)


def test_an_onset_that_the_window_has_left_behind_stays_as_it_was_known() -> None:
    first = looked_at([], [seen()], BEGIN - 30 * DAY, BEGIN + 5 * DAY)
    known = first[0].incident
    since = BEGIN + 60 * DAY
    late = tuple(
        block(asn, country="KZ", begins=60 * 24 + 1, until=90 * 24, before=None) for asn in (1, 2, 3)
    )
    found = seen(
        blocks=late,
        onset=late[0].onset,
        until=late[0].until,
        level=Level.SIGNAL,
        steps=(),
        against=(Reason(BEGUN_BEFORE, "", 0.9),),
    )
    # It was measured all the time between.
    kept = msgspec.structs.replace(first[0], incident=msgspec.structs.replace(known, until=since + DAY))
    longer = [msgspec.structs.replace(one, until=since + DAY) for one in seen().blocks]
    kept = msgspec.structs.replace(
        kept, incident=msgspec.structs.replace(kept.incident, blocks=tuple(longer))
    )
    assert looked_at([kept], [found], since, BEGIN + 90 * DAY) == []
    ended = msgspec.structs.replace(found, end=found.onset)
    (made,) = looked_at([kept], [ended], since, BEGIN + 90 * DAY)
    assert (made.incident.onset, made.incident.level) == (known.onset, Level.CORROBORATED)
    assert made.incident.against == ()
    assert isinstance(made.incident, BlockingIncident)
    assert [one.begun_before for one in made.incident.blocks] == [False, True, True]
    assert {one.onset.at for one in made.incident.blocks} == {one.onset.at for one in longer}


def test_what_something_else_explains_by_now_keeps_no_level() -> None:
    (first,) = looked_at([], [seen()], BEGIN - 30 * DAY, BEGIN + 5 * DAY)
    explained = seen(level=Level.SIGNAL, against=(Reason(EVERYWHERE, "", 0.1),))
    (made,) = looked_at([first], [explained], BEGIN, BEGIN + 5 * DAY)
    assert made.incident.level is Level.SIGNAL


def test_what_began_before_the_window_and_is_not_heard_of_any_more_is_inconclusive_once() -> None:
    history = looked_at([], [seen()], BEGIN - 30 * DAY, BEGIN + 5 * DAY)
    since, latest = BEGIN - 5 * DAY, BEGIN + 85 * DAY
    (made,) = looked_at(history, [], since, latest)
    assert (made.status, made.incident) == (Status.INCONCLUSIVE, history[0].incident)
    assert looked_at([made], [], since, latest) == []


def test_what_is_found_as_part_of_another_is_told_so() -> None:
    first, second = seen(), seen(id="kz-other", blocks=seen().blocks[:1])
    history = looked_at([], [first, second], BEGIN - 30 * DAY, BEGIN + 5 * DAY)
    (made,) = looked_at(history, [first], BEGIN - 30 * DAY, BEGIN + 5 * DAY)
    assert made.status is Status.RETRACTED
    assert "it is part of another incident" in made.because


def test_a_moment_that_moves_a_little_is_not_told_each_time() -> None:
    history = looked_at([], [seen()], BEGIN - 30 * DAY, BEGIN + 5 * DAY)
    onset = seen().onset
    for moved, told in ((300, False), (-800, False), (1000, True)):
        found = seen(onset=msgspec.structs.replace(onset, at=onset.at + moved))
        made = looked_at(history, [found], BEGIN - 30 * DAY, BEGIN + 5 * DAY)
        assert bool(made) is told
    better = seen(onset=msgspec.structs.replace(onset, low=onset.at - 60, high=onset.at + 60))
    (told_anew,) = looked_at(history, [better], BEGIN - 30 * DAY, BEGIN + 5 * DAY)
    assert told_anew.because == "its onset is known better"
    whole = onset.high - onset.low
    for wider, told in ((whole // 2, False), (whole, True)):
        found = seen(
            onset=msgspec.structs.replace(onset, low=onset.low - wider, high=onset.high + wider // 2)
        )
        made = looked_at(history, [found], BEGIN - 30 * DAY, BEGIN + 5 * DAY)
        assert [one.because for one in made] == ["its onset is known less well"] * told


def test_what_is_no_incident_yet_never_takes_the_name_of_one_that_is_found_again() -> None:
    told = seen(id="kz-told")
    # One history of the same target and network, by another method, seen as early, and still too little to be told.
    sign = seen(
        id="kz-sign",
        level=Level.REPORTED,
        blocks=tuple(msgspec.structs.replace(one, method="web") for one in told.blocks),
    )
    history = looked_at([], [sign, told], BEGIN, BEGIN + 90 * DAY)
    assert [one.incident.id for one in history] == ["kz-told"]
    for found in ([sign, told], [told, sign]):
        assert looked_at(history, found, BEGIN, BEGIN + 90 * DAY) == []


def test_thousands_of_incidents_are_soon_met_again() -> None:
    def one(asn: int) -> BlockingIncident:
        return seen(id=f"kz-{asn}", blocks=(block(asn, country="KZ"),))

    history = looked_at([], [one(asn) for asn in range(4000)], BEGIN - 30 * DAY, BEGIN + 5 * DAY)
    began = time.process_time()
    assert looked_at(history, [one(asn) for asn in range(4000)], BEGIN - 30 * DAY, BEGIN + 5 * DAY) == []
    # Each against each takes more than a minute.
    assert time.process_time() - began < 10


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
