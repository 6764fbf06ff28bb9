"""What an incident is about: names, or how many of a kind where they are too many to be named."""

from typing import Final, NamedTuple

from lampwatch.formats.services import service_named
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.service import Kind
from lampwatch.wording.language import Language
from lampwatch.wording.place import MOST_NAMES, few
from lampwatch.wording.said import Names

_SWEEP: Final = "sweep"
"""The reason of detection that most of what is measured on the networks began to fail at once."""
_MOST_UNLIKE: Final = 12
"""Of so many that have nothing in common the first ones are named still; of more, the names would mislead."""
_CATEGORIES: Final = {
    Kind.CIRCUMVENTION: "ANON",
    Kind.FILES: "FILE",
    Kind.NEWS: "NEWS",
    Kind.PUBLISHING: "HOST",
    Kind.RIGHTS: "HUMR",
    Kind.SEARCH: "SRCH",
    Kind.SOCIAL_MEDIA: "GRP",
}
"""Kinds that are called as a category of the test lists is."""


class Subject(NamedTuple):
    """What it is about in words, as how many that counts in grammar, and whether these are names."""

    words: str
    counts_as: int
    named: bool


def subject(language: Language, incident: BlockingIncident, names: Names) -> Subject:
    """What a blocking incident is about. A list counts as what of it is named."""
    called = incident.services or incident.targets
    count = len(called)
    if count > MOST_NAMES:
        if any(reason.name == _SWEEP for reason in incident.against):
            return Subject(language.say("most"), MOST_NAMES, named=False)
        if key := _plural(language, called, incident.category):
            return Subject(language.say(key, count, n=language.number(count)), count, named=False)
    listed = few(language, [language.name(names.targets.get(one, one)) for one in called])
    return Subject(listed, min(count, MOST_NAMES), named=True)


def _plural(language: Language, called: tuple[str, ...], category: str) -> str:
    """The message that counts what they all are; empty where they are better named."""
    kinds = {service_named(one).kind for one in called}
    kind = kinds.pop() if len(kinds) == 1 else Kind.SITE
    keys = (f"kind.{kind}", f"category.{_CATEGORIES.get(kind, '')}", f"category.{category.upper()}")
    found = next((key for key in keys if language.has(key)), "")
    return found or ("many" if len(called) > _MOST_UNLIKE else "")
