import datetime as dt

import pytest

from lampwatch.model.errors import UserError
from lampwatch.signals.bgp.archives import Named, addresses, collector_in, named
from tests.formats.mrt.writer import T0

NEW_YEAR = dt.datetime(2024, 1, 1)  # noqa: DTZ001  UTC without a zone, as everywhere


def test_ris_has_a_table_every_eight_hours_and_updates_every_five_minutes() -> None:
    found = list(
        addresses(
            "rrc00", NEW_YEAR + dt.timedelta(hours=8, minutes=3), NEW_YEAR + dt.timedelta(hours=8, minutes=10)
        )
    )
    assert found == [
        "https://data.ris.ripe.net/rrc00/2024.01/bview.20240101.0800.gz",
        "https://data.ris.ripe.net/rrc00/2024.01/updates.20240101.0800.gz",
        "https://data.ris.ripe.net/rrc00/2024.01/updates.20240101.0805.gz",
    ]


def test_updates_since_the_last_table_come_too_and_later_tables() -> None:
    found = list(addresses("rrc00", NEW_YEAR + dt.timedelta(hours=7), NEW_YEAR + dt.timedelta(hours=9)))
    assert sum("bview" in address for address in found) == 2
    assert len(found) == 2 + 9 * 12
    assert found.index("https://data.ris.ripe.net/rrc00/2024.01/bview.20240101.0800.gz") == 1 + 8 * 12


def test_routeviews_has_its_own_folders_and_times() -> None:
    until = NEW_YEAR + dt.timedelta(minutes=30)
    assert list(addresses("route-views2", NEW_YEAR, until)) == [
        "https://archive.routeviews.org/bgpdata/2024.01/RIBS/rib.20240101.0000.bz2",
        "https://archive.routeviews.org/bgpdata/2024.01/UPDATES/updates.20240101.0000.bz2",
        "https://archive.routeviews.org/bgpdata/2024.01/UPDATES/updates.20240101.0015.bz2",
    ]
    first = next(addresses("route-views.sydney", NEW_YEAR, until))
    assert (
        first
        == "https://archive.routeviews.org/route-views.sydney/bgpdata/2024.01/RIBS/rib.20240101.0000.bz2"
    )


@pytest.mark.parametrize(
    ("collector", "until", "line"),
    [
        ("amsterdam", NEW_YEAR + dt.timedelta(hours=1), "amsterdam is no collector"),
        ("rrc00", NEW_YEAR, "--until is not after --since"),
        ("rrc00", NEW_YEAR + dt.timedelta(days=5000), "more than 366 days"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(collector: str, until: dt.datetime, line: str) -> None:
    with pytest.raises(UserError, match=line):
        list(addresses(collector, NEW_YEAR, until))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("https://data.ris.ripe.net/rrc00/2024.01/bview.20240101.0000.gz", Named(True, T0, 0)),
        ("rrc15_2010.02_updates.20240101.0005.gz", Named(False, T0 + 300, 300)),
        ("/data/updates.20240101.0015.bz2", Named(False, T0 + 900, 900)),
        ("rib.20240101.0000.bz2", Named(True, T0, 0)),
        ("rib.20249901.0000.bz2", None),
        ("table.gz", None),
    ],
)
def test_names_of_archives_tell_kind_and_time(name: str, expected: Named | None) -> None:
    assert named(name) == expected


@pytest.mark.parametrize(
    ("place", "collector"),
    [
        ("https://data.ris.ripe.net/rrc00/2024.01/bview.20240101.0000.gz", "rrc00"),
        ("/shared/rrc15_2010.02_updates.20100227.1600.gz", "rrc15"),
        (
            "https://archive.routeviews.org/route-views.sydney/bgpdata/2024.01/RIBS/x.bz2",
            "route-views.sydney",
        ),
        ("https://archive.routeviews.org/bgpdata/2024.01/RIBS/rib.20240101.0000.bz2", "route-views2"),
        ("/home/me/table.mrt", ""),
    ],
)
def test_places_name_their_collector(place: str, collector: str) -> None:
    assert collector_in(place) == collector
