"""What a connectivity incident says: what its series show, and no more. That people use Tor less is no loss of it."""

from typing import Final

from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.disturbance import Direction
from lampwatch.model.series import CONNECTIVITY, Family
from lampwatch.wording.language import Language
from lampwatch.wording.place import place
from lampwatch.wording.said import Names, Said
from lampwatch.wording.when import is_over, period, when

_LESS: Final = (
    Family.USERS,
    Family.TRANSPORT,
    Family.STREAM,
    Family.CRAWL,
    Family.INTERFERENCE,
    Family.MEASUREMENTS,
)
_MORE: Final = (Family.USERS, Family.INTERFERENCE, Family.MEASUREMENTS)
"""What signals show that is none of connectivity, the more telling first."""
_NEARLY_ALL: Final = 0.8


def connectivity_statement(
    language: Language, said: Said, incident: ConnectivityIncident, names: Names
) -> str:
    """The statement of a connectivity incident, without what ends a sentence."""
    where = place(language, incident, names, networks=True)
    if said.insufficient:
        return language.say("insufficient.cut", period=period(language, incident), **where.words)
    kind, words = ("cut", {"state": _state(language, incident)}) if is_cut(incident) else ("seeing", {})
    if not words:
        words = {"change": change(language, incident)}
    tense = "past" if is_over(said) else "now"
    key = f"{kind}.{tense}.{incident.level.name.lower()}"
    return language.say(key, where.names, when=when(language, said), **words, **where.words)


def is_cut(incident: ConnectivityIncident) -> bool:
    """Whether it is a loss of connectivity, as far as its series can tell; a claim without any is believed to be."""
    families = {part.family for part in incident.parts}
    return incident.direction is Direction.DROP and (not families or bool(families & CONNECTIVITY))


def is_whole(incident: ConnectivityIncident) -> bool:
    """Whether nearly everything is gone."""
    return incident.depth >= _NEARLY_ALL


def change(language: Language, incident: ConnectivityIncident) -> str:
    """What there is less or more of than usual, and by how much."""
    families = {part.family for part in incident.parts}
    if incident.direction is Direction.SURGE:
        family = next((one for one in _MORE if one in families), Family.OTHER)
        return language.say(
            "more.amount", change=language.say(f"more.{family}"), times=language.times(incident.depth + 1)
        )
    family = next((one for one in _LESS if one in families), Family.OTHER)
    return language.say(
        "less.amount", change=language.say(f"less.{family}"), percent=language.percent(incident.depth)
    )


def _state(language: Language, incident: ConnectivityIncident) -> str:
    if is_whole(incident):
        return language.say("cut.full")
    return language.say("cut.part", percent=language.percent(incident.depth))
