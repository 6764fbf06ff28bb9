"""What a shutdown explains: while a network is cut off, nothing that fails on it says that anything is blocked."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lampwatch.model.blocking import Block
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.disturbance import Direction
from lampwatch.model.entity import Entity
from lampwatch.model.incident import Scope

_CUT_OFF: Final = 0.8
"""Where less is gone, what still passes tells of blocking."""
_AROUND_S: Final = 2 * 3600
"""A block may seem to begin so long before what explains it, and to last so long after: measurements are hourly."""
_HOUR_S: Final = 3600


def outages(incidents: Sequence[ConnectivityIncident]) -> list[ConnectivityIncident]:
    """The incidents during which networks were cut off, or nearly so."""
    return [
        one
        for one in incidents
        if one.direction is Direction.DROP and not one.insufficient and one.depth >= _CUT_OFF
    ]


def without(histories: pa.Table, cut_off: Sequence[ConnectivityIncident]) -> pa.Table:
    """The votes that no outage speaks into: its hours are as if nobody had measured. No row is changed."""
    if not cut_off or not histories.num_rows:
        return histories
    hours = np.asarray(pc.cast(histories["hour"], pa.int64()).to_numpy()) // 1_000_000
    asns = np.asarray(histories["probe_asn"].to_numpy())
    silent = np.zeros(histories.num_rows, dtype=bool)
    for incident in cut_off:
        within = np.zeros(histories.num_rows, dtype=bool)
        for begin, end in _times(incident):
            within |= (hours + _HOUR_S > begin) & (hours < end)
        if not within.any():
            continue
        if incident.country:
            within &= np.asarray(
                pc.equal(histories["probe_cc"], pa.scalar(incident.country)).to_numpy(), dtype=bool
            )
        if not _is_national(incident):
            within &= np.isin(asns, sorted(_networks(incident)))
        silent |= within
    return histories.filter(pa.array(~silent))


def is_explained(block: Block, cut_off: Sequence[ConnectivityIncident]) -> bool:
    """Whether a block began and was over during an outage of its network, or at its edges."""
    return any(
        begin - _AROUND_S <= block.onset.at and block.until <= end + _AROUND_S
        for incident in cut_off
        if _covers(incident, block)
        for begin, end in _times(incident)
    )


def _covers(incident: ConnectivityIncident, block: Block) -> bool:
    if incident.country and incident.country != block.country:
        return False
    return _is_national(incident) or block.asn in _networks(incident)


def _is_national(incident: ConnectivityIncident) -> bool:
    return incident.scope is Scope.COUNTRY and bool(incident.country)


def _networks(incident: ConnectivityIncident) -> set[int]:
    return {Entity.of(code).asn for code in incident.entities} - {0}


def _times(incident: ConnectivityIncident) -> Iterator[tuple[int, int]]:
    """Each time it was cut off, from when at the earliest until when at the latest."""
    if incident.recurrence is None:
        yield incident.onset.low, incident.end.high if incident.end else incident.until
        return
    for begin, end in incident.recurrence.occurrences:
        yield begin, incident.until if end is None else end
