"""What detection of blocking may know beside votes."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Self

import msgspec

from lampwatch.model.connectivity import ConnectivityIncident


class Belonging(NamedTuple):
    """What a target belongs to: its service, by id, and that service's category; empty where it has none."""

    service: str
    category: str


def by_itself(target: str) -> Belonging:
    """A target as a service of its own."""
    return Belonging(target, "")


class Setting(msgspec.Struct, frozen=True):
    """What detection of blocking may know beside votes.

    sizes are users by entity code (`AS9198@KZ`, or `AS9198`), in any unit that is the same within a country. operator
    names who runs a network, so that two of one operator count once; empty where nobody knows. region gives the place
    of the one region of a country that a network serves (`KZ-75`); empty where it serves several, or nobody knows.
    connectivity are the incidents of connectivity in the window: what is not reached during one is explained by it.
    """

    belonging: Callable[[str], Belonging] = by_itself
    operator: Callable[[int], str] = lambda _asn: ""
    region: Callable[[str, int], str] = lambda _country, _asn: ""
    sizes: Mapping[str, float] = {}
    connectivity: tuple[ConnectivityIncident, ...] = ()

    def beside(self, connectivity: tuple[ConnectivityIncident, ...]) -> Self:
        """The same, and what is known of connectivity."""
        return msgspec.structs.replace(self, connectivity=connectivity)
