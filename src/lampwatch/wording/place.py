"""Where: a country, regions of one, or networks, as a name and as where something is."""

from collections.abc import Callable, Sequence
from typing import Final

from lampwatch.formats.places import place_name
from lampwatch.model.entity import Entity, EntityKind
from lampwatch.model.incident import Incident, Scope
from lampwatch.wording.language import Language
from lampwatch.wording.said import Names

MOST_NAMES: Final = 4
"""Of more than these, one fewer is named, and the others are counted."""


class Place:
    """A place in a sentence: what it is called, where that is, and of how many names."""

    def __init__(self, name: str, within: str, names: int = 1) -> None:
        self.names = names
        self.within = within
        self.words = {
            "place": name,
            "in_place": within,
            "Place": name[:1].upper() + name[1:],
            "In_place": within[:1].upper() + within[1:],
        }


def few(language: Language, names: Sequence[str], *, most: int = MOST_NAMES) -> str:
    """Names as a list; of many, the first ones and how many more there are."""
    if len(names) > most:
        rest = len(names) - most + 1
        return language.listed([*names[: most - 1], language.say("more", rest, n=language.number(rest))])
    return language.listed(names)


def network(language: Language, asn: int, names: Names) -> str:
    """A network with its name: `AS9198 Kazakhtelecom`."""
    return language.name(f"AS{asn} {names.networks.get(asn, '')}")


def place(language: Language, incident: Incident, names: Names, *, networks: bool) -> Place:
    """Where an incident is; networks are a place of their own only if asked for: else it is where they are."""
    entities = [Entity.of(code) for code in incident.entities]
    regions = [one for one in entities if one.kind is EntityKind.REGION]
    if incident.scope is Scope.REGIONS and regions:
        return _several(
            language, "regions", regions, lambda one: language.name(place_name(one.place)), incident
        )
    told = [one for one in entities if one.asn]
    if told and (not incident.country or (networks and incident.scope is Scope.NETWORKS)):
        return _several(language, "networks", told, lambda one: network(language, one.asn, names), incident)
    code = incident.country or next((one.country for one in entities), "")
    return Place(language.country(code), language.in_country(code))


def _several(
    language: Language,
    key: str,
    entities: Sequence[Entity],
    called: Callable[[Entity], str],
    incident: Incident,
) -> Place:
    names = list(dict.fromkeys(called(one) for one in entities))
    listed = few(language, names)
    if incident.country:
        listed = language.say("within", names=listed, country=language.country(incident.country))
    count = min(len(names), MOST_NAMES)
    return Place(
        language.say(key, count, names=listed), language.say(f"{key}.in", count, names=listed), count
    )
