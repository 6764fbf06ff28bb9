"""Findings that are still good: those of groups whose votes are the same as when they were found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from lampwatch.detect.blocking.findings import Finding, Findings
from lampwatch.detect.blocking.portions import Group
from lampwatch.model.connectivity import ConnectivityIncident

_Ground = tuple[int, tuple[ConnectivityIncident, ...]]
"""What a finding rests on: the digest of the votes, and the outages there."""


class _Kept(NamedTuple):
    ground: _Ground
    finding: Finding


class Remembered:
    """Findings by what they rest on. Forgetting them changes no answer, only the time until it is there."""

    def __init__(self) -> None:
        self._kept: Mapping[Group, _Kept] = {}

    def changed(self, groups: pa.Table, cut_off: Sequence[ConnectivityIncident]) -> pa.Table:
        """Those of the groups (`vote_tables.GROUP`) that must be looked at, since their findings are not known."""
        grounds = _grounds(groups, cut_off)
        is_new = [
            name not in self._kept or self._kept[name].ground != ground for name, ground in grounds.items()
        ]
        return groups.filter(pa.array(is_new, pa.bool_()))

    def completed(
        self, groups: pa.Table, cut_off: Sequence[ConnectivityIncident], found: Findings
    ) -> Findings:
        """The findings of all these groups: those found now, and else those known, which are all that is kept."""
        kept = {
            name: _Kept(ground, found[name] if name in found else self._kept[name].finding)
            for name, ground in _grounds(groups, cut_off).items()
        }
        self._kept = kept
        return {name: one.finding for name, one in kept.items()}


def in_portions(groups: pa.Table, size: int) -> Iterator[pa.Table]:
    """The groups in portions that have about so many votes, or that are one group."""
    reached = np.cumsum(groups["votes"].to_numpy()) // size
    for portion in np.unique(reached):
        first, last = np.searchsorted(reached, [portion, portion + 1])
        yield groups.slice(int(first), int(last - first))


def _grounds(groups: pa.Table, cut_off: Sequence[ConnectivityIncident]) -> dict[Group, _Ground]:
    there: dict[str, tuple[ConnectivityIncident, ...]] = {}
    found: dict[Group, _Ground] = {}
    columns = (groups[name].to_pylist() for name in ("probe_cc", "target", "method", "digest"))
    for country, target, method, digest in zip(*columns, strict=True):
        if country not in there:
            there[country] = tuple(one for one in cut_off if one.country in ("", country))
        found[country, target, method] = digest, there[country]
    return found
