"""What an importer is, which ones there are, and which of them reads a file."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Final, Protocol, cast

import msgspec
import numpy as np

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity, Values
from lampwatch.signals import importers
from lampwatch.signals.web import Web

HEAD_BYTES: Final = 4096
"""So much of a file's content, unpacked, an importer sees before it says whether the file is its own."""


class Options(msgspec.Struct, frozen=True):
    """What a user says beside the file. Each importer uses what concerns it; empty is not said.

    country is ISO 3166-1 alpha-2, place an entity's place (`VE-B`), asn 0 where none is meant. since and until are
    seconds since 1970 (UTC), the second exclusive. address and query are for sources that anyone can run.
    """

    country: str = ""
    place: str = ""
    asn: int = 0
    source: str = ""
    signal: str = ""
    family: Family | None = None
    unit: str = ""
    quantity: Quantity | None = None
    resolution_s: int = 0
    timezone: str = ""
    since: int | None = None
    until: int | None = None
    address: str = ""
    query: str = ""
    mapping: bytes = b""


class UnrecognisedError(UserError):
    """No importer knows a file by itself."""


class Importer(Protocol):
    """A module of `lampwatch.signals.importers`. It has `read` and `recognises`, or `fetch`, or all three."""

    NAME: str
    """Its file's name, with hyphens: what `--as` and `--fetch` take."""
    ABOUT: str
    """What it brings, in one line."""
    LICENCE: str
    """The terms of the source, for the series' headers."""
    DELAY_S: int
    """How long after a bin's end the source publishes it, in seconds."""


class FileImporter(Importer, Protocol):
    """Reads files. Their bytes are hostile: a row that cannot be used is told as a MalformedRow, and costs no other."""

    def recognises(self, head: bytes, name: str) -> bool:
        """Whether a file is of this source, by the first HEAD_BYTES of its content (unpacked) and its name."""
        ...

    def read(self, content: bytes, name: str, options: Options) -> Iterator[Values | MalformedRow]:
        """Give the series in a file, by its content (unpacked) and its path.

        `arrived` is left zero, unless the file itself says when a value came.
        Raises UserError where nothing can be read before the user says more (as which country it is about).
        """
        ...


class NetworkImporter(Importer, Protocol):
    """Asks a service."""

    def fetch(self, web: Web, options: Options) -> Iterator[Values | MalformedRow]:
        """Give the series that a service has of what the options name. Raises UserError where it has no answer."""
        ...


@cache
def discover() -> dict[str, Importer]:
    """Every importer there is, by name."""
    found = {}
    for module in pkgutil.iter_modules(importers.__path__):
        importer = cast("Importer", importlib.import_module(f"{importers.__name__}.{module.name}"))
        found[importer.NAME] = importer
    return dict(sorted(found.items()))


def file_importers() -> dict[str, FileImporter]:
    """Those that read files, by name."""
    return {name: cast("FileImporter", one) for name, one in discover().items() if hasattr(one, "read")}


def network_importers() -> dict[str, NetworkImporter]:
    """Those that ask a service, by name."""
    return {name: cast("NetworkImporter", one) for name, one in discover().items() if hasattr(one, "fetch")}


def recognised(content: bytes, name: str, wanted: str = "") -> FileImporter:
    """The importer that reads a file: the one wanted by name, or the only one that recognises it.

    Raises UserError where there is none, or more than one.
    """
    known = file_importers()
    if wanted:
        if wanted not in known:
            raise UserError(
                f"no importer of files is named {printable(wanted)}; there are {', '.join(known)}"
            )
        return known[wanted]
    head = content[:HEAD_BYTES]
    fitting = [one for one in known.values() if one.recognises(head, name)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = " or ".join(f"--as {one.NAME}" for one in fitting)
        raise UserError(f"{printable(name)} may be of several sources; say which with {names}")
    raise UnrecognisedError(
        f"{printable(name)} is of no source that is known; say what its columns mean with --map FILE.toml, "
        f"or name its source with --as ({', '.join(known)})"
    )


def arrived(values: Values, *, now: int, published: bool, delay_s: int = 0) -> Values:
    """The same values with when they came to us: now, or, if published, when the source had them ready at the earliest.

    now is in seconds since 1970 (UTC), delay_s how long after a bin's end the source publishes it. What the file itself
    says of a value's arrival stands; nothing arrived later than now.
    """
    ready = values.starts + values.series.resolution_s + delay_s if published else np.int64(now)
    came = np.minimum(np.where(values.arrived != 0, values.arrived, ready), now).astype(np.int64)
    return Values(values.series, values.starts, values.values, came)
