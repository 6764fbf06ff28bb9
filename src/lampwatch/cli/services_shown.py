"""Services as people read them, and as objects for machines."""

import datetime as dt
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lampwatch.formats.places import place_name
from lampwatch.formats.printable import printable
from lampwatch.formats.services import catalogue
from lampwatch.formats.test_list import CATEGORIES
from lampwatch.model.service import Service
from lampwatch.model.standing import Counts, RollUp, Standing, TargetOnNetwork

_STYLES: Final = {
    Standing.BLOCKING: "bold red",
    Standing.PARTLY: "red",
    Standing.OPEN: "green",
    Standing.UNDECIDED: "dim",
}
_GRAVITY: Final = {standing: place for place, standing in enumerate(Standing)}
_PIPE_WIDTH: Final = 220
_MOST_NAMED: Final = 6
"""So many networks or targets are named in a line; the machine forms name all."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """How one country stands: what was measured from the hour first to the hour last (start, UTC).

    region is the place of which it is alone, empty where it is of the whole country. names gives networks' names.
    """

    country: str
    region: str
    first: dt.datetime
    last: dt.datetime
    measured: Sequence[TargetOnNetwork]
    services: Sequence[RollUp]
    categories: Sequence[RollUp]
    names: Mapping[int, str]


def service_object(service: Service) -> dict[str, Any]:
    """A service of the catalogue, for machines."""
    return {
        name: list(v) if isinstance(v, tuple) else v for name, v in msgspec.structs.asdict(service).items()
    }


def found_object(found: Found) -> dict[str, Any]:
    """A country's services and categories, for machines; networks are numbers."""
    return {
        "country": found.country,
        "region": found.region,
        "first_hour": f"{found.first:%Y-%m-%dT%H:%M:%SZ}",
        "last_hour": f"{found.last:%Y-%m-%dT%H:%M:%SZ}",
        "services": [_object(one, service_name(one.about)) for one in _ordered(found.services)],
        "categories": [_object(one, category_name(one.about)) for one in _ordered(found.categories)],
        "targets_on_networks": [
            {
                "target": here.target,
                "asn": here.asn,
                "standing": here.counts.standing,
                **msgspec.structs.asdict(here.counts),
            }
            for here in found.measured
        ],
    }


def _object(one: RollUp, name: str) -> dict[str, Any]:
    return {
        "id": one.about,
        "name": name,
        "standing": one.standing,
        "networks": {str(standing): list(one.networks_that_are(standing)) for standing in Standing},
        "targets": {str(standing): list(one.targets_that_are(standing)) for standing in Standing},
        "verdicts_from_unknown_networks": msgspec.structs.asdict(one.elsewhere),
    }


def service_name(name: str) -> str:
    """What people call the service of an id: a site is called by its domain."""
    known = catalogue().with_id(name)
    return known.name if known else name


def category_name(code: str) -> str:
    """What the test lists call a category."""
    return CATEGORIES.get(code, code) if code else "of no category"


def networks_told(one: RollUp) -> str:
    """On how many networks, which, and what is not known: "blocked on 4 of 6 networks (AS1, …), 2 open"."""
    blocking, partly, is_open, undecided = (one.networks_that_are(standing) for standing in Standing)
    parts = []
    if blocking:
        parts.append(f"blocked on {len(blocking)} of {_networks(one.decided)} ({_numbered(blocking)})")
    if partly and blocking:
        parts.append(f"in part on {len(partly)} ({_numbered(partly)})")
    elif partly:
        parts.append(f"blocked in part on {len(partly)} of {_networks(one.decided)} ({_numbered(partly)})")
    if is_open and one.decided > len(is_open):
        parts.append(f"{len(is_open)} open")
    elif is_open:
        parts.append(f"open on {_networks(len(is_open))}")
    if undecided:
        parts.append(
            f"undecided on {len(undecided)} more" if parts else f"undecided on {_networks(len(undecided))}"
        )
    return ", ".join(parts) or "measured on no known network"


def targets_told(one: RollUp) -> str:
    """How many of several targets are blocked, partly or undecided, and which; empty where there is one or no block."""
    blocking, partly, _, undecided = (one.targets_that_are(standing) for standing in Standing)
    decided = len(one.targets) - len(undecided)
    if len(one.targets) == 1 or not (blocking or partly):
        return ""
    parts = []
    if blocking:
        parts.append(f"{_of_all(blocking, decided)}{_which(blocking, decided)}")
    if partly and blocking:
        parts.append(f"{len(partly)} in part{_which(partly, decided)}")
    elif partly:
        parts.append(f"{_of_all(partly, decided)} in part{_which(partly, decided)}")
    if undecided:
        parts.append(f"{len(undecided)} more undecided")
    return "; ".join(parts)


def _of_all(hit: Sequence[str], decided: int) -> str:
    """That a target is the only one that was decided is no "all"."""
    if len(hit) == decided > 1:
        return f"all {decided} targets"
    return f"{len(hit)} of {decided} target{'s' if decided > 1 else ''}"


