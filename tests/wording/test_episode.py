"""Several incidents in one sentence: in their order, and as sure as the least sure of them."""

from collections.abc import Sequence

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.incident import Level
from lampwatch.model.revision import Status
from lampwatch.wording.episode import episode
from lampwatch.wording.said import Said
from lampwatch.wording.sentence import sentence
from tests.wording.incidents import EPISODES, NAMES, SITES, at, blocking, end, onset, outage

MESSENGERS = Said(blocking("telegram", "whatsapp", began=onset(at(4, 16)), level=Level.CORROBORATED))
MEDIA = Said(blocking(targets=SITES, category="NEWS", began=onset(at(5, 6))))
EVERYTHING = Said(outage())


def english(*several: Said) -> str:
    return episode(several, "en", NAMES)


def test_first_then_and_then() -> None:
    assert english(*EPISODES["messengers, then media, then everything"]) == (
        "Kazakhstan is apparently restricted in access to the Internet since about 16:00 UTC on 4 January 2022:"
        " first Telegram and WhatsApp, then 12 news sites, then the Internet connection as a whole."
    )


@pytest.mark.parametrize(
    "several",
    [(MESSENGERS, MEDIA, EVERYTHING), (EVERYTHING, MEDIA, MESSENGERS), (MEDIA, EVERYTHING, MESSENGERS)],
)
def test_the_order_they_are_given_in_does_not_matter(several: Sequence[Said]) -> None:
    assert english(*several) == english(MESSENGERS, MEDIA, EVERYTHING)


def test_it_is_as_sure_as_the_least_sure() -> None:
    assert "is apparently" in english(MESSENGERS, MEDIA, EVERYTHING)
    assert "is very likely" in english(MESSENGERS, EVERYTHING)


def test_it_lasts_as_long_as_any_of_them() -> None:
    over = Said(blocking("telegram", began=onset(at(4, 16)), over=end(at(6))), Status.RESTORED)
    assert english(over, EVERYTHING).startswith("Kazakhstan is apparently restricted")
    both = english(over, Said(outage(over=end(at(10, 4))), Status.RESTORED))
    assert both.startswith("Kazakhstan was apparently restricted")
    assert "to 10 January 2022, 04:00 UTC:" in both


def test_of_many_steps_the_first_ones_are_told_and_the_others_counted() -> None:
    told = english(*EPISODES["five and more"])
    assert told.endswith(": first Telegram, then WhatsApp, then Signal, then 3 more.")


def test_what_is_retracted_or_insufficient_is_no_part_of_it() -> None:
    retracted = Said(MEDIA.incident, Status.RETRACTED)
    little = Said(blocking("signal", level=Level.REPORTED))
    told = english(MESSENGERS, retracted, little, EVERYTHING)
    assert "news" not in told
    assert "Signal" not in told


def test_one_alone_is_its_own_sentence() -> None:
    assert english(MEDIA) == sentence(MEDIA, "en", NAMES)


def test_nothing_to_tell_is_told_in_one_line() -> None:
    with pytest.raises(UserError, match="no incident that can be told"):
        english(Said(MEDIA.incident, Status.RETRACTED))
