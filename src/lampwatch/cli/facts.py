"""What detection is told beside measurements and series: files of how large entities are, and of occasions."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec

from lampwatch.cli.settings import OCCASIONS, SIZES
from lampwatch.cli.settings import Setting as Declared
from lampwatch.detect.connectivity.incidents import Setting
from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.occasions import Sized, occasions, sizes
from lampwatch.formats.printable import printable
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.occasion import Occasion

C = TypeVar("C", bound=Callable[..., Any])
T = TypeVar("T")


class Facts(msgspec.Struct, frozen=True):
    """What files tell: sizes by entity code, and occasions.

    Of networks, countries says in which one they have most users, regions, by country too, which place of it they serve
    alone.
    """

    sizes: Mapping[str, float] = {}
    countries: Mapping[int, str] = {}
    regions: Mapping[tuple[str, int], str] = {}
    occasions: tuple[Occasion, ...] = ()

    @property
    def beside_series(self) -> Setting:
        """What detection may know beside series."""
        return Setting(
            country_of=lambda asn: self.countries.get(asn, ""), sizes=self.sizes, occasions=self.occasions
        )


NO_FACTS: Final = Facts()


def sizes_option(command: C) -> C:
    """`--sizes`, as size_files."""
    tells = "users or addresses: entity,size and, for networks, country and region"
    return _files_option("--sizes", "size_files", SIZES, tells)(command)


def facts_options(command: C) -> C:
    """`--occasions` and `--sizes`: what detection may know beside series and measurements."""
    tells = "elections, exams, protests and coups: country,kind,first,last,name"
    return _files_option("--occasions", "occasion_files", OCCASIONS, tells)(sizes_option(command))


def _files_option(option: str, named: str, setting: Declared, tells: str) -> Callable[[C], C]:
    return click.option(
        option,
        named,
        envvar=setting.envvar,
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"A CSV file of {tells}. May be given again. [env: {setting.envvar}]",
    )


def read_facts(size_files: Sequence[Path], occasion_files: Sequence[Path] = ()) -> Facts:
    """What files tell. A row that cannot be read is told on standard error."""
    known = [one for path in occasion_files for one in _read(path, occasions)]
    entities = [one for path in size_files for one in _read(path, sizes)]
    networks = [one for one in entities if one.entity.asn and one.country]
    return Facts(
        sizes=_sizes(entities),
        countries={one.entity.asn: one.country for one in sorted(networks, key=lambda one: one.size)},
        regions=_regions(networks),
        occasions=tuple(known),
    )


def _sizes(entities: Sequence[Sized]) -> dict[str, float]:
    """Sizes by entity code; of a network in several countries, together and in each (`AS9198`, `AS9198@KZ`).

    Of the same thing told twice, the last counts: rows of regions instead of one of the country, one of no country
    instead of the sum of countries.
    """
    whole = {one.entity.code: one.size for one in entities if not one.country or not one.entity.asn}
    parts: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for one in entities:
        if one.entity.asn and one.country:
            parts[one.entity.code, one.country][one.region] = one.size
    together: dict[str, float] = defaultdict(float)
    within: dict[str, float] = {}
    for (code, country), by_region in parts.items():
        size = sum(size for region, size in by_region.items() if region) or by_region[""]
        together[code] += size
        if not Entity.of(code).place:
            within[f"{code}@{country}"] = size
    return within | together | whole


def _regions(networks: Sequence[Sized]) -> dict[tuple[str, int], str]:
    """The one region that each network serves; one with rows of several serves none alone."""
    told: dict[tuple[str, int], set[str]] = defaultdict(set)
    for one in networks:
        told[one.country, one.entity.asn].add(one.region)
    named = {key: [region for region in regions if region] for key, regions in told.items()}
    return {key: regions[0] for key, regions in named.items() if len(regions) == 1}


def _read(path: Path, read: Callable[[bytes, str], tuple[list[T], list[MalformedRow]]]) -> list[T]:
    found, malformed = read(_content(path), str(path))
    for row in malformed:
        click.echo(
            f"note: {printable(row.source)} line {row.line} is left out: {printable(row.reason)}", err=True
        )
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{printable(str(path))} cannot be read: {error.strerror}; name a CSV file"
        ) from error
