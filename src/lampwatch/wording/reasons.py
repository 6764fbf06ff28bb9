"""Reasons in words: what speaks for or against something, from what detection names and counts of it."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from lampwatch.model.incident import Reason
from lampwatch.wording.language import Language

_PLACE: Final = re.compile(r"\{(\w+)\}")


def reasons(language: Language, given: Iterable[Reason], kinds: Sequence[str]) -> str:
    """Several reasons in one clause; empty where there is none.

    kinds are the beginnings of the keys to look for, the most particular first: of a reason `sweep`, `against` finds
    the message `against.sweep`.
    """
    told = ""
    for one in dict.fromkeys(_reason(language, one, kinds) for one in given):
        told = language.say("reasons", before=told, reason=one) if told else one
    return told


def _reason(language: Language, reason: Reason, kinds: Sequence[str]) -> str:
    """A reason in this language; as detection wrote it where there is no message, or none for what is known of it."""
    key = next((key for kind in kinds if language.has(key := f"{kind}.{reason.name}")), "")
    places = dict.fromkeys(_PLACE.findall(language.source(key))) if key else {}
    # A line of the log from before it was kept what a reason is about has its sentence, and nothing to fill in.
    if not key or len(places) != len(reason.about):
        return language.name(reason.text)
    counts = [one for one in reason.about if isinstance(one, int)]
    words = {
        place: language.number(one) if isinstance(one, int) else language.name(one)
        for place, one in zip(places, reason.about, strict=True)
    }
    return language.say(key, counts[-1] if counts else 1, **words)
