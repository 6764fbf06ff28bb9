"""Names of networks by number: gathered from a MaxMind-format file once, kept as CSV (`number,name`) beside it."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from lampwatch.formats.mmdb_record import asn_of, name_of, open_mmdb
from lampwatch.model.errors import UserError


def names_in(path: Path) -> dict[int, str]:
    """Every network's name in a MaxMind-format file; takes seconds, since the whole file is read.

    Of several names of one network the one that most ranges bear is given, then the first in the alphabet.
    """
    seen: defaultdict[int, Counter[str]] = defaultdict(Counter)
    with open_mmdb(path) as reader:
        for _, record in reader:
            fields = record if isinstance(record, dict) else {}
            asn, name = asn_of(fields), name_of(fields)
            if asn and name:
                seen[asn][name] += 1
    return {asn: min(names, key=lambda name: (-names[name], name)) for asn, names in sorted(seen.items())}


def write_names(names: dict[int, str], path: Path) -> None:
    """Write names as CSV, in the order of the numbers."""
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(sorted(names.items()))


def read_names(path: Path) -> dict[int, str]:
    """Read what write_names wrote. Raises UserError where the file is damaged."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return dict(_named(lines))
    except (OSError, ValueError, csv.Error) as error:
        message = f"{path} is damaged: {error}. Run `lampwatch geoip update` to replace it."
        raise UserError(message) from error


def _named(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, name in csv.reader(lines):
        yield int(number), name
