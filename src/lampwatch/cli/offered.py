"""What probes that check in are given to measure: a share of the test lists in force."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

import click

from lampwatch.collect.reception.check_in import Target
from lampwatch.formats.test_list import TestListEntry
from lampwatch.model.errors import UserError
from lampwatch.store.references.lists import GLOBAL, entries_in_force, lists_in_force

MOST: Final = 500
"""So many URLs are given at once; the next check-in brings others."""
_EVERYWHERE: Final = "XX"


class Offered:
    """Gives a country's list and the global one, of the categories asked for, in an order that random shuffles.

    Lists that are brought up to date are given from the next check-in on. Raises UserError where those in force now
    are damaged; where later ones are, the last good ones are given.
    """

    def __init__(self, directory: Path, random: Random) -> None:
        self._directory = directory
        self._random = random
        self._version = ""
        self._lists: Mapping[str, Sequence[TestListEntry]] = {}
        self._refresh()

    def __call__(self, country: str, categories: Sequence[str]) -> list[Target]:
        """What a probe in this country is to measure now; of all categories where none is named."""
        try:
            self._refresh()
        except UserError as error:
            click.echo(f"lampwatch: {error}", err=True)
        found = [
            Target(entry.url, entry.category, code)
            for name, code in ((country.lower(), country), (GLOBAL, _EVERYWHERE))
            for entry in self._lists.get(name, ())
            if not categories or entry.category in categories
        ]
        once = list({target.url: target for target in reversed(found)}.values())
        self._random.shuffle(once)
        return once[:MOST]

    def _refresh(self) -> None:
        found = lists_in_force(self._directory)
        version = found[0].version if found is not None else ""
        if version != self._version:
            self._lists = entries_in_force(self._directory)
            self._version = version
