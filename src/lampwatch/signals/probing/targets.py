"""The list of /24s to ask: which addresses of each ever answered, how often, and whose it is.

CSV with a header. Columns: `block` (`198.18.1.0/24`), `addresses` (last octets and ranges of them, with spaces between:
`1-20 34`), `availability` (0 to 1), and, each of which may be empty or missing, `asn`, `country` (ISO 3166-1 alpha-2)
and `region` (ISO 3166-2, or as `US-LA/Calcasieu`). Malformed rows are left out and told.
"""

import ipaddress
import re
from typing import Final

import msgspec

from lampwatch.formats.csv_rows import CsvRows, MalformedRow, RowError, is_utf8
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.signals.probing.belief import FEWEST_ADDRESSES, FLOOR

NEEDED: Final = ("block", "addresses", "availability")
COLUMNS: Final = (*NEEDED, "asn", "country", "region")
_RANGE: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)
_SLASH24: Final = 24
_LAST_OCTET: Final = 255


class Block(msgspec.Struct, frozen=True):
    """One /24: its name as a prefix, the last octets of its addresses in order, its availability, and whose it is."""

    name: str
    octets: bytes
    availability: float
    entities: tuple[Entity, ...] = ()

    @property
    def is_judged(self) -> bool:
        """Whether it has enough addresses, which answer often enough, for its silence to mean something."""
        return len(self.octets) >= FEWEST_ADDRESSES and self.availability >= FLOOR


class Targets(msgspec.Struct, frozen=True):
    """What a list holds: all blocks in order, and the rows that were left out."""

    blocks: list[Block]
    malformed: list[MalformedRow]

    @property
    def judged(self) -> list[Block]:
        """The blocks to ask: of the others, silence would say nothing."""
        return [block for block in self.blocks if block.is_judged]


def read_targets(content: bytes, source: str, *, allow_private: bool = False) -> Targets:
    """Read a list. Blocks that are private or reserved are left out like malformed ones, unless they are allowed.

    Raises UserError where it is no such list at all.
    """
    rows = CsvRows(content, source)
    names = [name.strip().lower() for name in rows.header]
    if missing := [name for name in NEEDED if name not in names]:
        raise UserError(
            f"{source} is no list of blocks: its first line names no column {', '.join(missing)}; "
            f"it must begin with {','.join(COLUMNS)}"
        )
    places: dict[str, int] = {name: names.index(name) for name in COLUMNS if name in names}
    found: dict[str, Block] = {}
    for row in rows:
        try:
            block = _block(row, places, allow_private=allow_private)
            if block.name in found:
                raise RowError(f"{block.name} stands twice")  # noqa: TRY301  told in one place, below
            found[block.name] = block
        except RowError as error:
            rows.leave_out(str(error))
    return Targets(list(found.values()), rows.malformed)


def may_be_asked(address: str, *, allow_private: bool) -> bool:
    """Whether this is an IPv4 address or prefix of the public network, or one that a lab may use."""
    try:
        network = ipaddress.IPv4Network(address)
    except ValueError:
        return False
    if network.is_multicast or network.network_address.packed[0] in {0, 255}:
        return False
    return allow_private or (network.is_global and not network.is_reserved)


def _block(row: list[str], places: dict[str, int], *, allow_private: bool) -> Block:
    cells = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
    if not is_utf8(row):
        raise RowError("it is not UTF-8")
    name = _name(cells["block"])
    if not may_be_asked(name, allow_private=allow_private):
        raise RowError(f"{name} is private or reserved, and nothing of the public network")
    return Block(
        name,
        _octets(cells["addresses"]),
        _availability(cells["availability"]),
        _entities(cells.get("country", ""), cells.get("region", ""), cells.get("asn", "")),
    )


def _name(text: str) -> str:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise RowError(f"{text[:40]!r} is no block; write 198.18.1.0/24") from error
    if network.prefixlen != _SLASH24:
        raise RowError(f"{text} is no /24")
    return str(network)


def _octets(text: str) -> bytes:
    found: set[int] = set()
    for word in text.split():
        match = _RANGE.fullmatch(word)
        first = int(match[1]) if match else _LAST_OCTET + 1
        last = int(match[2]) if match and match[2] else first
        if not first <= last <= _LAST_OCTET:
            raise RowError(f"{word[:20]!r} is no last octet or range of them; write 1-20 34")
        found.update(range(first, last + 1))
    return bytes(sorted(found))


def _availability(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise RowError(f"{text[:20]!r} is no availability; write a share from 0 to 1")
    return found


def _entities(country: str, region: str, asn: str) -> tuple[Entity, ...]:
    codes = [country.upper(), region]
    if number := asn.upper().removeprefix("AS"):
        codes.append(f"AS{number}")
    try:
        found = tuple(Entity.of(code) for code in codes if code)
    except ValueError as error:
        raise RowError(str(error)) from error
    if country and not found[0].kind == "country":
        raise RowError(f"{country[:20]!r} is no country; write two letters, as KZ")
    return tuple(dict.fromkeys(found))
