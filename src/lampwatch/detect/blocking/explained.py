"""Blocks that a shutdown explains: while a network is cut off, nothing on it can be blocked besides."""

from collections.abc import Sequence
from typing import Final

from lampwatch.model.blocking import Block
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.disturbance import Direction
from lampwatch.model.entity import Entity
from lampwatch.model.incident import Level, Scope

_AROUND_S: Final = 2 * 3600
"""A block may seem to begin so long before what explains it, and to last so long after: measurements are hourly."""


def explaining(block: Block, incidents: Sequence[ConnectivityIncident]) -> ConnectivityIncident | None:
    """The loss of connectivity during which a block began and was over; None where there is none."""
    for incident in incidents:
        if incident.direction is not Direction.DROP or incident.level < Level.SIGNAL or incident.insufficient:
            continue
        if not _covers(incident, block):
            continue
        begins = incident.onset.low - _AROUND_S
        ends = incident.end.high + _AROUND_S if incident.end else max(incident.until, block.until)
        if begins <= block.onset.at and block.until <= ends:
            return incident
    return None


def _covers(incident: ConnectivityIncident, block: Block) -> bool:
    if incident.country and incident.country != block.country:
        return False
    if incident.scope is Scope.COUNTRY and incident.country == block.country:
        return True
    return any(Entity.of(code).asn == block.asn for code in incident.entities)
