"""What was measured around the blocks: on which networks, in which countries, since when, and how broadly."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lampwatch.detect.blocking.portions import Group

DAY_S: Final = 86_400
_ASNS: Final = 2**32
_LEAST_DECIDING: Final = 3
"""A network counts as tested for a target once it has so many verdicts that decide, a network that blocks at once."""
_MOST: Final = 2**63 - 1
_LEAST: Final = -(2**63)

Voters = Mapping[Group, int]
Integers = npt.NDArray[np.int64]


class Measured:
    """Answers of the evidence's coverage and presence, for any block. Built once, in one pass over each.

    What one voter alone says of a target on a network tells nothing of either: anybody can measure anywhere, in words.
    blocked_voters are how many voters found each target blocked, as `testimony.blocked_voters` counts them.
    """

    def __init__(self, coverage: pa.Table, presence: pa.Table, blocked_voters: Voters) -> None:
        self._countries = _Codes(coverage["probe_cc"])
        self._targets = _Codes(coverage["target"])
        days = _Codes(coverage["day"])
        ordinals = np.array([_ordinal(day) for day in days.values], dtype=np.int64)
        keys = self._targets.codes * max(len(self._countries.values), 1) + self._countries.codes
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._asn = _integers(coverage["probe_asn"])[order]
        self._day = (ordinals[days.codes] if len(ordinals) else days.codes)[order]
        self._deciding = (_integers(coverage["ok"]) + _integers(coverage["blocked"]))[order]
        self._open = _integers(coverage["ok"])[order]
        decides = self._deciding > 0
        self._least = np.where(decides, _integers(coverage["least_voter"])[order], _MOST)
        self._greatest = np.where(decides, _integers(coverage["greatest_voter"])[order], _LEAST)
        self._several = self._by_several()
        self._blocked_voters: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (country, target, _), voters in blocked_voters.items():
            self._blocked_voters[target][country] += voters
        networks = self._keys % max(len(self._countries.values), 1) * _ASNS + self._asn
        self._by_network = np.argsort(networks, kind="stable")
        self._network_keys = networks[self._by_network]
        self._presence = _presence(presence)
        self._began: dict[str, int] = {}
        for (country, _), (first, _, _) in self._presence.items():
            self._began[country] = min(first, self._began.get(country, first))
        self._measured_in: dict[str, set[str]] = {}

    def tested(self, country: str, targets: Collection[str], since: int, until: int) -> dict[int, int]:
        """Networks of a country with verdicts that decide on these targets within a time, and how many they have.

        Only those where several voters measured: one alone could name any number of networks.
        """
        found: dict[int, int] = {}
        voters: dict[int, tuple[int, int]] = {}
        for target in targets:
            for place in self._at(country, target):
                rows = slice(*place)
                within = (self._day[rows] >= since // DAY_S) & (self._day[rows] <= until // DAY_S)
                for asn in np.unique(self._asn[rows][within]):
                    chosen = within & (self._asn[rows] == asn)
                    found[int(asn)] = found.get(int(asn), 0) + int(self._deciding[rows][chosen].sum())
                    least, greatest = voters.get(int(asn), (_MOST, _LEAST))
                    voters[int(asn)] = (
                        min(least, int(self._least[rows][chosen].min())),
                        max(greatest, int(self._greatest[rows][chosen].max())),
                    )
        return {
            asn: count
            for asn, count in found.items()
            if count >= _LEAST_DECIDING and voters[asn][0] < voters[asn][1]
        }

    def countries(self, target: str) -> set[str]:
        """All countries in which verdicts of several voters on a target decide."""
        if target not in self._measured_in:
            self._measured_in[target] = self._countries_of(target)
        return self._measured_in[target]

    def _countries_of(self, target: str) -> set[str]:
        code = self._targets.of(target)
        if code is None:
            return set()
        many = max(len(self._countries.values), 1)
        first, last = np.searchsorted(self._keys, [code * many, (code + 1) * many])
        chosen = self._keys[first:last][self._several[first:last]]
        return {self._countries.values[int(key % many)] for key in np.unique(chosen)}

    def open_share(self, target: str, without: str) -> float | None:
        """How open a target is in all countries but one, from 0 to 1; None where several voters measured it nowhere.

        That is the share of verdicts that find it open, beside voters that find it blocked: each of these counts once.
        """
        code = self._targets.of(target)
        if code is None:
            return None
        many = max(len(self._countries.values), 1)
        first, last = np.searchsorted(self._keys, [code * many, (code + 1) * many])
        here = self._countries.of(without)
        elsewhere = self._keys[first:last] % many != (-1 if here is None else here)
        elsewhere &= self._several[first:last]
        opened = int(self._open[first:last][elsewhere].sum())
        there = self._blocked_voters.get(target, {})
        blocked = sum(voters for country, voters in there.items() if country != without)
        return opened / (opened + blocked) if elsewhere.any() and opened + blocked else None

    def days_before(self, country: str, asn: int, at: int) -> int:
        """For how many days before a time a network has been measured, gaps left out where they are known."""
        known = self._presence.get((country, asn))
        if known is None:
            return 0
        first, last, days = known
        span = last - first + 1
        return max(0, min(at // DAY_S - first, span)) * days // max(span, 1)

    def is_of_the_first(self, country: str, asn: int, days: int) -> bool:
        """Whether a network was measured within so many days of the first measurement of its country."""
        known = self._presence.get((country, asn))
        return known is not None and known[0] <= self._began[country] + days

    def measured_for(self, country: str, asn: int, days: int) -> int | None:
        """When a network had been measured for so many days; None where it has not."""
        known = self._presence.get((country, asn))
        if known is None:
            return None
        first, last, measured = known
        span = -(-days * (last - first + 1) // measured)
        return (first + span) * DAY_S if span <= last - first + 1 else None

    def targets(self, country: str, asn: int, since: int, until: int) -> int:
        """How many targets several voters decide on, on a network within a time, of those troubled somewhere."""
        first, last = self._of_network(country, asn)
        rows = self._by_network[first:last]
        within = (self._day[rows] >= since // DAY_S) & (self._day[rows] <= until // DAY_S)
        within &= self._several[rows]
        return len(np.unique(self._keys[rows][within]))

    def _by_several(self) -> npt.NDArray[np.bool_]:
        """Of each row, whether its verdicts decide, and those on its target and network are of several voters."""
        if not len(self._keys):
            return np.zeros(0, dtype=bool)
        _, target = np.unique(self._keys, return_inverse=True)
        _, group = np.unique(target * _ASNS + self._asn, return_inverse=True)
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(group[order]) > 0])
        several = np.minimum.reduceat(self._least[order], starts) < np.maximum.reduceat(
            self._greatest[order], starts
        )
        return np.asarray(several[group] & (self._deciding > 0))

    def _of_network(self, country: str, asn: int) -> tuple[int, int]:
        code = self._countries.of(country)
        if code is None:
            return 0, 0
        first, last = np.searchsorted(self._network_keys, [code * _ASNS + asn, code * _ASNS + asn + 1])
        return int(first), int(last)

    def _at(self, country: str, target: str) -> list[tuple[int, int]]:
        target_code, country_code = self._targets.of(target), self._countries.of(country)
        if target_code is None or country_code is None:
            return []
        key = target_code * max(len(self._countries.values), 1) + country_code
        first, last = np.searchsorted(self._keys, [key, key + 1])
        return [(int(first), int(last))]


class _Codes:
    """A text column as numbers."""

    def __init__(self, column: "pa.ChunkedArray[Any]") -> None:
        values = pc.unique(column)
        self.values: list[str] = [str(value) for value in values.to_pylist()]
        self.codes: Integers = np.asarray(pc.index_in(column, value_set=values).to_numpy(), dtype=np.int64)
        self._places = {value: place for place, value in enumerate(self.values)}

    def of(self, value: str) -> int | None:
        """A text's number; None where it does not occur."""
        return self._places.get(value)


def _integers(column: "pa.ChunkedArray[Any]") -> Integers:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _ordinal(day: str) -> int:
    return (dt.date.fromisoformat(day) - dt.date(1970, 1, 1)).days


def _presence(table: pa.Table) -> dict[tuple[str, int], tuple[int, int, int]]:
    """By network: first and last day (from 1970), and on how many it was measured."""
    return {
        (row["probe_cc"], row["probe_asn"]): (
            _ordinal(row["first_day"]),
            _ordinal(row["last_day"]),
            row["days"],
        )
        for row in table.to_pylist()
    }
