"""A sign-off confirms what was signed, and nothing that came after it."""

from typing import Any

import pytest

from lampwatch.detect.sign_offs import LAPSED, SignedOff, lacking, with_sign_offs, without_sign_offs
from lampwatch.model.disturbance import Direction
from lampwatch.model.incident import Level, Scope, Step
from lampwatch.model.revision import AnyIncident, Status
from lampwatch.model.signoff import Decision
from tests.detect.found import HOUR, ONSET, blocked, dark, revision, signed

CONFIRM, RETRACT, WITHDRAW = Decision.CONFIRM, Decision.RETRACT, Decision.WITHDRAW
BOTH = pytest.mark.parametrize("found", [blocked(), dark()], ids=["blocked", "dark"])


def lapse_of(incident: AnyIncident) -> str:
    return "".join(reason.text for reason in incident.against if reason.name == LAPSED)


@BOTH
def test_a_person_s_word_raises_what_may_be_confirmed(found: AnyIncident) -> None:
    made = with_sign_offs(found, [signed(CONFIRM)], [revision(found)])
    assert made.incident.level is Level.CONFIRMED
    assert made.incident.steps[-1] == Step(ONSET + 10 * HOUR, Level.CONFIRMED)
    assert made.because == "confirmed by Aida: two operators told us"
    assert not made.retracted


@BOTH
def test_without_anybody_s_word_nothing_changes(found: AnyIncident) -> None:
    other = signed(CONFIRM, incident="kz-2")
    assert with_sign_offs(found, [other], [revision(found)]) == SignedOff(found, retracted=False, because="")


@BOTH
def test_signing_twice_over_and_taking_back_give_what_signing_once_gives(found: AnyIncident) -> None:
    said, history = [signed(CONFIRM)], [revision(found)]
    once = with_sign_offs(found, said, history)
    assert with_sign_offs(once.incident, said, history) == once
    assert with_sign_offs(once.incident, [*said, signed(WITHDRAW, 2)], history).incident == found
    assert without_sign_offs(once.incident) == found


@BOTH
def test_a_retraction_leaves_the_incident_as_it_is_and_says_who_and_why(found: AnyIncident) -> None:
    made = with_sign_offs(found, [signed(RETRACT, order="https://example.org/1")], [revision(found)])
    told = "retracted by Aida: two operators told us (https://example.org/1)"
    assert made == SignedOff(found, retracted=True, because=told, reason="two operators told us (Aida)")


@BOTH
def test_the_latest_word_counts(found: AnyIncident) -> None:
    history = [revision(found)]
    first, then = signed(CONFIRM), signed(RETRACT, by="Bolat")
    assert with_sign_offs(found, [first, then], history).retracted
    assert with_sign_offs(found, [then, first], history).incident.level is Level.CONFIRMED


@pytest.mark.parametrize("level", [Level.APPARENT, Level.SIGNAL])
@pytest.mark.parametrize("make", [blocked, dark])
def test_what_falls_below_level_three_is_not_confirmed_any_more(make: Any, level: Level) -> None:
    was = make()
    now = make(level=level, confirmable=False)
    made = with_sign_offs(now, [signed(CONFIRM)], [revision(was)])
    assert made.incident.level is level
    assert "Aida confirmed revision 1, which no longer applies: its level is" in lapse_of(made.incident)
    assert made.because == lapse_of(made.incident)


def test_what_fell_and_rose_again_was_not_what_the_person_saw() -> None:
    history = [revision(blocked()), revision(blocked(level=Level.APPARENT), 2)]
    made = with_sign_offs(blocked(), [signed(CONFIRM)], history)
    assert made.incident.level is Level.CORROBORATED
    assert "it fell below level 3 since" in made.because
    assert with_sign_offs(blocked(), [signed(CONFIRM, 2)], history).incident.level is Level.CONFIRMED


def test_what_was_retracted_since_is_not_confirmed_any_more() -> None:
    history = [revision(blocked()), revision(blocked(), 2, Status.RETRACTED)]
    made = with_sign_offs(blocked(), [signed(CONFIRM)], history)
    assert made.incident.level is Level.CORROBORATED
    assert "it was retracted since" in made.because


