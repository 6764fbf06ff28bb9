"""Tables of verdict counts -> how services and categories stand in each place.

The ways up: endpoint -> domain -> service -> category, network -> region -> country, hour -> any window. What is
counted together is one target's verdicts on one network over the whole window; from there on, standings are compared
and never added.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import pyarrow as pa

from lampwatch.formats.services import category_of, service_of
from lampwatch.model.service import Kind
from lampwatch.model.standing import Counts, Held, RollUp, TargetOnNetwork, gravest

_KEYS: Final = ["probe_cc", "target", "probe_asn"]
_STATES: Final = ["ok", "down", "blocked", "unknown"]

Place = Callable[[TargetOnNetwork], str]
"""Gives the place to count up by; empty where it lies in none."""


def targets_on_networks(tables: Iterable[pa.RecordBatch]) -> list[TargetOnNetwork]:
    """Count up over hours, days and methods: one for each country, target and network, in that order.

    tables have the columns probe_cc, target, probe_asn, ok, down, blocked and unknown, as the store's cells and the
    coverage of `vote_tables` do; any others are left alone. The same rows in any order and division give the same.
    """
    parts = [_summed(pa.Table.from_batches([batch]).select([*_KEYS, *_STATES])) for batch in tables]
    if not parts:
        return []
    found = _summed(pa.concat_tables(parts)).sort_by([(key, "ascending") for key in _KEYS])
    columns = [found[name].to_pylist() for name in (*_KEYS, *_STATES)]
    return [
        TargetOnNetwork(country, target, asn, Counts(*counts))
        for country, target, asn, *counts in zip(*columns, strict=True)
    ]


def _summed(table: pa.Table) -> pa.Table:
    sums = table.group_by(_KEYS).aggregate([(state, "sum") for state in _STATES])
    return sums.select([*_KEYS, *[f"{state}_sum" for state in _STATES]]).rename_columns([*_KEYS, *_STATES])


def by_country(one: TargetOnNetwork) -> str:
    """The country as the place."""
    return one.country


def by_service(found: Iterable[TargetOnNetwork], place: Place = by_country) -> list[RollUp]:
    """How each service stands in each place, by place and id. A site that the catalogue does not know is one, too."""
    return _rolled_up(found, lambda target: service_of(target).id, place)


def by_category(
    found: Iterable[TargetOnNetwork], listed: Mapping[str, str], place: Place = by_country
) -> list[RollUp]:
    """How each category stands in each place, by place and code. listed gives target -> category, as the store has it.

    A target that is not in it has the category of `formats.services`; those without any are together under "".
    """
    return _rolled_up(
        found, lambda target: listed[target] if target in listed else category_of(target, listed), place
    )


def _rolled_up(found: Iterable[TargetOnNetwork], about: Callable[[str], str], place: Place) -> list[RollUp]:
    groups: dict[tuple[str, str], list[TargetOnNetwork]] = {}
    for one in found:
        # What says something of the way to everybody stands for no service and no category.
        if service_of(one.target).kind is not Kind.PATH and (where := place(one)):
            groups.setdefault((where, about(one.target)), []).append(one)
    return [_of_group(where, what, groups[where, what]) for where, what in sorted(groups)]


def _of_group(place: str, about: str, found: list[TargetOnNetwork]) -> RollUp:
    networks: dict[int, list[Counts]] = {}
    targets: dict[str, list[Counts]] = {}
    elsewhere = Counts()
    for one in found:
        of_target = targets.setdefault(one.target, [])
        if one.asn > 0:
            networks.setdefault(one.asn, []).append(one.counts)
            of_target.append(one.counts)
        else:
            elsewhere = elsewhere.plus(one.counts)
    return RollUp(
        place=place,
        about=about,
        networks={asn: _held(counts) for asn, counts in sorted(networks.items())},
        targets={name: _held(counts) for name, counts in sorted(targets.items())},
        elsewhere=elsewhere,
    )


def _held(counts: list[Counts]) -> Held:
    together = Counts()
    for one in counts:
        together = together.plus(one)
    return Held(gravest(one.standing for one in counts), together)
