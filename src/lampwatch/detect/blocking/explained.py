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
        here = np.ones(histories.num_rows, dtype=bool)
        if incident.country:
            here = np.asarray(
                pc.equal(histories["probe_cc"], pa.scalar(incident.country)).to_numpy(), dtype=bool
            )
        for asn in np.unique(asns[here]):
            on = here & (asns == asn)
            for begin, end in _times(incident, int(asn)):
                silent |= on & (hours + _HOUR_S > begin) & (hours < end)
    return histories.filter(pa.array(~silent))


def is_explained(block: Block, cut_off: Sequence[ConnectivityIncident]) -> bool:
    """Whether a block began and was over during an outage of its network, or at its edges."""
    return any(
        begin - _AROUND_S <= block.onset.at and block.until <= end + _AROUND_S
        for incident in cut_off
        if not incident.country or incident.country == block.country
        for begin, end in _times(incident, block.asn)
    )


def _times(incident: ConnectivityIncident, asn: int) -> Iterator[tuple[int, int]]:
    """Each time a network was cut off, from when at the earliest until when at the latest.

    Networks come back one after the other: where a network has signals of its own, these tell. Others are cut off as
    long as their country is.
    """
    own = [part for part in incident.parts if Entity.of(part.entity).asn == asn]
    if own:
        for part in own:
            yield part.onset.low, part.end.high if part.end else part.until
        return
    if incident.scope is not Scope.COUNTRY or not incident.country:
        return
    if incident.recurrence is None:
        yield incident.onset.low, incident.end.high if incident.end else incident.until
        return
    for begin, end in incident.recurrence.occurrences:
        yield begin, incident.until if end is None else end
