"""What was measured around the blocks: on which networks, in which countries, since when, and how broadly."""

import datetime as dt
from collections.abc import Collection
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lampwatch.formats.vote_tables import Evidence

DAY_S: Final = 86_400
_ASNS: Final = 2**32
_LEAST_DECIDING: Final = 3
"""A network counts as tested for a target once it has so many verdicts that decide, a network that blocks at once."""

Integers = npt.NDArray[np.int64]


class Surroundings:
    """Answers of the evidence's coverage and presence, for any block. Built once, in one pass over each."""

    def __init__(self, evidence: Evidence) -> None:
        coverage = evidence.coverage
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
        networks = self._keys % max(len(self._countries.values), 1) * _ASNS + self._asn
        self._by_network = np.argsort(networks, kind="stable")
        self._network_keys = networks[self._by_network]
        self._presence = _presence(evidence.presence)
        self._measured_in: dict[str, set[str]] = {}

    def tested(self, country: str, targets: Collection[str], since: int, until: int) -> dict[int, int]:
        """Networks of a country with verdicts that decide on these targets within a time, and how many they have."""
        found: dict[int, int] = {}
        for target in targets:
            for place in self._at(country, target):
                rows = slice(*place)
                within = (self._day[rows] >= since // DAY_S) & (self._day[rows] <= until // DAY_S)
                for asn in np.unique(self._asn[rows][within]):
                    chosen = within & (self._asn[rows] == asn)
                    found[int(asn)] = found.get(int(asn), 0) + int(self._deciding[rows][chosen].sum())
        return {asn: count for asn, count in found.items() if count >= _LEAST_DECIDING}

    def countries(self, target: str) -> set[str]:
        """All countries in which some verdict on a target decides."""
        if target not in self._measured_in:
            self._measured_in[target] = self._countries_of(target)
        return self._measured_in[target]

    def _countries_of(self, target: str) -> set[str]:
        code = self._targets.of(target)
        if code is None:
            return set()
        many = max(len(self._countries.values), 1)
        first, last = np.searchsorted(self._keys, [code * many, (code + 1) * many])
        chosen = self._keys[first:last][self._deciding[first:last] > 0]
        return {self._countries.values[int(key % many)] for key in np.unique(chosen)}

    def open_share(self, target: str, without: str) -> float | None:
        """The share of deciding verdicts that find a target open in all countries but one; None where there is none."""
        code = self._targets.of(target)
        if code is None:
            return None
        many = max(len(self._countries.values), 1)
        first, last = np.searchsorted(self._keys, [code * many, (code + 1) * many])
        here = self._countries.of(without)
        elsewhere = self._keys[first:last] % many != (-1 if here is None else here)
        deciding = int(self._deciding[first:last][elsewhere].sum())
        return int(self._open[first:last][elsewhere].sum()) / deciding if deciding else None

    def days_before(self, country: str, asn: int, at: int) -> int:
        """For how many days before a time a network has been measured, gaps left out where they are known."""
        known = self._presence.get((country, asn))
        if known is None:
            return 0
        first, last, days = known
        span = last - first + 1
        return max(0, min(at // DAY_S - first, span)) * days // max(span, 1)

    def targets(self, country: str, asn: int, since: int, until: int) -> int:
        """How many targets have verdicts that decide on a network within a time, of those troubled somewhere."""
        first, last = self._of_network(country, asn)
        rows = self._by_network[first:last]
        within = (self._day[rows] >= since // DAY_S) & (self._day[rows] <= until // DAY_S)
        within &= self._deciding[rows] > 0
        return len(np.unique(self._keys[rows][within]))

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
