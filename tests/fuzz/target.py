"""What holds for the kernel whatever it is given, with every kind of reference in use."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from lampwatch.formats.mmdb import AddressBook
from lampwatch.formats.mmdb_build import AddressRange, write_mmdb
from lampwatch.formats.tables_schema import SCHEMAS
from lampwatch.judge.fingerprints import KnownPages
from lampwatch.judge.references import References
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.measurement import Reason
from lampwatch.pipeline.kernel import Kernel, RawLine
from lampwatch.pipeline.methods import by_test_name, discover


class BrokenPromiseError(Exception):
    """The kernel did what it promises never to do; raws are the fewest documents that show it."""

    def __init__(self, what: str, raws: Sequence[bytes]) -> None:
        super().__init__(what)
        self.raws = raws


def references(folder: Path) -> References:
    """Addresses and block pages made up for the documents of this folder: every lookup has something to find."""
    file = folder / "networks.mmdb"
    fields = (("asn", 64500), ("as_name", "Example"), ("country_code", "KZ"))
    with file.open("wb") as out:
        write_mmdb([AddressRange(1, 2**127, fields)], out, database_type="asn-country", build_epoch=1)
    pages = [
        Fingerprint("page", Scope.NAT, "body", Pattern.CONTAINS, "Home", 9, frozenset({"KZ"})),
        Fingerprint("server", Scope.ISP, "header.server", Pattern.REGEXP, "ex.*", 5, frozenset()),
        Fingerprint("answer", Scope.NAT, "dns", Pattern.FULL, "10.10.34.35", 9, frozenset()),
    ]
    return References(
        AddressBook(asn=file, country=file, version="made up"),
        KnownPages(pages, "made up"),
    )


def kernel(folder: Path) -> Kernel:
    """The real kernel with all methods."""
    return Kernel(by_test_name(discover()), references(folder))


def line(raw: bytes, position: int = 1) -> RawLine:
    """A document as it stands in a file."""
    return RawLine(raw, "made.jsonl", position)


def outcomes(kernel: Kernel, raws: Sequence[bytes]) -> Counter[str]:
    """What became of the documents, `read` or the reason; raises BrokenPromiseError where a promise is broken.

    Promised: no exception and no internal_error; each line is in exactly one of measurement and quarantine; tables have
    their schemas, hold valid data, and no row without its measurement.
    """
    lines = [line(raw, n) for n, raw in enumerate(raws, start=1)]
    try:
        tables = kernel.rows(lines)
    except Exception as error:
        if len(raws) > 1:
            _blame(kernel, raws)
        raise BrokenPromiseError(f"{type(error).__name__}: {error}", raws) from error
    broken = _broken(tables, len(raws))
    if broken and len(raws) > 1:
        _blame(kernel, raws)
    if broken:
        raise BrokenPromiseError(broken, raws)
    reasons = [str(reason) for reason in tables["quarantine"].column("reason").to_pylist()]
    if Reason.INTERNAL_ERROR in reasons:
        at = reasons.index(Reason.INTERNAL_ERROR)
        n, detail = (tables["quarantine"].column(name)[at].as_py() for name in ("n", "detail"))
        raise BrokenPromiseError(detail, [raws[n]])
    return Counter(reasons) + Counter(read=tables["measurement"].num_rows)


def _blame(kernel: Kernel, raws: Sequence[bytes]) -> None:
    """Raise for the first document that breaks a promise alone; return where they do so only together."""
    for raw in raws:
        outcomes(kernel, [raw])


def _broken(tables: Mapping[str, pa.RecordBatch], count: int) -> str:
    """Which promise about the tables is broken; empty where none is."""
    for name, schema in SCHEMAS.items():
        if not tables[name].schema.equals(schema):
            return f"the table {name} has another schema"
        try:
            tables[name].validate(full=True)
        except pa.ArrowInvalid as error:
            return f"the table {name} is not valid: {error}"
    ns: list[Any] = [
        n for name in ("measurement", "quarantine") for n in tables[name].column("n").to_pylist()
    ]
    if sorted(ns) != list(range(count)):
        return f"lines {ns} of {count} are in the tables"
    uids = set(tables["measurement"].column("uid").to_pylist())
    for name in SCHEMAS.keys() - {"measurement", "quarantine"}:
        if not uids >= set(tables[name].column("uid").to_pylist()):
            return f"the table {name} has rows without a measurement"
    return ""
