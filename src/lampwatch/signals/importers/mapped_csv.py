"""Any table, with a TOML file that says what its columns mean: signals/mapping.py has its keys."""

import tomllib
from collections.abc import Iterator
from typing import Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.signals.importing import Options
from lampwatch.signals.mapping import Mapping, read_mapped

NAME: Final = "mapped-csv"
ABOUT: Final = "any CSV, with --map FILE.toml that says what its columns mean"
LICENCE: Final = ""
DELAY_S: Final = 0


def recognises(head: bytes, name: str) -> bool:  # noqa: ARG001  as every importer
    """Never: only who has the mapping knows."""
    return False


def read(content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
    """Give the series in a table as its mapping says."""
    if not options.mapping:
        raise UserError("a table of your own needs a file that says what its columns mean: --map FILE.toml")
    return read_mapped(content, name, mapping_of(options.mapping), options)


def mapping_of(text: bytes) -> Mapping:
    """A mapping, read. Raises UserError where it is none."""
    try:
        return msgspec.convert(tomllib.loads(text.decode()), Mapping)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise UserError(f"the mapping cannot be used: {printable(str(error))}") from error
