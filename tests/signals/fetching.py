"""What an importer brings from a server that replays, by series."""

from collections.abc import Callable
from typing import Any

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.series import Series
from lampwatch.signals.importing import Options, network_importers
from tests.signals.replaying import Asked, Clock, Reply, replaying, web


class Fetched:
    """Series by id, their values by the start of their bins, what was left out, and what the server was asked."""

    def __init__(self) -> None:
        self.series: dict[str, Series] = {}
        self.values: dict[str, dict[int, float]] = {}
        self.malformed: list[MalformedRow] = []
        self.asked: list[Asked] = []


def fetched(
    name: str,
    answer: Callable[[Asked], Reply],
    *,
    clock: Clock | None = None,
    tokens: Any = None,
    **options: Any,
) -> Fetched:
    """Have an importer fetch from a server on this machine."""
    found = Fetched()
    with replaying(answer) as server, web(clock, tokens=tokens) as out:
        found.asked = server.asked
        for one in network_importers()[name].fetch(out, Options(address=server.url, **options)):
            if isinstance(one, MalformedRow):
                found.malformed.append(one)
                continue
            assert one.series.id not in found.series
            assert list(one.starts) == sorted(set(one.starts.tolist()))
            assert not one.arrived.any()
            found.series[one.series.id] = one.series
            found.values[one.series.id] = dict(zip(one.starts.tolist(), one.values.tolist(), strict=True))
    return found
