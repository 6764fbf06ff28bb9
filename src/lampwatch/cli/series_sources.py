"""Series as a command line names them: by id, by a pattern of ids, or by a file that an importer reads."""

import fnmatch
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from lampwatch.cli.place import Place, utc_now
from lampwatch.cli.series_files import files_in, read_file
from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.instants import seconds_of
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.signals.importing import Options, UnrecognisedError, arrived

_PATTERN: Final = "*?["


def load_series(
    place: Place,
    names: Sequence[str],
    *,
    since: int | None = None,
    until: int | None = None,
    as_of: int | None = None,
    options: Options | None = None,
    importer: str = "",
    published: bool = True,
    tell: Callable[[MalformedRow], None] | None = None,
) -> list[Values]:
    """The series that names name, in the order of their ids, each once; later names count where two have one bin.

    A name is the path of a file or folder, which is read without being kept, or a series' id (`VE:ioda:bgp`), or a
    pattern of ids (`VE*:ioda:*`). since (inclusive), until (exclusive) and as_of are in seconds since 1970 (UTC). What
    files bring arrived when its source published it, or now where published is false. tell is told of each row that is
    left out. Raises UserError where a name names nothing, or a file cannot be read.
    """
    found: dict[str, Values] = {}
    for name in names:
        if Path(name).exists():
            given = _of_files(Path(name), options or Options(), importer, published=published, tell=tell)
        elif os.sep in name and ":" not in name:
            raise UserError(f"{printable(name)} does not exist; name a file, a folder or a series")
        else:
            ids = matching(place, [name])
            given = list(place.series().values(ids, since=since, until=until, as_of=as_of))
        for values in given:
            chosen = within(values, since=since, until=until, as_of=as_of)
            if len(chosen):
                before = found.get(chosen.series.id)
                found[chosen.series.id] = chosen if before is None else joined(before, chosen)
    return [found[name] for name in sorted(found)]


def matching(place: Place, names: Sequence[str]) -> list[str]:
    """The ids of series at rest that names (ids or patterns of them) name. Raises UserError where one names none."""
    known = [one.id for one in place.series().series()]
    chosen: dict[str, None] = {}
    for name in names:
        fitting = (
            [one for one in known if fnmatch.fnmatchcase(one, name)] if set(name) & set(_PATTERN) else []
        )
        if name in known:
            fitting.append(name)
        if not fitting:
            raise UserError(
                f"{printable(name)} names no series in {place.directory}; `lampwatch series list` shows which there are"
            )
        chosen |= dict.fromkeys(fitting)
    return sorted(chosen)


def within(values: Values, *, since: int | None, until: int | None, as_of: int | None) -> Values:
    """The values whose bins start within [since, until), and that had arrived by as_of."""
    chosen = np.ones(len(values), bool)
    if since is not None:
        chosen &= values.starts >= since
    if until is not None:
        chosen &= values.starts < until
    if as_of is not None:
        chosen &= values.arrived <= as_of
    return Values(values.series, values.starts[chosen], values.values[chosen], values.arrived[chosen])


def joined(before: Values, after: Values) -> Values:
    """Values of one series from two places; where both have a bin, after's counts."""
    starts = np.concatenate([before.starts, after.starts])
    order = np.argsort(starts, kind="stable")
    last = np.append(np.diff(starts[order]) != 0, True)
    at = order[last]
    return Values(
        after.series,
        starts[at],
        np.concatenate([before.values, after.values])[at],
        np.concatenate([before.arrived, after.arrived])[at],
    )


def now() -> int:
    """The time in seconds since 1970 (UTC)."""
    return seconds_of(utc_now())


def _of_files(
    path: Path,
    options: Options,
    importer: str,
    *,
    published: bool,
    tell: Callable[[MalformedRow], None] | None,
) -> list[Values]:
    found, unread = [], None
    for file in files_in(path):
        try:
            read = read_file(file, options, importer)
        except UnrecognisedError as error:
            # A folder holds other things too, as a note on where its series are from.
            unread = error
            continue
        if tell is not None:
            for row in read.malformed:
                tell(row)
        delay_s = read.importer.DELAY_S
        found += [arrived(one, now=now(), published=published, delay_s=delay_s) for one in read.series]
    if unread is not None and not found:
        raise unread
    return found
