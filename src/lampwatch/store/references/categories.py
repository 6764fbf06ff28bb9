"""Which category each target belongs to, by the test lists in force: what the store's pages roll up by."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from lampwatch.formats.names import url_parts
from lampwatch.formats.test_list import TestListEntry
from lampwatch.store.references.lists import GLOBAL, entries_in_force

_COMMUNICATION: Final = "COMT"
_CIRCUMVENTION: Final = "ANON"
SERVICES: Final[Mapping[str, str]] = {
    "telegram": _COMMUNICATION,
    "web.telegram.org": _COMMUNICATION,
    "whatsapp": _COMMUNICATION,
    "web.whatsapp.com": _COMMUNICATION,
    "signal": _COMMUNICATION,
    "facebook_messenger": _COMMUNICATION,
    "tor": _CIRCUMVENTION,
    "openvpn": _CIRCUMVENTION,
}
"""Targets that no list names, in the codes of the lists."""


def categories_in_force(directory: Path) -> list[tuple[str, str]]:
    """(target, category) for each host that the lists in force in a data directory name, and for services; each once.

    Empty where there are no lists, so that nobody's own categories are emptied. Raises UserError on damaged lists.
    """
    lists = entries_in_force(directory)
    return categories_of(lists) if lists else []


def categories_of(lists: Mapping[str, Sequence[TestListEntry]]) -> list[tuple[str, str]]:
    """The same of given lists. A host's own page says more of it than a page deep inside, the global list the most.

    So facebook.com stays a social network, whatever a country's list calls one of its groups.
    """
    found: dict[str, str] = {}
    for name in sorted(lists, key=lambda name: (name == GLOBAL, name)):
        for entry in sorted(lists[name], key=lambda entry: (-len(entry.url), entry.url)):
            found[url_parts(entry.url).host] = entry.category
    return sorted((found | dict(SERVICES)).items())
