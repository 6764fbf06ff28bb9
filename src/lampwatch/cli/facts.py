"""What detection is told beside measurements and series: files of how large entities are, and of occasions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lampwatch.cli.settings import OCCASIONS, SIZES
from lampwatch.detect.connectivity.incidents import Setting
from lampwatch.formats.occasions import occasions, sizes
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError

C = TypeVar("C", bound=Callable[..., Any])


def setting_options(command: C) -> C:
    """`--occasions` and `--sizes`: what detection may know beside series."""
    for option in (
        click.option(
            "--sizes",
            "size_files",
            envvar=SIZES.envvar,
            multiple=True,
            type=click.Path(path_type=Path, dir_okay=False),
            help="A CSV file of users or addresses: entity,size and, for networks, country. "
            f"[env: {SIZES.envvar}]",
        ),
        click.option(
            "--occasions",
            "occasion_files",
            envvar=OCCASIONS.envvar,
            multiple=True,
            type=click.Path(path_type=Path, dir_okay=False),
            help="A CSV file of elections, exams, protests and coups: country,kind,first,last,name. "
            f"[env: {OCCASIONS.envvar}]",
        ),
    ):
        command = option(command)
    return command


def read_setting(occasion_files: tuple[Path, ...], size_files: tuple[Path, ...]) -> Setting:
    """What files tell that detection may know beside series. A row that cannot be read is told on standard error."""
    known = [occasions(_content(path), str(path)) for path in occasion_files]
    sized = [sizes(_content(path), str(path)) for path in size_files]
    for row in [row for _, malformed in (*known, *sized) for row in malformed]:
        click.echo(
            f"note: {printable(row.source)} line {row.line} is left out: {printable(row.reason)}", err=True
        )
    entities = [one for found, _ in sized for one in found]
    countries = {one.entity.asn: one.country for one in entities if one.entity.asn and one.country}
    return Setting(
        country_of=lambda asn: countries.get(asn, ""),
        sizes={one.entity.code: one.size for one in entities},
        occasions=tuple(one for found, _ in known for one in found),
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{printable(str(path))} cannot be read: {error.strerror}; name a CSV file"
        ) from error