def test_a_sign_off_of_a_revision_that_nobody_made_confirms_nothing() -> None:
    made = with_sign_offs(blocked(), [signed(CONFIRM, 7)], [revision(blocked())])
    assert made.incident.level is Level.CORROBORATED
    assert "no such revision" in made.because


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        (blocked(), blocked(targets=("telegram", "herald.example")), "about herald.example too"),
        (blocked(), blocked(scope=Scope.COUNTRY), "from networks to country"),
        (dark(scope=Scope.REGIONS), dark(), "from regions to country"),
        (
            blocked(networks=(9198,)),
            blocked(scope=Scope.REGIONS, entities=("KZ-75",)),
            "from networks to regions",
        ),
        (
            dark(scope=Scope.REGIONS, entities=("VE-V",)),
            dark(scope=Scope.REGIONS, entities=("VE-A",)),
            "VE-A",
        ),
        (
            blocked(scope=Scope.REGIONS, entities=("KZ-75", "AS9198@KZ")),
            blocked(scope=Scope.REGIONS, entities=("KZ-71", "KZ-75", "AS9198@KZ", "AS1@KZ")),
            "in KZ-71 too",
        ),
        (dark(), dark(direction=Direction.SURGE), "the opposite"),
    ],
)
@pytest.mark.parametrize("decision", [CONFIRM, RETRACT])
def test_what_has_grown_beyond_what_was_signed_needs_another_look(
    then: AnyIncident, now: AnyIncident, told: str, decision: Decision
) -> None:
    made = with_sign_offs(now, [signed(decision)], [revision(then)])
    assert (made.incident.level, made.retracted) == (Level.CORROBORATED, False)
    assert told in lapse_of(made.incident)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        # That a file tells by now which region they serve is nothing that happened in the world.
        (blocked(), blocked(scope=Scope.REGIONS, entities=("KZ-75", "AS9198@KZ"))),
        (
            dark(scope=Scope.REGIONS, entities=("US-LA",)),
            dark(scope=Scope.REGIONS, entities=("US-LA", "US-LA/Calcasieu")),
        ),
    ],
)
def test_a_place_within_what_was_signed_is_no_more_than_that(then: AnyIncident, now: AnyIncident) -> None:
    made = with_sign_offs(now, [signed(CONFIRM)], [revision(then)])
    assert made.incident.level is Level.CONFIRMED


def test_more_networks_that_do_the_same_are_within_what_was_signed() -> None:
    now = blocked(networks=(9198, 21299, 29355, 48503))
    assert with_sign_offs(now, [signed(CONFIRM)], [revision(blocked())]).incident.level is Level.CONFIRMED


def test_what_has_become_surer_than_what_was_retracted_is_told_again() -> None:
    weak = blocked(level=Level.SIGNAL)
    made = with_sign_offs(blocked(), [signed(RETRACT)], [revision(weak)])
    assert not made.retracted
    assert "it is surer now (level 3)" in lapse_of(made.incident)
    assert with_sign_offs(weak, [signed(RETRACT)], [revision(blocked())]).retracted


def test_an_order_stands_in_for_a_fingerprint_where_something_is_blocked() -> None:
    found = blocked(confirmable=False)
    assert "fewer than two networks" in lacking(found, "")
    assert lacking(found, "https://example.org/order") == ""
    made = with_sign_offs(found, [signed(CONFIRM, order="order 7")], [revision(found)])
    assert made.incident.level is Level.CONFIRMED
    assert made.because.endswith("(order 7)")


def test_no_order_stands_in_for_the_signals_of_a_shutdown() -> None:
    found = dark(confirmable=False)
    assert "two independent families" in lacking(found, "order 7")
    assert with_sign_offs(found, [signed(CONFIRM, order="order 7")], [revision(found)]).incident.level == 3


def test_no_order_stands_in_for_level_three() -> None:
    assert "corroborated first (level 3)" in lacking(blocked(level=Level.APPARENT), "order 7")


def test_a_confirmation_comes_after_all_other_steps() -> None:
    late = (Step(ONSET + 20 * HOUR, Level.CORROBORATED),)
    made = with_sign_offs(blocked(steps=late), [signed(CONFIRM)], [revision(blocked())])
    assert made.incident.steps[-1].at == ONSET + 20 * HOUR
