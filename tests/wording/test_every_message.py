"""No message is there for nothing, and none is asked for that is not there."""

from collections.abc import Iterator

import pytest

from lampwatch.formats.services import catalogue
from lampwatch.model.disturbance import Direction
from lampwatch.model.incident import Level, Reason, Scope
from lampwatch.model.series import Family
from lampwatch.model.service import Kind
from lampwatch.model.vocabulary import Mechanism
from lampwatch.wording.episode import episode
from lampwatch.wording.language import LOCALES, Language, language
from lampwatch.wording.paragraph import paragraph
from lampwatch.wording.said import Said
from tests.wording.golden import golden
from tests.wording.incidents import DAY, HOUR, NAMES, ONSET, SITES, at, block, blocking, end, onset, outage
from tests.wording.test_every_language import KEYS


def english(key: str) -> str:
    return language("en").source(key)


HALF_A_DAY = onset(low=ONSET - DAY // 2, high=ONSET)
REASONS = (Reason("everywhere", "it is everywhere", 0.2), Reason("volume_only", "it is volume", 0.3))
BECAUSE = [
    Reason(key.removeprefix("because."), "it is so", 2.0, ("a day",) if "{names}" in english(key) else ())
    for key in KEYS
    if key.startswith("because.")
]
CATEGORIES = [key.removeprefix("category.") for key in KEYS if key.startswith("category.")]


def incidents() -> Iterator[Said]:
    """Of each kind, level, tense, mechanism, family and category at least one."""
    for level in Level:
        for over in (None, end(at(20))):
            yield Said(blocking("telegram", level=level, over=over, networks=(), measured=(), blocks=()))
            yield Said(outage(level=level, over=over, against=REASONS))
            yield Said(outage(level=level, over=over, families=(Family.STREAM,)))
            yield Said(outage(level=level, over=over, began=HALF_A_DAY))
            for hours in (2, 15):
                early, late = (
                    onset(low=ONSET - hours * HOUR, high=ONSET),
                    end(at(20), low=at(20), high=at(20, hours)),
                )
                yield Said(outage(level=level, began=early, over=over and late))
            yield Said(blocking("telegram", level=level, over=over, blocks=[block(begun_before=True)]))
            hour = end(at(20, 6), low=at(20, 5), high=at(20, 6))
            yield Said(outage(level=level, resolution_s=HOUR, over=over and hour, reasons=BECAUSE))
    for mechanism in Mechanism:
        yield Said(blocking("telegram", blocks=[block(means=((mechanism, ONSET),))]))
    for family in Family:
        yield Said(outage(families=(family,)))
        yield Said(outage(families=(family,), direction=Direction.SURGE))
    for category in CATEGORIES:
        yield Said(blocking(targets=SITES, category=category))
    for kind in Kind:
        alike = [service.id for service in catalogue().services if service.kind is kind]
        if alike:
            yield Said(blocking(*alike))


@pytest.mark.parametrize("locale", LOCALES)
def test_each_message_is_said_of_some_incident(locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"digits"}
    found = Language.message

    def listening(self: Language, key: str, n: int = 1) -> str:
        said.add(key)
        return found(self, key, n)

    monkeypatch.setattr(Language, "message", listening)
    golden(locale)
    for one in incidents():
        paragraph(one, locale, NAMES)
    episode([Said(blocking("telegram")), Said(outage(depth=0.4, scope=Scope.REGIONS))], locale, NAMES)
    assert sorted(set(KEYS) - said) == []
