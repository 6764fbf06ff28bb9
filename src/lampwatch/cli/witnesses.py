"""The witnesses of a blocking incident, re-checked from their raw bytes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lampwatch.cli.blocking_shown import NameOf, network
from lampwatch.cli.place import Place
from lampwatch.formats.instants import time_of
from lampwatch.model.blocking import Block, BlockingIncident
from lampwatch.pipeline.witness import mozilla, witness
from lampwatch.store.protocol import Reading
from lampwatch.store.query import Direction, VerdictFilter

_CANDIDATES: Final = 15


def witnesses(
    place: Place, incident: BlockingIncident, name_of: NameOf, authorities: Path | None
) -> Iterator[str]:
    """A line for each block's witness: whether it holds, or which other measurement stands in for it.

    Raises UserError where nothing is stored, or a running server has the store open.
    """
    with place.archive() as archive, place.existing_store(archive) as store:
        kernel, believed = place.recipe(()).kernel(), mozilla(authorities)
        for block in incident.blocks:
            where = f"  {network(block.asn, name_of)}, {block.target} by {block.method}: "
            candidates = [block.witness, *_others(store, block)]
            found = witness(store, kernel, believed, candidates, target=block.target)
            if found is None:
                yield f"{where}no measurement is kept"
            elif not found.holds:
                yield f"{where}{found.uid} does NOT hold: {'; '.join(found.findings)}"
            elif found.uid == block.witness:
                yield f"{where}{found.uid} holds"
            else:
                yield f"{where}{block.witness} does not hold, {found.uid} does"


def _others(store: Reading, block: Block) -> list[str]:
    """Further measurements that found it blocked while it lasted, the earliest first."""
    where = VerdictFilter(
        country=block.country,
        asn=block.asn,
        target=block.target,
        method=block.method,
        state="blocked",
        since=time_of(block.onset.low),
        until=time_of(block.until + 1),
    )
    return [row.uid for row in store.verdicts(where, direction=Direction.ASCENDING, limit=_CANDIDATES)]
