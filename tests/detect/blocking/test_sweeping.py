"""Where most of a network's targets begin to fail at once, it is the network."""

import datetime as dt

import pyarrow as pa

from lampwatch.detect.blocking.surroundings import Surroundings
from lampwatch.detect.blocking.sweeping import sweeping
from lampwatch.formats.vote_tables import BREADTH
from lampwatch.model.blocking import Block
from tests.detect.blocking.making_blocks import block, evidence


def swept(failing: int, measured: int) -> set[Block]:
    """So many of so many targets begin to fail on one network in the hours around Wednesday's midnight."""
    rows = [
        {
            "probe_cc": "XA",
            "probe_asn": 1,
            "hour": dt.datetime(2025, 11, 18, 23) + dt.timedelta(hours=hour),  # noqa: DTZ001  as stored
            "ok": measured - failing,
            "down": 0,
            "blocked": failing,
            "unknown": 0,
        }
        for hour in range(3)
    ]
    around = Surroundings(evidence(breadth=pa.Table.from_pylist(rows, BREADTH)))
    return sweeping([block(target=f"{n}.example", begins=48) for n in range(failing)], around)


def test_most_of_a_network_at_once_is_a_sweep() -> None:
    assert len(swept(12, 14)) == 12


def test_some_of_many_are_none() -> None:
    assert swept(6, 14) == set()


def test_a_handful_is_none_though_nothing_else_was_measured() -> None:
    assert swept(4, 4) == set()
