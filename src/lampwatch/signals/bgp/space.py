"""Visible space by network and country: overlapping prefixes count once, and only what changed is counted again.

Space is counted in /24s (IPv4) and /48s (IPv6). The smallest cell is one network within one country; a network and a
country are the union of theirs.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from lampwatch.model.entity import Entity

Part: TypeAlias = tuple[int, int, str]
"""A stretch of units, first and last, and the country that it lies in (ISO 3166-1 alpha-2, empty where unknown)."""
Countries: TypeAlias = Callable[[int, int, bool], Iterable[Part]]
"""Cuts a stretch of units (first, last, whether IPv6) into parts by country; between them they cover all of it."""
_Stretches: TypeAlias = npt.NDArray[np.int64]
"""Rows of first and last unit, in order, apart from each other."""
NOTHING: Final[_Stretches] = np.empty((0, 2), np.int64)


def merged(stretches: _Stretches) -> _Stretches:
    """The union of stretches, in order, apart from each other."""
    if len(stretches) < 2:  # noqa: PLR2004  one is its own union
        return stretches
    ordered = stretches[np.argsort(stretches[:, 0], kind="stable")]
    reach = np.maximum.accumulate(ordered[:, 1])
    begins = np.flatnonzero(np.append(True, ordered[1:, 0] > reach[:-1] + 1))
    return np.column_stack((ordered[begins, 0], np.append(reach[begins[1:] - 1], reach[-1])))


def size(stretches: _Stretches) -> int:
    """Units in stretches that are apart from each other."""
    return int((stretches[:, 1] - stretches[:, 0] + 1).sum())


class _Cell:
    """One network within one country: the parts of visible prefixes there."""

    def __init__(self, asn: int, country: str) -> None:
        self.asn, self.country = asn, country
        self.parts: dict[int, tuple[Part, ...]] = {}
        self.union: _Stretches = NOTHING

    def count(self) -> None:
        """Bring the union up to date."""
        flat = [bound for parts in self.parts.values() for part in parts for bound in part[:2]]
        self.union = merged(np.array(flat, np.int64).reshape(-1, 2))


class Counted(msgspec.Struct, frozen=True):
    """What an entity has at the end of a bin: visible prefixes, and units of space in them."""

    prefixes: int
    units: int


class Space:
    """The visible space of one family. place() takes changes, changed() counts what they touched."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, str], _Cell] = {}
        self._of_asn: dict[int, list[_Cell]] = {}
        self._of_country: dict[str, list[_Cell]] = {}
        self._placed: dict[int, tuple[int, ...]] = {}
        self._prefixes: Counter[Entity] = Counter()
        self._parts: dict[int, tuple[Part, ...]] = {}
        self._dirty: set[tuple[int, str]] = set()

    def visible(self, prefix: int) -> bool:
        """Whether a prefix is placed."""
        return prefix in self._placed

    def known(self, prefix: int) -> bool:
        """Whether a prefix's parts were ever told."""
        return prefix in self._parts

    def tell(self, prefix: int, parts: Sequence[Part]) -> None:
        """Say where a prefix lies, before it is placed."""
        self._parts[prefix] = tuple(parts)

    def place(self, prefix: int, asns: tuple[int, ...]) -> None:
        """A prefix is visible from these networks, in ascending order; from none: it is not visible any more."""
        before = self._placed.get(prefix, ())
        if before == asns:
            return
        parts = self._parts[prefix]
        countries = sorted({country for _, _, country in parts if country})
        self._count(before, countries, -1)
        self._count(asns, countries, 1)
        for asn in {*before} ^ {*asns}:
            for country in {part[2] for part in parts}:
                cell = self._cell(asn, country)
                self._dirty.add((asn, country))
                if asn in asns:
                    # Nearly all prefixes lie in one country: their parts are shared, not copied.
                    here = tuple(part for part in parts if part[2] == country)
                    cell.parts[prefix] = parts if len(here) == len(parts) else here
                else:
                    del cell.parts[prefix]
        if asns:
            self._placed[prefix] = asns
        else:
            del self._placed[prefix]

    def changed(self) -> dict[Entity, Counted]:
        """What the entities have whose prefixes changed since this was asked last."""
        for key in self._dirty:
            self._cells[key].count()
        found: dict[Entity, Counted] = {}
        for asn, country in self._dirty:
            if country:
                entity = Entity(country, asn)
                found[entity] = Counted(self._prefixes[entity], size(self._cells[asn, country].union))
        for asn in {asn for asn, _ in self._dirty}:
            found[Entity("", asn)] = self._union(Entity("", asn), self._of_asn[asn])
        for country in {country for _, country in self._dirty if country}:
            found[Entity(country)] = self._union(Entity(country), self._of_country[country])
        self._dirty.clear()
        return found

    def _union(self, entity: Entity, cells: Sequence[_Cell]) -> Counted:
        unions = [cell.union for cell in cells if len(cell.union)]
        whole = unions[0] if len(unions) == 1 else merged(np.concatenate(unions)) if unions else NOTHING
        return Counted(self._prefixes[entity], size(whole))

    def _cell(self, asn: int, country: str) -> _Cell:
        cell = self._cells.get((asn, country))
        if cell is None:
            cell = self._cells[asn, country] = _Cell(asn, country)
            self._of_asn.setdefault(asn, []).append(cell)
            self._of_country.setdefault(country, []).append(cell)
        return cell

    def _count(self, asns: tuple[int, ...], countries: Sequence[str], by: int) -> None:
        """Count a prefix in or out: once for each network, each country, and each network in a country."""
        if not asns:
            return
        for country in countries:
            self._prefixes[Entity(country)] += by
            for asn in asns:
                self._prefixes[Entity(country, asn)] += by
        for asn in asns:
            self._prefixes[Entity("", asn)] += by
