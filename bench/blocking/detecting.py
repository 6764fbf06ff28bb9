"""Detection of blocking as the benches call it, and what it may know beside votes: users by network, categories."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final, TypeAlias

from bench.blocking.catalogue import MESSENGERS
from bench.blocking.rows import Rows
from lampwatch.detect.blocking.incidents import incidents
from lampwatch.detect.blocking.setting import Belonging, Setting
from lampwatch.formats.vote_tables import Evidence
from lampwatch.model.blocking import BlockingIncident

Detect: TypeAlias = Callable[[Evidence], list[BlockingIncident]]

_SERVICES: Final = {"web.telegram.org": "telegram"}


def sizes(countries: Iterable[Rows]) -> dict[str, float]:
    """Users of every network by its entity's code."""
    return {
        f"AS{asn}@{rows.country}": users
        for rows in countries
        for asn, users in zip(rows.networks.tolist(), rows.users.tolist(), strict=True)
        if users
    }


def categories(countries: Iterable[Rows]) -> dict[str, str]:
    """The category of every target."""
    known = {item.target: item.category for item in MESSENGERS}
    return known | {item.target: item.category for rows in countries for item in rows.items}


def knowing(users: Mapping[str, float], category: Mapping[str, str]) -> Setting:
    """The users of networks and the categories of targets, and nothing else beside votes."""

    def belonging(target: str) -> Belonging:
        return Belonging(_SERVICES.get(target, target), category.get(target, ""))

    return Setting(belonging=belonging, sizes=users)


def detection(users: Mapping[str, float], category: Mapping[str, str]) -> Detect:
    """Our own detection, which knows this beside votes."""
    return partial(incidents, setting=knowing(users, category))