def _which(hit: Sequence[str], decided: int) -> str:
    return "" if len(hit) == decided > 1 else f" ({_some([printable(name) for name in hit])})"


def print_catalogue(services: Iterable[Service]) -> None:
    """All that is known of each service, one a line."""
    table = _table("id", "service", "kind", "category")
    table.add_column("known by", overflow="fold")
    for service in services:
        names = [*service.targets, *service.domains, *service.hosts]
        table.add_row(service.id, service.name, str(service.kind), service.category or "-", ", ".join(names))
    _console().print(table)


def print_found(found: Found) -> None:
    """A country: its services, those blocked first, then its categories."""
    console = _console()
    _print_head(console, found)
    shown = [one for one in found.services if _is_shown(one)]
    table = _table("service")
    table.add_column("networks", overflow="fold")
    table.add_column("targets", overflow="fold")
    for one in _ordered(shown):
        _add(table, service_name(one.about), one)
    if shown:
        console.print(table)
    if len(found.services) > len(shown):
        console.print(_rest(one for one in found.services if not _is_shown(one)))
    console.print()
    table = _table("category")
    table.add_column("networks where any target is", overflow="fold")
    table.add_column("targets", overflow="fold")
    for one in _ordered(found.categories):
        _add(table, category_name(one.about), one)
    console.print(table)
    for line in _elsewhere(found.services):
        console.print(line)


def print_one(found: Found, service: Service) -> None:
    """One service in a country, target by target and network by network."""
    console = _console()
    _print_head(console, found)
    table = _table("service")
    table.add_column("networks", overflow="fold")
    table.add_column("targets", overflow="fold")
    for one in found.services:
        _add(table, service.name, one)
    console.print(table)
    console.print()
    table = _table("target", "network")
    table.add_column("name", overflow="fold")
    for heading in ("standing", "blocked", "ok", "down", "unknown"):
        table.add_column(heading, no_wrap=True)
    for here in found.measured:
        table.add_row(
            Text(printable(here.target)),
            f"AS{here.asn}" if here.asn > 0 else "not known",
            Text(printable(found.names.get(here.asn, "")) if here.asn > 0 else ""),
            _standing(here),
            *_numbers(here.counts),
        )
    console.print(table)


def _print_head(console: Console, found: Found) -> None:
    name = place_name(found.country)
    where = f"{name} ({found.country})" if name != found.country else name
    if found.region:
        where = f"networks that serve {place_name(found.region)} alone, {where}"
    last = found.last + dt.timedelta(hours=1)
    console.print(f"{where}, {found.first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC")


def _standing(here: TargetOnNetwork) -> Text:
    if here.asn <= 0:
        return Text("not counted", _STYLES[Standing.UNDECIDED])
    return Text(str(here.counts.standing), _STYLES[here.counts.standing])


def _numbers(counts: Counts) -> tuple[str, str, str, str]:
    return str(counts.blocked), str(counts.ok), str(counts.down), str(counts.unknown)


def _is_shown(one: RollUp) -> bool:
    """Whether a service has a line of its own: those of the catalogue, and any that is blocked somewhere."""
    return one.standing in {Standing.BLOCKING, Standing.PARTLY} or catalogue().with_id(one.about) is not None


def _rest(others: Iterable[RollUp]) -> str:
    found = list(others)
    undecided = sum(one.standing is Standing.UNDECIDED for one in found)
    sites = f"{len(found)} more site{'s' if len(found) > 1 else ''}"
    if undecided == len(found):
        return f"{sites}: undecided everywhere"
    more = f", {undecided} undecided everywhere" if undecided else ""
    return f"{sites}: {len(found) - undecided} open wherever that was decided{more}"


def _elsewhere(services: Iterable[RollUp]) -> Iterator[str]:
    together = Counts()
    for one in services:
        together = together.plus(one.elsewhere)
    number = sum(msgspec.structs.astuple(together))
    if number:
        verdicts = f"{number} verdict{'s' if number > 1 else ''}"
        yield f"{verdicts} from unknown networks not counted, {together.blocked} of them blocked"


def _ordered(found: Iterable[RollUp]) -> list[RollUp]:
    """The gravest first, then by how many networks it is so on."""
    return sorted(
        found,
        key=lambda one: (
            _GRAVITY[one.standing],
            -len(one.networks_that_are(one.standing)),
            service_name(one.about).casefold(),
        ),
    )


def _add(table: Table, name: str, one: RollUp) -> None:
    table.add_row(
        Text(printable(name)), Text(networks_told(one), _STYLES[one.standing]), Text(targets_told(one))
    )


def _networks(number: int) -> str:
    return f"{number} network{'s' if number != 1 else ''}"


def _numbered(asns: Sequence[int]) -> str:
    return _some([f"AS{asn}" for asn in asns])


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _console() -> Console:
    # What is no terminal has no width: a file or a pipe gets whole lines.
    return Console() if sys.stdout.isatty() else Console(width=_PIPE_WIDTH)
