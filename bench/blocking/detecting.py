"""Detection of blocking as the benches call it, and what it may know beside votes: users by network, categories."""

import importlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final, TypeAlias, cast

from bench.blocking.catalogue import MESSENGERS
from bench.blocking.rows import Rows
from lampwatch.formats.vote_tables import Evidence
from lampwatch.model.blocking import BlockingIncident

Detect: TypeAlias = Callable[[Evidence], list[BlockingIncident]]

_INCIDENTS: Final = "lampwatch.detect.blocking.incidents"
_SETTING: Final = "lampwatch.detect.blocking.setting"
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


def detection(users: Mapping[str, float], category: Mapping[str, str]) -> Detect:
    """Our own detection, told the users of networks and the categories of targets, and nothing else beside votes."""
    try:
        found = importlib.import_module(_INCIDENTS).incidents
        module = importlib.import_module(_SETTING)
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"lampwatch: there is no {error.name}; this benchmark times and scores it."
        ) from error

    def belonging(target: str) -> object:
        return module.Belonging(_SERVICES.get(target, target), category.get(target, ""))

    return cast("Detect", partial(found, setting=module.Setting(belonging=belonging, sizes=users)))
