"""Where something is blocked: in a whole country, in regions of it, or on networks alone."""

from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

from lampwatch.detect.blocking.levels import Voting, is_half
from lampwatch.model.incident import Scope

NATIONAL_NETWORKS: Final = 3
_REGIONAL_NETWORKS: Final = 2
_MOST: Final = 3 / 4
"""It is a matter of regions where three of four networks that block are theirs alone."""


class Where(NamedTuple):
    """How much of a country it is about: codes of the country or of regions, and the networks that may serve others."""

    scope: Scope
    codes: tuple[str, ...] = ()
    beyond: tuple[int, ...] = ()


def where(
    blocking: Collection[int],
    measured: Collection[int],
    alone: Sequence[int],
    voting: Voting,
    country: str,
    region: Callable[[str, int], str],
) -> Where:
    """Where it is, by the networks whose blocks count, all that were measured, and those that count each by itself.

    A region takes what a level takes: two networks that count, and half of the users (of the tested networks) of those
    that serve it alone. Some networks elsewhere may block too, until they are many. A country takes three networks and
    half of its users; one region is told as such even where half of the country lives in it.
    """
    regions = [
        name
        for name, tested in sorted(voting.regions.items())
        if len({*alone} & {*tested}) >= _REGIONAL_NETWORKS and is_half(blocking, alone, tested, voting.users)
    ]
    beyond = tuple(asn for asn in sorted(measured) if region(country, asn) not in regions)
    if len({*blocking} - {*beyond}) < _MOST * len(blocking):
        regions = []
    national = len(alone) >= NATIONAL_NETWORKS and is_half(blocking, alone, voting.tested, voting.users)
    if len(regions) == 1 or (regions and not national):
        return Where(Scope.REGIONS, tuple(regions), beyond)
    return Where(Scope.COUNTRY, (country,)) if national else Where(Scope.NETWORKS)
