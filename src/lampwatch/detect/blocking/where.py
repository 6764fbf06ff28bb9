"""Where something is blocked: in a whole country, in regions of it, or on networks alone."""

from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

from lampwatch.detect.blocking.levels import Voting, is_half
from lampwatch.model.entity import Entity
from lampwatch.model.incident import Scope

_NATIONAL_NETWORKS: Final = 3
_REGIONAL_NETWORKS: Final = 2


class Where(NamedTuple):
    """How much of a country it is about, by which entities; and which networks may serve others of its regions."""

    scope: Scope
    entities: tuple[str, ...]
    beyond: tuple[int, ...] = ()


def where(
    blocking: Collection[int],
    measured: Collection[int],
    alone: Sequence[int],
    voting: Voting,
    country: str,
    region: Callable[[str, int], str],
) -> Where:
    """Where it is, by the networks that block, all that were measured, and those that count (`levels.independent`).

    It is regional where nothing but networks that serve one region alone block, in each region those of half of its
    users (of its tested networks); national where those of half of the country's do, on three networks that count.
    One region is told as such even where half of the country lives in it.
    """
    networks = tuple(Entity(country, asn).code for asn in sorted(blocking))
    regions = _regions(blocking, alone, voting) if len(alone) >= _REGIONAL_NETWORKS else {}
    national = len(alone) >= _NATIONAL_NETWORKS and is_half(blocking, alone, voting.tested, voting.users)
    if len(regions) == 1 or (regions and not national):
        beyond = tuple(asn for asn in sorted(measured) if region(country, asn) not in regions)
        return Where(Scope.REGIONS, (*sorted(regions), *networks), beyond)
    if national:
        return Where(Scope.COUNTRY, (country, *networks))
    return Where(Scope.NETWORKS, networks)


def _regions(blocking: Collection[int], alone: Sequence[int], voting: Voting) -> dict[str, Sequence[int]]:
    """Regions that hold all networks that block, and their tested networks; none where it is no matter of regions."""
    found = {
        region: tested for region, tested in voting.regions.items() if not {*blocking}.isdisjoint(tested)
    }
    if {*blocking} - {asn for tested in found.values() for asn in tested}:
        return {}
    return found if all(is_half(blocking, alone, tested, voting.users) for tested in found.values()) else {}
