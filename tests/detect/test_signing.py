"""What a person may sign, and what is said once it is signed."""

import msgspec
import pytest

from lampwatch.detect.signing import refusal, signed_revision
from lampwatch.model.event import Event, Turn
from lampwatch.model.incident import Level
from lampwatch.model.revision import AnyIncident, Revision, Status
from lampwatch.model.signoff import Decision, SignOff
from tests.detect.found import HOUR, ONSET, blocked, dark, revision, signed

CONFIRM, RETRACT, WITHDRAW = Decision.CONFIRM, Decision.RETRACT, Decision.WITHDRAW


def after(history: list[Revision], *said: SignOff) -> list[Revision]:
    return [*history, signed_revision(history, said, now=ONSET + 11 * HOUR)]


@pytest.mark.parametrize("found", [blocked(), dark()], ids=["blocked", "dark"])
def test_a_confirmation_is_the_next_revision(found: AnyIncident) -> None:
    first = revision(found, 3)
    (_, made) = after([first], signed(CONFIRM, 3))
    assert (made.number, made.status, made.incident.level) == (4, Status.ONGOING, Level.CONFIRMED)
    assert made.because == "confirmed by Aida: two operators told us"
    assert (made.made_at, made.as_of, made.inputs) == (ONSET + 11 * HOUR, first.as_of, first.inputs)


def test_a_retraction_and_taking_it_back_bring_it_back_as_it_was() -> None:
    retracted = after([revision(blocked())], signed(RETRACT))
    assert retracted[-1].status is Status.RETRACTED
    again = after(retracted, signed(RETRACT), signed(WITHDRAW, 2))
    assert (again[-1].status, again[-1].incident) == (Status.ONGOING, blocked())
    assert again[-1].because == "Aida took back what was signed: two operators told us"


def test_what_ended_while_it_was_retracted_comes_back_as_restored() -> None:
    retracted = after([revision(blocked())], signed(RETRACT))
    end = Event(Turn.RECOVERY, ONSET + HOUR, ONSET, ONSET + 2 * HOUR, ONSET + 2 * HOUR)
    ended = msgspec.structs.replace(retracted[-1], incident=blocked(end=end), number=3)
    assert after([*retracted, ended], signed(RETRACT), signed(WITHDRAW, 3))[-1].status is Status.RESTORED


def test_taking_a_confirmation_back_says_nothing_of_whether_it_lasts() -> None:
    history = after([revision(dark(), status=Status.INCONCLUSIVE)], signed(CONFIRM))
    made = after(history, signed(CONFIRM), signed(WITHDRAW, 2))[-1]
    assert (made.status, made.incident) == (Status.INCONCLUSIVE, dark())


@pytest.mark.parametrize(
    ("decision", "last", "said", "told"),
    [
        (CONFIRM, revision(blocked(level=Level.APPARENT)), [], "level 3"),
        (CONFIRM, revision(blocked(confirmable=False)), [], "fewer than two networks"),
        (CONFIRM, revision(blocked(level=Level.CONFIRMED)), [signed(CONFIRM)], "confirmed already"),
        (CONFIRM, revision(blocked(), status=Status.RETRACTED), [], "not found any more"),
        (CONFIRM, revision(blocked(), status=Status.RETRACTED), [signed(RETRACT)], "--withdraw"),
        (RETRACT, revision(blocked(), status=Status.RETRACTED), [], "not found any more"),
        (WITHDRAW, revision(blocked()), [], "nobody has signed"),
        (WITHDRAW, revision(blocked()), [signed(CONFIRM), signed(WITHDRAW)], "nobody has signed"),
    ],
)
def test_what_cannot_be_signed_says_why(
    decision: Decision, last: Revision, said: list[SignOff], told: str
) -> None:
    assert told in refusal(decision, "", last, said)


@pytest.mark.parametrize(
    ("decision", "last", "said"),
    [
        (CONFIRM, revision(blocked()), []),
        (CONFIRM, revision(dark()), [signed(CONFIRM), signed(WITHDRAW)]),
        (RETRACT, revision(blocked(level=Level.SIGNAL)), []),
        (RETRACT, revision(blocked(level=Level.CONFIRMED)), [signed(CONFIRM)]),
        (WITHDRAW, revision(blocked(), status=Status.RETRACTED), [signed(RETRACT)]),
    ],
)
def test_what_can_be_signed_is_not_refused(decision: Decision, last: Revision, said: list[SignOff]) -> None:
    assert refusal(decision, "", last, said) == ""


def test_an_order_makes_what_was_blocked_fit_to_be_confirmed() -> None:
    assert refusal(CONFIRM, "order 7", revision(blocked(confirmable=False)), []) == ""
