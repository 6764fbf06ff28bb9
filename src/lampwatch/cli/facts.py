"""What detection is told beside measurements and series: files of how large entities are, and of occasions."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from lampwatch.cli.settings import OCCASIONS, SIZES
from lampwatch.cli.settings import Setting as Declared
from lampwatch.detect.connectivity.incidents import Setting
from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.occasions import Sized, occasions, sizes
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError

C = TypeVar("C", bound=Callable[..., Any])
T = TypeVar("T")


def sizes_option(command: C) -> C:
    """`--sizes`, as size_files."""
    tells = "users or addresses: entity,size and, for networks, country and region"
    return _files_option("--sizes", "size_files", SIZES, tells)(command)


def setting_options(command: C) -> C:
    """`--occasions` and `--sizes`: what detection may know beside series."""
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


def read_setting(occasion_files: Sequence[Path], size_files: Sequence[Path]) -> Setting:
    """What files tell that detection may know beside series. A row that cannot be read is told on standard error."""
    known = [one for path in occasion_files for one in _read(path, occasions)]
    entities = read_sizes(size_files)
    countries = {one.entity.asn: one.country for one in entities if one.entity.asn and one.country}
    return Setting(
        country_of=lambda asn: countries.get(asn, ""),
        sizes={one.entity.code: one.size for one in entities},
        occasions=tuple(known),
    )


def read_sizes(size_files: Sequence[Path]) -> list[Sized]:
    """What files tell of entities. A row that cannot be read is told on standard error."""
    return [one for path in size_files for one in _read(path, sizes)]


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
