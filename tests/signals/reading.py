"""What an importer makes of a file, in plain values."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.series import Series, Values
from lampwatch.signals.importing import Options, recognised


class Brought(msgspec.Struct):
    """Series by id, and the reasons of what was left out."""

    series: dict[str, Values]
    reasons: list[str]
    lines: list[int]

    def header(self, name: str) -> Series:
        return self.series[name].series

    def points(self, name: str) -> list[tuple[str, float | None]]:
        """Times as people write them, and values; None for a gap."""
        values = self.series[name]
        return [
            (
                f"{dt.datetime.fromtimestamp(start, dt.UTC):%Y-%m-%d %H:%M}",
                None if math.isnan(value) else value,
            )
            for start, value in zip(values.starts.tolist(), values.values.tolist(), strict=True)
        ]

    def values(self, name: str) -> list[float | None]:
        return [value for _, value in self.points(name)]


def brought(content: str | bytes, name: str, wanted: str = "", **options: Any) -> Brought:
    """Read a file by the importer that recognises it, or the one wanted."""
    data = content.encode() if isinstance(content, str) else content
    importer = recognised(data, name, wanted)
    return collected(importer.read(data, name, Options(**options)))


def recognised_as(content: str | bytes, name: str) -> str:
    data = content.encode() if isinstance(content, str) else content
    return recognised(data, name).NAME


def collected(found: Any) -> Brought:
    given: Sequence[Values | MalformedRow] = list(found)
    series = [one for one in given if isinstance(one, Values)]
    left_out = [one for one in given if isinstance(one, MalformedRow)]
    assert len({one.series.id for one in series}) == len(series)
    assert all(not one.arrived.any() for one in series)
    return Brought(
        {one.series.id: one for one in series},
        [one.reason for one in left_out],
        [one.line for one in left_out],
    )
