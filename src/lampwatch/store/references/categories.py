"""Which category each host belongs to, by the test lists in force: what the store is given."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lampwatch.formats.names import url_parts
from lampwatch.formats.services import category_of
from lampwatch.formats.test_list import TestListEntry
from lampwatch.store.references.lists import GLOBAL, entries_in_force


def categories_in_force(directory: Path) -> list[tuple[str, str]]:
    """(host, category) for each host that the lists in force in a data directory name, each once.

    Empty where there are no lists, so that nobody's own categories are emptied. Raises UserError on damaged lists.
    """
    return categories_of(entries_in_force(directory))


def categories_of(lists: Mapping[str, Sequence[TestListEntry]]) -> list[tuple[str, str]]:
    """The same of given lists. A host's own page says more of it than a page deep inside, the global list the most.

    So social.example stays a social network, whatever a country's list calls one of its groups. A host of a service in
    the catalogue has that service's category.
    """
    found: dict[str, str] = {}
    for name in sorted(lists, key=lambda name: (name == GLOBAL, name)):
        for entry in sorted(lists[name], key=lambda entry: (-len(entry.url), entry.url)):
            found[url_parts(entry.url).host] = entry.category
    return sorted((host, category_of(host, found)) for host in found)
